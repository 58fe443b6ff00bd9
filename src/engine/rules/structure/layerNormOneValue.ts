import { type Call, message } from '../../network';
import { fixed, type Graph, layerOf } from './graph';
import { isGroupNorm, isInstanceNorm, isLayerNorm, kindText, subtractsMean } from './kinds';
import { oneFinding, type StructureRule } from './rule';

const product = (sizes: readonly number[]): number => sizes.reduce((all, size) => all * size, 1);

/** How many values one mean is taken of; undefined where a norm takes it over the batch, or that is not known. */
function valuesTogether(graph: Graph, call: Call): number | undefined {
  const { normalized_shape: last, shape, num_groups, groups } = call.attributes;
  const sizes = graph.inputShape(call)?.map((dim) => fixed(dim));
  if (!sizes || !subtractsMean(call)) return undefined;
  if (isLayerNorm(call)) {
    const normalized = Array.isArray(last) ? last : Array.isArray(shape) ? shape : undefined;
    return normalized?.every((size) => typeof size === 'number') ? product(normalized as number[]) : undefined;
  }
  if (isGroupNorm(call)) {
    const count = typeof num_groups === 'number' ? num_groups : groups;
    return typeof count === 'number' && count > 0 ? product(sizes.slice(1)) / count : undefined;
  }
  return isInstanceNorm(call) && sizes.length > 2 ? product(sizes.slice(2)) : undefined;
}

export const layerNormOneValue: StructureRule = {
  id: 'norm-of-one-value',
  severity: 'error',
  finds: 'LayerNorm, GroupNorm or InstanceNorm that has a single value to normalize, which leaves nothing of it',
  why: `A value minus the mean of itself is zero. The norm's output is then its β, whatever comes in, and no gradient passes to what is
before it. Only GroupNorm at batch 1 and InstanceNorm are refused by PyTorch; the others return constants in silence.`,
  figure: `An error at one value a mean, from the shapes alone: LayerNorm(1), GroupNorm with as many groups as values, InstanceNorm
on 1×1 images. GroupNorm with one value a group and N ≥ 2 was run in PyTorch 2.13: it returns zeros without a word.`,
  mend: 'Normalize over more: LayerNorm over the features, fewer groups, InstanceNorm before the pooling.',
  ignore: 'Never in training: the layers before it learn nothing.',
  check: ({ network, graph }) =>
    oneFinding(
      'norm-of-one-value',
      'error',
      network.calls.filter((call) => valuesTogether(graph, call) === 1),
      (first) => ({
        message: message(
          'norm-of-one-value',
          '{layer} ({kind}) has one value at a time to normalize: its output is its bias, whatever comes in, and no gradient passes.',
          { layer: layerOf(first), kind: kindText(first.kind) },
        ),
        evidence: [
          {
            quantity: 'values a mean',
            value: 1,
            unit: 'values',
            threshold: 2,
            thresholdSource: 'a value minus the mean of itself is zero',
          },
        ],
      }),
    ),
  cases: {
    fires: [
      `
# normscope: input=20
model = nn.Sequential(
    nn.Linear(20, 16),
    nn.ReLU(),
    nn.Linear(16, 1),
    nn.LayerNorm(1),  # <-
)
`,
      `
# normscope: input=3x16x16
model = nn.Sequential(
    nn.Conv2d(3, 8, 3),
    nn.AdaptiveAvgPool2d(1),
    nn.GroupNorm(8, 8),  # <-
    nn.Flatten(),
    nn.Linear(8, 2),
)
`,
      `
import keras
from keras import layers

model = keras.Sequential([
    keras.Input((20,)),
    layers.Dense(16, activation='relu'),
    layers.Dense(1),
    layers.LayerNormalization(),  # <-
])
`,
    ],
    passes: [
      `
# normscope: input=20
model = nn.Sequential(nn.Linear(20, 16), nn.LayerNorm(16), nn.ReLU(), nn.Linear(16, 1))
`,
      `
# normscope: input=3x16x16
model = nn.Sequential(nn.Conv2d(3, 8, 3), nn.GroupNorm(8, 8), nn.AdaptiveAvgPool2d(1), nn.GroupNorm(2, 8))
`,
    ],
  },
};
