import type { Shape, ValueType } from '../network';
import { float, optional } from './attribute';
import { promoted, typeOfNumber } from './elementTypes';
import { type FunctionForm, ShapeError } from './row';

/** A number in place of an operand: `x + 1`, `1 − x`. */
export const numbers = { input: optional(float()), other: optional(float()) };

export type Numbers = { readonly input: number | null; readonly other: number | null };

/** Left and right, each an input or the number in its place. @throws ShapeError for another count of inputs. */
export function sides<T>(
  kind: string,
  inputs: readonly T[],
  { input, other }: Numbers,
): readonly [T | number, T | number] {
  const expected = (input === null ? 1 : 0) + (other === null ? 1 : 0);
  if (inputs.length !== expected)
    throw new ShapeError(`${kind} takes ${expected} inputs here, but got ${inputs.length}`);
  return [input ?? inputs[0]!, other ?? inputs.at(-1)!];
}

/** The shape of a side; a number has none. */
export const shapeOfSide = (side: Shape | number): Shape => (typeof side === 'number' ? [] : side);

/** `names` of torch, the same as methods and in place, and of Python's operator module. */
export const binaryForms = (
  names: readonly string[],
  operators: readonly string[],
  parameters: readonly string[],
): FunctionForm[] => [
  {
    names: [
      ...names.flatMap((name) => [`torch.${name}`, `Tensor.${name}`, `Tensor.${name}_`]),
      ...operators.map((name) => `operator.${name}`),
    ],
    parameters: ['input', 'other', ...parameters],
    operands: ['input', 'other'],
  },
];

/** The type of a sum, difference or product: the widest of the operands', numbers included. */
export const arithmeticType = (inputs: readonly ValueType[], { input, other }: Numbers): readonly ValueType[] => [
  promoted([...inputs, ...[input, other].flatMap((number) => (number === null ? [] : [typeOfNumber(number)]))]),
];
