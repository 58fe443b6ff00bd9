import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { countParameters, type Network, sourceDocument } from '../../../../src/engine/network';
import { pytorchReader } from '../../../../src/engine/readers/pytorch';
import { callsOf, inputsOf, modulesOf, read, whysOf } from './read';

/** Files in a folder of their own, with what reads one of them. */
function folder(files: Readonly<Record<string, string>>) {
  const root = mkdtempSync(path.join(os.tmpdir(), 'normscope-packages-'));
  for (const [name, text] of Object.entries(files)) {
    const file = path.join(root, name);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
  return {
    read: async (name: string): Promise<Network> => {
      const uri = pathToFileURL(path.join(root, name)).href;
      const [network] = await pytorchReader.read(sourceDocument(uri, files[name]!), {
        imports: { workspace: [path.join(root, 'work')], sitePackages: [path.join(root, 'packages')] },
      });
      return network!;
    },
    remove: () => rmSync(root, { recursive: true }),
  };
}

const NET = `import torch
from torch import nn
`;

/** A package whose models are lists of layers in YAML files. */
const TASKS = `${NET}import ast
from .layers import Plain, Head

def yaml_model_load(path):
    raise OSError('the disk is not read')

class DetectionModel(nn.Module):
    def __init__(self, cfg='yolov8n.yaml', ch=3):
        super().__init__()
        d = yaml_model_load(cfg)
        width = d['scales'][d['scale']][0]
        layers = []
        for name, out in d['layers']:
            made = globals()[name](ch, int(ast.literal_eval(str(out)) * width))
            ch = int(ast.literal_eval(str(out)) * width)
            layers.append(made)
        self.model = nn.Sequential(*layers)

    def forward(self, x):
        return self.model(x)
`;

const YOLO = {
  'packages/ultralytics/__init__.py': '',
  'packages/ultralytics/nn/__init__.py': '',
  'packages/ultralytics/nn/tasks.py': TASKS,
  'packages/ultralytics/nn/layers.py': `${NET}
class Plain(nn.Module):
    def __init__(self, c1, c2):
        super().__init__()
        self.conv = nn.Conv2d(c1, c2, 3)
    def forward(self, x):
        return self.conv(x)

class Head(Plain):
    pass
`,
  'packages/ultralytics/cfg/models/v8/yolov8.yaml':
    'scales: {n: [0.5], s: [1.0]}\nlayers:\n  - [Plain, 16]\n  - [Head, 32]\n',
};

describe('PyTorch reader: packages that build models of descriptions', () => {
  it('finds the description of a model by its name, and its size', async () => {
    const { read: readFile, remove } = folder({
      ...YOLO,
      'work/train.py':
        "from ultralytics import YOLO\nmodel = YOLO('yolov8n.yaml')\nmodel.train(data='d.yaml', batch=4, imgsz=32)\n",
    });
    const network = await readFile('work/train.py');
    remove();
    assert.deepEqual(whysOf(network), []);
    assert.deepEqual(modulesOf(network).slice(0, 4), [
      'model DetectionModel',
      'model.model Sequential',
      'model.model.0 Plain',
      'model.model.0.conv Conv2d',
    ]);
    assert.equal(countParameters(network).total, 3 * 8 * 9 + 8 + 8 * 16 * 9 + 16);
    assert.equal(network.batch.size, 4);
    assert.deepEqual(inputsOf(network), ['x [batch, 3, 32, 32] from example, line 3']);
  });

  it('says which package is not read', async () => {
    const network = await read("from ultralytics import YOLO\nmodel = YOLO('yolov8n.yaml')\n");
    assert.match(whysOf(network).join(), /YOLO: it is not modelled: the package ultralytics is not read/);
  });
});

describe('PyTorch reader: layers on graphs', () => {
  it('keeps them with their parameters, and says in one line where the forward ends', async () => {
    const network = await read(`from torch_geometric.nn import MessagePassing

class Conv(MessagePassing):
    def __init__(self, width):
        super().__init__(aggr='mean')
        self.lin = nn.Linear(width, width)
    def forward(self, x, edges):
        return self.propagate(edges, x=self.lin(x))
    def message(self, x_j):
        return x_j

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.a = Conv(4)
        self.b = Conv(4)
        self.head = nn.Linear(4, 2)
    def forward(self, x, edges):
        x = torch.relu(self.a(x, edges))
        return self.head(self.b(x, edges))

net = Net()
net(torch.randn(8, 4), torch.zeros(2, 30, dtype=torch.long))
`);
    assert.deepEqual(modulesOf(network), [
      'a Conv',
      'a.aggr_module MeanAggregation',
      'a.lin Linear',
      'b Conv',
      'b.aggr_module MeanAggregation',
      'b.lin Linear',
      'head Linear',
    ]);
    assert.equal(whysOf(network).length, 1);
    assert.match(
      whysOf(network)[0]!,
      /^\d+: Conv: it passes messages along the edges of a graph, which is not modelled/,
    );
  });
});

describe('PyTorch reader: names of packages', () => {
  it('does not take a package’s own warnings.py for Python’s', async () => {
    const { read: readFile, remove } = folder({
      'work/pack/__init__.py': '',
      'work/pack/warnings.py':
        'import warnings\n\ndef warn(text, stacklevel=5):\n    warnings.warn(text, stacklevel=stacklevel)\n',
      'work/pack/net.py': `${NET}from pack.warnings import warn

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        warn('made')
        self.fc = nn.Linear(3, 2)
    def forward(self, x):
        return self.fc(x)

net = Net()
`,
    });
    const network = await readFile('work/pack/net.py');
    remove();
    assert.deepEqual(callsOf(network), ['fc(x) [batch, 2]']);
  });

  it('asks a module’s __getattr__ for what it does not have', async () => {
    const { read: readFile, remove } = folder({
      'packages/lazy/__init__.py':
        "import importlib\n\ndef __getattr__(name):\n    if name == 'Layer':\n        return getattr(importlib.import_module('lazy.layers'), name)\n    raise AttributeError(name)\n",
      'packages/lazy/layers.py': `${NET}class Layer(nn.Linear):\n    pass\n`,
      'work/model.py': `${NET}from lazy import Layer\nnet = nn.Sequential(Layer(3, 2))\n`,
    });
    const network = await readFile('work/model.py');
    remove();
    assert.deepEqual(whysOf(network), []);
    assert.equal(countParameters(network).total, 8);
  });

  it('hands through a decorator’s wrapper what nobody knows', async () => {
    const network = await read(`import functools

def noted(of):
    @functools.wraps(of)
    def wrapper(*args, **kwargs):
        return of(*args, **kwargs)
    return wrapper

class Net(nn.Module):
    @noted
    def __init__(self, width, rate=0.1):
        super().__init__()
        self.fc = nn.Linear(4, 2)
        self.drop = nn.Dropout(0.1)
    def forward(self, x):
        return self.drop(self.fc(x))

settings = elsewhere()
net = Net(**settings)
`);
    assert.deepEqual(modulesOf(network), ['fc Linear', 'drop Dropout']);
  });

  it('gives a part of a weight the values of a parameter', async () => {
    const network = await read(`class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(4, 1, 1, bias=False).requires_grad_(False)
        self.conv.weight.data[:] = nn.Parameter(torch.arange(4, dtype=torch.float).view(1, 4, 1, 1))
    def forward(self, x):
        return self.conv(x)
`);
    assert.deepEqual(whysOf(network), []);
    const { initialization, trainable } = network.parameters[0]!;
    assert.deepEqual(initialization, { kind: 'values', values: [0, 1, 2, 3] });
    assert.equal(trainable, false);
  });

  it('takes a file that its package imports back for itself', async () => {
    const { read: readFile, remove } = folder({
      'work/nets/__init__.py': 'from .small import Net\n',
      'work/nets/registry.py':
        'MODELS = {}\n\ndef register(of):\n    if of.__name__ in MODELS:\n        raise ValueError("already there")\n    MODELS[of.__name__] = of\n    return of\n',
      'work/nets/parts.py': `${NET}from nets import small\n\ndef is_net(value):\n    return isinstance(value, small.Net)\n`,
      'work/nets/small.py': `${NET}from nets.registry import register
from nets.parts import is_net

@register
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(3, 4 if is_net(self) else 2)
    def forward(self, x):
        return self.fc(x)

net = Net()
`,
    });
    const network = await readFile('work/nets/small.py');
    remove();
    assert.deepEqual(callsOf(network), ['fc(x) [batch, 4]']);
  });

  it('gives the fields of a named tuple the defaults that are set behind it', async () => {
    const network = await read(`import collections

Sizes = collections.namedtuple('Sizes', ['first', 'width', 'depth'])
Sizes.__new__.__defaults__ = (5, None)
sizes = Sizes(3)
net = nn.Sequential(nn.Linear(sizes.first, sizes.width), nn.Identity() if sizes.depth is None else nn.ReLU())
`);
    assert.deepEqual(modulesOf(network), ['0 Linear', '1 Identity']);
    assert.deepEqual(network.parameters[0]!.shape, [5, 3]);
  });
});

describe('PyTorch reader: distributions', () => {
  it('draws with the parameters’ gradient, and classes by their probabilities', async () => {
    const network = await read(`from torch.distributions import Categorical, Normal, kl_divergence

class Policy(nn.Module):
    def __init__(self):
        super().__init__()
        self.mean = nn.Linear(4, 3)
        self.scale = nn.Parameter(torch.zeros(3))
        self.head = nn.Linear(3, 5)
    def forward(self, x):
        latent = Normal(self.mean(x), self.scale.exp())
        action = Categorical(logits=self.head(latent.rsample()))
        chosen = action.sample()
        prior = Normal(torch.zeros(3), torch.ones(3))
        return action.log_prob(chosen), action.entropy(), kl_divergence(latent, prior).sum(-1)
`);
    assert.deepEqual(whysOf(network), []);
    assert.equal(network.outputs.length, 3);
    assert.ok(callsOf(network).some((call) => call.startsWith('randn_like')));
    assert.match(callsOf(network).at(-1)!, /^sum_\d+\(.*\) \[batch\]$/);
  });
});
