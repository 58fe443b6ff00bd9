import type { Network, Span } from '../network';
import type { SampleMoments } from '../probe';
import { type BatchNoise, figure, type ReportSource, type SiteNoiseTable } from '../report';
import { gaussianVarianceNoise, NOISE_BATCHES, noiseBySize, worstNoise } from './batchNoise';

/** Noise of BatchNorm's own statistics as a report has it: at the noisiest place, and at each. */
export interface NoiseReport {
  readonly batchNoise: readonly BatchNoise[];
  /** Absent where BatchNorm stands nowhere and could stand nowhere. */
  readonly siteNoise?: SiteNoiseTable;
}

/**
 * The noise at the sites that moments were taken at, for the usual batch sizes and the network's own. `network` is the one
 * that the file has: a site that was made for the measurement is told as the layer behind which it stands.
 */
export function noiseReport(
  network: Network,
  moments: readonly SampleMoments[],
  batch: number,
  toSource: (span: Span) => ReportSource,
): NoiseReport {
  if (moments.length === 0) return { batchNoise: [] };
  const batches = [...new Set([...NOISE_BATCHES, batch])].sort((a, b) => a - b);
  const calls = new Map(network.calls.map((call) => [call.id, call]));
  const modules = new Map(network.modules.map((module) => [module.id, module]));
  const sites = moments.map((site): SiteNoiseTable['sites'][number] => {
    const call = calls.get(site.call) ?? calls.get(site.call.replace(/\+norm$/, ''));
    const module = modules.get(call?.module ?? '');
    const at = noiseBySize(site);
    return {
      layer: call?.module ?? call?.id ?? site.call,
      source: toSource((module ?? call ?? network).source),
      valuesPerSample: site.positions,
      noise: batches.map((size) => {
        const { mean, variance } = at(size);
        const theory = gaussianVarianceNoise(size * site.positions);
        return { batch: size, mean: figure(mean), variance: figure(variance), theory: figure(theory) };
      }),
    };
  });
  return {
    batchNoise: worstNoise(moments, batches).map(({ call, mean, variance, batch: size }) => ({
      batch: size,
      site: call,
      mean: figure(mean),
      variance: figure(variance),
    })),
    siteNoise: { samples: moments[0]!.samples, sites },
  };
}
