import type { Attributes } from '../../../network';
import type { Value } from '../values';
import { type Applied, elementsOf } from './applied';

/** An ONNX operator: its name, and what it is in our layers. */
export interface OperatorRow {
  readonly op: string;
  /** Absent: ONNX's own. */
  readonly domain?: string;
  /** What its outputs are. @throws NotRead for what is not modelled of it. */
  read(applied: Applied): Value | readonly Value[];
}

/** A layer that takes the first input, its attributes by the node's. */
export const unary = (
  op: string,
  kind: string,
  attributes: (applied: Applied) => Attributes = () => ({}),
): OperatorRow => ({
  op,
  read: (applied) => applied.one(kind, attributes(applied)),
});

/** A function of two, of which one may be a number: names of the layer's attributes for a left and a right number. */
export const binary = (op: string, kind: string, left = 'input', right = 'other'): OperatorRow => ({
  op,
  read: (applied) => applyBinary(applied, kind, applied.input(0), applied.input(1), left, right),
});

/** `kind` of two values, a single known number as an attribute where the other's shape has its axes. */
export function applyBinary(
  applied: Applied,
  kind: string,
  a: Value,
  b: Value,
  left: string | undefined = 'input',
  right: string | undefined = 'other',
): Value {
  const [numberA, numberB] = [numberOf(a), numberOf(b)];
  if (right !== undefined && numberB !== undefined && rankOf(b) <= rankOf(a))
    return applied.one(kind, { [right]: numberB }, [a]);
  if (left !== undefined && numberA !== undefined && rankOf(a) <= rankOf(b))
    return applied.one(kind, { [left]: numberA }, [b]);
  return applied.one(kind, {}, [a, b]);
}

const rankOf = (value: Value): number =>
  value.kind === 'unknown' ? 0 : value.kind === 'stored' ? value.stored.shape.length : value.shape.length;

/** The number that a value is, where it is a constant of one element and bears no name of a parameter. */
function numberOf(value: Value): number | undefined {
  if (value.kind === 'stored' && !value.constant && value.stored.name !== undefined) return undefined;
  const elements = elementsOf(value);
  const [only] = elements ?? [];
  return elements?.length === 1 && typeof only === 'number' ? only : undefined;
}
