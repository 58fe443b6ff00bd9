import { lastFunction, mismatch } from './lossMismatch';
import type { StructureRule } from './rule';

export const nllOnProbabilities: StructureRule = {
  id: 'nll-without-log',
  severity: 'warning',
  finds: 'an output that is not a log-probability, before NLLLoss, which takes log-probabilities',
  why: `NLLLoss only picks the value of the right class and changes its sign. Of probabilities that gives a loss between −1 and 0,
whose gradient does not grow where the network is wrong; of plain scores it has no lower end, and training runs off.`,
  figure:
    'PyTorch, NLLLoss: "The input given through a forward call is expected to contain log-probabilities of each class".',
  mend: 'log_softmax in place of softmax at the output, or plain scores and CrossEntropyLoss.',
  ignore: 'The script takes the logarithm between the model and the loss.',
  check: (structure) => {
    const last = lastFunction(structure, /^NLLLoss$/);
    if (!last || !/^(Softmax|Sigmoid|Linear|ReLU|Conv[123]d)$/.test(last.kind)) return [];
    return mismatch(
      'nll-without-log',
      'warning',
      last,
      structure,
      last.kind === 'Softmax' || last.kind === 'Sigmoid'
        ? '{loss} ({origin}) takes log-probabilities, and {layer} gives probabilities: the loss ends at −1 and hardly pulls where the network is wrong. Take log_softmax.'
        : '{loss} ({origin}) takes log-probabilities, and {layer} gives scores: the loss has no lower end. Take CrossEntropyLoss, or log_softmax at the output.',
      [
        {
          quantity: 'logarithms before the loss',
          value: 0,
          unit: '',
          threshold: 1,
          thresholdSource: 'PyTorch, NLLLoss: log-probabilities are expected',
        },
      ],
    );
  },
  cases: {
    fires: [
      `
# normscope: input=20
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(20, 5)

    def forward(self, x):
        return F.softmax(self.fc(x), dim=1)  # <-

model = Net()
criterion = nn.NLLLoss()
for x, y in loader:
    loss = criterion(model(x), y)
`,
    ],
    passes: [
      `
# normscope: input=20
model = nn.Sequential(nn.Linear(20, 5), nn.LogSoftmax(dim=1))
criterion = nn.NLLLoss()
for x, y in loader:
    loss = criterion(model(x), y)
`,
      `
# normscope: input=20
model = nn.Sequential(nn.Linear(20, 5), nn.Softmax(dim=1))
criterion = nn.NLLLoss()
for x, y in loader:
    loss = criterion(torch.log(model(x)), y)
`,
    ],
  },
};
