import { type Arguments, builtin, type InstanceValue, instanceOf, type Value } from '../values';
import type { Evaluation } from './evaluation';

/** The call of a generator that a context manager stands for. */
interface ManagerCall {
  readonly callee: Value;
  readonly args: Arguments;
}

const managers = new WeakMap<InstanceValue, ManagerCall>();

/** What `@contextmanager` makes of a call of its function. As a decorator it leaves the function as it is. */
export function contextManager(callee: Value, args: Arguments, run: Evaluation): InstanceValue {
  const call = builtin('__call__', (given) => given.positional.at(-1)!);
  const first = builtin('__enter__', (_, site) => {
    const items = run.iterate(run.call(callee, args, site), site);
    return items?.[0] ?? { type: 'none' };
  });
  const made = instanceOf('_GeneratorContextManager', {});
  made.class.attributes.set('__call__', call);
  made.class.attributes.set('__enter__', first);
  managers.set(made, { callee, args });
  return made;
}

/** The call that a value of `@contextmanager` stands for; undefined for any other. */
export const managerCall = (value: Value): ManagerCall | undefined =>
  value.type === 'instance' ? managers.get(value) : undefined;
