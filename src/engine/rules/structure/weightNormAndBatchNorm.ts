import { message } from '../../network';
import { layerOf } from './graph';
import { isInstanceNorm, usesBatch } from './kinds';
import { oneFinding, type StructureRule } from './rule';

const SOURCE = 'BN(g·v/‖v‖·x) = BN(v·x): the norm behind takes away any scale of the weight';

export const weightNormAndBatchNorm: StructureRule = {
  id: 'weightnorm-and-batchnorm',
  severity: 'note',
  finds: 'weight_norm on a layer whose output BatchNorm or InstanceNorm normalizes anyway',
  why: `weight_norm splits a weight into a length g and a direction. A norm behind the layer takes away the length: g has no effect on the output and
its gradient is zero. What is left is a slower way of writing the same layer.`,
  figure: `${SOURCE} (Ioffe & Szegedy 2015, section 3.3). Salimans & Kingma 2016 propose weight norm in place of BatchNorm, not under it.`,
  mend: 'Leave one of the two out: usually weight_norm.',
  ignore: 'Trained weights in this form are loaded.',
  check: ({ network, graph }) =>
    oneFinding(
      'weightnorm-and-batchnorm',
      'note',
      network.calls.filter((call) => {
        const norm = graph.role(call) === 'affine' ? graph.onlyTaker(call) : undefined;
        const normed = graph.feeders(call).some(({ kind }) => kind === '_WeightNorm');
        return normed && norm !== undefined && (usesBatch(graph, norm) || isInstanceNorm(norm));
      }),
      (first, layers) => ({
        message: message(
          'weightnorm-and-batchnorm',
          'The weight of {layer} has a weight_norm, and {norm} behind it takes its length away again ({count} layers): one of the two is enough.',
          { layer: layerOf(first), norm: layerOf(graph.onlyTaker(first)!), count: layers.length },
        ),
        evidence: [
          { quantity: 'effect of g on the output', value: 0, unit: '', threshold: 0, thresholdSource: SOURCE },
        ],
      }),
    ),
  cases: {
    fires: [
      `
# normscope: input=8x16
from torch.nn.utils.parametrizations import weight_norm
model = nn.Sequential(
    weight_norm(nn.Conv1d(8, 16, 3, bias=False)),  # <-
    nn.BatchNorm1d(16),
    nn.ReLU(),
)
`,
    ],
    passes: [
      `
# normscope: input=8x16
from torch.nn.utils.parametrizations import weight_norm
model = nn.Sequential(weight_norm(nn.Conv1d(8, 16, 3)), nn.ReLU(), nn.Conv1d(16, 16, 3, bias=False), nn.BatchNorm1d(16))
`,
    ],
  },
};
