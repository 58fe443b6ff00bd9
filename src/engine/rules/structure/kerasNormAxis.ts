import type { Change } from '../../change';
import { type Attributes, type Call, message } from '../../network';
import { fixed, type Graph, layerOf } from './graph';
import { isFeatureNorm, isKeras, kindText } from './kinds';
import { oneFinding, type StructureRule } from './rule';

const SOURCE =
  'Keras, BatchNormalization: "axis: Integer, the axis that should be normalized (typically the features axis)"; with data_format="channels_first" that is 1';

/** A norm that is told axis 1 where a layer before it has put its channels last. */
function overPositions(graph: Graph, call: Call): boolean {
  const { axis } = call.attributes;
  const shape = graph.inputShape(call);
  if (!isKeras(call.kind) || !isFeatureNorm(call) || !shape || shape.length < 3) return false;
  const axes = Array.isArray(axis) ? axis : [axis];
  if (axes.length !== 1 || axes[0] !== 1) return false;
  const before = graph.back(graph.source(call), (each) =>
    /^(activation|dropout|norm|pooling)$/.test(graph.role(each) ?? ''),
  );
  return before !== undefined && graph.role(before) === 'affine' && before.attributes.data_format !== 'channels_first';
}

export const kerasNormAxis: StructureRule = {
  id: 'keras-norm-axis',
  severity: 'warning',
  finds: 'a Keras norm with axis=1 on data whose channels stand last, so that it normalizes rows or positions',
  why: `Code for channels first says axis=1. With Keras's channels last, axis 1 is the height of an image, or the time of a sequence: BatchNormalization then
keeps statistics and learns a gain for each row, LayerNormalization normalizes each column. The sizes fit whatever they are, so nothing fails.`,
  figure: `${SOURCE}. No threshold: reported where the layer with weights before it has its channels last.`,
  mend: 'Leave `axis` at its default, -1.',
  ignore: 'The rows themselves are to be normalized: spectrograms by frequency, say.',
  check: ({ network, graph }) => {
    const norms = network.calls.filter((call) => overPositions(graph, call));
    const say = (first: Call, layers: readonly string[]) => ({
      message: message(
        'keras-norm-axis',
        '{layer} ({kind}) is told axis 1, which here has {size} positions; the channels stand last ({count} such layers). Leave axis at -1.',
        {
          layer: layerOf(first),
          kind: kindText(first.kind),
          size: fixed(graph.inputShape(first)![1]),
          count: layers.length,
        },
      ),
      evidence: [{ quantity: 'axis', value: 1, unit: '', threshold: -1, thresholdSource: SOURCE }],
    });
    const changes = norms.map((call): Change => {
      const channels = fixed(call.outputShapes[0]!.at(-1));
      const last: Attributes = Array.isArray(call.attributes.axis)
        ? { axis: [-1], shape: [channels] }
        : { axis: -1, channels };
      return { operation: 'set', site: call.id, attributes: last };
    });
    const title = message('mend-keras-axis', 'Normalize over the last axis, where the channels stand ({count})', {
      count: norms.length,
    });
    return oneFinding('keras-norm-axis', 'warning', norms, say, { mend: { title, changes } });
  },
  cases: {
    fires: [
      `
import keras
from keras import layers

model = keras.Sequential([
    keras.Input((32, 32, 3)),
    layers.Conv2D(8, 3, use_bias=False),
    layers.BatchNormalization(axis=1),  # <-
    layers.ReLU(),
    layers.GlobalAveragePooling2D(),
    layers.Dense(10),
])
`,
      `
import keras
from keras import layers

inputs = keras.Input((50, 16))
x = layers.Conv1D(32, 3, activation='relu')(inputs)
x = layers.LayerNormalization(axis=1)(x)  # <-
model = keras.Model(inputs, layers.Dense(2)(layers.GlobalAveragePooling1D()(x)))
`,
    ],
    passes: [
      `
import keras
from keras import layers

model = keras.Sequential([keras.Input((32, 32, 3)), layers.Conv2D(8, 3, use_bias=False), layers.BatchNormalization(), layers.ReLU()])
`,
      `
import keras
from keras import layers

model = keras.Sequential([
    keras.Input((3, 32, 32)),
    layers.Conv2D(8, 3, use_bias=False, data_format='channels_first'),
    layers.BatchNormalization(axis=1),
    layers.ReLU(),
])
`,
      `
import keras
from keras import layers

model = keras.Sequential([keras.Input((20,)), layers.Dense(8, use_bias=False), layers.BatchNormalization(axis=1), layers.ReLU()])
`,
    ],
  },
};
