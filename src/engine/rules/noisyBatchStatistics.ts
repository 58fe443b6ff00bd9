import { message } from '../network';
import { type Evidence, percent } from '../report';
import { batchSites } from './batchMoments';
import { type Found, type Rule, symptom } from './rule';
import { Graph, layerOf } from './structure/graph';
import { isTrainingBatch } from './structure/kinds';

/** Standard deviation of the batch mean in the channel's standard deviations: that of 8 independent values. */
const NOISE = 0.35;
const SOURCE =
  'NormScope: 1/√8, the mean of 8 independent values; torch-audit warns below 8 samples, Wu & He 2018 lose 1.2 % at 8 images and 3.7 % at 4. Synthetic training has no vote on it';

/** BatchNorm's statistics scatter from batch to batch, by what its own inputs are. */
export const noisyBatchStatistics: Rule = {
  id: 'noisy-batch-statistics',
  finds: 'BatchNorm whose batch mean scatters by over a third of a standard deviation at the stated batch size',
  check: (measured): readonly Found[] => {
    const { network } = measured;
    const { size, origin } = network.batch;
    if (!isTrainingBatch(origin)) return [];
    const graph = new Graph(network);
    const evidenceOf = (noise: number): Evidence => ({
      quantity: 'scatter of the batch mean, in standard deviations',
      value: noise,
      unit: 'ratio',
      threshold: NOISE,
      thresholdSource: SOURCE,
    });
    const noisy = batchSites(measured, graph)
      .filter(({ call }) => call.kind !== 'SyncBatchNorm')
      .map(({ call, sampleMean }) => ({ layer: layerOf(call), noise: sampleMean / Math.sqrt(size), sampleMean }))
      .filter(({ noise }) => noise > NOISE);
    const [first, ...others] = noisy.toSorted((a, b) => b.noise - a.noise);
    if (!first) return [];
    const enough = Math.ceil((first.sampleMean / NOISE) ** 2);
    return [
      {
        rule: 'noisy-batch-statistics',
        severity: 'warning',
        layer: first.layer,
        message: message(
          'noisy-batch-statistics',
          'At batch {batch} the mean that {layer} takes of a batch scatters by {noise} of the values’ own spread ({count} such layers): what one sample becomes depends on the others. {enough} samples a device would do, or a norm without the batch (GroupNorm, LayerNorm).',
          { batch: size, layer: first.layer, noise: percent(first.noise), count: noisy.length, enough },
        ),
        evidence: [
          evidenceOf(first.noise),
          { quantity: 'samples a batch', value: size, unit: 'samples' },
          { quantity: 'samples at which it would be below', value: enough, unit: 'samples' },
        ],
        symptoms: [...new Map(others.map((one) => [one.layer, one]))]
          .filter(([layer]) => layer !== first.layer)
          .map(([layer, { noise }]) => symptom('noisy-batch-statistics', layer, [evidenceOf(noise)])),
      },
    ];
  },
};
