import { message } from '../../network';
import { layerOf } from './graph';
import { isBatchNorm, isRectifier, subtractsMean } from './kinds';
import { plainStacks } from './plainStack';
import { oneFinding, type StructureRule } from './rule';

/** Growth of the gradient's norm a layer: √(π/(π − 1)). */
const RATE = Math.sqrt(Math.PI / (Math.PI - 1));
const THRESHOLD = 10;
const SOURCE =
  'π/(π − 1) = 1.467 a layer in the squared gradient, for Gaussian weights and wide layers (width 1024, 30 layers: within 1 %)';

export const activationBeforeNorm: StructureRule = {
  id: 'activation-before-norm',
  severity: 'note',
  finds:
    'deep unbranched stacks with LayerNorm, GroupNorm or InstanceNorm directly behind ReLU, where the gradient grows layer by layer',
  why: `A norm that subtracts the mean takes from ReLU's output the part that all samples share, and then stretches what is left to variance 1.
That stretches gradients too, a little at each layer. With the norm before the activation, LayerNorm passes them on as they are.`,
  figure: `${SOURCE}: ×1.211 a layer in the gradient's norm; LayerNorm before ReLU 1.0, RMSNorm 1.0 either way, BatchNorm 1.467 either way
(so it is not reported here). Reported from a growth of ${THRESHOLD}, 13 layers in a row.`,
  mend: 'Put the norm before the activation, or add residual connections.',
  ignore: 'The network trains: a growth of this size can be met by the learning rate.',
  check: ({ graph }) => {
    const stacks = plainStacks(graph).map((stack) =>
      stack.filter((call) => {
        const source = graph.source(call);
        return subtractsMean(call) && !isBatchNorm(call) && source !== undefined && isRectifier(source);
      }),
    );
    const deep = stacks.filter((norms) => RATE ** norms.length >= THRESHOLD);
    const [longest] = deep.toSorted((a, b) => b.length - a.length);
    return oneFinding('activation-before-norm', 'note', longest?.slice(0, 1) ?? [], (first) => {
      const growth = RATE ** longest!.length;
      return {
        message: message(
          'activation-before-norm',
          '{count} layers in a row from {layer} on normalize what ReLU gives: at initialization the gradient grows {growth} times over them. Before the activation it would not.',
          { count: longest!.length, layer: layerOf(first), growth: growth.toFixed(0) },
        ),
        evidence: [
          {
            quantity: 'growth of the gradient over the stack',
            value: growth,
            unit: 'times',
            threshold: THRESHOLD,
            thresholdSource: SOURCE,
          },
        ],
      };
    });
  },
  cases: {
    fires: [
      `
# normscope: input=64
layers = []
for _ in range(16):
    layers += [nn.Linear(64, 64), nn.ReLU(), nn.LayerNorm(64)]  # <-
model = nn.Sequential(*layers, nn.Linear(64, 10))
`,
      `
import keras
from keras import layers

model = keras.Sequential([keras.Input((64,))])
for _ in range(16):
    model.add(layers.Dense(64))
    model.add(layers.ReLU())
    model.add(layers.LayerNormalization())  # <-
model.add(layers.Dense(2))
`,
    ],
    passes: [
      `
# normscope: input=64
layers = []
for _ in range(16):
    layers += [nn.Linear(64, 64), nn.LayerNorm(64), nn.ReLU()]
model = nn.Sequential(*layers, nn.Linear(64, 10))
`,
      `
# normscope: input=64
layers = []
for _ in range(4):
    layers += [nn.Linear(64, 64), nn.ReLU(), nn.LayerNorm(64)]
model = nn.Sequential(*layers, nn.Linear(64, 10))
`,
    ],
  },
};
