import { lastFunction, mismatch } from './lossMismatch';
import type { StructureRule } from './rule';

/** What ends a network whose output may lie outside 0 and 1. */
const UNBOUNDED = /^(Linear|Conv[123]d|LeakyReLU|GELU|Tanh|LogSoftmax|LogSigmoid|BatchNorm[123]d|LayerNorm)$/;

export const bceOnLogits: StructureRule = {
  id: 'bce-on-logits',
  severity: 'error',
  finds: 'an output that is not between 0 and 1, before BCELoss, which takes probabilities',
  why: `BCELoss takes the logarithm of the output and of 1 minus it. A linear layer's output leaves the range from 0 to 1 at
once: PyTorch stops with "all elements of input should be between 0 and 1".`,
  figure:
    'PyTorch, BCELoss: the input must lie in [0, 1]. No threshold: the last layer is not one that bounds its output to it.',
  mend: 'BCEWithLogitsLoss in place of BCELoss (it is also the more exact of the two), or a sigmoid at the output.',
  ignore: 'The output is bounded by what the script does between the model and the loss.',
  check: (structure) => {
    const last = lastFunction(structure, /^BCELoss$/);
    if (!last || !UNBOUNDED.test(last.kind)) return [];
    return mismatch(
      'bce-on-logits',
      'error',
      last,
      structure,
      '{loss} ({origin}) takes probabilities, and {layer} gives any number: training stops with an error. Take BCEWithLogitsLoss.',
      [
        {
          quantity: 'functions that bound the output to 0…1',
          value: 0,
          unit: 'functions',
          threshold: 1,
          thresholdSource: 'PyTorch: "all elements of input should be between 0 and 1"',
        },
      ],
    );
  },
  cases: {
    fires: [
      `
# normscope: input=20
model = nn.Sequential(
    nn.Linear(20, 16),
    nn.ReLU(),
    nn.Linear(16, 1),  # <-
)
criterion = nn.BCELoss()
for x, y in loader:
    loss = criterion(model(x), y)
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
model = nn.Sequential(nn.Linear(20, 16), nn.ReLU(), nn.Linear(16, 1))
criterion = nn.BCELoss()
for x, y in loader:
    loss = criterion(torch.sigmoid(model(x)), y)
`,
      `
# normscope: input=16
class Generator(nn.Module):
    def __init__(self):
        super().__init__()
        self.main = nn.Sequential(nn.Linear(16, 64), nn.ReLU(), nn.Linear(64, 16), nn.Tanh())

    def forward(self, z):
        return self.main(z)

class Discriminator(nn.Module):
    def __init__(self):
        super().__init__()
        self.main = nn.Sequential(nn.Linear(16, 64), nn.LeakyReLU(0.2), nn.Linear(64, 1), nn.Sigmoid())

    def forward(self, x):
        return self.main(x)

netG = Generator()
netD = Discriminator()
criterion = nn.BCELoss()
for real in loader:
    fake = netG(torch.randn(8, 16))
    loss = criterion(netD(fake).view(-1), label)
`,
      `
# normscope: input=20
model = nn.Sequential(nn.Linear(20, 16), nn.ReLU(), nn.Linear(16, 1))
criterion = nn.BCEWithLogitsLoss()
for x, y in loader:
    loss = criterion(model(x), y)
`,
    ],
  },
};
