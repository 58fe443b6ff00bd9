import { message } from '../network';
import type { LayerFigures } from '../probe';
import { type Evidence, percent } from '../report';
import { type Rule, symptom } from './rule';
import { Graph } from './structure/graph';

/** More than this share of a bounded activation's inputs on its flat sides. */
const SHARE = 0.5;
const SOURCE = 'DeepDiagnosis (Wardat et al. 2022): half of the units; flat is |φ′(z)| < 0.1·max|φ′|';

const shareOf = ({ saturationLow, saturationHigh }: LayerFigures): number | undefined =>
  saturationLow === undefined || saturationHigh === undefined ? undefined : saturationLow + saturationHigh;

const evidenceOf = (figures: LayerFigures): Evidence[] => [
  {
    quantity: 'saturated inputs',
    value: shareOf(figures)!,
    unit: 'share',
    threshold: SHARE,
    thresholdSource: SOURCE,
  },
  { quantity: 'on the low side', value: figures.saturationLow!, unit: 'share' },
  { quantity: 'on the high side', value: figures.saturationHigh!, unit: 'share' },
];

/** A bounded activation works on its flat sides, where next to no gradient passes. */
export const saturatedActivation: Rule = {
  id: 'saturated-activation',
  finds: 'bounded activations with more than half of their inputs where the derivative is under a tenth of its maximum',
  check: ({ network, layers }) => {
    const graph = new Graph(network);
    const saturated = network.calls.flatMap((call) => {
      const figures = layers.get(call.module ?? call.id);
      const share = figures && shareOf(figures);
      if (!figures || share === undefined || share <= SHARE || figures.role !== 'activation') return [];
      // What the network ends in may be confident: that is no fault. Through what leads to no output no gradient passes anyhow.
      return graph.isOutput(call) || !graph.feedsOutput(call) ? [] : [figures];
    });
    const [first, ...others] = [...new Set(saturated)];
    if (!first) return [];
    const side = first.saturationLow! >= first.saturationHigh! ? 'low' : 'high';
    return [
      {
        rule: 'saturated-activation',
        severity: 'warning',
        layer: first.id,
        message: message(
          'saturated-activation',
          '{share} of the inputs of {layer} are where its curve is flat (most on the {side} side): next to no gradient passes there. Normalize what comes in, draw the weights before it smaller, or (before a softmax) divide the scores by √d.',
          { share: percent(shareOf(first)!), layer: first.id, side },
        ),
        evidence: evidenceOf(first),
        symptoms: others.map((figures) => symptom('saturated-activation', figures.id, evidenceOf(figures))),
      },
    ];
  },
};
