import { message } from '../../network';
import { layerOf } from './graph';
import { isCompiled, isFeatureNorm, isStated, kindText, passesOn } from './kinds';
import { oneFinding, type StructureRule } from './rule';

const LOSS = /^(MSELoss|L1Loss|SmoothL1Loss|HuberLoss)$/;
const SOURCE =
  'Lim et al. 2017, EDSR: normalization "gets rid of range flexibility"; their super-resolution network has none';

export const normOnRegressionOutput: StructureRule = {
  id: 'norm-on-regression-output',
  severity: 'warning',
  finds: 'a norm at the output of a network that predicts numbers or images',
  why: `A norm gives what it puts out a fixed mean and spread. An output that must be a price, a temperature or a pixel has a range of its own,
and how far one sample lies from another is the very thing to predict: LayerNorm takes it away, BatchNorm makes it depend on the batch.`,
  figure: `${SOURCE}. No threshold. Reported where the file states a regression loss (MSE, L1, Huber).`,
  mend: 'End in the linear or convolutional layer itself, and scale the targets instead.',
  ignore: 'The targets are normalized in the same way, or the loss compares features (BYOL, distillation).',
  check: ({ network, graph }) => {
    if (!isStated(network.task.origin) || !LOSS.test(network.task.loss)) return [];
    const last = graph.back(graph.producer({ value: network.outputs[0] ?? '' }), (call) => passesOn(graph, call));
    // An embedding ends so on purpose; images and a few numbers do not.
    const known = network.surroundings?.lossInputs;
    const own = !known || isCompiled(network) || known.some(({ value }) => value.models.includes(network.name));
    const norms = own && last && isFeatureNorm(last) ? [last] : [];
    return oneFinding(
      'norm-on-regression-output',
      'warning',
      norms,
      (first) => ({
        message: message(
          'norm-on-regression-output',
          'The output passes through {kind} at {layer}: its mean and spread are then fixed, and {loss} ({origin}) asks for a range of its own.',
          {
            kind: kindText(first.kind),
            layer: layerOf(first),
            loss: network.task.loss,
            origin: network.task.origin,
          },
        ),
        evidence: [
          {
            quantity: 'layers between the norm and the loss',
            value: 0,
            unit: 'layers',
            threshold: 1,
            thresholdSource: SOURCE,
          },
        ],
      }),
      {
        mend: {
          title: message('mend-regression-norm', 'Take the norm at the output away'),
          changes: norms.map(({ id }) => ({ operation: 'remove', site: id })),
        },
      },
    );
  },
  cases: {
    fires: [
      `
# normscope: input=3x16x16
class Upscale(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 32, 3, padding=1)
        self.conv2 = nn.Conv2d(32, 3, 3, padding=1, bias=False)
        self.bn = nn.BatchNorm2d(3)  # <-

    def forward(self, x):
        return self.bn(self.conv2(F.relu(self.conv1(x))))

net = Upscale()
criterion = nn.L1Loss()
for low, high in loader:
    loss = criterion(net(low), high)
`,
      `
import keras
from keras import layers

model = keras.Sequential([
    keras.Input((20,)),
    layers.Dense(64, activation='relu'),
    layers.Dense(3),
    layers.LayerNormalization(),  # <-
])
model.compile('adam', loss='mse')
`,
    ],
    passes: [
      `
# normscope: input=20
model = nn.Sequential(nn.Linear(20, 64), nn.LayerNorm(64), nn.ReLU(), nn.Linear(64, 1))
for x, y in loader:
    loss = F.mse_loss(model(x), y)
`,
      `
# normscope: input=20
projector = nn.Sequential(nn.Linear(20, 64), nn.ReLU(), nn.Linear(64, 32, bias=False), nn.BatchNorm1d(32))
`,
    ],
  },
};
