import type { Tensor, TypedArray } from './tensor';
import { topological } from './tensor';

/** Constants up to this length are compared by value; longer ones by identity. */
const COMPARED_LENGTH = 64;

/** A number as a text that no other number has: JSON writes −0 as 0, and NaN and the infinities as null. */
const exactly = (value: number | bigint): string => (Object.is(value, -0) ? '-0' : String(value));

/**
 * The same expressions with every common subexpression made once. What no root depends on is gone by construction.
 * Roots keep their order. A merged node bears the label of the first.
 */
export function shareSubexpressions(roots: readonly Tensor[]): Tensor[] {
  const shared = new Map<Tensor, { node: Tensor; id: number }>();
  const byKey = new Map<string, { node: Tensor; id: number }>();
  const arrays = new Map<TypedArray, number>();
  let next = 0;

  const identify = (values: TypedArray): string => {
    if (values.length <= COMPARED_LENGTH) return `${values.constructor.name}:${Array.from(values, exactly)}`;
    const known = arrays.get(values) ?? arrays.size;
    arrays.set(values, known);
    return `#${known}`;
  };

  for (const original of topological(roots)) {
    const inputs = original.inputs.map((input) => shared.get(input)!);
    const attributes =
      original.primitive === 'constant'
        ? identify(original.attributes.values)
        : JSON.stringify(original.attributes, (_, value: unknown) =>
            typeof value === 'number' ? exactly(value) : value,
          );
    const key = `${original.primitive}|${inputs.map((input) => input.id)}|${original.dtype}|${original.shape}|${attributes}`;
    let entry = byKey.get(key);
    if (!entry) {
      const unchanged = original.inputs.every((input, i) => input === inputs[i]!.node);
      const node = unchanged ? original : ({ ...original, inputs: inputs.map((input) => input.node) } as Tensor);
      entry = { node, id: next++ };
      byKey.set(key, entry);
    }
    shared.set(original, entry);
  }
  return roots.map((root) => shared.get(root)!.node);
}
