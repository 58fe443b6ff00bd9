import type { BuiltinRow } from '../../python/builtins/row';
import { classAttribute } from '../../python/evaluator/classes';
import { argument, builtin, instanceOf, NONE, type Value } from '../../python/values';

/** What `forward` keeps for `backward`, which nobody runs here. */
const context = (): Value =>
  instanceOf('Context', {
    save_for_backward: builtin('save_for_backward', () => NONE),
    mark_dirty: builtin('mark_dirty', () => NONE),
    mark_non_differentiable: builtin('mark_non_differentiable', () => NONE),
    set_materialize_grads: builtin('set_materialize_grads', () => NONE),
    needs_input_grad: { type: 'tuple', items: [] },
  });

/** `Function.apply(…)`: its forward. Its backward is its own affair, and that this is not read is said. */
export const applyFunction: BuiltinRow = (args, site, run) => {
  const of = argument(args, 0);
  const found = of.type === 'class' ? classAttribute(of, 'forward') : undefined;
  const callee = found?.type === 'staticmethod' ? found.callee : found;
  if (of.type !== 'class' || callee?.type !== 'function')
    return run.unmodelled('torch.autograd.Function', 'what its forward computes is not known', site);
  const setup = classAttribute(of, 'setup_context');
  const given = args.positional.slice(1);
  const positional = setup ? given : [context(), ...given];
  const result = run.call(callee, { positional, keywords: args.keywords }, site);
  run.unmodelled(
    of.name,
    'its own backward is not read; the gradient of what its forward computes stands in its place',
    site,
  );
  return result;
};
