import { message } from '../../network';
import { layerOf } from './graph';
import { passesOn } from './kinds';
import type { StructureRule } from './rule';

const SOURCE =
  'Keras: "from_logits: Whether y_pred is expected to be a logits tensor. By default, we assume that y_pred encodes a probability distribution"';

export const probabilityLossOnScores: StructureRule = {
  id: 'crossentropy-on-scores',
  severity: 'error',
  finds:
    'plain scores at the output, before a Keras cross-entropy, which takes probabilities unless it is told otherwise',
  why: `Keras's cross-entropies take the logarithm of what they are given, cut off at 1e-7 and 1 − 1e-7, and the one over classes divides by its sum before.
Plain scores are negative or above 1: nearly all of them are cut off, where the gradient is zero. The loss stands still, or jumps.`,
  figure: `${SOURCE}. No threshold: the last layer has weights and no activation, or ReLU, and compile() names the loss without from_logits=True.`,
  mend: "`from_logits=True` in the loss, or a softmax (sigmoid for one score) as the last layer's activation.",
  ignore:
    'The layer gives probabilities in a way that is not seen: its weights are fixed, or a constraint bounds them.',
  check: ({ network, graph }) => {
    const { takesProbabilities, origin } = network.task;
    const last = graph.back(graph.producer({ value: network.outputs[0] ?? '' }), (call) => passesOn(graph, call));
    if (!takesProbabilities || !last) return [];
    if (graph.role(last) !== 'affine' && !/^(ReLU|LeakyReLU|Tanh)$/.test(last.kind)) return [];
    const { loss, source } = takesProbabilities;
    return [
      {
        rule: 'crossentropy-on-scores',
        severity: 'error',
        layer: layerOf(last),
        message: message(
          'crossentropy-on-scores',
          '{loss} takes probabilities, and {layer} gives plain scores ({origin}): say from_logits=True, or end in a softmax or sigmoid.',
          { loss, layer: layerOf(last), origin },
        ),
        evidence: [
          {
            quantity: 'functions between the scores and the loss that make probabilities',
            value: 0,
            unit: 'functions',
            threshold: 1,
            thresholdSource: SOURCE,
          },
        ],
        symptoms: [],
        ...(source && {
          mend: {
            title: message('mend-from-logits', 'Tell the loss that it is given scores: from_logits=True'),
            argument: { source, name: 'from_logits', value: 'True' },
          },
        }),
      },
    ];
  },
  cases: {
    fires: [
      `
import keras
from keras import layers

model = keras.Sequential([
    keras.Input((20,)),
    layers.Dense(64, activation='relu'),
    layers.Dense(5),  # <-
])
model.compile('adam', loss='sparse_categorical_crossentropy')
`,
      `
import keras
from keras import layers

inputs = keras.Input((20,))
scores = layers.Dense(1)(layers.Dense(64, activation='relu')(inputs))  # <-
model = keras.Model(inputs, scores)
model.compile('adam', loss=keras.losses.BinaryCrossentropy())
`,
    ],
    passes: [
      `
import keras
from keras import layers

model = keras.Sequential([keras.Input((20,)), layers.Dense(64, activation='relu'), layers.Dense(5, activation='softmax')])
model.compile('adam', loss='sparse_categorical_crossentropy')
`,
      `
import keras
from keras import layers

model = keras.Sequential([keras.Input((20,)), layers.Dense(64, activation='relu'), layers.Dense(5)])
model.compile('adam', loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True))
`,
      `
import keras
from keras import layers

model = keras.Sequential([keras.Input((20,)), layers.Dense(64, activation='relu'), layers.Dense(1, activation='sigmoid')])
model.compile('adam', loss='binary_crossentropy')
`,
    ],
  },
};
