import assert from 'node:assert/strict';
import { countParameters } from '../../../../src/engine/network';
import { callsOf, modulesOf, read, whysOf } from './read';

describe('PyTorch reader: modules', () => {
  it('reads nn.Sequential of arguments', async () => {
    const network = await read('model = nn.Sequential(nn.Linear(8, 4), nn.ReLU(), nn.Linear(4, 2))\n');
    assert.deepEqual(modulesOf(network), ['0 Linear', '1 ReLU', '2 Linear']);
    assert.deepEqual(callsOf(network), ['0(input) [batch, 4]', '1(0) [batch, 4]', '2(1) [batch, 2]']);
    assert.deepEqual(countParameters(network), { total: 46, trainable: 46 });
  });

  it('reads nn.Sequential of an OrderedDict, nested', async () => {
    const network = await read(`from collections import OrderedDict
model = nn.Sequential(OrderedDict([
    ('body', nn.Sequential(OrderedDict(fc=nn.Linear(8, 4), act=nn.Tanh()))),
    ('head', nn.Linear(4, 2)),
]))
`);
    assert.deepEqual(modulesOf(network), ['body Sequential', 'body.fc Linear', 'body.act Tanh', 'head Linear']);
    assert.equal(network.calls.at(-1)!.id, 'head');
  });

  it('reads add_module, append, extend, insert and indexing', async () => {
    const network = await read(`class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Sequential()
        self.body.add_module('first', nn.Linear(8, 8))
        self.body.append(nn.ReLU())
        self.stack = nn.ModuleList([nn.Linear(8, 8)])
        self.stack.append(nn.Linear(8, 4))
        self.stack.extend([nn.Linear(4, 2)])
        self.stack.insert(0, nn.Linear(8, 8))
        self.tail = self.body[:1]
    def forward(self, x):
        x = self.body(x)
        for layer in self.stack[:-1]:
            x = layer(x)
        return self.stack[-1](x)
`);
    assert.deepEqual(modulesOf(network), [
      'body Sequential',
      'body.first Linear',
      'body.1 ReLU',
      'stack ModuleList',
      'stack.0 Linear',
      'stack.1 Linear',
      'stack.2 Linear',
      'stack.3 Linear',
      'tail Sequential',
    ]);
    assert.deepEqual(
      network.calls.map(({ id }) => id),
      ['body.first', 'body.1', 'stack.0', 'stack.1', 'stack.2', 'stack.3'],
    );
    assert.deepEqual(network.modules.find(({ id }) => id === 'body.first')!.aliases, ['tail.first']);
  });

  it('registers what __setattr__ is called with', async () => {
    const network = await read(`class Net(nn.Module):
    def __init__(self):
        super().__init__()
        for i in range(2):
            self.__setattr__(f'branch{i}', nn.Linear(8, 4 + i))

    def forward(self, x):
        return torch.cat([branch(x) for branch in self.children()], 1)
`);
    assert.deepEqual(modulesOf(network), ['branch0 Linear', 'branch1 Linear']);
    assert.equal(callsOf(network).at(-1), 'cat(branch0, branch1) [batch, 9]');
  });

  it('keeps what is written on a parameter for those who ask for it', async () => {
    const network = await read(`class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(8, 4)
        self.out = nn.Linear(4, 2)
        self.fc.bias._no_reinit = True
        table = torch.zeros(3)
        table.require_grad = False
        for m in self.modules():
            if isinstance(m, nn.Linear) and not getattr(m.bias, '_no_reinit', False):
                nn.init.zeros_(m.bias)

    def forward(self, x):
        return self.out(self.fc(x))
`);
    assert.deepEqual(whysOf(network), []);
    const kinds = network.parameters.filter(({ id }) => id.endsWith('bias')).map((each) => each.initialization.kind);
    assert.deepEqual(kinds, ['uniform', 'constant']);
  });

  it('reads nn.ModuleDict by key and by items()', async () => {
    const network = await read(`class Net(nn.Module):
    def __init__(self, act='gelu'):
        super().__init__()
        self.acts = nn.ModuleDict({'relu': nn.ReLU(), 'gelu': nn.GELU()})
        self.heads = nn.ModuleDict([['a', nn.Linear(4, 2)]])
        self.heads['b'] = nn.Linear(4, 3)
        self.act = act
    def forward(self, x):
        x = self.acts[self.act](x)
        return [head(x) for name, head in self.heads.items()]
`);
    assert.deepEqual(modulesOf(network), [
      'acts ModuleDict',
      'acts.relu ReLU',
      'acts.gelu GELU',
      'heads ModuleDict',
      'heads.a Linear',
      'heads.b Linear',
    ]);
    assert.deepEqual(callsOf(network), [
      'acts.gelu(x) [batch, 4]',
      'heads.a(acts.gelu) [batch, 2]',
      'heads.b(acts.gelu) [batch, 3]',
    ]);
    assert.deepEqual(network.outputs, ['heads.a', 'heads.b']);
  });

  it('keeps the place of a name that is registered again, and drops one set to None', async () => {
    const network = await read(`class Net(nn.Module):
    def __init__(self):
        super(Net, self).__init__()
        self.a = nn.Linear(4, 4)
        self.b = nn.Linear(4, 4)
        self.a = nn.Linear(4, 8, bias=False)
        self.gone = nn.ReLU()
        self.gone = None
    def forward(self, x):
        return self.a(self.b(x))
`);
    assert.deepEqual(modulesOf(network), ['a Linear', 'b Linear']);
    assert.equal(countParameters(network).total, 32 + 20);
  });

  it('counts tied parameters once and shared modules once, with their aliases', async () => {
    const network = await read(`class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.encode = nn.Linear(8, 4, bias=False)
        self.decode = nn.Linear(8, 4, bias=False)
        self.decode.weight = self.encode.weight
        self.again = self.encode
    def forward(self, x):
        return self.decode(x) + self.again(x)
`);
    assert.equal(countParameters(network).total, 32);
    assert.deepEqual(
      network.modules.map(({ id, aliases, parameters }) => [id, aliases, parameters]),
      [
        ['encode', ['again'], { weight: 'encode.weight' }],
        ['decode', [], { weight: 'encode.weight' }],
      ],
    );
    assert.deepEqual(callsOf(network), [
      'decode(x) [batch, 4]',
      'encode(x) [batch, 4]',
      'add(decode, encode) [batch, 4]',
    ]);
  });

  it('numbers the further calls of one module', async () => {
    const network = await read(`class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(4, 4)
        self.act = nn.ReLU()
    def forward(self, x):
        for _ in range(2):
            x = self.act(self.fc(x))
        return x
`);
    assert.deepEqual(
      network.calls.map(({ id, module }) => [id, module]),
      [
        ['fc', 'fc'],
        ['act', 'act'],
        ['fc@2', 'fc'],
        ['act@2', 'act'],
      ],
    );
  });

  it('names functions by the module whose forward runs', async () => {
    const network = await read(
      `class Block(nn.Module):
    def __init__(self, n):
        super().__init__()
        self.fc = nn.Linear(n, n)
    def forward(self, x):
        return F.relu(self.fc(F.relu(x)) + x)
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.relu = nn.ReLU()
        self.blocks = nn.Sequential(*[Block(4) for _ in range(2)])
    def forward(self, x):
        return torch.relu(self.relu(self.blocks(x)))
`,
      { inputs: [{ shape: [1, 4] }] },
    );
    assert.deepEqual(
      network.calls.map(({ id }) => id),
      [
        'blocks.0.relu',
        'blocks.0.fc',
        'blocks.0.add',
        'blocks.0.relu_1',
        'blocks.1.relu',
        'blocks.1.fc',
        'blocks.1.add',
        'blocks.1.relu_1',
        'relu',
        'relu_1',
      ],
    );
  });

  it('says where a module is constructed and where it is called, in UTF-16 columns', async () => {
    const network = await read(`class Net(nn.Module):
    def __init__(self):
        super().__init__()
        s = "𝕏é"; self.fc = nn.Linear(4, 2)
        self.body = nn.Sequential(
            nn.Tanh(),
        )
    def forward(self, x):
        return self.body(self.fc(x))
`);
    const [fc, body, tanh] = network.modules;
    assert.deepEqual(fc!.source.start, { line: 7, column: 30 });
    assert.deepEqual(fc!.source.end, { line: 7, column: 45 });
    assert.deepEqual([body!.source.start.line, tanh!.source.start.line], [8, 9]);
    const [callFc, callTanh] = network.calls;
    assert.deepEqual(callFc!.source.start, { line: 12, column: 26 });
    assert.deepEqual(callTanh!.source.start, { line: 12, column: 16 });
  });

  it('registers nn.Parameter and buffers, and tells which are trained', async () => {
    const network = await read(`class Net(nn.Module):
    def __init__(self, dim=4):
        super().__init__()
        self.scale = nn.Parameter(torch.ones(dim) * 0.5)
        self.shift = nn.Parameter(torch.zeros(1, dim), requires_grad=False)
        self.register_buffer('mask', torch.full((dim,), 2.0))
        self.register_parameter('bias', None)
        self.fc = nn.Linear(dim, dim)
        for p in self.fc.parameters():
            p.requires_grad = False
    def forward(self, x):
        return self.fc(x) * self.scale + self.shift
`);
    assert.deepEqual(
      network.parameters.map(({ id, shape, trainable, initialization }) => [id, shape, trainable, initialization.kind]),
      [
        ['scale', [4], true, 'constant'],
        ['shift', [1, 4], false, 'constant'],
        ['fc.weight', [4, 4], false, 'uniform'],
        ['fc.bias', [4], false, 'uniform'],
      ],
    );
    assert.deepEqual(network.parameters[0]!.initialization, { kind: 'constant', value: 0.5 });
    assert.deepEqual(network.buffers, [{ id: 'mask', shape: [4], initialization: { kind: 'constant', value: 2 } }]);
    assert.deepEqual(callsOf(network), ['fc(x) [batch, 4]', 'mul(fc, scale) [batch, 4]', 'add(mul, shift) [batch, 4]']);
    assert.deepEqual(countParameters(network), { total: 28, trainable: 4 });
  });

  it('applies _initialize_weights loops over self.modules() with isinstance', async () => {
    const network = await read(
      `class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 8, 3)
        self.bn = nn.BatchNorm2d(8)
        self.fc = nn.Linear(8, 2)
        self._initialize_weights()
    def _initialize_weights(self):
        for m in self.modules():
            if isinstance(m, nn.Conv2d):
                nn.init.kaiming_normal_(m.weight, mode='fan_out', nonlinearity='relu')
                if m.bias is not None:
                    nn.init.zeros_(m.bias)
            elif isinstance(m, (nn.BatchNorm1d, nn.BatchNorm2d)):
                nn.init.constant_(m.weight, 0.25)
            elif isinstance(m, nn.Linear):
                m.weight.data.normal_(0, 0.01)
                m.bias.data.zero_()
`,
      { name: 'Net' },
    );
    const of = (id: string) => network.parameters.find((parameter) => parameter.id === id)!.initialization;
    assert.deepEqual(of('conv.weight'), { kind: 'normal', mean: 0, std: Math.SQRT2 / Math.sqrt(8 * 9) });
    assert.deepEqual(of('conv.bias'), { kind: 'constant', value: 0 });
    assert.deepEqual(of('bn.weight'), { kind: 'constant', value: 0.25 });
    assert.deepEqual(of('fc.weight'), { kind: 'normal', mean: 0, std: 0.01 });
    assert.deepEqual(whysOf(network), ['4: Net: it has no forward']);
  });

  it('reads every initializer, in what it says and what it refuses', async () => {
    const init = async (call: string, layer = 'nn.Linear(4, 8)') =>
      (await read(`model = nn.Sequential(${layer})\nw = model[0].weight\nnn.init.${call}\n`)).parameters[0]!
        .initialization;
    assert.deepEqual(await init('trunc_normal_(w, std=0.02)'), {
      kind: 'trunc_normal',
      mean: 0,
      std: 0.02,
      a: -2,
      b: 2,
    });
    assert.deepEqual(await init('orthogonal_(w, 1.5)'), { kind: 'orthogonal', gain: 1.5 });
    assert.deepEqual(await init('sparse_(w, sparsity=0.9)'), { kind: 'sparse', sparsity: 0.9, std: 0.01 });
    assert.deepEqual(await init('eye_(w)'), { kind: 'eye', gain: 1 });
    assert.deepEqual(await init('dirac_(w, 2)', 'nn.Conv2d(4, 8, 3)'), { kind: 'dirac', groups: 2 });
    const refused = (call: string, layer: string) =>
      read(`class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.layer = ${layer}
        nn.init.${call}
    def forward(self, x):
        return self.layer(x)
`);
    await assert.rejects(
      refused('dirac_(self.layer.weight)', 'nn.Linear(4, 8)'),
      /ValueError: Only tensors with 3, 4, or 5 dimensions are supported/,
    );
    await assert.rejects(
      refused('dirac_(self.layer.weight, 3)', 'nn.Conv2d(4, 8, 3)'),
      /dim 0 must be divisible by groups/,
    );
    const made = await read(
      'model = nn.Sequential(nn.Linear(2, 2))\nmodel[0].bias = nn.Parameter(torch.tensor([0.25, 1]) * 2)\n',
    );
    assert.deepEqual(made.parameters[1]!.initialization, { kind: 'values', values: [0.5, 2] });
  });

  it('applies self.apply(fn) to children first', async () => {
    const network = await read(`def init_weights(m):
    if type(m) == nn.Linear:
        nn.init.xavier_uniform_(m.weight, gain=nn.init.calculate_gain('tanh'))
        m.bias.data.fill_(0.01)
model = nn.Sequential(nn.Linear(4, 2), nn.Tanh())
model.apply(init_weights)
`);
    const bound = (5 / 3) * Math.sqrt(6 / 6);
    assert.deepEqual(network.parameters[0]!.initialization, { kind: 'uniform', low: -bound, high: bound });
    assert.deepEqual(network.parameters[1]!.initialization, { kind: 'constant', value: 0.01 });
  });

  it('reads a class below nn.Sequential, nn.Linear and another class of the file', async () => {
    const network = await read(`class ConvBNReLU(nn.Sequential):
    def __init__(self, i, o, k=3, **kwargs):
        super().__init__(nn.Conv2d(i, o, k, padding=k // 2, **kwargs), nn.BatchNorm2d(o), nn.ReLU6(inplace=True))
class Scaled(nn.Linear):
    def forward(self, x):
        return F.linear(x, self.weight, self.bias) * 0.5
class Base(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.width = width
        self.stem = ConvBNReLU(3, width, bias=False)
    def forward(self, x):
        return self.head(torch.flatten(F.adaptive_avg_pool2d(self.stem(x), 1), 1))
class Net(Base):
    def __init__(self, *args, classes, **kwargs):
        super().__init__(*args, **kwargs)
        self.head = Scaled(self.width, classes)
model = Net(8, classes=5)
model(torch.zeros(2, 3, 8, 8))
`);
    assert.deepEqual(modulesOf(network), [
      'stem ConvBNReLU',
      'stem.0 Conv2d',
      'stem.1 BatchNorm2d',
      'stem.2 ReLU6',
      'head Scaled',
    ]);
    assert.equal(callsOf(network).at(-2), 'head.linear(flatten, head.weight, head.bias) [batch, 5]');
    assert.equal(callsOf(network).at(-1), 'head.mul(head.linear) [batch, 5]');
  });

  it('refuses a module that is set before super().__init__(), as PyTorch does', async () => {
    await assert.rejects(
      read(`class Net(nn.Module):
    def __init__(self):
        self.fc = nn.Linear(4, 2)
    def forward(self, x):
        return self.fc(x)
`),
      /cannot assign module before Module.__init__\(\) call/,
    );
  });

  it('keeps what it does not model as a module, and says so with its line', async () => {
    const network = await read(`class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(4, 4)
        self.pool = nn.FractionalMaxPool2d(2)
        self.head = nn.Linear(4, 2)
    def forward(self, x):
        x, _ = self.pool(self.fc(x))
        return self.head(x)
`);
    assert.deepEqual(modulesOf(network), ['fc Linear', 'pool FractionalMaxPool2d', 'head Linear']);
    assert.deepEqual(callsOf(network), ['fc(x) [batch, 4]']);
    assert.deepEqual(network.outputs, []);
    assert.deepEqual(whysOf(network), ['8: FractionalMaxPool2d: torch.nn.FractionalMaxPool2d is not modelled']);
  });

  it('leaves it to the mode whether F.dropout(training=self.training) drops', async () => {
    const network = await read(`class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.a = nn.Linear(4, 4)
    def forward(self, x):
        x = F.dropout(self.a(x), 0.5, training=self.training)
        x = F.dropout(x, 0.5, training=False)
        return F.dropout(x, 0.5)
`);
    const dropouts = network.calls.filter(({ kind }) => kind === 'Dropout');
    assert.deepEqual(
      dropouts.map(({ attributes }) => attributes.training),
      [null, false, true],
    );
  });

  it('keeps parameters in lists and dictionaries of them, under PyTorch’s names', async () => {
    const network = await read(
      `class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.scales = nn.ParameterList([nn.Parameter(torch.ones(i + 1)) for i in range(2)])
        self.scales.append(torch.zeros(3))
        self.named = nn.ParameterDict({'a': torch.ones(3)})
        self.named['b'] = nn.Parameter(torch.zeros(3))
    def forward(self, x):
        for p in self.scales:
            x = x * p.sum()
        return x[:, :3] * self.scales[-1] + self.named['a'] + self.named['b'] * len(self.scales)
`,
      { inputs: [{ shape: [2, 4] }] },
    );
    assert.deepEqual(whysOf(network), []);
    assert.deepEqual(
      network.parameters.map(({ id, shape }) => `${id} ${shape}`),
      ['scales.0 1', 'scales.1 2', 'scales.2 3', 'named.a 3', 'named.b 3'],
    );
  });

  it('gives modules and parameters by the tables that PyTorch keeps them in', async () => {
    const network = await read(`class Both(nn.Sequential):
    def forward(self, x):
        for name, module in self._modules.items():
            x = x + module(x) * len(module._parameters)
        return x
model = Both(nn.Linear(3, 3), nn.Linear(3, 3, bias=False))
`);
    assert.deepEqual(
      network.calls.filter(({ module }) => module).map(({ id }) => id),
      ['0', '1'],
    );
    assert.deepEqual(whysOf(network), []);
  });

  it('gives Lightning’s settings from the constructor’s arguments', async () => {
    const network = await read(`import pytorch_lightning as pl
class Base(pl.LightningModule):
    def __init__(self, width=4, **kwargs):
        super().__init__()
        self.save_hyperparameters()
        self.fc = nn.Linear(self.hparams.width, self.hparams['classes'])
class Net(Base):
    def __init__(self, classes=3, **kwargs):
        super().__init__(classes=classes, **kwargs)
    def forward(self, x):
        return self.fc(x)
model = Net(width=6)
`);
    assert.deepEqual(network.parameters[0]!.shape, [3, 6]);
  });

  it('counts what a ParameterList holds, lists of parameters inside of it too', async () => {
    const network = await read(
      `class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.scales = nn.ParameterList([])
        for _ in range(2):
            self.scales.append(nn.ParameterList([nn.Parameter(torch.ones(3)), torch.ones(3)]))
    def forward(self, x):
        for a, b in self.scales:
            x = x * a + b
        return x * self.scales[-1][0] * len(self.scales)
`,
      { inputs: [{ shape: [4, 3] }] },
    );
    assert.deepEqual(
      network.parameters.map(({ id }) => id),
      ['scales.0.0', 'scales.0.1', 'scales.1.0', 'scales.1.1'],
    );
    assert.deepEqual(whysOf(network), []);
  });
});
