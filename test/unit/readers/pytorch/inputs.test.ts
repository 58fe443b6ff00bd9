import assert from 'node:assert/strict';
import { formatShape } from '../../../../src/engine/network';
import { inputsOf, read } from './read';

const module = (init: string, forward: string, parameters = 'x') => `class Net(nn.Module):
    def __init__(self):
        super().__init__()
${init
  .split('\n')
  .map((line) => `        ${line}`)
  .join('\n')}
    def forward(self, ${parameters}):
${forward
  .split('\n')
  .map((line) => `        ${line}`)
  .join('\n')}
`;

describe('PyTorch reader: inputs that nothing but the network says', () => {
  const cases: readonly (readonly [what: string, code: string, inputs: readonly string[]])[] = [
    [
      'tokens of an embedding, with a stated length',
      module('self.e = nn.Embedding(50, 8)', 'return self.e(x).mean(1)'),
      ['x [batch, 64] from e, line 7; 64 tokens are assumed, since any number fits'],
    ],
    [
      'tokens of one-hot rows',
      module('self.fc = nn.Linear(9, 2)', 'return self.fc(F.one_hot(x, num_classes=9).float())'),
      ['x [batch, 64] from one_hot, line 9; 64 tokens are assumed, since any number fits'],
    ],
    [
      'tokens as many as learned positions',
      module(
        'self.e = nn.Embedding(50, 8)\nself.pos = nn.Parameter(torch.zeros(1, 20, 8))',
        'return self.e(x) + self.pos',
      ),
      ['x [batch, 20] from e, line 7, and the size that the layers behind it take'],
    ],
    [
      'steps of a recurrent layer, in front where it takes them so',
      module('self.rnn = nn.LSTM(5, 8)', 'return self.rnn(x)[0]'),
      ['x [16, batch, 5] from rnn, line 7; 16 steps are assumed, since any number fits'],
    ],
    [
      'a sequence before a projection, where attention needs the batch',
      module(
        'self.fc = nn.Linear(5, 8)\nself.at = nn.MultiheadAttention(8, 2, batch_first=True)',
        'x = self.fc(x)\nreturn self.at(x, x, x)[0]',
      ),
      ['x [batch, 16, 5] from fc, line 7; 16 steps are assumed, since any number fits'],
    ],
    [
      "ImageNet's size before a thousand classes",
      module(
        'self.c = nn.Conv2d(3, 8, 3)\nself.fc = nn.Linear(8, 1000)',
        'return self.fc(F.adaptive_avg_pool2d(self.c(x), 1).flatten(1))',
      ),
      ['x [batch, 3, 224, 224] from c, line 7; 224×224 is assumed, as for ImageNet: it gives 1000 classes'],
    ],
    [
      'one position for a generator',
      module('self.t = nn.ConvTranspose2d(16, 8, 4, 1, 0)', 'return self.t(x)'),
      ['x [batch, 16, 1, 1] from t, line 7; 1×1 is assumed, since its first layer spreads one position'],
    ],
    [
      'the size at which each image gives one answer',
      module('self.c = nn.Conv2d(3, 1, 64)', 'return self.c(x).view(-1, 1).squeeze(1)'),
      ['x [batch, 3, 64, 64] from c, line 7, and the size that the layers behind it take'],
    ],
    [
      'an image that is cut before any layer says its channels',
      module(
        'self.fc = nn.Linear(3 * 64, 4)\nself.mix = nn.Linear(16, 2)',
        'b, c, h, w = x.shape\nx = x.reshape(b, c, h // 8, 8, w // 8, 8).permute(0, 2, 4, 1, 3, 5).reshape(b, -1, 64 * c)\nreturn self.mix(self.fc(x).transpose(1, 2))',
      ),
      ["x [batch, 3, 32, 32] from the shape that Net's forward takes"],
    ],
    [
      'numbers beside an embedding of labels',
      module(
        'self.e = nn.Embedding(10, 4)\nself.fc = nn.Linear(16, 2)',
        'return self.fc(torch.cat([self.e(labels), noise], -1))',
        'noise, labels',
      ),
      ['labels [batch] from e, line 7', "noise [batch, 12] from the shape that Net's forward takes"],
    ],
    [
      'everything but a state that may be None',
      module('self.rnn = nn.GRU(5, 8, batch_first=True)', 'return self.rnn(x, hidden)', 'x, hidden'),
      ['x [batch, 16, 5] from rnn, line 7; 16 steps are assumed, since any number fits'],
    ],
  ];
  for (const [what, code, inputs] of cases)
    it(`finds ${what}`, async () => {
      const network = await read(code);
      assert.deepEqual(inputsOf(network), inputs);
      assert.deepEqual(network.unmodelled, []);
      assert.ok(network.outputs.length > 0);
    });

  it('finds none where nothing in the network says anything', async () => {
    assert.deepEqual((await read(module('self.a = nn.PReLU()', 'return self.a(x)'))).inputs, []);
  });

  it('makes settings that the file has a class of defaults for, and takes those that are given', async () => {
    const code = `from dataclasses import dataclass
@dataclass
class NetConfig:
    width: int = 7
class Net(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.fc = nn.Linear(config.width, 2)
    def forward(self, x):
        return self.fc(x)
`;
    const network = await read(code);
    assert.deepEqual(inputsOf(network), ['x [batch, 7] from fc, line 11']);
    assert.deepEqual(
      network.surroundings?.assumptions.map(({ what, why, source }) => [what, why, source.start.line]),
      [["Net's argument config", 'NetConfig with its defaults stands for it', 8]],
    );
    await assert.rejects(read(code.replace(': int = 7', ': int')), /Net needs the argument 'config'/);
  });

  it('takes what the script is given on its command line from --set', async () => {
    const code = `${module('self.fc = nn.Linear(4, 2)', 'return self.fc(x)').replace('(self):', '(self, n):').replace('nn.Linear(4', 'nn.Linear(n')}
import argparse
parser = argparse.ArgumentParser()
parser.add_argument('--size', type=int, required=True)
args = parser.parse_args()
model = Net(args.size)
`;
    assert.match((await read(code)).unmodelled[0]!.why, /'--size' is given on the command line/);
    assert.deepEqual(inputsOf(await read(code, { set: { size: '9' } })), ['x [batch, 9] from fc, line 7']);
    await assert.rejects(read(code, { set: { siz: '9' } }), /--set is for a class or a function/);
  });

  it("draws a forward's random numbers at every step", async () => {
    const network = await read(
      module('self.fc = nn.Linear(4, 2)', 'x = self.fc(x)\nreturn x + 0.1 * torch.randn_like(x)'),
    );
    assert.deepEqual(
      network.calls.map(({ kind }) => kind),
      ['Linear', 'randn', 'mul', 'add'],
    );
    assert.deepEqual(network.unmodelled, []);
  });

  it('draws anew what a forward fills in place, which was nothing but zeros', async () => {
    for (const [draw, kinds] of [
      ['x.new_empty((x.shape[0], 1)).bernoulli_(0.9)', ['rand', 'lt', 'to']],
      ['torch.empty_like(x).bernoulli_()', ['rand', 'lt', 'to']],
      ['x.data.new(x.size()).normal_()', ['randn']],
      ['torch.FloatTensor(x.size()).normal_(0.5, 2)', ['randn', 'mul', 'add']],
      ['torch.zeros_like(x).uniform_(-1, 1)', ['rand', 'mul', 'add']],
      ['torch.empty_like(x).exponential_()', ['rand', 'sub', 'clamp', 'log', 'neg', 'div']],
    ] as const) {
      const network = await read(module('self.fc = nn.Linear(4, 2)', `x = self.fc(x)\nreturn x * ${draw}`));
      assert.deepEqual(
        network.calls.map(({ kind }) => kind),
        ['Linear', ...kinds, 'mul'],
        draw,
      );
      assert.deepEqual(network.unmodelled, [], draw);
    }
  });
});

describe('PyTorch reader: inputs that the script says', () => {
  const conv = module(
    'self.c = nn.Conv2d(1, 4, 3)\nself.fc = nn.Linear(4, 10)',
    'return self.fc(F.adaptive_avg_pool2d(self.c(x), 1).flatten(1))',
  );

  it('takes what an exporter or a summary is given', async () => {
    const given: readonly (readonly [script: string, input: string])[] = [
      [
        'torch.onnx.export(model, torch.randn(1, 1, 20, 30), "m.onnx")',
        'x [batch, 1, 20, 30] from onnx.export, line 12',
      ],
      ['torch.onnx.export(model, args=(torch.randn(1, 1, 9, 9),))', 'x [batch, 1, 9, 9] from onnx.export, line 12'],
      ['t = torch.jit.trace(model, torch.zeros(2, 1, 8, 8))', 'x [batch, 1, 8, 8] from jit.trace, line 12'],
      ['from torchsummary import summary\nsummary(model, (1, 12, 14))', 'x [batch, 1, 12, 14] from summary, line 13'],
      [
        'from torchinfo import summary\nsummary(model, input_size=(5, 1, 12, 14))',
        'x [batch, 1, 12, 14] from summary, line 13',
      ],
      [
        'from thop import profile\nf, p = profile(model, inputs=(torch.randn(1, 1, 7, 7),))',
        'x [batch, 1, 7, 7] from thop.profile, line 13',
      ],
    ];
    for (const [script, input] of given)
      assert.deepEqual(inputsOf(await read(`${conv}model = Net()\n${script}\n`)), [input], script);
  });

  it("takes the size of the data set's images, by its class and its transforms", async () => {
    const sized = (script: string) =>
      read(`${conv}from torchvision import datasets, transforms\n${script}\nmodel = Net()\n`).then(inputsOf);
    assert.deepEqual(await sized("data = datasets.MNIST('.', train=True)"), [
      'x [batch, 1, 28, 28] from MNIST, line 12',
    ]);
    const resized = `t = transforms.Compose([transforms.Resize((48, 48)), transforms.Grayscale(), transforms.ToTensor()])
train = datasets.ImageFolder('train', transform=t)
test = datasets.ImageFolder('test', transforms.CenterCrop(99))`;
    assert.deepEqual(await sized(resized), ['x [batch, 1, 48, 48] from ImageFolder, line 13']);
    // Of other channels, the data set is no input of this model.
    assert.match((await sized("data = datasets.CIFAR10('.')"))[0]!, /32×32 is assumed/);
  });

  it('reads a LightningModule with its optimizer, loss and example', async () => {
    const network = await read(`import pytorch_lightning as pl
class Lit(pl.LightningModule):
    def __init__(self, lr=3e-3):
        super().__init__()
        self.lr = lr
        self.net = nn.Sequential(nn.Linear(6, 8), nn.ReLU(), nn.Linear(8, 3))
        self.example_input_array = torch.zeros(16, 6)
    def forward(self, x):
        return self.net(x)
    def training_step(self, batch, batch_idx):
        x, y = batch
        loss = F.cross_entropy(self(x), y, label_smoothing=0.1)
        self.log('loss', loss)
        return loss
    def configure_optimizers(self):
        return torch.optim.AdamW(self.parameters(), lr=self.lr)
trainer = pl.Trainer(max_epochs=3)
trainer.fit(Lit())
`);
    assert.deepEqual(inputsOf(network), ['x [batch, 6] from example, line 10']);
    assert.deepEqual(network.optimizer, { kind: 'AdamW', settings: { lr: 3e-3 }, origin: 'optim.AdamW, line 19' });
    assert.equal(network.task.loss, 'CrossEntropyLoss');
    assert.deepEqual(network.unmodelled, []);
    assert.equal(network.surroundings!.epochs!.value, 3);
  });

  it('finds the model that a variable held before it held something else', async () => {
    const network = await read(`${conv}model = Net()\nmodel = torch.load('m.pt')\n`);
    assert.equal(network.name, 'model');
  });

  it('takes the shapes that a forward’s documentation or comments give, where no layer says them', async () => {
    const attention = (said: string) => `class Attend(nn.Module):
    def __init__(self, d_model=8):
        super().__init__()
        self.scale = nn.Parameter(torch.ones(d_model))
    def forward(self, query, key, mask):
        ${said}
        b, n, d = query.shape
        scores = torch.einsum('bid,bjd->bij', query * self.scale, key)
        if mask is not None:
            scores = scores.masked_fill(mask == 0, float('-inf'))
        return scores.softmax(-1)
model = Attend()
`;
    for (const said of [
      '"""Both `query` and `key` are of shape `[batch_size, seq_len, d_model]`."""',
      '# query, key: (B, T, d_model)',
    ]) {
      const network = await read(attention(said));
      assert.deepEqual(
        network.inputs.map(({ name, shape }) => `${name} ${formatShape(shape)}`),
        ['query [batch, 16, 8]', 'key [batch, 16, 8]'],
      );
      assert.match(network.inputs[0]!.origin, /^the documentation of Attend's forward, line 8; sizes /);
    }
    const without = await read(attention('pass'));
    assert.deepEqual(without.inputs, []);
  });

  it('takes what a function asks by the shape of the weight that it is given', async () => {
    const network = await read(
      module(
        'self.weight = nn.Parameter(torch.randn(5, 7))\nself.table = nn.Parameter(torch.randn(9, 4))',
        '        return F.linear(x, self.weight).sum(), F.embedding(i, self.table).sum()',
        'x, i',
      ),
    );
    assert.deepEqual(
      network.inputs.map(
        ({ name, shape, dtype, vocabulary }) => `${name} ${formatShape(shape)} ${dtype} ${vocabulary}`,
      ),
      ['x [batch, 7] float32 undefined', 'i [batch, 64] int64 9'],
    );
  });

  it("takes an image's side from the configuration that the model is made of", async () => {
    const network = await read(`class Config:
    def __init__(self, image_size=48):
        self.image_size = image_size
class Net(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.side = config.image_size
        self.patch = nn.Conv2d(3, 8, 4, 4)
    def forward(self, pixels):
        if pixels.shape[-1] != self.side:
            raise ValueError('another size')
        return self.patch(pixels).flatten(2)
model = Net(Config())
`);
    assert.deepEqual(network.inputs[0]!.shape, [{ batch: 1 }, 3, 48, 48]);
    assert.match(network.inputs[0]!.origin, /^Net's image_size/);
  });
});
