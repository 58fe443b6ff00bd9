import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { countParameters, fileDocument, type Network } from '../../../../src/engine/network';
import { pytorchReader } from '../../../../src/engine/readers/pytorch';
import { modulesOf, whysOf } from './read';

const BLOCKS = `
import torch
from torch import nn

class Block(nn.Module):
    def __init__(self, size):
        super().__init__()
        self.linear = nn.Linear(size, size)

    def forward(self, x):
        return torch.relu(self.linear(x))
`;

describe('imports of a model file', () => {
  let folder: string;
  beforeEach(() => {
    folder = realpathSync(mkdtempSync(path.join(tmpdir(), 'normscope-imports-')));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const write = (name: string, text: string) => {
    mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
    writeFileSync(path.join(folder, name), text);
  };
  const read = async (name: string, text: string, model?: string, workspace = folder): Promise<Network> => {
    write(name, text);
    const [network] = await pytorchReader.read(fileDocument(path.join(folder, name), text), {
      ...(model && { name: model }),
      inputs: [{ shape: [1, 4] }],
      imports: { workspace: [workspace], sitePackages: [] },
    });
    return network!;
  };
  const FIRST = ['layer Block', 'layer.linear Linear'];
  const model = (imports: string, block: string) => `
from torch import nn
${imports}

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.layer = ${block}(4)

    def forward(self, x):
        return self.layer(x)
`;

  it('are followed beside the file, in packages, by relative names, stars and aliases', async () => {
    write('blocks.py', BLOCKS);
    write('parts/__init__.py', 'from .deep.inner import Block as Renamed\n');
    write('parts/deep/__init__.py', '');
    write('parts/deep/inner.py', BLOCKS);
    for (const [imports, block] of [
      ['from blocks import Block', 'Block'],
      ['import blocks', 'blocks.Block'],
      ['import blocks as b', 'b.Block'],
      ['from blocks import *', 'Block'],
      ['from blocks import *', 'globals()["Block"]'],
      ['from parts.deep.inner import Block as Other', 'Other'],
      ['import parts.deep.inner', 'parts.deep.inner.Block'],
      ['from parts import Renamed', 'Renamed'],
      ['from parts import deep', 'deep.inner.Block'],
    ] as const) {
      const network = await read('model.py', model(imports, block), 'Net');
      assert.deepEqual(modulesOf(network).slice(-2), FIRST, imports);
      assert.deepEqual(whysOf(network), [], imports);
      assert.equal(countParameters(network).total, 20, imports);
    }
    const inside = await read('parts/model.py', model('from .deep.inner import Block', 'Block'), 'Net');
    assert.deepEqual(modulesOf(inside).slice(-2), FIRST);
  });

  it('mean a library by its name, and not a package’s part of that name', async () => {
    write('pkg/__init__.py', '');
    write('pkg/timm/__init__.py', 'Other = 1\n');
    write('pkg/parts/__init__.py', '');
    const code = model('from timm import Block', 'Block');
    const without = await read('pkg/parts/model.py', code, 'Net');
    assert.match(whysOf(without)[0] ?? '', /timm\.Block is not modelled/);
    write('timm/__init__.py', BLOCKS);
    const network = await read('pkg/parts/model.py', code, 'Net');
    assert.deepEqual(modulesOf(network).slice(-2), FIRST);
  });

  it('put a span into the file that it is of', async () => {
    write('blocks.py', BLOCKS);
    const network = await read('model.py', model('from blocks import Block', 'Block'), 'Net');
    const linear = network.modules.find(({ kind }) => kind === 'Linear')!;
    assert.ok(linear.source.uri.endsWith('/blocks.py'));
    assert.equal(linear.source.start.line, 8);
    const layer = network.modules.find(({ id }) => id === 'layer')!;
    assert.ok(layer.source.uri.endsWith('/model.py'));
  });

  it('offer nothing of the imported file, and a name that it defines where it is asked for', async () => {
    write('blocks.py', `${BLOCKS}\ndef small():\n    return Block(4)\n`);
    const network = await read('model.py', 'from blocks import small\n', 'small');
    assert.deepEqual(modulesOf(network), ['linear Linear']);
    await assert.rejects(read('model.py', 'from blocks import Block\n'), /no model/);
  });

  it('end where files import each other, and where a name is missing', async () => {
    write('one.py', 'from two import b\na = b\n');
    write('two.py', 'from one import a\nb = a\n');
    const network = await read('model.py', model('from one import a\nfrom blocks import Block', 'a'), 'Net').catch(
      (error: Error) => error,
    );
    assert.ok(network);
    write('blocks.py', BLOCKS);
    const missing = await read('model.py', model('from blocks import Blok', 'Blok'), 'Net');
    assert.match(whysOf(missing).join(), /cannot import name 'Blok' from 'blocks'/);
  });

  it('never leave the workspace, not by dots and not by a link', async () => {
    write('secret.py', BLOCKS);
    write('workspace/other.py', '');
    symlinkSync(path.join(folder, 'secret.py'), path.join(folder, 'workspace', 'linked.py'));
    for (const imports of ['from ..secret import Block', 'from linked import Block', 'from secret import Block']) {
      const network = await read('workspace/model.py', model(imports, 'Block'), 'Net', path.join(folder, 'workspace'));
      assert.equal(countParameters(network).total, 0, imports);
      assert.notDeepEqual(whysOf(network), [], imports);
    }
  });

  it('do not run what a script does under its own name', async () => {
    write('blocks.py', `${BLOCKS}\nif __name__ == "__main__":\n    Block = None\n`);
    const network = await read('model.py', model('from blocks import Block', 'Block'), 'Net');
    assert.deepEqual(modulesOf(network).slice(-2), FIRST);
  });

  it('reads Hugging Face’s models past what is about machines, documentation and hooks', async () => {
    write('packages/transformers/__init__.py', '');
    write(
      'packages/transformers/utils/generic.py',
      `import functools
from collections import OrderedDict
from dataclasses import fields
def can_return_tuple(func):
    @functools.wraps(func)
    def wrapper(self, *args, **kwargs):
        return collect(hooks[self], func(self, *args, **kwargs))
    return wrapper
def is_torch_available():
    return version.parse(torch_version) > version.parse('2.6')
class ModelOutput(OrderedDict):
    def __post_init__(self):
        for field in fields(self):
            if self.__dict__.get(field.name) is not None:
                self[field.name] = self.__dict__.get(field.name)
`,
    );
    write(
      'packages/transformers/modeling_utils.py',
      `import torch
class PreTrainedModel(torch.nn.Module):
    @classmethod
    def from_pretrained(cls, name, *args, **kwargs):
        return load(download(name))
`,
    );
    const text = `from dataclasses import dataclass
import torch
from transformers.modeling_utils import PreTrainedModel
from transformers.utils.generic import ModelOutput, can_return_tuple, is_torch_available
@dataclass
class Output(ModelOutput):
    hidden: torch.FloatTensor = None
    pooled: torch.FloatTensor = None
class Net(PreTrainedModel):
    def __init__(self):
        super().__init__()
        if is_torch_available():
            self.fc = torch.nn.Linear(4, 3)
    @can_return_tuple
    def forward(self, input_values=None, labels=None):
        out = Output(hidden=self.fc(input_values))
        return Output(hidden=out.hidden, pooled=torch.relu(out.hidden))
`;
    const options = { imports: { workspace: [], sitePackages: [path.join(folder, 'packages')] } };
    const readText = (text: string) => {
      write('m.py', text);
      return pytorchReader.read(fileDocument(path.join(folder, 'm.py'), text), options);
    };
    const [network] = await readText(text);
    assert.deepEqual(whysOf(network!), []);
    assert.deepEqual(network!.outputs, ['fc', 'relu']);
    await assert.rejects(
      readText(`${text}model = Net.from_pretrained('bert-base-uncased')\ndel Net\n`),
      /from_pretrained: the configuration of 'bert-base-uncased' is not here, and Net names no config_class/,
    );
  });
});
