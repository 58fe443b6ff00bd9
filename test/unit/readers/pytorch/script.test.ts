import assert from 'node:assert/strict';
import { BATCH, InputError } from '../../../../src/engine/network';
import { inputsOf, read, readAll, whysOf } from './read';

const NET = `class Net(nn.Module):
    def __init__(self, hidden=8):
        super().__init__()
        self.fc = nn.Linear(4, hidden)
        self.head = nn.Linear(hidden, 3)
    def forward(self, x):
        return self.head(F.relu(self.fc(x)))
`;

describe('PyTorch reader: the script around the model', () => {
  it('offers no pattern of what a model copies into itself, and both of a model and its copy', async () => {
    const copies = `import torch.nn as nn, copy, torch.nn.functional as F
${NET}
class Stack(nn.Module):
    def __init__(self, part):
        super().__init__()
        self.parts = nn.ModuleList([copy.deepcopy(part) for _ in range(2)])
    def forward(self, x):
        return self.parts[1](x)
pattern = nn.Sequential(Net(), nn.Linear(3, 4))
`;
    const names = async (code: string) => (await readAll(copies + code)).map(({ name }) => name);
    assert.deepEqual(await names('model = Stack(pattern)\n'), ['model']);
    assert.deepEqual(await names('other = copy.deepcopy(pattern)\n'), ['pattern', 'other']);
  });

  it('takes from an example how many different whole numbers there are', async () => {
    const [network] = await readAll(`import torch, torch.nn as nn
class Timed(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(1, 2)
    def forward(self, t):
        return self.fc(t[:, None].float() * 0.1)
model = Timed()
STEPS = 300
model(torch.randint(0, STEPS, (16,)).long())
`);
    assert.deepEqual(
      network?.inputs.map(({ dtype, vocabulary }) => ({ dtype, vocabulary })),
      [{ dtype: 'int64', vocabulary: 300 }],
    );
  });

  it('offers what a file builds, though a function that gives nothing back tries it', async () => {
    const [network, ...more] = await readAll(`import torch, torch.nn as nn, torch.nn.functional as F
${NET}
def small():
    return Net(5)

def test():
    net = small()
    print(net(torch.randn(1, 4)).size())
`);
    assert.equal(more.length, 0);
    assert.equal(network?.name, 'small');
    assert.equal(network?.modules.length, 2);
  });

  const batches: readonly (readonly [what: string, script: string, size: number, origin: string])[] = [
    [
      'the training loader, not the test loader before it',
      `from torch.utils.data import DataLoader
test_loader = DataLoader(test_set, batch_size=1000)
train_loader = DataLoader(train_set, batch_size=48, shuffle=True)
`,
      48,
      'DataLoader(batch_size=48), line 13',
    ],
    [
      'a loader by its dataset, positional size',
      `loaders = {}
loaders['x'] = torch.utils.data.DataLoader(val_ds, 7)
loaders['y'] = torch.utils.data.DataLoader(MNIST('.', train=True), 24, True)
`,
      24,
      'DataLoader(batch_size=24), line 13',
    ],
    [
      'a constant that flows into the loader of a function',
      `from torch.utils.data import DataLoader
CFG = {'BATCH': 12}
def loaders(bs=CFG['BATCH']):
    return DataLoader(ds, batch_size=bs), DataLoader(val, batch_size=4 * bs)
train_loader, val_loader = loaders()
`,
      12,
      'DataLoader(batch_size=12), line 14',
    ],
    [
      'argparse defaults',
      `import argparse
from torch.utils import data
def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('-b', '--batch-size', default=96, type=int)
    parser.add_argument('--test-batch-size', type=int, default=5)
    args = parser.parse_args()
    val = data.DataLoader(d, batch_size=args.test_batch_size)
    loader = data.DataLoader(d, batch_size=args.batch_size, **({'num_workers': 1} if torch.cuda.is_available() else {}))
if __name__ == '__main__':
    main()
`,
      96,
      'DataLoader(batch_size=96), line 19',
    ],
    ['a name alone', 'batch_size = 40\n', 40, 'batch_size, line 11'],
    [
      'nothing but a test loader: the default',
      'test_loader = torch.utils.data.DataLoader(d, batch_size=9)\n',
      32,
      'default',
    ],
  ];
  for (const [what, script, size, origin] of batches) {
    it(`reads the batch size from ${what}`, async () => {
      const network = await read(`${NET}${script}model = Net()\n`);
      assert.deepEqual(network.batch, { size, origin });
    });
  }

  it('lets --batch win over a directive, and a directive over the script', async () => {
    const code = `${NET}# normscope: batch=5\nloader = torch.utils.data.DataLoader(d, batch_size=64)\nmodel = Net()\n`;
    assert.deepEqual((await read(code)).batch, { size: 5, origin: 'directive, line 11' });
    assert.deepEqual((await read(code, { batch: 3 })).batch, { size: 3, origin: '--batch' });
  });

  it('reads loss and optimizer, through functions and keyword arguments', async () => {
    const network = await read(`${NET}
def make_optimizer(params, lr=1e-2, **kw):
    return torch.optim.SGD(params, lr, momentum=0.9, **kw)
def train(model, loader):
    opt = make_optimizer(model.parameters(), nesterov=True, weight_decay=1e-4)
    for epoch in range(100):
        for i, (x, y) in enumerate(loader):
            loss = F.cross_entropy(model(x), y)
            loss.backward()
            opt.step()
model = Net()
train(model, some_loader)
`);
    assert.deepEqual(network.task, {
      kind: 'classification',
      loss: 'CrossEntropyLoss',
      classes: 3,
      origin: 'F.cross_entropy, line 18',
    });
    assert.deepEqual(network.optimizer, {
      kind: 'SGD',
      settings: { lr: 0.01, momentum: 0.9, weight_decay: 1e-4, nesterov: true },
      origin: 'optim.SGD, line 13',
    });
  });

  const script = (text: string) => read(`${NET}model = Net()\n${text}`);

  it('reads AdamW and a loss with its settings, by place and by name', async () => {
    const network = await script(`optimizer = torch.optim.AdamW(model.parameters(), 3e-4, (0.9, 0.95), fused=True)
criterion = nn.CrossEntropyLoss(torch.tensor([1.0, 2.0, 0.5]), ignore_index=0, label_smoothing=0.1)
`);
    assert.deepEqual(network.optimizer, {
      kind: 'AdamW',
      settings: { lr: 3e-4, beta1: 0.9, beta2: 0.95 },
      origin: 'optim.AdamW, line 12',
    });
    assert.deepEqual(network.task, {
      kind: 'classification',
      loss: 'CrossEntropyLoss',
      lossSettings: { weight: [1, 2, 0.5], ignore_index: 0, label_smoothing: 0.1 },
      classes: 3,
      origin: 'nn.CrossEntropyLoss, line 13',
    });
    assert.deepEqual(whysOf(network), []);
  });

  it('reads every loss, as a class and as a function', async () => {
    const given: readonly (readonly [code: string, kind: string, settings: unknown])[] = [
      ['F.nll_loss(y, t, reduction="mean")', 'NLLLoss', { reduction: 'mean' }],
      ['nn.BCELoss()', 'BCELoss', undefined],
      ['F.binary_cross_entropy(y, t, torch.ones(3))', 'BCELoss', { weight: [1, 1, 1] }],
      ['nn.BCEWithLogitsLoss(pos_weight=torch.tensor([3.0]))', 'BCEWithLogitsLoss', { pos_weight: [3] }],
      ['F.binary_cross_entropy_with_logits(y, t)', 'BCEWithLogitsLoss', undefined],
      ['F.mse_loss(y, t)', 'MSELoss', undefined],
      ['nn.L1Loss(reduction="sum")', 'L1Loss', { reduction: 'sum' }],
      ['F.smooth_l1_loss(y, t, beta=0.5)', 'SmoothL1Loss', { beta: 0.5 }],
      ['F.huber_loss(y, t, "mean", 2.0)', 'HuberLoss', { reduction: 'mean', delta: 2 }],
      ['nn.HuberLoss("mean", 0.5)', 'HuberLoss', { reduction: 'mean', delta: 0.5 }],
      [
        'nn.KLDivLoss(reduction="batchmean", log_target=True)',
        'KLDivLoss',
        { reduction: 'batchmean', log_target: true },
      ],
      ['F.kl_div(y, t, None, None, "sum")', 'KLDivLoss', { reduction: 'sum' }],
    ];
    for (const [code, kind, settings] of given) {
      const { task, unmodelled } = await script(`loss = ${code}\n`);
      assert.deepEqual([task.loss, task.lossSettings], [kind, settings], code);
      assert.deepEqual(unmodelled, [], code);
    }
  });

  it('takes the training loss, not the one that a test sums', async () => {
    const network = await script('F.nll_loss(a, b, reduction="sum")\nF.nll_loss(a, b)\n');
    assert.deepEqual([network.task.lossSettings, network.task.origin], [undefined, 'F.nll_loss, line 13']);
  });

  it('reads every optimizer with its settings', async () => {
    const given: readonly (readonly [code: string, settings: unknown])[] = [
      [
        'SGD(p, 0.1, 0.9, 0.0, 1e-4, True)',
        { lr: 0.1, momentum: 0.9, dampening: 0, weight_decay: 1e-4, nesterov: true },
      ],
      ['Adam(p, amsgrad=True, eps=1e-6)', { lr: 1e-3, amsgrad: true, eps: 1e-6 }],
      ['RMSprop(p, 1e-3, 0.9, centered=True, momentum=0.5)', { lr: 1e-3, alpha: 0.9, centered: true, momentum: 0.5 }],
      [
        'Adagrad(p, lr_decay=0.1, initial_accumulator_value=0.2)',
        { lr: 0.01, lr_decay: 0.1, initial_accumulator_value: 0.2 },
      ],
    ];
    for (const [code, settings] of given) {
      const { optimizer, unmodelled } = await script(`p = model.parameters()\nopt = torch.optim.${code}\n`);
      assert.deepEqual(optimizer.settings, settings, code);
      assert.deepEqual([optimizer.groups, unmodelled], [undefined, []]);
    }
  });

  it('reads groups of parameters, and clipping', async () => {
    const network = await script(`decay = [p for n, p in model.named_parameters() if p.ndim >= 2]
no_decay = [p for n, p in model.named_parameters() if p.ndim < 2]
opt = torch.optim.AdamW([
    {'params': decay, 'weight_decay': 0.1},
    {'params': no_decay, 'weight_decay': 0.0, 'lr': 1e-4},
], lr=1e-3, betas=(0.9, 0.95))
for batch in loader:
    torch.nn.utils.clip_grad_norm_(model.parameters(), max_norm=0.5)
    opt.step()
`);
    assert.deepEqual(network.optimizer.groups, [
      { parameters: ['fc.weight', 'head.weight'], settings: { weight_decay: 0.1 } },
      { parameters: ['fc.bias', 'head.bias'], settings: { weight_decay: 0, lr: 1e-4 } },
    ]);
    assert.deepEqual(network.optimizer.clipping, { kind: 'norm', max: 0.5, type: 2 });
    const clipped = (call: string) => script(`nn.utils.${call}\n`).then(({ optimizer }) => optimizer.clipping);
    assert.deepEqual(await clipped('clip_grad_value_(model.parameters(), 0.1)'), { kind: 'value', max: 0.1 });
    assert.deepEqual(await clipped("clip_grad_norm_(model.parameters(), 2, norm_type=float('inf'))"), {
      kind: 'norm',
      max: 2,
      type: Number.POSITIVE_INFINITY,
    });
  });

  it('leaves alone what the optimizer is not given, and takes the optimizer of this model', async () => {
    const network = await script(`other = nn.Linear(3, 3)
first = torch.optim.Adam(other.parameters(), lr=5.0)
second = torch.optim.SGD(model.head.parameters(), lr=0.1)
`).catch(() => undefined);
    const own =
      network ??
      (await read(`${NET}model = Net()\nfirst = torch.optim.Adam(nn.Linear(3, 3).parameters(), lr=5.0)
second = torch.optim.SGD(model.head.parameters(), lr=0.1)
`));
    assert.deepEqual(own.optimizer, {
      kind: 'SGD',
      settings: { lr: 0.1 },
      groups: [{ parameters: ['fc.weight', 'fc.bias'], settings: { lr: 0 } }],
      origin: `optim.SGD, line ${network ? 14 : 13}`,
    });
  });

  it('says what it does not know: a loss, an optimizer, a setting', async () => {
    const network = await script(`optimizer = torch.optim.LBFGS(model.parameters())
criterion = nn.TripletMarginLoss()
`);
    assert.equal(network.task.loss, 'CrossEntropyLoss');
    assert.deepEqual(whysOf(network), [
      '13: nn.TripletMarginLoss: this loss is not modelled; one that the output suggests stands in its place',
      '12: optim.LBFGS: this optimizer is not modelled; SGD with lr 0.01 stands in its place',
    ]);
    const near = await script('optimizer = torch.optim.NAdam(model.parameters(), lr=0.02)\n');
    assert.deepEqual([near.optimizer.kind, near.optimizer.settings.lr], ['Adam', 0.02]);
    assert.deepEqual(whysOf(near), [
      '12: optim.NAdam: this optimizer is not modelled; Adam with lr 0.02 stands in its place',
    ]);
    const unknown = await script(`import json
cfg = json.load(open('cfg.json'))
torch.optim.SGD(model.parameters(), lr=cfg['lr'], momentum=-1)
F.cross_entropy(x, y, reduction='none')
`);
    assert.deepEqual(unknown.optimizer.settings, { lr: 0.001 });
    assert.deepEqual(whysOf(unknown), [
      `15: F.cross_entropy: its reduction "none" is not modelled; PyTorch's default ("mean") stands in its place`,
      "14: optim.SGD: its lr is not known before running; PyTorch's default (0.001) stands in its place",
      "14: optim.SGD: its momentum -1 is not modelled; PyTorch's default (0) stands in its place",
    ]);
    const unfit = await script(
      'nn.CrossEntropyLoss(weight=torch.ones(5))\ntorch.optim.SGD(model.parameters(), nesterov=True)\n',
    );
    assert.match(whysOf(unfit)[0]!, /12: .*all 3 classes or no classes.*\[5\]; a loss that the output suggests/);
    assert.match(whysOf(unfit)[1]!, /13: optim.SGD: Nesterov momentum requires a momentum/);
  });

  it('passes over what fails or is not known in the script', async () => {
    const network = await read(`${NET}
import pandas as pd
df = pd.read_csv('x.csv')
n = len(df.columns) + undefined_name
for row in df.iterrows():
    n += 1
while not done():
    pass
if n > 3:
    print('many')
data = torch.load('missing.pt')['key'][0]
1 / 0
model = Net().to(torch.device('cuda'))
`);
    assert.equal(network.calls.length, 3);
    assert.deepEqual(whysOf(network), []);
  });
});

describe('PyTorch reader: inputs', () => {
  it('takes the example that the script calls the model with; its first dimension is the batch', async () => {
    const network = await read(`${NET}model = Net()\nx = torch.randn(64, 4)\nprint(model(x).shape)\n`);
    assert.deepEqual(inputsOf(network), ['x [batch, 4] from example, line 12']);
    assert.deepEqual(network.batch, { size: 64, origin: 'the example that the model is called with, line 13' });
  });

  it('takes the second dimension for the batch where the first layer of a sequence has its steps first', async () => {
    const net = (options: string, forward: string) => `class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.rnn = nn.GRU(5, 8${options})
        self.fc = nn.Linear(8, 2)
    def forward(self, x):
        ${forward}
model = Net()
y = model(torch.randn(24, 16, 5))
`;
    const steps = await read(net('', 'return self.fc(self.rnn(x)[0])'));
    assert.deepEqual(inputsOf(steps), ['x [24, batch, 5] from example, line 12']);
    assert.deepEqual(steps.batch, { size: 16, origin: 'the example that the model is called with, line 12' });
    assert.deepEqual(steps.calls.at(-1)!.outputShapes, [[24, BATCH, 2]]);
    // Where it says otherwise, or the model turns the sequence itself, the batch is in front.
    for (const code of [
      net(', batch_first=True', 'return self.fc(self.rnn(x)[0])'),
      net('', 'return self.fc(self.rnn(x.permute(1, 0, 2))[0])'),
    ]) {
      const network = await read(code);
      assert.deepEqual(inputsOf(network), ['x [batch, 16, 5] from example, line 12']);
      assert.equal(network.batch.size, 24);
    }
    const given = await read(net('', 'return self.fc(self.rnn(x)[0])'), { inputs: [{ shape: [7, 3, 5] }], batch: 3 });
    assert.deepEqual(inputsOf(given), ['x [7, batch, 5] from --input']);
  });

  it('solves it backwards from the first Linear, through view, flatten and activations', async () => {
    for (const reshape of [
      'x = x.view(x.size(0), -1)',
      'x = torch.flatten(F.relu(x), 1)',
      'x = x.view(-1, 28 * 28)',
      'x = x.reshape(x.shape[0], -1)',
    ]) {
      const network = await read(`class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(784, 10)
    def forward(self, x):
        ${reshape}
        return self.fc(x)
`);
      assert.match(inputsOf(network)[0]!, /^x \[batch, 784\] from (fc, line 7|view, line 9)$/, reshape);
      assert.equal(network.calls.at(-1)!.id, 'fc');
    }
  });

  const cnn = (tail: string) => `class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(1, 6, 5)
        self.fc = nn.Linear(${tail}, 10)
    def forward(self, x):
        x = F.max_pool2d(F.relu(self.conv(x)), 2)
        ${tail === '6' ? 'x = F.adaptive_avg_pool2d(x, 1)' : 'pass'}
        return self.fc(x.view(x.size(0), -1))
`;

  it('finds the size of an image from a Linear behind the flattening', async () => {
    const network = await read(cnn('6 * 12 * 12'));
    assert.deepEqual(inputsOf(network), [
      'x [batch, 1, 28, 28] from conv, line 7, and the size that the layers behind it take',
    ]);
  });

  it('says what it assumes where any size fits, and reads --input and directives', async () => {
    const open = await read(cnn('6'));
    assert.deepEqual(inputsOf(open), ['x [batch, 1, 32, 32] from conv, line 7; 32×32 is assumed, since any size fits']);
    assert.equal(open.calls.length, 6);
    const flag = await read(cnn('6'), { inputs: [{ shape: [1, 1, 20, 30] }] });
    assert.deepEqual(inputsOf(flag), ['x [batch, 1, 20, 30] from --input']);
    assert.equal(flag.calls.length, 6);
    const directive = `${cnn('6')}# normscope: input=1x40x40 batch=8\n`;
    assert.deepEqual(inputsOf(await read(directive)), ['x [batch, 1, 40, 40] from directive, line 13']);
    assert.deepEqual(inputsOf(await read(directive, { inputs: [{ shape: [9, 1, 24, 24] }] })), [
      'x [batch, 1, 24, 24] from --input',
    ]);
  });

  it('takes several inputs by name', async () => {
    const code = `class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.a, self.b = nn.Linear(4, 8), nn.Linear(6, 8)
    def forward(self, left, right, scale=2.0):
        return torch.cat([self.a(left), self.b(right)], dim=1) * scale
`;
    assert.deepEqual(inputsOf(await read(code)), ['left [batch, 4] from a, line 7', 'right [batch, 6] from b, line 7']);
    const given = await read(code, { inputs: [{ name: 'right', shape: [2, 6] }, { shape: [2, 4] }] });
    assert.deepEqual(
      new Set(inputsOf(given)),
      new Set(['right [batch, 6] from --input', 'left [batch, 4] from --input']),
    );
    assert.deepEqual(given.calls.at(-1)!.outputShapes, [[{ batch: 1 }, 16]]);
    await assert.rejects(
      read(code, { inputs: [{ name: 'up', shape: [2, 6] }] }),
      /has no input 'up'; it takes left, right, scale/,
    );
  });

  it('refuses a directive that it does not understand, with its place', async () => {
    await assert.rejects(read(`${NET}  # normscope: inptu=3x4\n`), (error: InputError) => {
      assert.ok(error instanceof InputError);
      assert.deepEqual(error.source!.start, { line: 11, column: 3 });
      assert.match(error.message, /'inptu=3x4' is no directive; write for example/);
      return true;
    });
  });

  it("says shapes that do not fit with the layer, both shapes, the line and PyTorch's words", async () => {
    await assert.rejects(
      read(`class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1 = nn.Linear(784, 128)
        self.fc2 = nn.Linear(100, 10)
    def forward(self, x):
        return self.fc2(F.relu(self.fc1(x)))
`),
      (error: InputError) => {
        assert.ok(error instanceof InputError);
        assert.equal(error.source!.start.line, 8);
        assert.match(
          error.message,
          /fc2 \(Linear\), called on line 10, does not fit its input \[batch, 128\] from fc1 \(Linear, line 7\): mat1 and mat2 shapes cannot be multiplied/,
        );
        return true;
      },
    );
  });

  it('runs a dummy forward in the constructor for its shape', async () => {
    const network = await read(`class Net(nn.Module):
    def __init__(self, size=(3, 16, 16)):
        super().__init__()
        self.features = nn.Sequential(nn.Conv2d(3, 4, 3, stride=2), nn.ReLU())
        with torch.no_grad():
            n = self.features(torch.zeros(1, *size)).view(1, -1).shape[1]
        self.fc = nn.Linear(n, 2)
    def forward(self, x):
        return self.fc(torch.flatten(self.features(x), 1))
`);
    assert.equal(network.modules.at(-1)!.attributes.in_features, 4 * 7 * 7);
    assert.deepEqual(whysOf(network), []);
  });
});

describe('PyTorch reader: which networks a file offers', () => {
  const two = `${NET}class Other(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.net = Net(width)
    def forward(self, x):
        return self.net(x)
def make(hidden=6):
    model = Net(hidden)
    return model
`;
  const names = async (code: string) =>
    (await readAll(`import torch\nfrom torch import nn\nimport torch.nn.functional as F\n${code}`)).map(
      ({ name }) => name,
    );

  it('offers module-level models first, a part of another left out', async () => {
    assert.deepEqual(
      await names(`${two}backbone = Net()\na = nn.Sequential(backbone)\nb = Other(4)\nloss = nn.MSELoss()\nsame = a\n`),
      ['a', 'b'],
    );
  });

  it('offers models of main() and under the guard', async () => {
    assert.deepEqual(await names(`${NET}def main():\n    net = Net()\nif __name__ == '__main__':\n    main()\n`), [
      'net',
    ]);
    assert.deepEqual(await names(`${NET}def train(args):\n    net = Net(args.width)\n`), ['net']);
  });

  it('else offers classes that nobody refers to, else functions that give a model', async () => {
    assert.deepEqual(
      await names(
        `${NET}class Second(nn.Module):\n    def __init__(self):\n        super().__init__()\n        self.net = Net()\n    def forward(self, x):\n        return self.net(x)\n`,
      ),
      ['Second'],
    );
    assert.deepEqual(await names(`${NET}def small():\n    return Net(2)\ndef large():\n    return Net(20)\n`), [
      'small',
      'large',
    ]);
  });

  it('reads the class, function or variable that is named', async () => {
    assert.equal((await read(two, { name: 'Net' })).name, 'Net');
    assert.equal((await read(two, { name: 'make', set: { hidden: '5' } })).parameters[0]!.shape[0], 5);
    assert.equal((await read(`${two}m = Net(7)\n`, { name: 'm' })).parameters[0]!.shape[0], 7);
    await assert.rejects(read(two, { name: 'Nett' }), /there is no Nett in the file; there are Net, Other/);
  });

  it('asks for constructor arguments, and takes them as Python literals', async () => {
    await assert.rejects(read(two, { name: 'Other' }), /Other needs the argument 'width'; give --set width=…/);
    assert.equal((await read(two, { name: 'Other', set: { width: '2 * 8' } })).parameters[0]!.shape[0], 16);
    const network = await read(
      `class Net(nn.Module):
    def __init__(self, sizes, act):
        super().__init__()
        self.body = nn.Sequential(*[nn.Linear(a, b) for a, b in zip(sizes, sizes[1:])], {'relu': nn.ReLU()}[act])
    def forward(self, x):
        return self.body(x)
`,
      { set: { sizes: '[4, 8, 2]', act: 'relu' } },
    );
    assert.equal(network.modules.length, 4);
  });

  it('passes on why the only model of a script cannot be made', async () => {
    await assert.rejects(read(`${NET}model = Net(hiden=3)\n`), (error: InputError) => {
      assert.match(error.message, /unexpected keyword argument 'hiden'/);
      assert.equal(error.source!.start.line, 11);
      return true;
    });
    await assert.rejects(read('x = 3\n'), /the file offers no model/);
  });

  it('gives labels to a forward that computes its loss of them, and takes that loss', async () => {
    const network = await read(`class GPT(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed = nn.Embedding(50, 8)
        self.head = nn.Linear(8, 50)
    def forward(self, idx, targets=None):
        x = self.embed(idx)
        if targets is None:
            return self.head(x[:, [-1], :]), None
        logits = self.head(x)
        return logits, F.cross_entropy(logits.view(-1, 50), targets.view(-1), ignore_index=-1)
`);
    assert.equal(network.task.loss, 'CrossEntropyLoss');
    assert.equal(network.task.origin, 'F.cross_entropy, line 14');
    assert.deepEqual(whysOf(network), []);
    assert.deepEqual(network.outputs, ['head']);
  });

  it('takes usual values for sizes that the script is told when it runs, and what it is told instead', async () => {
    const code = `import argparse
parser = argparse.ArgumentParser()
commands = parser.add_subparsers(dest='command')
train = commands.add_parser('train')
train.add_argument('--num_classes', type=int, required=True)
train.add_argument('--batch-size', type=int, default=5)
args = parser.parse_args()
class Net(nn.Module):
    def __init__(self, num_classes):
        super().__init__()
        self.fc = nn.Linear(4, num_classes)
    def forward(self, x):
        return self.fc(x)
model = Net(args.num_classes)
`;
    const network = await read(code);
    assert.deepEqual(network.parameters[0]!.shape, [10, 4]);
    assert.deepEqual(network.batch, { size: 5, origin: '--batch_size of the script' });
    assert.match(whysOf(network).join(), /num_classes: it is not known .*; 10 is assumed/);
    assert.deepEqual((await read(code, { set: { num_classes: '7' } })).parameters[0]!.shape, [7, 4]);
  });

  it('looks at two of a script’s millions of steps, and at what a model makes of known numbers', async () => {
    const network = await read(`model = nn.Linear(4, 3)
optimizer = torch.optim.Adam(model.parameters(), lr=0.003)
store = torch.zeros(5, 3)
for step in range(10_000_000):
    store[0] = model(torch.zeros(4))
    F.mse_loss(model(torch.zeros(1, 4)), store).backward()
    optimizer.step()
`);
    assert.equal(network.task.origin, 'F.mse_loss, line 9');
    assert.deepEqual(whysOf(network), []);
  });
});
