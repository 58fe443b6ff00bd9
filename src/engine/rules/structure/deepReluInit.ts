import { message } from '../../network';
import { drawnMend } from '../drawnMend';
import { layerOf } from './graph';
import { isFeatureNorm, passesOn } from './kinds';
import { fanIn, plainStacks, weightVariance } from './plainStack';
import { oneFinding, type StructureRule } from './rule';

const LAYERS = 10;
/** What is left of the activations' size at the end of the stack. */
const THRESHOLD = 1e-2;
const SOURCE =
  "He et al. 2015: ReLU needs weight variance 2/fan-in; PyTorch's default has 1/(3·fan-in), a sixth of it, Glorot's about half";

export const deepReluInit: StructureRule = {
  id: 'deep-relu-default-init',
  severity: 'warning',
  finds:
    'deep stacks of linear or convolutional layers with ReLU, without norms or residual sums, whose initialization lets the signal fade',
  why: `Each layer multiplies the second moment of what passes by half its weights' variance times fan-in. With PyTorch's default that is a
sixth: after ten layers the input is lost against the biases, all samples look alike, and the gradient fades in the same way.`,
  figure: `${SOURCE}. The product over the stack is computed from the file's own initializations. Reported from ${LAYERS} layers in a row and where less
than ${THRESHOLD} of the size is left (AlexNet's 7 layers with the default train well; VGG's 16 did not until they were initialized in stages).`,
  mend: "A norm in each layer, residual connections, or `nn.init.kaiming_normal_(layer.weight, nonlinearity='relu')`.",
  ignore: 'Trained weights are loaded, or initialized in a way that is not read.',
  check: ({ network, graph }) => {
    if ((network.surroundings?.pretrained.length ?? 0) > 0) return [];
    const stacks = plainStacks(graph).flatMap((stack) => {
      if (stack.some(isFeatureNorm)) return [];
      const layers = stack.flatMap((call) => {
        const source = /^(ReLU|ReLU6)$/.test(call.kind)
          ? graph.back(graph.source(call), (each) => passesOn(graph, each))
          : undefined;
        const variance = source && graph.role(source) === 'affine' ? weightVariance(graph, source) : undefined;
        return source && variance !== undefined ? [{ source, gain: (variance * fanIn(graph, source)) / 2 }] : [];
      });
      const size = Math.sqrt(layers.reduce((product, { gain }) => product * gain, 1));
      return layers.length >= LAYERS && size < THRESHOLD ? [{ layers, size }] : [];
    });
    const [worst] = stacks.toSorted((a, b) => a.size - b.size);
    const kinds = [...new Set(worst?.layers.map(({ source }) => source.kind))];
    const mend = drawnMend(network, kinds, 'he');
    return oneFinding(
      'deep-relu-default-init',
      'warning',
      worst ? [worst.layers[0]!.source] : [],
      (first) => ({
        message: message(
          'deep-relu-default-init',
          '{count} layers with ReLU from {layer} on have no norm and no shortcut, and weights too small for them: {share} of the signal is left at the end.',
          { count: worst!.layers.length, layer: layerOf(first), share: worst!.size.toExponential(0) },
        ),
        evidence: [
          {
            quantity: 'size of the signal behind the stack, over that before',
            value: worst!.size,
            unit: 'ratio',
            threshold: THRESHOLD,
            thresholdSource: SOURCE,
          },
        ],
      }),
      mend && { mend },
    );
  },
  cases: {
    fires: [
      `
# normscope: input=64
layers = []
for _ in range(12):
    layers += [nn.Linear(64, 64), nn.ReLU()]  # <-
model = nn.Sequential(*layers, nn.Linear(64, 10))
`,
      `
import keras
from keras import layers

model = keras.Sequential([keras.Input((64,))])
for _ in range(16):
    model.add(layers.Dense(64, activation='relu'))  # <-
model.add(layers.Dense(2))
`,
    ],
    passes: [
      `
# normscope: input=64
layers = []
for _ in range(12):
    layers += [nn.Linear(64, 64, bias=False), nn.BatchNorm1d(64), nn.ReLU()]
model = nn.Sequential(*layers, nn.Linear(64, 10))
`,
      `
# normscope: input=64
layers = []
for _ in range(12):
    linear = nn.Linear(64, 64)
    nn.init.kaiming_normal_(linear.weight, nonlinearity='relu')
    layers += [linear, nn.ReLU()]
model = nn.Sequential(*layers, nn.Linear(64, 10))
`,
      `
# normscope: input=64
layers = []
for _ in range(5):
    layers += [nn.Linear(64, 64), nn.ReLU()]
model = nn.Sequential(*layers, nn.Linear(64, 10))
`,
    ],
  },
};
