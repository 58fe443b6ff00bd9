import assert from 'node:assert/strict';
import { analyzeOn } from '../../../../src/engine/analyze';
import { fileDocument, type SourceDocument } from '../../../../src/engine/network';
import { pytorchReader } from '../../../../src/engine/readers/pytorch';
import type { Finding } from '../../../../src/engine/report';
import { ProcessRuntime } from '../../../../src/engine/runtime';

const HEAD = 'import torch\nimport torch.nn as nn\n# normscope: input=32 batch=32\n';

const script = (layers: string, optimizer: string): string => `${HEAD}
model = nn.Sequential(${layers})
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.${optimizer}
for x, y in loader:
    optimizer.zero_grad()
    criterion(model(x), y).backward()
    optimizer.step()
`;

/** Four faults that a probe shows, each with what its fix makes of the line. */
const CASES = [
  {
    rule: 'update-to-weight-ratio',
    text: script('nn.Linear(32, 64), nn.ReLU(), nn.Linear(64, 10)', 'Adam(model.parameters(), lr=0.5)'),
    mended: /lr=0\.00\d+\)/,
  },
  {
    rule: 'loss-not-falling',
    text: script(
      'nn.Linear(32, 64), nn.ReLU(), nn.Linear(64, 10)',
      'SGD(model.parameters(), lr=0.1, momentum=0.9, maximize=True)',
    ),
    mended: /maximize=False/,
  },
  {
    rule: 'loss-floor',
    text: script('nn.Linear(32, 64), nn.ReLU(), nn.Linear(64, 10), nn.Tanh()', 'SGD(model.parameters(), lr=0.1)'),
    mended: /nn\.Linear\(64, 10\)\)/,
  },
  {
    rule: 'batchnorm-inference-gap',
    text: script(
      [
        ...[32, 64, 64].map(
          (width) => `nn.Linear(${width}, 64, bias=False), nn.BatchNorm1d(64, momentum=0.001), nn.ReLU()`,
        ),
        'nn.Linear(64, 10)',
      ].join(', '),
      'SGD(model.parameters(), lr=0.1, momentum=0.9)',
    ),
    mended: /momentum=0\.1/,
  },
  {
    rule: 'initialization-out-of-scale',
    text: script(
      'nn.Linear(32, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 10)',
      'SGD(model.parameters(), lr=0.01)',
    ).replace(
      'criterion = ',
      'for layer in model.modules():\n    if isinstance(layer, nn.Linear):\n        nn.init.normal_(layer.weight)\ncriterion = ',
    ),
    mended: /nn\.init\.kaiming_normal_\(/,
  },
  {
    rule: 'deep-relu-default-init',
    text: `${HEAD}
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.ModuleList([nn.Linear(32, 32) for _ in range(14)])
        self.head = nn.Linear(32, 10)

    def forward(self, x):
        for layer in self.layers:
            x = torch.relu(layer(x))
        return self.head(x)
`,
    mended:
      /for module in self\.modules\(\):\n {12}if isinstance\(module, nn\.Linear\):\n {16}nn\.init\.kaiming_normal_\(module\.weight, nonlinearity='relu'\)/,
  },
];

describe('fixes of rules on the numbers', function () {
  this.timeout(120_000);
  const runtime = new ProcessRuntime();
  after(() => runtime.dispose());

  const document = (text: string): SourceDocument => fileDocument('/models/net.py', text);
  async function findingsOf(text: string): Promise<readonly Finding[]> {
    const [network] = await pytorchReader.read(document(text), {});
    const reread = async (edited: string) => (await pytorchReader.read(document(edited), {}))[0];
    const options = { seed: 0, seeds: 1, steps: 20, budgetSeconds: 30, advise: false };
    const source = { document: document(text), reread };
    return (await analyzeOn(runtime, network!, options, { workingDirectory: '/models', source })).findings;
  }

  /** The text with a fix's edits made, the last first. */
  function applied(text: string, { fix }: Finding): string {
    const lines = text.split('\n');
    const offset = ({ line, column }: { line: number; column: number }) =>
      lines.slice(0, line - 1).reduce((sum, one) => sum + one.length + 1, 0) + column - 1;
    const edits = fix!.edits.toSorted((a, b) => offset(b.range.start) - offset(a.range.start));
    return edits.reduce(
      (edited, { range, newText }) => edited.slice(0, offset(range.start)) + newText + edited.slice(offset(range.end)),
      text,
    );
  }

  for (const { rule, text, mended } of CASES) {
    it(`${rule}: the edit made and read again, it is gone and nothing new is there`, async () => {
      const before = await findingsOf(text);
      const finding = before.find((each) => each.rule === rule);
      assert.ok(finding, `${before.map((each) => each.rule)}`);
      assert.ok(finding.fix, finding.noFix?.text);
      const edited = applied(text, finding);
      assert.match(edited, mended);
      const known = new Set(before.map((each) => each.rule));
      known.delete(rule);
      const after = (await findingsOf(edited)).map((each) => each.rule);
      assert.deepEqual(
        after.filter((each) => !known.has(each)),
        [],
      );
    });
  }
});
