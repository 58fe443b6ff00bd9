import type { RecurrenceGeometry } from '../../attributes';
import type { TensorType } from '../../tensor';
import { cells } from './cells';

/** Sizes of a recurrence. */
export interface RecurrenceSizes {
  readonly steps: number;
  readonly batch: number;
  readonly features: number;
  readonly hidden: number;
}

/** The inputs of a recurrence, taken apart. */
export interface RecurrenceInputs<T> {
  readonly x: T;
  readonly inputWeight: T;
  readonly weight: T;
  readonly states: readonly T[];
  /** GRU's is that of the input's product alone. */
  readonly bias: T | undefined;
  readonly recurrentBias: T | undefined;
  readonly mask: T | undefined;
}

/** The inputs, in the primitive's order, taken apart. */
export function recurrenceInputs<T>(inputs: readonly T[], geometry: RecurrenceGeometry): RecurrenceInputs<T> {
  const { states, ownBias } = cells[geometry.cell];
  const [x, inputWeight, weight, ...rest] = inputs as readonly [T, T, T, ...T[]];
  const taken = rest.splice(0, states.length);
  const bias = geometry.biased ? rest.shift() : undefined;
  const recurrentBias = geometry.biased && ownBias ? rest.shift() : undefined;
  return {
    x,
    inputWeight,
    weight,
    states: taken,
    bias,
    recurrentBias,
    mask: geometry.masked ? rest.shift() : undefined,
  };
}

export function recurrenceSizes(inputs: readonly TensorType[]): RecurrenceSizes {
  const [steps, batch, features] = inputs[0]!.shape as [number, number, number];
  return { steps, batch, features, hidden: inputs[2]!.shape[1]! };
}
