import type { Quantity } from './instruments';
import type { PlacedReading } from './programs/training';

/** Numbers of every step so far, by call or module id, then by quantity. */
export type SeriesByOwner = Map<string, Partial<Record<Quantity, number[]>>>;

/** The sums of some steps, [steps × sums of a step], and what finishing them needs. */
export interface StepSums {
  readonly values: ArrayLike<number>;
  readonly steps: number;
  readonly learningRate: number;
  /** Whether a step of these is one whose readings must be trusted. */
  judged(step: number): boolean;
}

/**
 * Finishes every reading of some steps and adds them to `series`. Gives a reading whose sums lack the digits that it needs
 * in a judged step, with `series` then of no use; undefined where there is none.
 */
export function readSteps(
  readings: readonly PlacedReading[],
  { values, steps, learningRate, judged }: StepSums,
  series: SeriesByOwner,
): PlacedReading | undefined {
  const width = values.length / steps;
  const run = { learningRate };
  const judge = Array.from({ length: steps }, (_, step) => judged(step));
  // One reading after the other, in one array: a short training of a small network spends a tenth of its time here else.
  for (const reading of readings) {
    const { owner, quantity, from, finish, trusted } = reading;
    const own = from.map(() => 0);
    const byQuantity = series.get(owner) ?? {};
    series.set(owner, byQuantity);
    byQuantity[quantity] ??= [];
    const list = byQuantity[quantity]!;
    for (let step = 0; step < steps; step++) {
      for (let i = 0; i < from.length; i++) own[i] = values[step * width + from[i]!]!;
      if (judge[step] && trusted?.(own) === false) return reading;
      list.push(finish(own, run));
    }
  }
  return undefined;
}
