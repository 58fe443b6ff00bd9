import { lastFunction, mismatch } from './lossMismatch';
import type { StructureRule } from './rule';

export const doubleSigmoid: StructureRule = {
  id: 'double-sigmoid',
  severity: 'warning',
  finds: 'a sigmoid or softmax at the output, before BCEWithLogitsLoss, which applies the sigmoid itself',
  why: `BCEWithLogitsLoss takes scores. Given probabilities, it sees scores between 0 and 1 and so answers between 0.5 and 0.73: no
negative sample can be said to be negative, and the loss has a floor above zero.`,
  figure: `The least loss is ln 2 = 0.693 for a negative sample and ln(1 + 1/e) = 0.313 for a positive one (from the definition). PyTorch:
"This loss combines a Sigmoid layer and the BCELoss in one single class".`,
  mend: 'Return the score without the sigmoid, and apply it where a probability is wanted.',
  ignore: 'The model returns something else in training mode than was read.',
  check: (structure) => {
    const last = lastFunction(structure, /^BCEWithLogitsLoss$/);
    if (!last || !/^(Sigmoid|Softmax|LogSigmoid)$/.test(last.kind)) return [];
    return mismatch(
      'double-sigmoid',
      'warning',
      last,
      structure,
      '{loss} ({origin}) applies the sigmoid itself, and {layer} has squashed the scores before: for a negative sample the loss cannot fall below 0.69. Return the scores without {layer}.',
      [
        {
          quantity: 'least possible loss of a negative sample',
          value: Math.LN2,
          unit: 'nats',
          threshold: 0,
          thresholdSource: 'ln(1 + e⁰), at a probability of 0 taken for a score',
        },
      ],
      'may-go',
    );
  },
  cases: {
    fires: [
      `
# normscope: input=20
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(20, 1)

    def forward(self, x):
        return torch.sigmoid(self.fc(x))  # <-

model = Net()
criterion = nn.BCEWithLogitsLoss()
for x, y in loader:
    loss = criterion(model(x), y)
`,
      `
# normscope: input=20
model = nn.Sequential(
    nn.Linear(20, 16),
    nn.ReLU(),
    nn.Linear(16, 3),
    nn.Sigmoid(),  # <-
)
for x, y in loader:
    loss = F.binary_cross_entropy_with_logits(model(x), y)
`,
      `
import keras
from keras import layers

model = keras.Sequential([
    keras.Input((20,)),
    layers.Dense(64, activation='relu'),
    layers.Dense(1, activation='sigmoid'),  # <-
])
model.compile('adam', loss=keras.losses.BinaryCrossentropy(from_logits=True))
`,
    ],
    passes: [
      `
# normscope: input=20
model = nn.Sequential(nn.Linear(20, 16), nn.ReLU(), nn.Linear(16, 1), nn.Sigmoid())
criterion = nn.BCELoss()
for x, y in loader:
    loss = criterion(model(x), y)
`,
      `
# normscope: input=20
model = nn.Sequential(nn.Linear(20, 16), nn.Sigmoid(), nn.Linear(16, 1))
criterion = nn.BCEWithLogitsLoss()
for x, y in loader:
    loss = criterion(model(x), y)
`,
    ],
  },
};
