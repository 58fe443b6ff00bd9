import type { TensorData } from '../runtime';
import type { EvaluationMeasurements, SampleMoments } from './measurements';
import type { BatchSite, Site } from './programs/evaluation';

/** How many channels of each activation were flagged dead in every chunk; the flags are [chunks, channels of all sites]. */
export function deadChannels(sites: readonly Site[], flags: TensorData | undefined): EvaluationMeasurements['dead'] {
  if (!flags) return [];
  const [chunks, width] = flags.shape as readonly [number, number];
  let offset = 0;
  return sites.map((site) => {
    let deadChannels = 0;
    for (let channel = offset; channel < offset + site.channels; channel++) {
      let everyChunk = true;
      for (let chunk = 0; chunk < chunks; chunk++) everyChunk &&= flags.values[chunk * width + channel] === 1;
      if (everyChunk) deadChannels++;
    }
    offset += site.channels;
    return { ...site, deadChannels };
  });
}

/**
 * Splits by site what each chunk of the evaluation gives, means and sums of squares [chunks, chunk · channels of all
 * sites], a site's [chunk, channels] after the other's; surplus samples of the last chunk are dropped.
 */
export function sampleMoments(
  sites: readonly BatchSite[],
  samples: number,
  chunk: number,
  means: TensorData | undefined,
  squares: TensorData | undefined,
): SampleMoments[] {
  if (!means || !squares) return [];
  const width = means.shape[1]!;
  let offset = 0;
  return sites.map((site) => {
    const pick = (values: Float32Array, factor: number) => {
      const out = new Float32Array(samples * site.channels);
      for (let n = 0; n < samples; n++) {
        const at = Math.floor(n / chunk) * width + offset + (n % chunk) * site.channels;
        for (let c = 0; c < site.channels; c++) out[n * site.channels + c] = factor * values[at + c]!;
      }
      return out;
    };
    const moments = {
      ...site,
      samples,
      means: pick(means.values as Float32Array, 1),
      squares: pick(squares.values as Float32Array, 1 / site.positions),
    };
    offset += chunk * site.channels;
    return moments;
  });
}
