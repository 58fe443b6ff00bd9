import type { SampleMoments } from '../probe';
import { fillBelow, Purpose } from '../probe/data/philox';

/** Noise of one site's batch statistics at one batch size. */
export interface SiteNoise {
  readonly call: string;
  readonly batch: number;
  /** Standard deviation of the batch mean over resampled batches, in the site's own standard deviations. */
  readonly mean: number;
  /** Standard deviation of the batch variance over resampled batches, over the site's variance. */
  readonly variance: number;
}

/** Batch sizes that the noise is told at. */
export const NOISE_BATCHES = [1, 2, 4, 8, 16, 32, 64, 128] as const;
/** Batches drawn for each size. */
const DRAWS = 200;
/** Channels looked at of each site: evenly spaced ones of a wide layer stand for the rest. */
const MOST_CHANNELS = 64;

/**
 * How much the mean and variance that a batch norm takes from B samples scatter around those of the whole split: B
 * samples drawn with replacement, 200 times, root mean square over channels. For independent Gaussian values this is
 * 1/√m and √(2/m) with m values a channel in a batch; correlated positions make it larger.
 */
export function siteNoise(moments: SampleMoments, batch: number, seed: number): SiteNoise {
  const { samples, channels, means, squares } = moments;
  const stride = Math.max(1, Math.ceil(channels / MOST_CHANNELS));
  const picks = fillBelow(new Uint32Array(DRAWS * batch), { seed, purpose: Purpose.resampling, index: batch }, samples);
  let meanSpread = 0;
  let varianceSpread = 0;
  let counted = 0;
  for (let channel = 0; channel < channels; channel += stride) {
    let wholeMean = 0;
    let wholeSquare = 0;
    for (let n = 0; n < samples; n++) {
      wholeMean += means[n * channels + channel]!;
      wholeSquare += squares[n * channels + channel]!;
    }
    wholeMean /= samples;
    const wholeVariance = wholeSquare / samples - wholeMean ** 2;
    // A channel that never varies has nothing to be noisy about.
    if (wholeVariance <= 1e-12) continue;
    let meanError = 0;
    let varianceSum = 0;
    let varianceSquares = 0;
    for (let draw = 0; draw < DRAWS; draw++) {
      let mean = 0;
      let square = 0;
      for (let i = draw * batch; i < (draw + 1) * batch; i++) {
        const at = picks[i]! * channels + channel;
        mean += means[at]!;
        square += squares[at]!;
      }
      mean /= batch;
      const variance = square / batch - mean ** 2;
      meanError += (mean - wholeMean) ** 2;
      varianceSum += variance;
      varianceSquares += variance ** 2;
    }
    meanSpread += meanError / DRAWS / wholeVariance;
    varianceSpread += Math.max(0, varianceSquares / DRAWS - (varianceSum / DRAWS) ** 2) / wholeVariance ** 2;
    counted++;
  }
  return {
    call: moments.call,
    batch,
    mean: Math.sqrt(meanSpread / Math.max(1, counted)),
    variance: Math.sqrt(varianceSpread / Math.max(1, counted)),
  };
}

/** At each batch size the site whose batch variance is noisiest. */
export function worstNoise(moments: readonly SampleMoments[], batches: readonly number[], seed: number): SiteNoise[] {
  if (moments.length === 0) return [];
  return batches.map((batch) =>
    moments.map((site) => siteNoise(site, batch, seed)).reduce((a, b) => (b.variance > a.variance ? b : a)),
  );
}
