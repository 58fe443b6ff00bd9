import type { Call } from '../network';
import { median, type SampleMoments } from '../probe';
import type { Measured } from './rule';
import type { Graph } from './structure/graph';
import { usesBatch } from './structure/kinds';

/** What one channel's standardized values are over the evaluation split. */
interface ChannelMoments {
  readonly variance: number;
  /** Variance over samples of their own means over positions. */
  readonly ofMeans: number;
}

function channelMoments({ samples, channels, means, squares }: SampleMoments): ChannelMoments[] {
  return Array.from({ length: channels }, (_, channel) => {
    let sum = 0;
    let square = 0;
    let squaredMeans = 0;
    for (let n = 0; n < samples; n++) {
      const mean = means[n * channels + channel]!;
      sum += mean;
      squaredMeans += mean * mean;
      square += squares[n * channels + channel]!;
    }
    const center = sum / samples;
    return { variance: square / samples - center ** 2, ofMeans: squaredMeans / samples - center ** 2 };
  });
}

/** A norm over the batch, by what its input is in evaluation mode at initialization. */
export interface BatchSiteFigures {
  readonly call: Call;
  /** Variance there over that which its recomputed statistics say: median over channels, then over seeds. */
  readonly varianceRatio: number;
  /** Standard deviation of one sample's own mean, in the channel's standard deviations; over √batch it is the batch mean's. */
  readonly sampleMean: number;
}

/** The figures of every norm that takes its statistics over the batch. */
export function batchSites({ network, runs }: Measured, graph: Graph): BatchSiteFigures[] {
  return network.calls.flatMap((call) => {
    if (!usesBatch(graph, call)) return [];
    const seeds = runs.flatMap(({ initial }) => {
      const moments = initial?.moments.find((site) => site.call === call.id);
      // A channel that never varies has nothing to be noisy about.
      const varied = moments && channelMoments(moments).filter(({ variance }) => variance > 1e-12);
      return varied && varied.length > 0 ? [varied] : [];
    });
    if (seeds.length === 0) return [];
    const meanSquare = (channels: readonly ChannelMoments[]) =>
      channels.reduce((sum, { ofMeans, variance }) => sum + Math.max(0, ofMeans) / variance, 0) / channels.length;
    return [
      {
        call,
        varianceRatio: median(seeds.map((channels) => median(channels.map(({ variance }) => variance)))),
        sampleMean: Math.sqrt(median(seeds.map(meanSquare))),
      },
    ];
  });
}
