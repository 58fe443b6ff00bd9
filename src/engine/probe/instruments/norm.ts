import { elementCount } from '../../network';
import { isZeros, type Tensor } from '../../tensor';
import type { Care, Reading } from './instrument';
import type { Tally } from './tally';

/** Powers of two, so that scaling is exact: squares of 1e-37 and of 1e37 stay inside float32. */
const SCALES = [2 ** 64, 2 ** -64] as const;

/** Mean squares outside these bounds may have lost digits: float32 squares of values below 1e-19 are zero. */
const TRUSTED = { least: 1e-32, most: 1e37 } as const;

const total = (sums: readonly number[]) => sums.reduce((sum, value) => sum + value, 0);

/** The L2 norm of sums of squares, one a tensor. */
export const normOf = (sums: readonly number[]): number => Math.sqrt(total(sums));

/**
 * The L2 norm of all tensors together. Where care is taken each sum of squares is also taken of the values scaled up
 * and down: a gradient of 1e-25 squares to zero in float32, exactly in the vanishing networks that are to be found.
 */
export function euclideanNorm(all: readonly Tensor[], tally: Tally, care: Care): Reading {
  // What no loss depends on has a gradient of zero: no care makes that another number.
  const tensors = all.filter((x) => !isZeros(x));
  if (tensors.length === 0) return { from: [], finish: () => 0 };
  const plain = tensors.map((x) => tally.sumSquare(x));
  const count = tensors.reduce((sum, { shape }) => sum + elementCount(shape), 0);
  const { least, most } = TRUSTED;
  // NaN is trusted: no care would change it.
  const trusted = (sums: readonly number[]) => !(total(sums) < least * count || total(sums) > most);
  if (care === 'plain') return { from: plain, finish: normOf, trusted };
  const scaled = SCALES.map((scale) => tensors.map((x) => tally.scaledSumSquare(x, scale)));
  return {
    from: [...plain, ...scaled.flat()],
    finish: (sums) => {
      const part = (i: number) => sums.slice(i * plain.length, (i + 1) * plain.length);
      if (trusted(part(0))) return normOf(part(0));
      return total(part(0)) > most ? normOf(part(2)) / SCALES[1] : normOf(part(1)) / SCALES[0];
    },
  };
}
