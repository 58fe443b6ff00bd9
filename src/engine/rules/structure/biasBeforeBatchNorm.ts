import { type Call, message } from '../../network';
import { type Graph, layerOf } from './graph';
import { isInstanceNorm, isKeras, usesBatch } from './kinds';
import { oneFinding, type StructureRule } from './rule';

/** Whether the norm that follows takes each channel's mean away: then the bias of that channel goes with it. */
function losesBias(graph: Graph, call: Call): boolean {
  const norm = graph.onlyTaker(call);
  if (!norm || graph.source(norm) !== call || !(usesBatch(graph, norm) || isInstanceNorm(norm))) return false;
  if (norm.inputs.slice(1).some((operand) => graph.producer(operand) === call)) return false;
  // A linear layer's features stand last; the norm's channels must be the same axis.
  const rank = call.outputShapes[0]!.length;
  const features = graph.row(call)?.channelAxis?.(graph.inputChannels(call), rank, call.attributes) ?? 1;
  const channels = graph.row(norm)?.channelAxis?.(features, rank, norm.attributes) ?? 1;
  return features === channels;
}

export const biasBeforeBatchNorm: StructureRule = {
  id: 'bias-before-batchnorm',
  severity: 'note',
  finds: 'biases of linear and convolutional layers that the BatchNorm or InstanceNorm behind them takes away again',
  why: `BatchNorm in training, and InstanceNorm, subtract each channel's mean, and a bias is part of that mean. Its gradient
is zero but for rounding, and the norm's own β does its work. It costs memory and a little time, and weight decay pulls on it
for nothing.`,
  figure: `BN(Wx + b) = BN(Wx) (Ioffe & Szegedy 2015, section 3.2: "the bias b can be ignored"). LayerNorm, GroupNorm and RMSNorm
subtract no mean of a single channel, and a frozen BatchNorm none of this batch: before these a bias is no fault. One note a model.`,
  mend: '`bias=False` in the layer before the norm. It removes the key `….bias` from the state_dict: where weights are loaded, leave it.',
  ignore:
    'Weights with the biases exist already (torchvision’s vgg_bn has one before every norm), or the norm will be folded into the layer.',
  check: ({ graph }) => {
    const redundant = [...graph.callsByModule().values()].flatMap((calls) => {
      const [first] = calls;
      if (graph.role(first) !== 'affine' || !graph.parameter(first!, 'bias')?.trainable) return [];
      return calls.every((call) => losesBias(graph, call)) ? [first!] : [];
    });
    const say = (first: Call, layers: readonly string[]) => {
      const norm = graph.onlyTaker(first)!;
      const values = redundant.reduce((sum, call) => sum + (graph.parameter(call, 'bias')?.shape[0] ?? 0), 0);
      return {
        message: message(
          'bias-before-batchnorm',
          'The bias of {layer} does nothing: {norm} behind it subtracts it again with the mean ({count} such layers, {values} parameters).',
          { layer: layers[0]!, norm: layerOf(norm), count: layers.length, values },
        ),
        evidence: [
          {
            quantity: 'parameters without effect',
            value: values,
            unit: 'parameters',
            thresholdSource: 'Ioffe & Szegedy 2015, section 3.2',
          },
        ],
      };
    };
    return oneFinding('bias-before-batchnorm', 'note', redundant, say, {
      mend: {
        title: message('mend-redundant-bias', 'Leave out the biases before norms ({count})', {
          count: redundant.length,
        }),
        changes: redundant.map(({ id, kind }) => ({
          operation: 'set',
          site: id,
          attributes: { [isKeras(kind) ? 'use_bias' : 'bias']: false },
        })),
      },
    });
  },
  cases: {
    fires: [
      `
# normscope: input=3x32x32
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 16, 3)  # <-
        self.bn1 = nn.BatchNorm2d(16)
        self.conv2 = nn.Conv2d(16, 32, 3)
        self.bn2 = nn.BatchNorm2d(32)
        self.fc = nn.Linear(32, 10)

    def forward(self, x):
        x = F.relu(self.bn1(self.conv1(x)))
        x = F.relu(self.bn2(self.conv2(x)))
        return self.fc(x.mean((2, 3)))
`,
      `
# normscope: input=20
model = nn.Sequential(
    nn.Linear(20, 64),  # <-
    nn.BatchNorm1d(64),
    nn.ReLU(),
    nn.Linear(64, 2),
)
`,
      `
# normscope: input=3x32x32
model = nn.Sequential(nn.Conv2d(3, 16, 3), nn.InstanceNorm2d(16), nn.ReLU(), nn.Conv2d(16, 3, 3))  # <-
`,
      `
import keras
from keras import layers

model = keras.Sequential([
    keras.Input((32, 32, 3)),
    layers.Conv2D(8, 3),  # <-
    layers.BatchNormalization(),
    layers.ReLU(),
    layers.GlobalAveragePooling2D(),
    layers.Dense(10),
])
`,
    ],
    passes: [
      `
# normscope: input=3x32x32
model = nn.Sequential(nn.Conv2d(3, 16, 3, bias=False), nn.BatchNorm2d(16), nn.ReLU())
`,
      `
# normscope: input=20
model = nn.Sequential(nn.Linear(20, 64), nn.LayerNorm(64), nn.ReLU(), nn.Linear(64, 2))
`,
      `
# normscope: input=3x32x32
model = nn.Sequential(nn.Conv2d(3, 16, 3), nn.GroupNorm(4, 16), nn.ReLU())
`,
      `
# normscope: input=3x32x32
model = nn.Sequential(nn.Conv2d(3, 16, 3), nn.ReLU(), nn.BatchNorm2d(16))
`,
      `
# normscope: input=3x32x32
from torchvision.ops import FrozenBatchNorm2d
model = nn.Sequential(nn.Conv2d(3, 16, 3), FrozenBatchNorm2d(16), nn.ReLU())
`,
      `
# normscope: input=3x32x32
class Shared(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 3, 3, padding=1)
        self.bn = nn.BatchNorm2d(3)

    def forward(self, x):
        y = self.conv(x)
        return self.bn(y) + y
`,
      `
# normscope: input=8x20
class OverPositions(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(20, 16)
        self.bn = nn.BatchNorm1d(8)

    def forward(self, x):
        return self.bn(self.fc(x))
`,
    ],
  },
};
