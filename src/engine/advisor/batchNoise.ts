import type { SampleMoments } from '../probe';

/** Noise of one site's batch statistics at one batch size. */
export interface SiteNoise {
  readonly call: string;
  readonly batch: number;
  /** Standard deviation of the batch mean, in the site's own standard deviations. */
  readonly mean: number;
  /** Standard deviation of the unbiased batch variance over the site's variance; infinite for one value a channel. */
  readonly variance: number;
}

/** Batch sizes that the noise is told at. */
export const NOISE_BATCHES = [1, 2, 4, 8, 16, 32, 64, 128] as const;

/** A channel whose standardized variance is below this never varies: it has nothing to be noisy about. */
const LEAST_VARIANCE = 1e-12;

/** √(2/(m−1)): the relative spread of the unbiased variance of m independent Gaussian values. */
export const gaussianVarianceNoise = (values: number): number => Math.sqrt(2 / (values - 1));

/**
 * The noise of a site at any batch size: how the mean and the unbiased variance that a batch norm takes from B samples
 * scatter over all batches of B samples that can be drawn with replacement, root mean square over channels.
 *
 * Let a be a sample's mean over positions and q its mean square, both about the channel's mean. The batch has the mean ā
 * and the biased variance q̄ − ā². Samples of a batch are independent draws, so that, exactly,
 *
 *     Var ā = E a² / B
 *     Var(q̄ − ā²) = Var q / B − 2 Cov(q, a²) / B² + (E a⁴ + (2B − 3)(E a²)²) / B³
 *
 * which is what resampling tends to as batches are drawn without end. Drawn without replacement, batches of 128 out of
 * 256 samples would share half of all samples and scatter by √½ of what new samples do; drawn with it they scatter as
 * batches of new samples from a population that the split stands for. Its own second moments are biased by
 * (N − 1)/N, which is corrected; what is left is below a hundredth at N = 256.
 */
export function noiseBySize(moments: SampleMoments): (batch: number) => SiteNoise {
  const { call, samples, channels, positions, means, squares } = moments;
  const unbiased = samples / (samples - 1);
  let counted = 0;
  // Sums over channels of the moments above, in the channel's standard deviations.
  let meanSquare = 0;
  let squaredMeanSquare = 0;
  let fourth = 0;
  let squareSpread = 0;
  let together = 0;
  for (let channel = 0; channel < channels; channel++) {
    let center = 0;
    for (let n = 0; n < samples; n++) center += means[n * channels + channel]!;
    center /= samples;
    let a2 = 0;
    let a4 = 0;
    let q = 0;
    let q2 = 0;
    let qa2 = 0;
    for (let n = 0; n < samples; n++) {
      const at = n * channels + channel;
      const a = means[at]! - center;
      const square = squares[at]! - 2 * center * means[at]! + center * center;
      a2 += a * a;
      a4 += a * a * a * a;
      q += square;
      q2 += square * square;
      qa2 += square * a * a;
    }
    a2 /= samples;
    q /= samples;
    // The whole mean takes Var a / N out of the values' own variance.
    const variance = q + (a2 * unbiased) / samples;
    if (!(variance > LEAST_VARIANCE && Number.isFinite(variance))) continue;
    meanSquare += (a2 * unbiased) / variance;
    squaredMeanSquare += (a2 * unbiased) ** 2 / variance ** 2;
    fourth += a4 / samples / variance ** 2;
    squareSpread += ((q2 / samples - q * q) * unbiased) / variance ** 2;
    together += ((qa2 / samples - q * a2) * unbiased) / variance ** 2;
    counted++;
  }
  const share = 1 / Math.max(1, counted);
  return (batch) => {
    const values = batch * positions;
    const biased =
      squareSpread / batch - (2 * together) / batch ** 2 + (fourth + (2 * batch - 3) * squaredMeanSquare) / batch ** 3;
    return {
      call,
      batch,
      mean: Math.sqrt((share * meanSquare) / batch),
      variance:
        values > 1 ? (values / (values - 1)) * Math.sqrt(share * Math.max(0, biased)) : Number.POSITIVE_INFINITY,
    };
  };
}

/** At each batch size the site whose batch variance is noisiest. */
export function worstNoise(moments: readonly SampleMoments[], batches: readonly number[]): SiteNoise[] {
  if (moments.length === 0) return [];
  const sites = moments.map(noiseBySize);
  return batches.map((batch) => sites.map((site) => site(batch)).reduce((a, b) => (b.variance > a.variance ? b : a)));
}
