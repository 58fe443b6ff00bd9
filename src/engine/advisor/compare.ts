import { median } from '../probe';

/** How a variant's losses compare with those of the network as it is. */
export interface Comparison {
  /** Median over the seeds of the variant's loss less the network's; infinite where one of them diverged. */
  readonly median: number;
  /** An interval for the mean difference. It holds at any number of seeds, for all variants together. */
  readonly low: number;
  readonly high: number;
  /** The probability that all intervals hold. */
  readonly level: number;
  /**
   * `better`, `worse`: the interval leaves out zero, and the median is beyond the band. `equal`: the whole interval lies
   * within the band. Else `unclear`.
   */
  readonly verdict: 'better' | 'worse' | 'equal' | 'unclear';
}

/** The probability that the intervals of all variants hold, at every number of seeds. */
export const LEVEL = 0.95;

/**
 * 1/c² is the variance of the standardized differences that the mixture expects. With 1/c = 10 the intervals of three to
 * six seeds are about as narrow as any c makes them.
 */
const MIXING = 0.01;

/**
 * Half the width of the anytime-valid t interval of `count` Gaussian values, in their standard deviations (divided by
 * `count`), at error `alpha`. The likelihood ratio of t statistics, mixed over standardized means N(0, 1/c²),
 *
 *     G(μ) = √(c²/(n + c²)) · ((n + c²)(1 + r) / (n + c² + c² r))^(n/2),   r = (x̄ − μ)²/s²,
 *
 * is a martingale where μ is the mean, whatever the variance; so all μ with G(μ) < 1/α hold it at every n at once with
 * probability 1 − α (Ville's inequality). Wang & Ramdas 2025, "Anytime-valid t-tests and confidence sequences for
 * Gaussian means with unknown variance", arxiv.org/abs/2310.03722; Lai 1976. Infinite where so few values bound nothing.
 */
export function anytimeHalfWidth(count: number, alpha: number): number {
  const whole = count + MIXING;
  const bound = (Math.sqrt(whole / MIXING) / alpha) ** (2 / count);
  const left = whole - bound * MIXING;
  return left > 0 ? Math.sqrt(((bound - 1) * whole) / left) : Number.POSITIVE_INFINITY;
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

/** Where losses are not finite there is no interval: who diverges in most seeds, and the other does not, is worse. */
function compareDiverged(current: readonly number[], variant: readonly number[]): Comparison {
  const diverged = (scores: readonly number[]) => scores.filter((score) => !Number.isFinite(score)).length;
  const excess = diverged(variant) - diverged(current);
  const most = Math.abs(excess) > current.length / 2;
  return {
    median: most ? Math.sign(excess) * Number.POSITIVE_INFINITY : Number.NaN,
    low: most && excess > 0 ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY,
    high: most && excess < 0 ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY,
    level: LEVEL,
    verdict: most ? (excess > 0 ? 'worse' : 'better') : 'unclear',
  };
}

/**
 * Compares evaluation losses of the same seeds, paired: seeds make losses differ more than norms do, but alike.
 *
 * @param comparisons How many variants are compared with the network: each interval's error is a share of theirs (Bonferroni).
 * @param band A difference below it is none in practice.
 */
export function compare(
  current: readonly number[],
  variant: readonly number[],
  comparisons: number,
  band: number,
): Comparison {
  if (![...current, ...variant].every(Number.isFinite)) return compareDiverged(current, variant);
  const differences = current.map((score, i) => variant[i]! - score);
  const center = mean(differences);
  const deviation = Math.sqrt(mean(differences.map((difference) => (difference - center) ** 2)));
  const halfWidth = anytimeHalfWidth(differences.length, (1 - LEVEL) / Math.max(1, comparisons));
  // Not 0 · ∞ where all differences are alike but too few.
  const half = halfWidth === Number.POSITIVE_INFINITY ? halfWidth : halfWidth * deviation;
  const [low, high] = [center - half, center + half];
  const middle = median(differences);
  const verdict =
    high < 0 && middle < -band
      ? 'better'
      : low > 0 && middle > band
        ? 'worse'
        : low >= -band && high <= band
          ? 'equal'
          : 'unclear';
  return { median: middle, low, high, level: LEVEL, verdict };
}
