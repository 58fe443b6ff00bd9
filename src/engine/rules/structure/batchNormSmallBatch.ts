import { bindShape, type Call, elementCount, message } from '../../network';
import type { Found } from '../rule';
import { isTrainingBatch, usesBatch } from './kinds';
import { oneFinding, type Structure, type StructureRule } from './rule';

const PYTORCH = 'PyTorch: "Expected more than 1 value per channel when training"';
const WU_HE = 'Wu & He 2018, ResNet-50: error 27.3 % at 4 images a device and 24.8 % at 8, 23.7 % at 16 and more';
const STRONG = 4;
const WEAK = 8;

/** The calls of norms over the batch that have one value a channel to normalize, at the network's own batch. */
function normsOfOneValue({ network, graph }: Structure): Call[] {
  return network.calls.filter((call) => {
    const input = graph.inputShape(call);
    const row = graph.row(call);
    if (!input || !row?.batchStatistics?.(call.attributes)) return false;
    const shape = bindShape(input, network.batch.size);
    const channels = shape[row.channelAxis?.(1, shape.length, call.attributes) ?? 1] ?? 1;
    return elementCount(shape) === channels;
  });
}

/** Nothing is left of a value minus itself: training stops there. */
function oneValue(structure: Structure): Found[] {
  const evidence = { quantity: 'values a channel', value: 1, unit: 'values', threshold: 2, thresholdSource: PYTORCH };
  return oneFinding('batchnorm-small-batch', 'error', normsOfOneValue(structure), (_, [layer]) => ({
    message: message(
      'batchnorm-one-value',
      'At batch {batch} {layer} has one value a channel to normalize, and training stops there (so does a last batch of one sample, without drop_last). Take a larger batch, or a norm that does not need the batch.',
      { batch: structure.network.batch.size, layer: layer! },
    ),
    evidence: [evidence],
  }));
}

function fewSamples({ network, graph }: Structure): Found[] {
  const { size, origin } = network.batch;
  if (!isTrainingBatch(origin) || size >= WEAK) return [];
  // A synchronized norm has the samples of every device, and nobody says how many these are.
  const norms = network.calls.filter((call) => usesBatch(graph, call) && call.kind !== 'SyncBatchNorm');
  const strong = size <= STRONG;
  const loaded = (network.surroundings?.pretrained.length ?? 0) > 0;
  return oneFinding('batchnorm-small-batch', strong ? 'warning' : 'note', norms, (first, layers) => ({
    message: message(
      loaded ? 'batchnorm-small-batch-loaded' : 'batchnorm-small-batch',
      loaded
        ? 'With {batch} samples a batch ({origin}) the statistics of {layer} are noisy ({count} such layers in all). Trained weights are loaded, which another norm would make worthless: freeze its statistics with eval(), take SyncBatchNorm, or a larger batch a device.'
        : strong
          ? 'With {batch} samples a batch ({origin}) the statistics of {layer} are mostly noise, and those it is used with later are others ({count} such layers in all). GroupNorm or LayerNorm do not depend on the batch.'
          : 'With {batch} samples a batch ({origin}) the statistics of {layer} are noisy ({count} such layers in all): a larger batch a device, or GroupNorm, usually does better.',
      { batch: size, origin, layer: first.module ?? first.id, count: layers.length },
    ),
    evidence: [
      {
        quantity: 'samples a batch',
        value: size,
        unit: 'samples',
        threshold: strong ? STRONG : WEAK,
        thresholdSource: WU_HE,
      },
    ],
  }));
}

export const batchNormSmallBatch: StructureRule = {
  id: 'batchnorm-small-batch',
  severity: 'error',
  finds: 'norms over the batch that have few samples a device, or one value a channel, to take their statistics from',
  why: `BatchNorm measures its mean and variance on one batch of one device. With few samples these are noisy, and the running
statistics that inference takes are others than training saw. With one value a channel, the value minus its mean is zero and
its variance too: PyTorch refuses to train, Keras returns zeros in silence. Accumulating gradients does not help: the
statistics are of each small batch.`,
  figure: `An error at one value a channel (batch times positions, from the shapes alone). A warning up to 4 samples a batch
and a note below 8, where the file says the batch: ${WU_HE}; GroupNorm stays within 24.0 to 24.2 %. torch-audit warns below 8.
SyncBatchNorm counts the samples of all devices and is let be, as is a batch that nobody states.`,
  mend: `A larger batch a device, SyncBatchNorm over several, or a norm that does not need the batch: GroupNorm in a
convolutional network, LayerNorm elsewhere. With pretrained weights keep the norm and freeze its statistics instead.`,
  ignore:
    'The stated batch is not the one that the network is trained with, or the norm runs in evaluation mode alone.',
  check: (structure) => {
    // A model that is once called with one sample is tried out, not trained.
    const tried = /^the example/.test(structure.network.batch.origin);
    const one = tried ? [] : oneValue(structure);
    return one.length > 0 ? one : fewSamples(structure);
  },
  cases: {
    fires: [
      `
# normscope: input=3x32x32 batch=4
class Segmenter(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 16, 3, padding=1, bias=False)
        self.bn = nn.BatchNorm2d(16)  # <-
        self.head = nn.Conv2d(16, 2, 1)

    def forward(self, x):
        return self.head(F.relu(self.bn(self.conv(x))))
`,
      `
# normscope: input=20 batch=1
model = nn.Sequential(
    nn.Linear(20, 64),
    nn.BatchNorm1d(64),  # <-
    nn.ReLU(),
    nn.Linear(64, 2),
)
`,
      `
BATCH_SIZE = 6
model = nn.Sequential(
    nn.Conv2d(3, 16, 3, bias=False),
    nn.BatchNorm2d(16),  # <-
    nn.ReLU(),
    nn.AdaptiveAvgPool2d(1),
    nn.Flatten(),
    nn.Linear(16, 10),
)
loader = DataLoader(dataset, batch_size=BATCH_SIZE, shuffle=True)
`,
      `
import keras
from keras import layers

model = keras.Sequential([
    keras.Input((32, 32, 3)),
    layers.Conv2D(8, 3, use_bias=False),
    layers.BatchNormalization(),  # <-
    layers.ReLU(),
    layers.GlobalAveragePooling2D(),
    layers.Dense(10),
])
model.fit(images, labels, batch_size=2)
`,
      `
# normscope: input=3x32x32 batch=4
model = nn.Sequential(
    nn.Conv2d(3, 16, 3, bias=False),
    nn.BatchNorm2d(16),  # <-
    nn.ReLU(),
)
model.load_state_dict(torch.load('weights.pt'))
`,
    ],
    passes: [
      `
# normscope: input=3x32x32
model = nn.Sequential(nn.Conv2d(3, 16, 3, bias=False), nn.BatchNorm2d(16), nn.ReLU())
`,
      `
# normscope: input=3x32x32 batch=2
model = nn.Sequential(nn.Conv2d(3, 16, 3), nn.GroupNorm(4, 16), nn.ReLU())
`,
      `
# normscope: input=3x32x32 batch=2
model = nn.Sequential(nn.Conv2d(3, 16, 3, bias=False), nn.SyncBatchNorm(16), nn.ReLU())
`,
      `
model = nn.Sequential(nn.Linear(20, 64, bias=False), nn.BatchNorm1d(64), nn.ReLU(), nn.Linear(64, 2))
model.eval()
print(model(torch.randn(1, 20)))
`,
      `
model = nn.Sequential(nn.Conv2d(3, 16, 3, bias=False), nn.BatchNorm2d(16), nn.ReLU())
print(model(torch.randn(2, 3, 32, 32)).shape)
`,
    ],
  },
};
