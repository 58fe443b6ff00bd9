import { type Call, message } from '../network';
import type { LayerFigures } from '../probe';
import { type Evidence, percent } from '../report';
import { Outputs, workedOn } from './outputs';
import { type Rule, symptom } from './rule';
import { Graph } from './structure/graph';

/** More than this share of an activation's channels silent for every sample. */
const SHARE = 0.7;
const SOURCE =
  'AutoTrainer and DeepDiagnosis: 70 % (SageMaker Debugger half, torch-audit 90 %). NormScope: where biases outweigh a faded signal half of all units are silent, and eight layers of ReLU so still trained';

const evidenceOf = ({ dead }: LayerFigures): Evidence[] => [
  { quantity: 'dead channels', value: dead!.share, unit: 'share', threshold: SHARE, thresholdSource: SOURCE },
  { quantity: 'channels', value: dead!.channels, unit: 'channels' },
  { quantity: 'samples seen', value: dead!.samples, unit: 'samples' },
];

/** Channels that no sample wakes: they pass nothing on and never learn. */
export const deadUnits: Rule = {
  id: 'dead-units',
  finds: 'activations with more than 70 % of their channels inactive for every sample and position seen',
  check: ({ network, layers, runs }) => {
    const graph = new Graph(network);
    const outputs = new Outputs(runs);
    // Behind a gain that starts at zero, as residual branches may end in, every unit is at rest until the gain has moved.
    const atRest = (call: Call): boolean => {
      const before = workedOn(graph, call);
      return before !== undefined && outputs.of(before)?.meanSquare === 0;
    };
    const found = network.calls.flatMap((call) => {
      const figures = layers.get(call.module ?? call.id);
      // A bounded function that is flat for every sample is saturated: that finding says more, and knows a confident output.
      const bounded = figures?.saturationLow !== undefined;
      if (!figures?.dead || bounded || figures.dead.share <= SHARE) return [];
      return graph.feedsOutput(call) && !atRest(call) ? [figures] : [];
    });
    const [first, ...others] = [...new Set(found)];
    if (!first) return [];
    const { share, channels, samples } = first.dead!;
    return [
      {
        rule: 'dead-units',
        severity: 'warning',
        layer: first.id,
        message: message(
          'dead-units',
          '{share} of the {channels} channels of {layer} are inactive for each of {samples} samples: they pass nothing on and get no gradient. BatchNorm before it wakes every channel; so do smaller negative biases, or a leaky activation.',
          { share: percent(share), channels, layer: first.id, samples },
        ),
        evidence: evidenceOf(first),
        symptoms: others.map((figures) => symptom('dead-units', figures.id, evidenceOf(figures))),
      },
    ];
  },
};
