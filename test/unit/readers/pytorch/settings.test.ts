import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileDocument, type Network } from '../../../../src/engine/network';
import type { ReadOptions } from '../../../../src/engine/readers';
import { pytorchReader } from '../../../../src/engine/readers/pytorch';
import { whysOf } from './read';

const NET = `import torch
from torch import nn
class Net(nn.Module):
    def __init__(self, width, depth=2, classes=10):
        super().__init__()
        self.layers = nn.Sequential(*[nn.Linear(width, width) for _ in range(depth)])
        self.head = nn.Linear(width, classes)
    def forward(self, x):
        return self.head(self.layers(x))
`;

/** Files beside the script, which is train.py. */
const FILES: Readonly<Record<string, string>> = {
  'plain.yaml': 'model: {width: 6}\nlr: 0.4\n',
  'settings.json': '{"width": 6, "optim": {"lr": 0.4}}',
  'yacs.yaml': 'MODEL:\n  WIDTH: 6\n',
  'settings.toml': 'width = 6\n',
  'conf/config.yaml': `defaults:
  - _self_
  - model: small
  - optim@training.optim: adam
  - optional local: mine
  - nothing: null
  - override hydra/job_logging: colorlog
seed: 3
data: {batch_size: 28, name: "run-\${model.net.width}-\${seed}"}
trainer:
  max_epochs: \${oc.decode:\${oc.env:EPOCHS,7}}
`,
  'conf/model/small.yaml': 'defaults: [base]\nnet:\n  depth: 1\n',
  'conf/model/base.yaml': `net:
  _target_: train.Net
  width: 18
  depth: 2
  classes: \${..classes}
classes: 4
`,
  'conf/optim/adam.yaml': '_target_: torch.optim.Adam\n_partial_: true\nlr: 3e-3\n',
  'conf/top.yaml': 'defaults:\n  - model: base\n  - experiment: own\nmodel: {classes: 5}\n',
  'conf/experiment/own.yaml': '# @package _global_\ndefaults:\n  - override /model: small\nmodel: {net: {width: 9}}\n',
  'conf/lost.yaml': 'defaults: [{model: absent}]\n',
};

describe('PyTorch reader: settings of scripts', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'normscope-settings-'));
  after(() => rmSync(folder, { recursive: true }));
  for (const [name, text] of Object.entries(FILES)) {
    mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
    writeFileSync(path.join(folder, name), text);
  }
  const readFrom = async (code: string, given: ReadOptions = {}): Promise<Network> => {
    const text = `${NET}${code}\n`;
    writeFileSync(path.join(folder, 'train.py'), text);
    const options = { imports: { workspace: [folder], sitePackages: [] }, ...given };
    return (await pytorchReader.read(fileDocument(path.join(folder, 'train.py'), text), options))[0]!;
  };
  /** Width, depth, classes and learning rate of what is read; nothing may be left unmodelled. */
  const sizes = async (code: string): Promise<readonly number[]> => {
    const network = await readFrom(code);
    assert.deepEqual(whysOf(network), [], code);
    const linear = network.modules.filter(({ kind }) => kind === 'Linear');
    const { in_features: width, out_features: classes } = linear.at(-1)!.attributes;
    return [width as number, linear.length - 1, classes as number, network.optimizer.settings.lr as number];
  };
  const made = (width: string, lr: string, more = '') =>
    `model = Net(${width}${more})\nopt = torch.optim.SGD(model.parameters(), lr=${lr})`;

  const SIX_AND_TENTHS: Readonly<Record<string, string>> = {
    Namespace: `from argparse import Namespace\nc = Namespace(width=6, lr=0.4)\n${made('c.width', 'c.lr')}`,
    SimpleNamespace: `from types import SimpleNamespace\nc = SimpleNamespace(width=6)\nc.lr = 0.4\n${made('c.width', 'c.lr')}`,
    'words for argparse': `import argparse
p = argparse.ArgumentParser()
p.add_argument('--width', type=int, default=99)
p.add_argument('-l', '--lr', type=float, default=99)
p.add_argument('--depths', type=int, nargs='+')
p.add_argument('--deep', action='store_true')
c = p.parse_args(['--width', '6', '--lr=0.4', '--depths', '1', '2', '--deep'])
${made('c.width', 'c.lr', ', c.depths[1] if c.deep else 7')}`,
    'a file laid over arguments': `import argparse, yaml
p = argparse.ArgumentParser()
p.add_argument('--width', type=int, default=99)
p.add_argument('--lr', type=float, default=0.4)
p.add_argument('--config', default='plain.yaml')
c = p.parse_args()
vars(c).update(yaml.safe_load(open(c.config))['model'])
${made('c.width', 'c.lr')}`,
    EasyDict: `from easydict import EasyDict as edict
c = edict({'m': {'width': 5}, 'lr': 0.4})
c.m.width = 6
${made('c.m.width', "c['lr']")}`,
    ConfigDict: `import ml_collections
c = ml_collections.ConfigDict()
c.model = ml_collections.ConfigDict(dict(width=6))
c.lr = 0.4
${made('**c.model', 'c.lr')}`,
    yacs: `from yacs.config import CfgNode as CN
c = CN()
c.MODEL = CN()
c.MODEL.WIDTH = 5
c.LR = 0.1
c = c.clone()
c.merge_from_file('yacs.yaml')
c.merge_from_list(['LR', 0.4])
c.freeze()
${made('c.MODEL.WIDTH', 'c.LR')}`,
    'a class below dict': `class dotdict(dict):
    __getattr__ = dict.get
    __setattr__ = dict.__setitem__
c = dotdict({'lr': 0.4})
c.width = 6
${made('c.width', 'c.lr')}`,
    'a dictionary that is its own attributes': `class AttrDict(dict):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.__dict__ = self
c = AttrDict(lr=0.4)
c.width = 6
${made("c['width']", 'c.lr')}`,
    'JSON with a hook': `import json
from types import SimpleNamespace
with open('settings.json') as f:
    c = json.loads(f.read(), object_hook=lambda d: SimpleNamespace(**d))
${made('c.width', 'c.optim.lr')}`,
    'a path': `import json
from pathlib import Path
c = json.loads((Path(__file__).parent / 'settings.json').read_text())
${made("c['width']", "c['optim']['lr']")}`,
    OmegaConf: `from omegaconf import OmegaConf
base = OmegaConf.create({'model': {'width': 5}, 'width': '\${model.width}', 'lr': '\${oc.env:LR,0.4}'})
c = OmegaConf.merge(base, OmegaConf.load('plain.yaml'), OmegaConf.from_dotlist(['lr=0.4']), OmegaConf.from_cli())
${made('c.width', 'c.lr')}`,
    'a structured configuration': `from dataclasses import dataclass, field
from omegaconf import OmegaConf
@dataclass
class Model:
    width: int = 6
@dataclass
class Config:
    model: Model = field(default_factory=Model)
    lr: float = 0.1
c = OmegaConf.merge(OmegaConf.structured(Config), {'lr': 0.4})
${made('c.model.width', 'c.lr')}`,
    absl: `from absl import app, flags
FLAGS = flags.FLAGS
flags.DEFINE_integer('width', 6, 'help')
RATE = flags.DEFINE_float('lr', 0.4, 'help')
def main(argv):
    ${made('FLAGS.width', 'RATE.value').replace('\n', '\n    ')}
if __name__ == '__main__':
    app.run(main)`,
    click: `import click
@click.group()
def cli():
    pass
@cli.command()
@click.option('--width', default=6)
@click.option('-l', '--learning-rate', 'lr', default='0.4', type=float)
@click.option('--fast', is_flag=True)
def train(width, lr, fast):
    ${made('width', 'lr', ', 7 if fast else 2').replace('\n', '\n    ')}
cli()`,
    typer: `import typer
app = typer.Typer()
@app.command()
def main(width: int = 6, lr: float = typer.Option(0.4, help='rate')):
    ${made('width', 'lr').replace('\n', '\n    ')}
app()`,
    fire: `import fire
def start(width=6, lr=0.4):
    ${made('width', 'lr').replace('\n', '\n    ')}
fire.Fire(start)`,
    'the environment': `import os
width = int(os.environ.get('WIDTH', 6))
lr = float(os.environ['LR']) if 'LR' in os.environ else float(os.getenv('RATE', '0.4'))
${made('width', 'lr')}`,
    simple_parsing: `from dataclasses import dataclass
from simple_parsing import ArgumentParser
@dataclass
class Options:
    width: int = 6
p = ArgumentParser()
p.add_arguments(Options, dest='options')
p.add_argument('--lr', type=float, default=0.4)
c = p.parse_args()
${made('c.options.width', 'c.lr')}`,
    pydantic: `import yaml
from pydantic import BaseModel, Field
class Model(BaseModel):
    width: int
class Config(BaseModel):
    model: Model
    lr: float = Field(default=0.1, gt=0)
c = Config(**yaml.safe_load(open('plain.yaml')))
${made('**c.model.model_dump()', 'c.lr')}`,
    attrs: `import attr
from attrs import define, field
@define
class Config:
    width: int = 6
    more: list = field(factory=list)
@attr.s
class Older:
    lr = attr.ib(default=0.4)
${made('Config().width', 'Older().lr')}`,
    HfArgumentParser: `from dataclasses import dataclass, field
from transformers import HfArgumentParser
@dataclass
class Arguments:
    width: int = field(default=6, metadata={'help': 'of the layers'})
    lr: float = 0.4
(c,) = HfArgumentParser(Arguments).parse_args_into_dataclasses()
${made('c.width', 'c.lr')}`,
    wandb: `import wandb
wandb.init(project='p', config={'width': 6, 'lr': 0.4})
${made('wandb.config.width', "wandb.config['lr']")}`,
  };
  for (const [name, code] of Object.entries(SIX_AND_TENTHS))
    it(`reads ${name}`, async () => assert.deepEqual(await sizes(code), [6, 2, 10, 0.4]));

  const HYDRA = `import hydra
from hydra.utils import instantiate
@hydra.main(version_base='1.3', config_path='conf', config_name='config')
def main(cfg):
    model = instantiate(cfg.model.net)
    opt = instantiate(cfg.training.optim)(params=model.parameters())
    loader = torch.utils.data.DataLoader(data, batch_size=cfg.data.batch_size, shuffle=True)
    for epoch in range(cfg.trainer.max_epochs):
        pass
if __name__ == '__main__':
    main()`;

  it("composes Hydra's defaults lists and makes what _target_ names", async () => {
    assert.deepEqual(await sizes(HYDRA), [18, 1, 4, 0.003]);
    const network = await readFrom(HYDRA);
    assert.deepEqual([network.batch.size, network.surroundings!.epochs!.value], [28, 7]);
  });

  it('takes what a person gives for a setting', async () => {
    const network = await readFrom(HYDRA, { set: { 'model.net.width': '8' } });
    assert.equal(network.modules.find(({ id }) => id === 'head')!.attributes.in_features, 8);
  });

  it('lets later defaults and their own settings win as Hydra does, and knows its ConfigStore', async () => {
    const compose = (name: string, more = '') => `from hydra import compose, initialize
with initialize(config_path='conf'):
    c = compose(config_name='${name}'${more})
model = Net(c.model.net.width, c.model.net.depth, c.model.classes)
opt = torch.optim.SGD(model.parameters(), lr=c.get('lr', 0.4))`;
    assert.deepEqual(await sizes(compose('top')), [9, 1, 5, 0.4]);
    assert.deepEqual(await sizes(compose('top', ", overrides=['model.net.width=3', '+lr=0.2']")), [3, 1, 5, 0.2]);
    const stored = `from dataclasses import dataclass
import hydra
from hydra.core.config_store import ConfigStore
@dataclass
class Config:
    width: int = 6
    lr: float = 0.4
ConfigStore.instance().store(name='stored', node=Config)
@hydra.main(version_base=None, config_name='stored')
def main(cfg: Config):
    ${made('cfg.width', 'cfg.lr').replace('\n', '\n    ')}
main()`;
    assert.deepEqual(await sizes(stored), [6, 2, 10, 0.4]);
  });

  it('says what is not read: other files, other folders, files that are not there, what the script is given', async () => {
    const refusals: readonly (readonly [string, RegExp])[] = [
      [
        "import tomllib\nc = tomllib.load(open('settings.toml', 'rb'))",
        /settings\.toml is not read: settings are read from YAML/,
      ],
      ["from omegaconf import OmegaConf\nc = OmegaConf.load('../plain.yaml')", /\.\.\/plain\.yaml is not read/],
      [
        "from hydra import compose, initialize\ninitialize(config_path='conf')\nc = compose('lost')",
        /conf\/model\/absent\.yaml is not read/,
      ],
      [
        "from omegaconf import OmegaConf\nc = OmegaConf.create({'width': '???'})",
        /a setting that is given when the script runs/,
      ],
      [
        `from omegaconf import OmegaConf\nc = OmegaConf.create({'width': '\${w}', 'w': '\${width}'})`,
        /refers to itself/,
      ],
      ["import os\nc = {'width': os.environ['WIDTH']}", /the environment's variable WIDTH is not known/],
    ];
    for (const [code, expected] of refusals) {
      const network = await readFrom(`${code}\nmodel = nn.Sequential(nn.Linear(4, c['width']), nn.ReLU())`);
      assert.match(whysOf(network).join(), expected, code);
    }
  });

  it('leaves packages of settings, logs and trainers closed where they are installed, and opens a person’s own of that name', async () => {
    const site = path.join(folder, 'site');
    for (const name of ['omegaconf', 'wandb', 'lightning', 'torchmetrics', 'datasets']) {
      mkdirSync(path.join(site, name), { recursive: true });
      writeFileSync(path.join(site, name, '__init__.py'), 'raise ImportError("not for reading")\n');
    }
    mkdirSync(path.join(folder, 'datasets'), { recursive: true });
    writeFileSync(path.join(folder, 'datasets', '__init__.py'), 'WIDTH = 6\n');
    const network = await readFrom(
      `import lightning as L
import torchmetrics
import wandb
from datasets import WIDTH
from omegaconf import OmegaConf
c = OmegaConf.create({'lr': 0.4})
wandb.init(config={'classes': 3})
class Lit(L.LightningModule):
    def __init__(self):
        super().__init__()
        self.net = nn.Linear(WIDTH, wandb.config.classes)
        self.accuracy = torchmetrics.Accuracy(task='multiclass', num_classes=3)
    def forward(self, x):
        return self.net(x)
    def configure_optimizers(self):
        return torch.optim.SGD(self.parameters(), lr=c.lr)
model = Lit()`,
      { imports: { workspace: [folder], sitePackages: [site] } },
    );
    assert.deepEqual(
      network.modules.map(({ id, kind }) => `${id} ${kind}`),
      ['net Linear', 'accuracy MulticlassAccuracy'],
    );
    assert.deepEqual([whysOf(network), network.optimizer.settings.lr], [[], 0.4]);
  });

  it('survives methods without their object, and names that break a line', async () => {
    const classes = [
      'omegaconf.DictConfig',
      'easydict.EasyDict',
      'pathlib.Path',
      'typer.Typer',
      'argparse.ArgumentParser',
    ];
    const others = [
      'lightning.LightningDataModule',
      'transformers.HfArgumentParser',
      'pydantic.BaseModel',
      'torch.nn.Module',
    ];
    for (const name of [...classes, ...others])
      for (const method of [
        'copy',
        'get',
        'update',
        'add_argument',
        'parse_args',
        'save_hyperparameters',
        'apply',
        'command',
        'joinpath',
      ]) {
        const given = ['', 'Net', '1, 2', '{}'].map((args) => `${name}.${method}(${args})`).join('\n');
        const network = await readFrom(`import ${name.split('.')[0]}\n${given}\nmodel = Net(4)`);
        assert.equal(network.name, 'model', given);
      }
    const broken = await readFrom(`import yaml\nmodel = Net(yaml.safe_load(open('a\\nb.toml'))['w'])`, {
      assumeArguments: true,
    });
    for (const why of whysOf(broken)) assert.doesNotMatch(why, /\n/);
  });
});
