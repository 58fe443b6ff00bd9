import { type Call, message } from '../../network';
import type { Found } from '../rule';
import { layerOf } from './graph';
import { usesBatch } from './kinds';
import { oneFinding, type Structure, type StructureRule } from './rule';

const SOURCE = 'one running mean and variance a module';

/** Modules of BatchNorm that are called more than once, with the calls. */
export const repeatedNorms = ({ graph }: Structure): (readonly Call[])[] =>
  [...graph.callsByModule().values()].filter((calls) => calls.length > 1 && usesBatch(graph, calls[0]!));

/** Whether a later call of the module works on what an earlier one has given. */
export const isChained = ({ graph }: Structure, calls: readonly Call[]): boolean =>
  graph.dependsOn(calls[1]!, calls[0]!);

/** The layer whose output a call takes: a call of one module again is the same layer. */
const placeOf = ({ graph }: Structure, call: Call): string => {
  const source = graph.source(call);
  return source ? (source.module ?? source.kind) : '';
};

export const sharedBatchNorm: StructureRule = {
  id: 'shared-batchnorm',
  severity: 'warning',
  finds: 'one BatchNorm module used at several places of a network',
  why: `A BatchNorm module has one running mean and one running variance. Called behind two different layers, it averages the statistics
of both, and in evaluation it divides each by the mixture: right for neither. In training each call uses its own batch, so the
fault shows in evaluation alone.`,
  figure: `No threshold: ${SOURCE}. An encoder that is called twice (siamese networks) has the same layer before the norm each time and is let
be; one norm over the steps of a recurrence is batchnorm-over-time.`,
  mend: 'A BatchNorm of its own at each place. Functions without state (ReLU, pooling) may be shared, norms may not.',
  ignore: 'The places have the same distribution by construction, or track_running_stats is off.',
  check: (structure): readonly Found[] => {
    const found = repeatedNorms(structure).filter((calls) => {
      if (calls[0]!.attributes.track_running_stats === false) return false;
      return new Set(calls.map((call) => placeOf(structure, call))).size > 1;
    });
    return oneFinding(
      'shared-batchnorm',
      'warning',
      found.map(([first]) => first!),
      (first) => {
        const calls = found[0]!.length;
        return {
          message: message(
            'shared-batchnorm',
            '{layer} is used at {count} places: its one running mean and variance mix them, and in evaluation fit none. Give each place a BatchNorm of its own.',
            { layer: layerOf(first), count: calls },
          ),
          evidence: [{ quantity: 'calls', value: calls, unit: 'calls', threshold: 1, thresholdSource: SOURCE }],
        };
      },
      { related: (found[0] ?? []).map(({ source }) => ({ source, message: message('used-here', 'used here') })) },
    );
  },
  cases: {
    fires: [
      `
# normscope: input=3x16x16
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 16, 3, bias=False)
        self.conv2 = nn.Conv2d(16, 16, 3, bias=False)
        self.bn = nn.BatchNorm2d(16)  # <-
        self.fc = nn.Linear(16, 10)

    def forward(self, x):
        x = F.relu(self.bn(self.conv1(x)))
        x = F.relu(self.bn(self.conv2(x)))
        return self.fc(x.mean((2, 3)))
`,
      `
import keras
from keras import layers

inputs = keras.Input((20,))
norm = layers.BatchNormalization()  # <-
x = layers.ReLU()(norm(layers.Dense(20, use_bias=False)(inputs)))
x = layers.ReLU()(norm(layers.Dense(20, use_bias=False)(x)))
model = keras.Model(inputs, layers.Dense(2)(x))
`,
    ],
    passes: [
      `
class Siamese(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder = nn.Sequential(nn.Linear(20, 64, bias=False), nn.BatchNorm1d(64), nn.ReLU())
        self.head = nn.Linear(64, 1)

    def forward(self, a, b):
        return self.head((self.encoder(a) - self.encoder(b)).abs())

model = Siamese()
model(torch.randn(8, 20), torch.randn(8, 20))
`,
      `
# normscope: input=20
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.a = nn.Linear(20, 20)
        self.b = nn.Linear(20, 20)
        self.norm = nn.LayerNorm(20)

    def forward(self, x):
        return self.norm(self.b(F.relu(self.norm(self.a(x)))))
`,
    ],
  },
};
