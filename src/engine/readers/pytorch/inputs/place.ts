import { InputError, type NetworkInput, type Shape } from '../../../network';
import type { ModuleValue } from '../../python/values';
import type { ForwardParameter } from '../forward';

/** An input as a person or a directive gives it. */
export interface Given {
  readonly name?: string;
  readonly shape: Shape;
  readonly dtype: NetworkInput['dtype'];
  readonly origin: string;
}

/** Puts given inputs to the forward's parameters: named ones by name, the others in order. @throws InputError for one too many. */
export function place(
  given: readonly Given[],
  parameters: readonly ForwardParameter[],
  root: ModuleValue,
): Map<string, NetworkInput> {
  const placed = new Map<string, NetworkInput>();
  const put = (name: string, { shape, dtype, origin }: Given) => placed.set(name, { name, shape, dtype, origin });
  for (const each of given) {
    if (each.name === undefined) continue;
    if (!parameters.some(({ name }) => name === each.name)) {
      const names = parameters.map(({ name }) => name).join(', ') || 'nothing';
      throw new InputError(
        `${root.class.name}'s forward has no input '${each.name}'`,
        `it takes ${names}`,
        root.source,
      );
    }
    put(each.name, each);
  }
  for (const each of given) {
    if (each.name !== undefined) continue;
    const free = parameters.find(({ name }) => !placed.has(name));
    if (!free)
      throw new InputError(
        `${root.class.name}'s forward takes ${parameters.length} inputs, and more are given`,
        'leave some out',
        root.source,
      );
    put(free.name, each);
  }
  return placed;
}
