import { type Dim, isBatchDim, type Shape, type Span, type ValueType } from '../../../network';
import { hashKey } from './compare';
import type {
  Arguments,
  BoolValue,
  BuiltinFunction,
  BuiltinValue,
  ClassValue,
  DictValue,
  FloatValue,
  InstanceValue,
  IntValue,
  IteratorValue,
  ListValue,
  NoneValue,
  StringValue,
  TensorPlace,
  TensorValue,
  TupleValue,
  UnknownValue,
  Value,
} from './value';

export const NONE: NoneValue = { type: 'none' };
export const TRUE: BoolValue = { type: 'bool', value: true };
export const FALSE: BoolValue = { type: 'bool', value: false };

export const bool = (value: boolean): BoolValue => (value ? TRUE : FALSE);
export const int = (value: number): IntValue => ({ type: 'int', value });
export const float = (value: number): FloatValue => ({ type: 'float', value });
export const string = (value: string): StringValue => ({ type: 'string', value });
/** An object of a class that has nothing but a name, with these attributes. */
export function instanceOf(name: string, attributes: Readonly<Record<string, Value>>): InstanceValue {
  const of: ClassValue = { type: 'class', name, resolution: [], attributes: new Map() };
  (of.resolution as ClassValue[]).push(of);
  return { type: 'instance', class: of, attributes: new Map(Object.entries(attributes)) };
}
export const list = (items: Value[]): ListValue => ({ type: 'list', items });
export const tuple = (items: readonly Value[]): TupleValue => ({ type: 'tuple', items });
/** An iterator over what is known already. */
export const iterator = (items: readonly Value[]): IteratorValue => ({ type: 'iterator', items, at: 0 });
export const unknown = (why: string, source: Span): UnknownValue => ({ type: 'unknown', why, source });
export const builtin = (name: string, call: BuiltinFunction): BuiltinValue => ({ type: 'builtin', name, call });

/** A dimension as Python sees it. */
export const dimension = (dim: Dim): Value => (isBatchDim(dim) ? { type: 'dim', batch: dim.batch } : int(dim));

export const tensor = (shape: Shape | undefined, place: TensorPlace, dtype: ValueType = 'float32'): TensorValue => ({
  type: 'tensor',
  shape,
  dtype,
  place,
});

/** A dictionary of pairs; later pairs win, in the place of the earlier. Keys must be hashable. */
export function dict(pairs: Iterable<readonly [Value, Value]>): DictValue {
  const entries: DictValue['entries'] = new Map();
  for (const [key, value] of pairs) entries.set(hashKey(key) ?? '', { key, value });
  return { type: 'dict', entries };
}

export const NO_ARGUMENTS: Arguments = { positional: [], keywords: new Map() };
export const positional = (...values: readonly Value[]): Arguments => ({ positional: values, keywords: new Map() });
