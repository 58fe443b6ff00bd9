import { elementCount } from '../../network';
import type { CallInstrument } from './instrument';

/**
 * E[x²] − x̄² in float32 keeps four digits of the variance while x̄² is so many times the variance at most; beyond, and
 * where squares underflow, the variance is taken in two passes.
 */
const MOST_OFFSET = 300;
const LEAST_MEAN_SQUARE = 1e-32;

/** Mean and (biased) standard deviation of a call's first output over batch, channels and positions. */
export const activation: CallInstrument<'activationMean' | 'activationStd'> = {
  quantities: ['activationMean', 'activationStd'],
  measure: ({ forward }, tally, care) => {
    const output = forward.outputs[0]!;
    const count = elementCount(output.shape);
    const sum = tally.sum(output);
    const activationMean = { from: [sum], finish: ([s]: readonly number[]) => s! / count };
    if (care === 'careful') {
      const centered = tally.centeredSumSquare(output);
      return { activationMean, activationStd: { from: [centered], finish: ([s]) => Math.sqrt(s! / count) } };
    }
    const variance = ([s, squares]: readonly number[]) => squares! / count - (s! / count) ** 2;
    return {
      activationMean,
      activationStd: {
        from: [sum, tally.sumSquare(output)],
        finish: (sums) => Math.sqrt(Math.max(0, variance(sums))),
        trusted: (sums) => {
          const meanSquare = sums[1]! / count;
          if (sums[0] === 0 && meanSquare === 0) return true;
          return !(meanSquare < LEAST_MEAN_SQUARE || (sums[0]! / count) ** 2 > MOST_OFFSET * variance(sums));
        },
      },
    };
  },
};
