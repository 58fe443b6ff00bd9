import { message } from '../../network';
import { layerOf } from './graph';
import { fanIn, weightVariance } from './plainStack';
import { oneFinding, type StructureRule } from './rule';
import { before, SNN, seluCalls } from './selu';

const LOW = 0.7;
const HIGH = 1.4;
const LAYERS = 4;

export const seluInit: StructureRule = {
  id: 'selu-without-lecun-init',
  severity: 'note',
  finds: 'networks of SELU whose weights do not begin with variance 1 over fan-in, which its fixed point needs',
  why: `SELU keeps mean 0 and variance 1 if each layer's weights have variance 1/n for n inputs. PyTorch's default has a third of that, and He's
initialization twice: the activations then shrink or grow until the fixed point has pulled them back.`,
  figure: `${SNN}, section 2. PyTorch's Linear and Conv: U(±1/√n), variance 1/(3n) (2.13). Reported outside of ${LOW} to ${HIGH} times 1/n, from ${LAYERS}
layers on.`,
  mend: "`nn.init.kaiming_normal_(layer.weight, nonlinearity='linear')`, and biases at zero.",
  ignore: 'Trained weights are loaded.',
  check: ({ network, graph }) => {
    if ((network.surroundings?.pretrained.length ?? 0) > 0) return [];
    const off = seluCalls(graph).flatMap((call) => {
      const affine = before(graph, call);
      const variance = affine && weightVariance(graph, affine);
      if (!affine || variance === undefined) return [];
      const ratio = variance * fanIn(graph, affine);
      return ratio < LOW || ratio > HIGH ? [{ affine, ratio }] : [];
    });
    if (off.length < LAYERS) return [];
    return oneFinding(
      'selu-without-lecun-init',
      'note',
      off.map(({ affine }) => affine),
      (first, layers) => ({
        message: message(
          'selu-without-lecun-init',
          'SELU needs weights of variance 1/fan-in, and those of {layer} have {ratio} times that ({count} layers): begin with kaiming_normal_ and nonlinearity="linear".',
          { layer: layerOf(first), ratio: off[0]!.ratio.toFixed(2), count: layers.length },
        ),
        evidence: [
          {
            quantity: 'weight variance times fan-in',
            value: off[0]!.ratio,
            unit: '',
            threshold: 1,
            thresholdSource: SNN,
          },
        ],
      }),
    );
  },
  cases: {
    fires: [
      `
# normscope: input=20
model = nn.Sequential(
    nn.Linear(20, 64),  # <-
    nn.SELU(),
    nn.Linear(64, 64),
    nn.SELU(),
    nn.Linear(64, 64),
    nn.SELU(),
    nn.Linear(64, 64),
    nn.SELU(),
    nn.Linear(64, 2),
)
`,
      `
import keras
from keras import layers

model = keras.Sequential([keras.Input((64,))])
for _ in range(5):
    model.add(layers.Dense(64, activation='selu', kernel_initializer='he_normal'))  # <-
model.add(layers.Dense(2))
`,
    ],
    passes: [
      `
# normscope: input=20
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.ModuleList([nn.Linear(20, 20) for _ in range(6)])
        for layer in self.layers:
            nn.init.kaiming_normal_(layer.weight, nonlinearity='linear')
            nn.init.zeros_(layer.bias)

    def forward(self, x):
        for layer in self.layers:
            x = F.selu(layer(x))
        return x
`,
      `
# normscope: input=20
model = nn.Sequential(nn.Linear(20, 64), nn.SELU(), nn.Linear(64, 2))
`,
    ],
  },
};
