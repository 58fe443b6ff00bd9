import { lastFunction, mismatch, outputClasses } from './lossMismatch';
import type { StructureRule } from './rule';

/** The least cross-entropy of probabilities that are taken for scores: one class at 1, the others at 0. */
const floorOf = (classes: number): number => Math.log(1 + (classes - 1) / Math.E);

export const doubleSoftmax: StructureRule = {
  id: 'double-softmax',
  severity: 'warning',
  finds: 'a softmax, sigmoid or log-softmax at the output, before a cross-entropy loss that applies softmax itself',
  why: `CrossEntropyLoss takes scores and applies log-softmax to them. Given probabilities it sees scores between 0 and 1: the most
certain answer then counts as hardly certain, the loss has a floor above zero, and its gradient is small where the network
is sure and wrong. The network still learns, slowly and to a worse end, so nothing looks broken.`,
  figure: `With C classes the loss cannot fall below ln(1 + (C − 1)/e): 1.461 at C = 10, 5.91 at C = 1000 (ours, from the
definition). PyTorch: "The input is expected to contain the unnormalized logits". A log-softmax before it changes nothing (it
gives the same when applied twice) and is a note.`,
  mend: 'Return the scores themselves and apply softmax where probabilities are wanted; or keep log_softmax and take NLLLoss.',
  ignore: 'The model returns something else in training mode than was read.',
  check: (structure) => {
    const last = lastFunction(structure, /^CrossEntropyLoss$/);
    if (!last || !/^(Softmax|Softmax2d|LogSoftmax|Sigmoid)$/.test(last.kind)) return [];
    const classes = outputClasses(structure);
    if (last.kind === 'LogSoftmax') {
      const evidence = {
        quantity: 'times that log-softmax is applied',
        value: 2,
        unit: 'times',
        thresholdSource: 'PyTorch: CrossEntropyLoss is LogSoftmax and NLLLoss',
      };
      return mismatch(
        'double-softmax',
        'note',
        last,
        structure,
        '{loss} ({origin}) applies log-softmax itself: the one at {layer} changes nothing. Leave one of them out.',
        [evidence],
        'may-go',
      );
    }
    if (classes < 2) return [];
    const floor = floorOf(classes);
    return mismatch(
      'double-softmax',
      'warning',
      last,
      structure,
      `{loss} ({origin}) applies softmax itself, and {layer} has done so before: the loss cannot fall below ${floor.toFixed(2)}. Return the scores without {layer}.`,
      [
        {
          quantity: 'least possible loss',
          value: floor,
          unit: 'nats',
          threshold: 0,
          thresholdSource: `ln(1 + (C − 1)/e) at C = ${classes}`,
        },
      ],
      'may-go',
    );
  },
  cases: {
    fires: [
      `
# normscope: input=1x28x28
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1 = nn.Linear(784, 128)
        self.fc2 = nn.Linear(128, 10)
        self.softmax = nn.Softmax(dim=1)  # <-

    def forward(self, x):
        x = F.relu(self.fc1(x.flatten(1)))
        return self.softmax(self.fc2(x))

model = Net()
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
for images, labels in train_loader:
    loss = criterion(model(images), labels)
`,
      `
# normscope: input=20
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(20, 5)

    def forward(self, x):
        return F.log_softmax(self.fc(x), dim=1)  # <-

model = Net()
for x, y in loader:
    loss = F.cross_entropy(model(x), y)
`,
      `
# normscope: input=20
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(20, 5)

    def forward(self, x):
        return self.fc(x)

def main():
    net = Net().cuda()
    criterion = nn.CrossEntropyLoss()
    for x, y in loader:
        out = torch.softmax(net(x), dim=1)
        loss = criterion(out, y)  # <-

main()
`,
      `
import keras
from keras import layers

model = keras.Sequential([
    keras.Input((20,)),
    layers.Dense(64, activation='relu'),
    layers.Dense(10, activation='softmax'),  # <-
])
model.compile('adam', loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True))
`,
    ],
    passes: [
      `
# normscope: input=20
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(20, 5)

    def forward(self, x):
        return F.log_softmax(self.fc(x), dim=1)

model = Net()
for x, y in loader:
    loss = F.nll_loss(model(x), y)
`,
      `
# normscope: input=8x16
class Pooled(nn.Module):
    def __init__(self):
        super().__init__()
        self.score = nn.Linear(16, 1)
        self.head = nn.Linear(16, 5)

    def forward(self, x):
        weights = torch.softmax(self.score(x), dim=1)
        return self.head((weights * x).sum(1))

model = Pooled()
criterion = nn.CrossEntropyLoss()
for x, y in loader:
    loss = criterion(model(x), y)
`,
      `
# normscope: input=20
policy = nn.Sequential(nn.Linear(20, 64), nn.Tanh(), nn.Linear(64, 4), nn.Softmax(dim=-1))
`,
    ],
  },
};
