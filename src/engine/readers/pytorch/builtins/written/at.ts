import type { Span } from '../../../../network';
import type { BuiltinRow } from '../../../python/builtins/row';
import type { Evaluation } from '../../../python/evaluator';
import { knownTensor } from '../../../python/modules/recipe';
import { type Arguments, asNumber, type Bound, bound, type TensorValue, type Value } from '../../../python/values';

// Functions of torch that are others of its functions in a row: they are written out, and each of these is a call of the
// network with the line of the one that the file writes.

/** torch's functions, called at one place. */
export interface Torch {
  /** `torch.NAME(…)`. */
  call(name: string, given: readonly Value[], named?: Readonly<Record<string, Value>>): Value;
  /** `value.NAME(…)`. */
  method(name: string, value: Value, ...given: readonly Value[]): Value;
  /** `left OPERATOR right`. */
  binary(operator: string, left: Value, right: Value): Value;
  /** Known numbers as a tensor. */
  known(values: readonly number[], shape: readonly number[], dtype?: 'float32' | 'int64'): Value;
  /** What is not modelled, noted. */
  unmodelled(why: string): Value;
  readonly run: Evaluation;
  readonly site: Span;
}

export const torchAt = (by: string, site: Span, run: Evaluation): Torch => ({
  call: (name, given, named = {}) =>
    run.call(run.library(`torch.${name}`), { positional: given, keywords: new Map(Object.entries(named)) }, site),
  method: (name, value, ...given) =>
    run.call(run.attribute(value, name, site), { positional: given, keywords: new Map() }, site),
  binary: (operator, left, right) => run.binary(operator, left, right, site),
  known: (values, shape, dtype = 'float32') => knownTensor('tensor', { shape, values, dtype }, shape, dtype, by, site),
  unmodelled: (why) => run.unmodelled(by, why, site),
  run,
  site,
});

/** A function by its parameters; an argument that is not known, or whose shape is being sought, is what it gives. */
export const written =
  (
    by: string,
    parameters: readonly string[],
    write: (given: Bound, torch: Torch, args: Arguments) => Value,
  ): BuiltinRow =>
  (args, site, run) => {
    const given = bound(args, ...parameters);
    for (const value of Object.values(given)) {
      if (value?.type === 'unknown') {
        run.note(value, by);
        return value;
      }
      if (value?.type === 'tensor' && !value.shape) return value;
    }
    return write(given, torchAt(by, site, run), args);
  };

/** How many axes a tensor has; none for anything else. */
export const rankOf = (value: Value | undefined): number => (value?.type === 'tensor' ? (value.shape?.length ?? 0) : 0);
/** A number that is given, or the usual one. */
export const number = (value: Value | undefined, otherwise: number): number =>
  value === undefined || value.type === 'none' ? otherwise : (asNumber(value) ?? otherwise);
export const isTensor = (value: Value | undefined): value is TensorValue => value?.type === 'tensor';
