import type { Dim, Shape, ValueId, ValueType } from '../../network';
import type { Stored } from './stored';

/** What flows from the inputs: computed by a call. */
export interface Flow {
  readonly kind: 'flow';
  readonly id: ValueId;
  readonly shape: Shape;
  readonly type: ValueType;
}

/** Numbers known while reading: shapes, axes, scales. A dimension among them may be a multiple of the batch. */
export interface Known {
  readonly kind: 'known';
  readonly shape: readonly number[];
  readonly type: ValueType;
  /** Row-major; all the same number where `fill` is given, for a shape of any size. */
  readonly elements: readonly Dim[];
}

/** All elements the same; the shape may hold the batch. */
export interface Filled {
  readonly kind: 'filled';
  readonly shape: Shape;
  readonly type: ValueType;
  readonly value: number;
}

/** A tensor of the file's, as `initializer` (learned, or state) or as a constant of the graph. */
export interface StoredValue {
  readonly kind: 'stored';
  readonly stored: Stored;
  readonly constant: boolean;
}

/** What could not be modelled, and everything after it. */
export interface Unknown {
  readonly kind: 'unknown';
}

export type Value = Flow | Known | Filled | StoredValue | Unknown;

export const UNKNOWN: Unknown = { kind: 'unknown' };

export const known = (shape: readonly number[], elements: readonly Dim[], type: ValueType = 'int64'): Known => ({
  kind: 'known',
  shape,
  elements,
  type,
});

/** Of how the network computes with an element type; undefined for texts and complex numbers. */
export function valueTypeOf(name: string): ValueType | undefined {
  if (/^(float|bfloat)/.test(name)) return 'float32';
  if (name === 'bool') return 'bool';
  return /^u?int/.test(name) ? 'int64' : undefined;
}

/** A value's shape. */
export function shapeOf(value: Exclude<Value, Unknown>): Shape {
  return value.kind === 'stored' ? value.stored.shape : value.shape;
}

export function typeOf(value: Exclude<Value, Unknown>): ValueType {
  return value.kind === 'stored' ? (valueTypeOf(value.stored.type) ?? 'float32') : value.type;
}
