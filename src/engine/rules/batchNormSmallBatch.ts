import { message } from '../network';
import { normsOfOneValue } from '../probe';
import type { Evidence } from '../report';
import { type Rule, symptom } from './rule';

const SOURCE = 'PyTorch: "Expected more than 1 value per channel when training"';

const evidenceOf = (values: number): Evidence[] => [
  { quantity: 'values a channel', value: values, unit: 'values', threshold: 2, thresholdSource: SOURCE },
];

/** A norm over the batch whose batch leaves it one value a channel: nothing is left of a value minus itself. */
export const batchNormSmallBatch: Rule = {
  id: 'batchnorm-small-batch',
  finds: 'norms over the batch that have one value a channel to normalize, which PyTorch refuses to train',
  check: ({ network }) => {
    const [first, ...others] = [...new Set(normsOfOneValue(network).map(({ id, module }) => module ?? id))];
    if (first === undefined) return [];
    return [
      {
        rule: 'batchnorm-small-batch',
        severity: 'error',
        layer: first,
        message: message(
          'batchnorm-one-value',
          'At batch {batch} {layer} has one value a channel to normalize, and training stops there (so does a last batch of one sample, without drop_last). Take a larger batch, or a norm that does not need the batch.',
          { batch: network.batch.size, layer: first },
        ),
        evidence: evidenceOf(1),
        symptoms: others.map((layer) => symptom('batchnorm-small-batch', layer, evidenceOf(1))),
      },
    ];
  },
};
