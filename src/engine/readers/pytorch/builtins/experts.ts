import type { BuiltinRow } from '../../python/builtins/row';
import { classAttribute } from '../../python/evaluator/classes';
import {
  argument,
  bool,
  builtin,
  type ClassValue,
  int,
  NONE,
  positional,
  truth,
  type Value,
} from '../../python/values';

/** How a class of experts keeps its weights, as its decorator says it, with what it says where it says nothing. */
const LAYOUT = {
  has_gate: true,
  has_bias: false,
  is_transposed: false,
  has_post_expert_norm: false,
} as const;

/**
 * The mixture of experts as a product over all of them: every expert computes every token, and what a token is not routed
 * to counts nothing. It is what the loop over the experts that are hit gives, with shapes that hang on no values.
 */
const forward: BuiltinRow = (args, site, run) => {
  const [self = NONE, hidden = NONE, index = NONE, weights = NONE] = args.positional;
  const of = (name: string) => run.attribute(self, name, site);
  const is = (name: keyof typeof LAYOUT) => truth(of(name)) === true;
  const torch = (name: string, ...given: Value[]) => run.call(run.library(`torch.${name}`), positional(...given), site);
  const method = (value: Value, name: string, ...given: Value[]) =>
    run.call(run.attribute(value, name, site), positional(...given), site);
  const at = (value: Value, axis: number) => torch('unsqueeze', value, int(axis));
  const linear = (x: Value, name: string): Value => {
    const weight = of(`${name}_proj`);
    const product = torch('matmul', x, is('is_transposed') ? weight : method(weight, 'transpose', int(1), int(2)));
    return is('has_bias') ? run.binary('+', product, at(of(`${name}_proj_bias`), 1), site) : product;
  };
  const up = linear(at(hidden, 0), is('has_gate') ? 'gate_up' : 'up');
  const gated = is('has_gate')
    ? run.call(of('_apply_gate'), positional(up), site)
    : run.call(of('act_fn'), positional(up), site);
  let each = linear(gated, 'down');
  if (is('has_post_expert_norm')) each = run.call(of('post_expert_norm'), positional(each), site);
  const chosen = method(torch('nn.functional.one_hot', index, of('num_experts')), 'to', run.library('torch.float32'));
  const routing = method(run.binary('*', chosen, at(weights, -1), site), 'sum', int(1));
  return method(run.binary('*', each, at(method(routing, 't'), -1), site), 'sum', int(0));
};

/** The first half of the values, activated, times the second, where a class says nothing else. */
const applyGate: BuiltinRow = (args, site, run) => {
  const [self = NONE, x = NONE] = args.positional;
  const halves = run.call(run.attribute(x, 'chunk', site), positional(int(2), int(-1)), site);
  const gate = run.call(run.attribute(self, 'act_fn', site), positional(run.subscript(halves, int(0), site)), site);
  return run.binary('*', gate, run.subscript(halves, int(1), site), site);
};

/** `@use_experts_implementation`: experts that say how their weights lie, computed all together. */
export const expertsImplementation: BuiltinRow = (args, _site, run) => {
  const complete = (value: Value): Value => {
    if (value.type !== 'class') return value;
    const of: ClassValue = value;
    for (const [name, fallback] of Object.entries(LAYOUT)) {
      const given = args.keywords.get(name);
      if (!classAttribute(of, name)) of.attributes.set(name, given ?? bool(fallback));
    }
    of.attributes.set(
      'forward',
      builtin('forward', (given, at) => forward(given, at, run)),
    );
    if (!classAttribute(of, '_apply_gate'))
      of.attributes.set(
        '_apply_gate',
        builtin('_apply_gate', (given, at) => applyGate(given, at, run)),
      );
    return of;
  };
  const [first] = args.positional;
  return first?.type === 'class' ? complete(first) : builtin('decorator', (more) => complete(argument(more, 0)));
};
