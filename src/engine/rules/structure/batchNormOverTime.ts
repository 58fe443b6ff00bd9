import { message } from '../../network';
import { layerOf } from './graph';
import { oneFinding, type StructureRule } from './rule';
import { isChained, repeatedNorms } from './sharedBatchNorm';

const SOURCE = 'Cooijmans et al. 2017, "Recurrent Batch Normalization": statistics are kept for each time step apart';

/** Two passes are a refinement of the same input more often than a recurrence. */
const LEAST_STEPS = 3;

export const batchNormOverTime: StructureRule = {
  id: 'batchnorm-over-time',
  severity: 'warning',
  finds: 'one BatchNorm inside a recurrence, used again at each step',
  why: `The distribution of a recurrent state changes over the first steps. One BatchNorm for all steps averages their statistics and, in
evaluation, normalizes each step by those of others; a step for which training saw no sequence long enough has none at all.
Padded positions of a batch go into the statistics too.`,
  figure: `${SOURCE}, and for steps behind the longest training sequence the last ones are taken. Ba et al. 2016 propose LayerNorm for this
reason. Reported from ${LEAST_STEPS} calls of the same module on, each on what it gave
before.`,
  mend: 'LayerNorm in the cell (nn.LSTM cannot take one inside; a cell of your own can, without cuDNN), or a BatchNorm on the input of all steps, outside of the recurrence.',
  ignore: 'The number of steps is fixed and small, and evaluation was measured to be as good as training.',
  check: (structure) => {
    const found = repeatedNorms(structure).filter((calls) => {
      if (calls.length < LEAST_STEPS) return false;
      const { graph } = structure;
      const places = new Set(calls.map((call) => graph.source(call)?.module ?? graph.source(call)?.kind));
      return places.size === 1 && isChained(structure, calls);
    });
    return oneFinding(
      'batchnorm-over-time',
      'warning',
      found.map(([first]) => first!),
      (first) => ({
        message: message(
          'batchnorm-over-time',
          '{layer} normalizes {count} steps of a recurrence with one set of statistics. LayerNorm needs none.',
          { layer: layerOf(first), count: found[0]!.length },
        ),
        evidence: [
          { quantity: 'steps', value: found[0]!.length, unit: 'steps', threshold: 1, thresholdSource: SOURCE },
        ],
      }),
    );
  },
  cases: {
    fires: [
      `
# normscope: input=6x20
class Recurrent(nn.Module):
    def __init__(self):
        super().__init__()
        self.inp = nn.Linear(20, 32)
        self.rec = nn.Linear(32, 32, bias=False)
        self.bn = nn.BatchNorm1d(32)  # <-
        self.out = nn.Linear(32, 4)

    def forward(self, x):
        h = torch.zeros(x.size(0), 32)
        for t in range(x.size(1)):
            h = torch.tanh(self.bn(self.inp(x[:, t]) + self.rec(h)))
        return self.out(h)
`,
      `
import keras
from keras import layers

class Net(keras.Model):
    def __init__(self):
        super().__init__()
        self.cell = layers.Dense(8)
        self.norm = layers.BatchNormalization()  # <-
        self.head = layers.Dense(2)

    def call(self, x):
        h = self.cell(x[:, 0])
        for t in range(1, 6):
            h = self.norm(h + self.cell(x[:, t]))
        return self.head(h)

model = Net()
model.build((None, 6, 20))
`,
    ],
    passes: [
      `
class PointNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv1d(3, 16, 1, bias=False)
        self.bn = nn.BatchNorm1d(16)
        self.transform = nn.Linear(16, 9)

    def features(self, x):
        return F.relu(self.bn(self.conv(x))).max(2)[0]

    def forward(self, x):
        matrix = self.transform(self.features(x)).view(-1, 3, 3)
        return self.features(torch.bmm(matrix, x))

model = PointNet()
model(torch.randn(8, 3, 20))
`,
      `
# normscope: input=6x20
class Recurrent(nn.Module):
    def __init__(self):
        super().__init__()
        self.inp = nn.Linear(20, 32)
        self.rec = nn.Linear(32, 32, bias=False)
        self.norm = nn.LayerNorm(32)
        self.out = nn.Linear(32, 4)

    def forward(self, x):
        h = torch.zeros(x.size(0), 32)
        for t in range(x.size(1)):
            h = torch.tanh(self.norm(self.inp(x[:, t]) + self.rec(h)))
        return self.out(h)
`,
      `
# normscope: input=20
model = nn.Sequential(nn.Linear(20, 32, bias=False), nn.BatchNorm1d(32), nn.Tanh(), nn.Linear(32, 4))
`,
    ],
  },
};
