import type { EvaluationLoop, Fact } from '../../../../network';
import type { Evaluation } from '../../../python/evaluator';
import { descendants, field, type SyntaxNode } from '../../../python/syntax';
import { saysHeldOut, words } from '../heldOut';
import { functionAround, places, type WrittenCall, type WrittenCode } from './calls';

/** `model.train()`, `model.eval()`, `model.train(False)`; a function of the file named so is none. */
function modeOf(call: WrittenCall): 'train' | 'eval' | undefined {
  const method = /\.(train|eval)$/.exec(call.callee)?.[1];
  const [mode, ...more] = places(call);
  if (method === undefined || more.length > 0 || /^(trainer|agent|self\.trainer)\./.test(call.callee)) return undefined;
  if (!mode) return method === 'train' ? 'train' : 'eval';
  if (method === 'train' && /^(true|false)$/.test(mode.type)) return mode.type === 'true' ? 'train' : 'eval';
  return undefined;
}

export const modesOf = ({ calls }: WrittenCode, run: Evaluation): Fact<'train' | 'eval'>[] =>
  calls.flatMap((call) => {
    const mode = modeOf(call);
    return mode ? [{ value: mode, source: run.span(call.node) }] : [];
  });

/** Functions and classes that judge a trained model by their name. */
const JUDGES = /^(val|valid|validate|validation|test|eval|evaluate|evaluation|predict|inference)(_|$)/i;

/** What a loop goes over: `enumerate(val_loader)` is val_loader. */
const overText = (loop: SyntaxNode): string => field(loop, 'right')?.text ?? '';

function isHeldOutLoop(loop: SyntaxNode, around: SyntaxNode | undefined): boolean {
  const over = overText(loop);
  if (!/load|data|iter|batch|set|dl\b/i.test(over) || words(over).includes('train')) return false;
  const name = around && field(around, 'name')?.text;
  return saysHeldOut(over) || (name !== undefined && JUDGES.test(name));
}

/** Whether the loop calls something that may be the model: `model(x)`, `net(x)`, `self.model(x)`. */
const callsModel = (loop: SyntaxNode): boolean =>
  [...descendants(field(loop, 'body') ?? loop)].some(
    (node) =>
      node.type === 'call' &&
      /(^|\.|_)(model|net|network|classifier|encoder|generator|discriminator|module)\w*$/i.test(
        field(node, 'function')!.text,
      ),
  );

/** Loops over held-out data in which the model is called. */
export function evaluationsOf(code: WrittenCode, run: Evaluation): Fact<EvaluationLoop>[] {
  const evals = code.calls.filter((call) => modeOf(call) === 'eval');
  const inFunction = (call: WrittenCall) => functionAround(call.inside);
  return code.loops.flatMap(({ node, inside }) => {
    const around = functionAround(inside);
    if (!isHeldOutLoop(node, around) || !callsModel(node)) return [];
    // Any function around it, or one that calls that, may have called eval() before.
    const functions = inside.filter(({ type }) => type === 'function_definition');
    const names = functions.map((each) => field(each, 'name')?.text);
    const callers = code.calls.filter((call) => names.includes(/(\w+)$/.exec(call.callee)?.[1])).map(inFunction);
    const before = (call: WrittenCall) => call.node.start.line <= node.end.line;
    const evaluates = evals.some((call) => {
      const of = inFunction(call);
      const here = of === undefined ? around === undefined && before(call) : functions.includes(of);
      return here || (functions.length > 0 && callers.includes(of));
    });
    const without = /no_grad|inference_mode|set_grad_enabled\(False/;
    const decorated = functions.some((each) => without.test(decoratorsOf(each)));
    const withoutGradients =
      decorated || inside.some((each) => each.type === 'with_statement' && without.test(each.children[0]?.text ?? ''));
    return [{ value: { evaluates, withoutGradients }, source: run.span(node) }];
  });

  /** The line before a function, where its decorators stand. */
  function decoratorsOf({ start, document }: SyntaxNode): string {
    const lines = document.text.split('\n').slice(Math.max(0, start.line - 3), start.line - 1);
    return lines.filter((line) => /^\s*@/.test(line)).join('\n');
  }
}
