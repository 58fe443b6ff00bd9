import { type Call, message } from '../../network';
import { layerOf } from './graph';
import { isFeatureNorm, isStated, kindText, passesOn } from './kinds';
import { oneFinding, type StructureRule } from './rule';

const CLASS_LOSS = /^(CrossEntropyLoss|NLLLoss|BCELoss|BCEWithLogitsLoss)$/;
const SQUASHING = /^(Softmax|LogSoftmax|Sigmoid|LogSigmoid)$/;

export const normAfterLogits: StructureRule = {
  id: 'norm-after-logits',
  severity: 'warning',
  finds: 'norms that the class scores themselves pass through, between the last layer and the loss',
  why: `A norm gives the scores a fixed spread. How sure the network is of a sample is exactly that spread, so it can no longer
say so; with BatchNorm the scores of one sample also depend on the others in the batch.`,
  figure: `LayerNorm over 10 scores, at γ = 1 and β = 0, spreads them at most to 3 for one and −1/3 for the others: a probability of
e³/(e³ + 9·e^(−1/3)) = 0.757, so that cross-entropy cannot fall below 0.278 until γ has grown. Reported only where the file
states a classification loss.`,
  mend: 'Take the norm away, or put it before the last linear layer.',
  ignore:
    'The output is an embedding and not scores (ArcFace, SimSiam and Barlow Twins end in BatchNorm), or a learned scale behind it restores the spread.',
  check: ({ network, graph }) => {
    if (!isStated(network.task.origin) || !CLASS_LOSS.test(network.task.loss)) return [];
    const norms = network.calls.filter((call) => {
      if (!graph.isOutput(call)) return false;
      const before = graph.back(call, (each) => SQUASHING.test(each.kind) || passesOn(graph, each));
      return before !== undefined && isFeatureNorm(before);
    });
    const found = norms.map((call) => graph.back(call, (each) => !isFeatureNorm(each))!);
    const say = (first: Call) => ({
      message: message(
        'norm-after-logits',
        '{kind} at {layer} normalizes the class scores themselves: {loss} then cannot see how sure the network is. Leave the last layer without a norm.',
        { kind: kindText(first.kind), layer: layerOf(first), loss: network.task.loss },
      ),
      evidence: [
        {
          quantity: 'layers between the norm and the loss',
          value: 0,
          unit: 'layers',
          thresholdSource: network.task.origin,
        },
      ],
    });
    return oneFinding('norm-after-logits', 'warning', found, say, {
      mend: {
        title: message('mend-norm-after-logits', 'Take the norm behind the scores away'),
        changes: found.map(({ id }) => ({ operation: 'remove', site: id })),
      },
    });
  },
  cases: {
    fires: [
      `
# normscope: input=20
model = nn.Sequential(
    nn.Linear(20, 64, bias=False),
    nn.BatchNorm1d(64),
    nn.ReLU(),
    nn.Linear(64, 10, bias=False),
    nn.BatchNorm1d(10),  # <-
)
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
for x, y in loader:
    loss = criterion(model(x), y)
`,
      `
# normscope: input=20
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(20, 10)
        self.norm = nn.LayerNorm(10)  # <-

    def forward(self, x):
        return F.log_softmax(self.norm(self.fc(x)), dim=1)

model = Net()
for x, y in loader:
    loss = F.nll_loss(model(x), y)
`,
      `
import keras
from keras import layers

model = keras.Sequential([
    keras.Input((20,)),
    layers.Dense(64, activation='relu'),
    layers.Dense(10, use_bias=False),
    layers.BatchNormalization(),  # <-
])
model.compile('adam', loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True))
`,
    ],
    passes: [
      `
# normscope: input=20
model = nn.Sequential(nn.Linear(20, 64), nn.LayerNorm(64), nn.ReLU(), nn.Linear(64, 10))
criterion = nn.CrossEntropyLoss()
for x, y in loader:
    loss = criterion(model(x), y)
`,
      `
# normscope: input=20
encoder = nn.Sequential(nn.Linear(20, 64), nn.ReLU(), nn.Linear(64, 32, bias=False), nn.BatchNorm1d(32, affine=False))
`,
    ],
  },
};
