import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileDocument } from '../../../../src/engine/network';
import { pytorchReader } from '../../../../src/engine/readers/pytorch';
import { findInStructure } from '../../../../src/engine/rules';

const LIST = 'docs/rules/README.md';

/**
 * A fault: what is replaced in the sound script by what, and the rule that must find it, at the line of that text; `also` is
 * what is true beside it: a layer that nobody calls any more.
 */
type Planted = readonly [rule: string, from: string, to: string, at: string, also?: string];

interface Script {
  readonly name: string;
  readonly text: string;
  readonly faults: readonly Planted[];
}

const HEAD = `import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.utils.data import DataLoader
`;

/** The rest of a script that trains a classifier. */
const training = (made: string, options = ''): string => `
train_loader = DataLoader(train_set, batch_size=64, shuffle=True, drop_last=True)
val_loader = DataLoader(val_set, batch_size=64)
model = ${made}
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.SGD(model.parameters(), lr=0.1${options})

def train():
    model.train()
    for x, y in train_loader:
        optimizer.zero_grad()
        loss = criterion(model(x), y)
        loss.backward()
        optimizer.step()

def validate():
    model.eval()
    correct = 0
    with torch.no_grad():
        for x, y in val_loader:
            correct += (model(x).argmax(1) == y).sum().item()
    return correct
`;

const TRAINING_FAULTS: readonly Planted[] = [
  ['double-softmax', 'criterion(model(x), y)', 'criterion(torch.softmax(model(x), 1), y)', 'criterion(torch.softmax'],
  ['nll-without-log', 'nn.CrossEntropyLoss()', 'nn.NLLLoss()', 'OUTPUT'],
  ['weight-decay-on-norms', 'lr=0.1', 'lr=0.1, weight_decay=1e-3', 'optimizer = '],
  ['validation-without-eval', '    model.eval()\n', '', 'for x, y in val_loader'],
];

const CNN: Script = {
  name: 'a residual network',
  text: `${HEAD}
# normscope: input=3x32x32
class Block(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.conv1 = nn.Conv2d(c, c, 3, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(c)
        self.conv2 = nn.Conv2d(c, c, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(c)

    def forward(self, x):
        y = F.relu(self.bn1(self.conv1(x)))
        y = self.bn2(self.conv2(y))
        return F.relu(x + y)

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem = nn.Conv2d(3, 32, 3, padding=1, bias=False)
        self.norm = nn.BatchNorm2d(32)
        self.blocks = nn.Sequential(*[Block(32) for _ in range(4)])
        self.fc = nn.Linear(32, 10)  # OUTPUT

    def forward(self, x):
        x = F.relu(self.norm(self.stem(x)))
        x = self.blocks(x).mean((2, 3))
        return self.fc(x)
${training('Net()')}`,
  faults: [
    ...TRAINING_FAULTS,
    ['batchnorm-small-batch', 'batch_size=64, shuffle', 'batch_size=2, shuffle', 'self.norm = '],
    ['bias-before-batchnorm', '32, 3, padding=1, bias=False)', '32, 3, padding=1)', 'self.stem = '],
    ['double-softmax', 'return self.fc(x)', 'return F.softmax(self.fc(x), dim=1)', 'return F.softmax'],
    ['layernorm-wrong-axis', 'nn.BatchNorm2d(32)', 'nn.LayerNorm(32)', 'self.norm = '],
    ['groupnorm-one-channel', 'nn.BatchNorm2d(32)', 'nn.GroupNorm(32, 32)', 'self.norm = '],
    ['instancenorm-without-affine', 'nn.BatchNorm2d(32)', 'nn.InstanceNorm2d(32)', 'self.norm = '],
    ['shared-batchnorm', 'y = self.bn2(', 'y = self.bn1(', 'self.bn1 = ', 'unused-layer'],
    ['unused-layer', 'y = self.bn2(self.conv2(y))', 'y = self.bn2(self.conv1(y))', 'self.conv2 = '],
    [
      'dropout-before-batchnorm',
      'self.norm(self.stem(x))',
      'self.norm(F.dropout(self.stem(x), 0.5, self.training))',
      'self.norm = ',
    ],
    ['consecutive-norms', 'self.norm(self.stem(x))', 'self.norm(F.group_norm(self.stem(x), 4))', 'self.norm = '],
    ['momentum-convention', 'nn.BatchNorm2d(32)', 'nn.BatchNorm2d(32, momentum=0.99)', 'self.norm = '],
    ['frozen-norm-updates', 'criterion = ', 'model.norm.requires_grad_(False)\ncriterion = ', 'self.norm = '],
    [
      'distributed-without-syncbn',
      'batch_size=64, shuffle=True, drop_last=True)',
      'batch_size=8, shuffle=True, drop_last=True)\nddp = nn.parallel.DistributedDataParallel(Net().cuda())',
      'ddp = ',
    ],
    ['batchnorm-with-privacy', 'criterion = ', 'engine = PrivacyEngine()\ncriterion = ', 'engine = '],
    ['norm-after-logits', 'return self.fc(x)', 'return F.layer_norm(self.fc(x), (10,))', 'return F.layer_norm'],
  ],
};

const MLP: Script = {
  name: 'a plain network of vectors',
  text: `${HEAD}
# normscope: input=64
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1 = nn.Linear(64, 64, bias=False)
        self.norm1 = nn.BatchNorm1d(64)
        self.fc2 = nn.Linear(64, 64, bias=False)
        self.norm2 = nn.BatchNorm1d(64)
        self.drop = nn.Dropout(0.5)
        self.out = nn.Linear(64, 10)  # OUTPUT

    def forward(self, x):
        x = F.relu(self.norm1(self.fc1(x)))
        x = F.relu(self.norm2(self.fc2(x)))
        return self.out(self.drop(x))
${training('Net()')}`,
  faults: [
    ...TRAINING_FAULTS,
    ['last-batch-of-one', ', drop_last=True', '', 'train_loader = '],
    [
      'bias-before-batchnorm',
      'self.fc1 = nn.Linear(64, 64, bias=False)',
      'self.fc1 = nn.Linear(64, 64)',
      'self.fc1 = ',
    ],
    ['dropout-before-batchnorm', 'self.norm2(self.fc2(x))', 'self.norm2(self.drop(self.fc2(x)))', 'self.norm2 = '],
    [
      'norm-of-one-value',
      'return self.out(self.drop(x))',
      'return self.out(F.layer_norm(x.unsqueeze(2), (1,)).squeeze(2))',
      'return self.out(',
    ],
    ['shared-batchnorm', 'self.norm2(self.fc2(x))', 'self.norm1(self.fc2(x))', 'self.norm1 = ', 'unused-layer'],
    ['unused-layer', 'self.norm2(self.fc2(x))', 'self.norm2(self.fc1(x))', 'self.fc2 = '],
    ['selu-with-norm', 'F.relu(self.norm1(', 'F.selu(self.norm1(', 'self.norm1 = '],
    [
      'weightnorm-and-batchnorm',
      'self.fc1 = nn.Linear(64, 64, bias=False)',
      'self.fc1 = nn.utils.parametrizations.weight_norm(nn.Linear(64, 64, bias=False))',
      'self.fc1 = ',
    ],
    [
      'norm-after-logits',
      'return self.out(self.drop(x))',
      'return F.batch_norm(self.out(x), None, None, training=True)',
      'return F.batch_norm',
      'bias-before-batchnorm',
    ],
    ['double-softmax', 'return self.out(self.drop(x))', 'return F.log_softmax(self.out(x), 1)', 'return F.log_softmax'],
  ],
};

interface Told {
  readonly rule: string;
  readonly line: number;
}

async function told(text: string): Promise<Told[]> {
  const networks = await pytorchReader.read(fileDocument('/models/net.py', text), {});
  return networks.flatMap((network) => {
    const places = new Map([...network.calls, ...network.modules].map(({ id, source }) => [id, source]));
    return findInStructure(network).map(({ rule, layer, source }) => ({
      rule,
      line: (source ?? places.get(layer ?? '') ?? network.source).start.line,
    }));
  });
}

const lineOf = (text: string, at: string): number => text.slice(0, text.indexOf(at)).split('\n').length;

describe('faults planted into scripts that are sound', () => {
  for (const { name, text } of [CNN, MLP]) {
    it(`finds nothing in ${name} as it is`, async () => assert.deepEqual(await told(text), []));
  }

  it('names each at its line, and nothing else (NORMSCOPE_WRITE_RULES=1 writes recall and precision)', async () => {
    const missed: string[] = [];
    const besides: string[] = [];
    let planted = 0;
    for (const { name, text, faults } of [CNN, MLP]) {
      for (const [rule, from, to, at, also] of faults) {
        planted++;
        assert.ok(text.includes(from), `${name}: ${from}`);
        const faulty = text.replace(from, to);
        const found = await told(faulty);
        const line = lineOf(faulty, at);
        if (!found.some((each) => each.rule === rule && each.line === line)) {
          missed.push(`${rule} in ${name}: ${JSON.stringify(found)}, line ${line} expected`);
        }
        besides.push(
          ...found
            .filter((each) => each.rule !== rule && each.rule !== also)
            .map((each) => `${each.rule} for ${rule} in ${name}`),
        );
      }
    }
    const right = planted - missed.length;
    if (process.env.NORMSCOPE_WRITE_RULES) {
      const sentence = `${planted} faults of ${new Set([...CNN.faults, ...MLP.faults].map(([rule]) => rule)).size} rules, planted one at a time into two scripts in which nothing is found: ${right} named at their line (recall ${(right / planted).toFixed(2)}); ${besides.length} findings besides (precision ${(right / (right + besides.length)).toFixed(2)}).`;
      const readme = readFileSync(LIST, 'utf8');
      const between = /(<!-- planted -->\n)[\s\S]*(<!-- end of planted -->)/;
      assert.match(readme, between);
      writeFileSync(
        LIST,
        readme.replace(between, (_, a, b) => `${a}${sentence}\n${b}`),
      );
    }
    assert.deepEqual({ missed, besides }, { missed: [], besides: [] });
  });
});
