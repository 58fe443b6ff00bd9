import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileDocument } from '../../../../src/engine/network';
import { pythonReader } from '../../../../src/engine/readers/pythonFiles';
import { findInStructure, layerPlaces, placeOf } from '../../../../src/engine/rules';

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
    ['momentum-as-eps', 'nn.BatchNorm2d(32)', 'nn.BatchNorm2d(32, 0.8)', 'self.norm = '],
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

const TRANSFORMER: Script = {
  name: 'a Transformer',
  text: `${HEAD}
# normscope: input=32x32
class Attention(nn.Module):
    def __init__(self):
        super().__init__()
        self.qkv = nn.Linear(32, 96)
        self.out = nn.Linear(32, 32)

    def forward(self, x):
        q, k, v = self.qkv(x).chunk(3, dim=-1)
        scores = q @ k.transpose(1, 2) / 32 ** 0.5
        later = torch.ones(32, 32).tril() == 0
        scores = scores.masked_fill(later, -1e9)
        return self.out(scores.softmax(-1) @ v)

class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.ln1 = nn.LayerNorm(32)
        self.attention = Attention()
        self.ln2 = nn.LayerNorm(32)
        self.mlp = nn.Sequential(nn.Linear(32, 64), nn.GELU(), nn.Linear(64, 32))

    def forward(self, x):
        x = x + self.attention(self.ln1(x))
        return x + self.mlp(self.ln2(x))

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.blocks = nn.Sequential(*[Block() for _ in range(6)])
        self.norm = nn.LayerNorm(32)
        self.head = nn.Linear(32, 10)  # OUTPUT

    def forward(self, x):
        x = self.norm(self.blocks(x))
        return self.head(x.mean(1))
${training('Net()').replace('torch.optim.SGD(model.parameters(), lr=0.1)', 'torch.optim.Adam(model.parameters(), lr=0.1)')}`,
  faults: [
    ...TRAINING_FAULTS.filter(([rule]) => rule !== 'validation-without-eval'),
    [
      'mask-overflows-fp16',
      'criterion = ',
      "torch.autocast('cuda', dtype=torch.float16)\ncriterion = ",
      'scores = scores.masked_fill',
    ],
    [
      'postnorm-without-warmup',
      'x = x + self.attention(self.ln1(x))\n        return x + self.mlp(self.ln2(x))',
      'x = self.ln1(x + self.attention(x))\n        return self.ln2(x + self.mlp(x))',
      'self.ln1 = ',
      'consecutive-norms',
    ],
    [
      'consecutive-norms',
      'x = self.norm(self.blocks(x))',
      'x = self.norm(F.layer_norm(self.blocks(x), (32,)))',
      'self.norm = ',
    ],
    ['unused-layer', 'self.norm(self.blocks(x))', 'self.blocks(x)', 'self.norm = '],
    [
      'norm-after-logits',
      'return self.head(x.mean(1))',
      'return F.layer_norm(self.head(x.mean(1)), (10,))',
      'return F.layer_norm',
    ],
    [
      'double-softmax',
      'return self.head(x.mean(1))',
      'return torch.sigmoid(self.head(x.mean(1)))',
      'return torch.sigmoid',
    ],
    [
      'written-norm-differs',
      'self.norm(self.blocks(x))',
      'self.blocks(x)\n        x = (x - x.mean(-1, keepdim=True)) / x.std(-1, keepdim=True)',
      'x = (x - ',
      'unused-layer',
    ],
    ['batchnorm1d-on-sequence', 'self.norm = nn.LayerNorm(32)', 'self.norm = nn.BatchNorm1d(32)', 'self.norm = '],
    [
      'norm-of-one-value',
      'return self.head(x.mean(1))',
      'return self.head(F.layer_norm(x.mean(1).unsqueeze(2), (1,)).squeeze(2))',
      'return self.head(F.',
    ],
  ],
};

const GAN: Script = {
  name: 'a pair of adversaries',
  text: `${HEAD}

class Generator(nn.Module):
    def __init__(self):
        super().__init__()
        self.main = nn.Sequential(
            nn.ConvTranspose2d(64, 32, 4, 1, 0, bias=False),
            nn.BatchNorm2d(32),
            nn.ReLU(),
            nn.ConvTranspose2d(32, 3, 4, 2, 1, bias=False),  # LAST
            nn.Tanh(),
        )

    def forward(self, z):
        return self.main(z)

class Discriminator(nn.Module):
    def __init__(self):
        super().__init__()
        self.main = nn.Sequential(
            nn.Conv2d(3, 32, 4, 2, 1),  # FIRST
            nn.LeakyReLU(0.2),
            nn.Conv2d(32, 64, 3, 1, 1, bias=False),
            nn.BatchNorm2d(64),
            nn.LeakyReLU(0.2),
            nn.Conv2d(64, 1, 4),
            nn.Sigmoid(),  # SQUASH
        )

    def forward(self, x):
        return self.main(x).view(-1)

netG = Generator()
netD = Discriminator()
criterion = nn.BCELoss()
fake = netG(torch.randn(16, 64, 1, 1))
loss = criterion(netD(torch.randn(16, 3, 8, 8)), torch.ones(16))
`,
  faults: [
    ['gan-norm-placement', '  # LAST', '\n            nn.BatchNorm2d(3),  # LAST', 'nn.BatchNorm2d(3)'],
    [
      'gan-norm-placement',
      '4, 2, 1),  # FIRST',
      '4, 2, 1, bias=False),\n            nn.BatchNorm2d(32, eps=1e-4),  # FIRST',
      'nn.BatchNorm2d(32, eps',
    ],
    ['bias-before-batchnorm', '3, 1, 1, bias=False)', '3, 1, 1)', 'nn.Conv2d(32, 64'],
    ['double-sigmoid', 'nn.BCELoss()', 'nn.BCEWithLogitsLoss()', 'nn.Sigmoid()'],
    ['bce-on-logits', '            nn.Sigmoid(),  # SQUASH\n', '', 'nn.Conv2d(64, 1, 4)'],
    [
      'batchnorm-with-gradient-penalty',
      'loss = criterion',
      'penalty = lambda x: torch.autograd.grad(netD(x).sum(), x, create_graph=True)[0]\nloss = criterion',
      'nn.BatchNorm2d(64)',
    ],
    [
      'deprecated-weight-norm',
      'nn.Conv2d(3, 32, 4, 2, 1),  # FIRST',
      'nn.utils.weight_norm(nn.Conv2d(3, 32, 4, 2, 1)),',
      'nn.utils.weight_norm',
    ],
  ],
};

const DEEP: Script = {
  name: 'a deep network that predicts numbers',
  text: `${HEAD}
# normscope: input=64
def body(depth):
    parts = []
    for _ in range(depth):
        parts += [nn.Linear(64, 64), nn.LayerNorm(64), nn.ReLU()]
    return nn.Sequential(*parts)

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = body(14)
        self.out = nn.Linear(64, 3)

    def forward(self, x):
        return self.out(self.body(x))
${training('Net()').replace('nn.CrossEntropyLoss()', 'nn.MSELoss()')}`,
  faults: [
    ['activation-before-norm', 'nn.LayerNorm(64), nn.ReLU()', 'nn.ReLU(), nn.LayerNorm(64)', 'parts += '],
    ['deep-relu-default-init', 'nn.LayerNorm(64), nn.ReLU()', 'nn.ReLU()', 'parts += '],
    [
      'norm-on-regression-output',
      'return self.out(self.body(x))',
      'return F.layer_norm(self.out(self.body(x)), (3,))',
      'return F.layer_norm',
    ],
    ['unused-layer', 'self.out(self.body(x))', 'self.body(x)', 'self.out = ', 'norm-on-regression-output'],
    [
      'selu-with-norm',
      'nn.LayerNorm(64), nn.ReLU()',
      'nn.LayerNorm(64), nn.SELU()',
      'parts += ',
      'selu-without-lecun-init',
    ],
    ['momentum-as-eps', 'nn.LayerNorm(64)', 'nn.LayerNorm(64, 0.1)', 'parts += '],
  ],
};

const KERAS_NORM = 'x = layers.BatchNormalization()(x)';

const KERAS: Script = {
  name: 'a network of Keras',
  text: `import keras
from keras import layers

(x_train, y_train), _ = keras.datasets.cifar10.load_data()

def block(x, width):
    x = layers.Conv2D(width, 3, padding='same', use_bias=False)(x)
    x = layers.BatchNormalization()(x)
    return layers.ReLU()(x)

inputs = keras.Input((32, 32, 3))
x = block(inputs, 32)
x = block(x, 64)
x = layers.GlobalAveragePooling2D()(x)
outputs = layers.Dense(10)(x)
model = keras.Model(inputs, outputs)
model.compile(keras.optimizers.Adam(1e-3), loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True))
model.fit(x_train, y_train, batch_size=64, epochs=10)
`,
  faults: [
    ['batchnorm-small-batch', 'batch_size=64', 'batch_size=2', KERAS_NORM],
    ['bias-before-batchnorm', ", padding='same', use_bias=False)", ", padding='same')", 'x = layers.Conv2D'],
    ['double-softmax', 'layers.Dense(10)', "layers.Dense(10, activation='softmax')", 'outputs = '],
    [
      'crossentropy-on-scores',
      'keras.losses.SparseCategoricalCrossentropy(from_logits=True)',
      "'sparse_categorical_crossentropy'",
      'outputs = ',
    ],
    ['keras-norm-axis', 'BatchNormalization()', 'BatchNormalization(axis=1)', 'x = layers.BatchNormalization'],
    [
      'momentum-convention',
      'BatchNormalization()',
      'BatchNormalization(momentum=0.1)',
      'x = layers.BatchNormalization',
    ],
    ['momentum-as-eps', 'BatchNormalization()', 'BatchNormalization(epsilon=0.8)', 'x = layers.BatchNormalization'],
    [
      'cold-running-statistics',
      'BatchNormalization()',
      'BatchNormalization(momentum=0.9999)',
      'x = layers.BatchNormalization',
    ],
    ['groupnorm-one-channel', 'BatchNormalization()', 'GroupNormalization(32)', 'x = layers.GroupNormalization'],
    ['dropout-before-batchnorm', KERAS_NORM, `x = layers.Dropout(0.5)(x)\n    ${KERAS_NORM}`, KERAS_NORM],
    ['consecutive-norms', KERAS_NORM, `x = layers.LayerNormalization()(x)\n    ${KERAS_NORM}`, KERAS_NORM],
    [
      'norm-after-logits',
      'layers.Dense(10)(x)',
      'layers.BatchNormalization()(layers.Dense(10, use_bias=False)(x))',
      'outputs = ',
    ],
    ['weight-decay-on-norms', 'Adam(1e-3)', 'AdamW(1e-3, weight_decay=0.05)', KERAS_NORM],
    ['selu-with-norm', 'layers.ReLU()', "layers.Activation('selu')", KERAS_NORM],
    ['norm-of-one-value', 'layers.Dense(10)(x)', 'layers.Dense(10)(layers.GroupNormalization(64)(x))', 'outputs = '],
  ],
};

const SCRIPTS: readonly Script[] = [CNN, MLP, TRANSFORMER, GAN, DEEP, KERAS];

interface Told {
  readonly rule: string;
  readonly line: number;
}

async function told(text: string): Promise<Told[]> {
  const networks = await pythonReader.read(fileDocument('/models/net.py', text), {});
  return networks.flatMap((network) => {
    const layerPlace = layerPlaces(network);
    return findInStructure(network).map((found) => ({
      rule: found.rule,
      line: placeOf(found, layerPlace).start.line,
    }));
  });
}

const lineOf = (text: string, at: string): number => text.slice(0, text.indexOf(at)).split('\n').length;

describe('faults planted into scripts that are sound', () => {
  for (const { name, text } of SCRIPTS) {
    it(`finds nothing in ${name} as it is`, async () => assert.deepEqual(await told(text), []));
  }

  it('names each at its line, and nothing else (NORMSCOPE_WRITE_RULES=1 writes recall and precision)', async () => {
    const missed: string[] = [];
    const besides: string[] = [];
    let planted = 0;
    for (const { name, text, faults } of SCRIPTS) {
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
      const sentence = `${planted} faults of ${new Set([...SCRIPTS.flatMap(({ faults }) => faults)].map(([rule]) => rule)).size} rules, planted one at a time into ${SCRIPTS.length} scripts in which nothing is found: ${right} named at their line (recall ${(right / planted).toFixed(2)}); ${besides.length} findings besides (precision ${(right / (right + besides.length)).toFixed(2)}).`;
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
