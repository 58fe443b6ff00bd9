import type { Fact, LossInput } from '../../../../network';
import type { Evaluation } from '../../../python/evaluator';
import { field, type SyntaxNode } from '../../../python/syntax';
import { functionAround, keyword, lastName, places, type WrittenCall, type WrittenCode } from './calls';

const LOSS_CLASS = /Loss$/;
const LOSS_FUNCTION =
  /(^|\.)(cross_entropy|nll_loss|binary_cross_entropy|binary_cross_entropy_with_logits|mse_loss|l1_loss|smooth_l1_loss|huber_loss|kl_div)$/;

/** What stands between a model's call and a loss without being a model: functions and methods of tensors. */
const BETWEEN =
  /^(sigmoid|softmax|log_softmax|logsigmoid|softplus|tanh|relu|exp|log|clamp|clip|squeeze|unsqueeze|view|reshape|flatten|float|double|half|to|cpu|cuda|contiguous|permute|transpose|t|mean|sum|abs|argmax|detach|type|masked_select|gather|index_select|expand|item)$/;

/** Calls that wrap a model and stand for it. */
const WRAPPERS =
  /^(DataParallel|DistributedDataParallel|DDP|compile|prepare|to|cuda|cpu|half|double|float|eval|train|convert_sync_batchnorm)$/;

const MOST_STEPS = 20;

type Placed = WrittenCode['assignments'][number];

const lastOf = (text: string): string => /(\w+)\W*$/.exec(text)?.[1] ?? '';

/** What was assigned to a name last before a line: in the same function, else anywhere outside of functions. */
function assigned(
  name: string,
  before: SyntaxNode,
  inside: readonly SyntaxNode[],
  code: WrittenCode,
): Placed | undefined {
  const around = functionAround(inside);
  const all = code.assignments.filter(({ node }) => field(node, 'left')?.text === name && field(node, 'right'));
  const here = all.filter((each) => functionAround(each.inside) === around);
  const earlier = here.filter(({ node }) => node.start.line < before.start.line).at(-1);
  if (earlier) return earlier;
  // An attribute is assigned in another method; a global, at module level.
  return name.includes('.') ? all.at(-1) : all.findLast((each) => functionAround(each.inside) === undefined);
}

/** The names that a model goes by: its variable's, and those of what made it. */
function modelNames(callee: string, before: SyntaxNode, inside: readonly SyntaxNode[], code: WrittenCode): string[] {
  if (callee === 'self') {
    const owner = inside.findLast(({ type }) => type === 'class_definition');
    const name = owner && field(owner, 'name')?.text;
    return name === undefined ? [] : [name];
  }
  const names = [callee];
  let made = assigned(callee, before, inside, code);
  for (let step = 0; made && step < MOST_STEPS; step++) {
    let value = field(made.node, 'right')!;
    const from = made;
    made = undefined;
    // model = DDP(Net().to(device))
    for (let depth = 0; value.type === 'call' && depth < MOST_STEPS; depth++) {
      const callee = field(value, 'function')!;
      const name = lastOf(callee.text);
      if (!WRAPPERS.test(name)) {
        names.push(name);
        break;
      }
      const [first] = places({ node: value, callee: callee.text, inside: from.inside });
      const object = callee.type === 'attribute' ? field(callee, 'object') : undefined;
      const next: SyntaxNode | undefined =
        object && /^(to|cuda|cpu|half|double|float|eval|train)$/.test(name) ? object : first;
      if (!next) break;
      value = next;
    }
    if (value.type === 'identifier' && value.text !== callee) {
      names.push(value.text);
      made = assigned(value.text, from.node, from.inside, code);
    }
  }
  return names;
}

/** Follows an expression back to the model that it comes from. */
function followed(start: SyntaxNode, inside: readonly SyntaxNode[], code: WrittenCode): LossInput | undefined {
  const through: string[] = [];
  let node: SyntaxNode | undefined = start;
  let place = inside;
  for (let step = 0; node && step < MOST_STEPS; step++) {
    switch (node.type) {
      case 'identifier': {
        const found: Placed | undefined = assigned(node.text, node, place, code);
        if (!found) return undefined;
        node = field(found.node, 'right');
        place = found.inside;
        break;
      }
      case 'parenthesized_expression':
        node = node.children[0];
        break;
      case 'subscript':
        node = field(node, 'value');
        break;
      case 'attribute':
        node = field(node, 'object');
        break;
      case 'call': {
        const callee: SyntaxNode = field(node, 'function')!;
        const name = lastOf(callee.text);
        if (!BETWEEN.test(name)) {
          const models = modelNames(callee.text.replace(/\.forward$/, ''), node, place, code);
          return models.length > 0 ? { models: models.map(lastOf), through } : undefined;
        }
        through.push(name);
        const object = callee.type === 'attribute' ? field(callee, 'object') : undefined;
        const ofLibrary =
          object === undefined || /^(torch|F|nn|nn\.functional|torch\.nn\.functional|special)$/.test(object.text);
        node = ofLibrary ? places({ node, callee: callee.text, inside: place })[0] : object;
        break;
      }
      default:
        return undefined;
    }
  }
  return undefined;
}

/** Calls of losses whose first argument comes from a model's call, as far as names and assignments say it. */
export function lossInputsOf(code: WrittenCode, run: Evaluation): Fact<LossInput>[] {
  const criteria = new Set(
    code.assignments.flatMap(({ node }) => {
      const right = field(node, 'right');
      const callee = right?.type === 'call' ? field(right, 'function') : undefined;
      return callee && LOSS_CLASS.test(callee.text) ? [lastOf(field(node, 'left')!.text)] : [];
    }),
  );
  const isLoss = (call: WrittenCall): boolean =>
    LOSS_FUNCTION.test(call.callee) ||
    criteria.has(lastName(call)) ||
    // nn.CrossEntropyLoss()(model(x), y)
    /Loss\([^()]*\)$/.test(call.callee);
  return code.calls.flatMap((call) => {
    if (!isLoss(call)) return [];
    const first = places(call)[0] ?? keyword(call, 'input');
    const value = first && followed(first, call.inside, code);
    return value ? [{ value, source: run.span(call.node) }] : [];
  });
}
