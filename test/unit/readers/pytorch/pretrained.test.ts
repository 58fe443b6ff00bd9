import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { countParameters, fileDocument, type Network } from '../../../../src/engine/network';
import { pytorchReader } from '../../../../src/engine/readers/pytorch';
import {
  PUBLISHED_CONFIGURATIONS,
  publishedConfiguration,
} from '../../../../src/engine/readers/pytorch/builtins/publishedConfigurations';
import { whysOf } from './read';

/** A package in the shape of transformers: lazy mappings from types to classes, whose own loading is of no use here. */
const PACKAGE: Readonly<Record<string, string>> = {
  '__init__.py': `from .models.auto.modeling_auto import AutoModel
from .models.auto.configuration_auto import AutoConfig
from .models.bert import BertConfig, BertModel
`,
  'configuration_utils.py': `import json
class PreTrainedConfig:
    model_type = ""
    def __init__(self, num_labels=2, **kwargs):
        self.num_labels = num_labels
    @classmethod
    def from_pretrained(cls, name, **kwargs):
        return cls.from_dict(json.load(download(name)), **kwargs)
    @classmethod
    def from_dict(cls, config_dict, **kwargs):
        config = cls(**config_dict)
        for key, value in kwargs.items():
            if hasattr(config, key):
                setattr(config, key, value)
        return config
`,
  'modeling_utils.py': `from torch import nn
class PreTrainedModel(nn.Module):
    config_class = None
    def __init__(self, config):
        super().__init__()
        self.config = config
    @classmethod
    def _from_config(cls, config, **kwargs):
        with everything_about_devices():
            return cls(config)
    @classmethod
    def from_pretrained(cls, name, **kwargs):
        return load(download(name))
`,
  'models/__init__.py': '',
  'models/auto/__init__.py': '',
  'models/auto/auto_mappings.py': `from collections import OrderedDict
CONFIG_MAPPING_NAMES = OrderedDict([("bert", "BertConfig"), ("be", "Other")])
`,
  'models/auto/configuration_auto.py': `import importlib
from collections import OrderedDict
from .auto_mappings import CONFIG_MAPPING_NAMES
class _LazyConfigMapping(OrderedDict):
    def __init__(self, mapping):
        self._mapping = mapping
        self._modules = {}
    def __getitem__(self, key):
        if key not in self._modules:
            self._modules[key] = importlib.import_module(f".{key}", "transformers.models")
        return getattr(self._modules[key], self._mapping[key])
    def __contains__(self, item):
        return item in self._mapping
CONFIG_MAPPING = _LazyConfigMapping(CONFIG_MAPPING_NAMES)
class AutoConfig:
    @classmethod
    def for_model(cls, model_type, **kwargs):
        return CONFIG_MAPPING[model_type](**kwargs)
    @classmethod
    def from_pretrained(cls, name, **kwargs):
        return CONFIG_MAPPING[download(name)["model_type"]]()
`,
  'models/auto/modeling_auto.py': `from ..bert import BertModel
class AutoModel:
    _model_mapping = {"bert": BertModel}
    @classmethod
    def from_config(cls, config, **kwargs):
        return cls._model_mapping[config.model_type]._from_config(config, **kwargs)
    @classmethod
    def from_pretrained(cls, name, **kwargs):
        return load(download(name))
`,
  'models/bert/__init__.py': `from .configuration_bert import BertConfig
from .modeling_bert import BertModel
`,
  'models/bert/configuration_bert.py': `from ...configuration_utils import PreTrainedConfig
class BertConfig(PreTrainedConfig):
    model_type = "bert"
    def __init__(self, vocab_size=30522, hidden_size=8, num_hidden_layers=1, **kwargs):
        super().__init__(**{k: v for k, v in kwargs.items() if k == "num_labels"})
        self.vocab_size, self.hidden_size, self.num_hidden_layers = vocab_size, hidden_size, num_hidden_layers
`,
  'models/bert/modeling_bert.py': `from torch import nn
from ...modeling_utils import PreTrainedModel
from .configuration_bert import BertConfig
class BertModel(PreTrainedModel):
    config_class = BertConfig
    def __init__(self, config):
        super().__init__(config)
        self.layers = nn.Sequential(*[nn.Linear(config.hidden_size, config.hidden_size) for _ in range(config.num_hidden_layers)])
        self.head = nn.Linear(config.hidden_size, config.num_labels)
    def forward(self, x):
        return self.head(self.layers(x))
`,
};

describe('PyTorch reader: from_pretrained and what belongs to it', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'normscope-pretrained-'));
  after(() => rmSync(folder, { recursive: true }));
  const [workspace, site] = [path.join(folder, 'workspace'), path.join(folder, 'site')];
  for (const [name, text] of Object.entries(PACKAGE)) {
    const file = path.join(site, 'transformers', name);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
  mkdirSync(path.join(workspace, 'saved'), { recursive: true });
  const written = { model_type: 'bert', hidden_size: 6, num_hidden_layers: 3, architectures: ['BertModel'] };
  writeFileSync(path.join(workspace, 'saved', 'config.json'), JSON.stringify(written));
  writeFileSync(path.join(folder, 'config.json'), JSON.stringify(written));
  const readFrom = async (code: string, sitePackages = [site]): Promise<Network> => {
    const text = `from transformers import AutoConfig, AutoModel, BertConfig, BertModel\n${code}\n`;
    const options = { imports: { workspace: [workspace], sitePackages } };
    return (await pytorchReader.read(fileDocument(path.join(workspace, 'train.py'), text), options))[0]!;
  };
  const sizes = (layers: number, width: number, labels = 2) =>
    layers * (width * width + width) + width * labels + labels;

  it('makes models of configurations, by class and by type', async () => {
    for (const code of [
      'model = AutoModel.from_config(BertConfig(hidden_size=5))',
      'model = AutoModel.from_config(AutoConfig.for_model("bert", hidden_size=5), attn_implementation="eager")',
      'model = AutoModel.from_pretrained("anything", config=BertConfig(hidden_size=5))',
    ]) {
      const network = await readFrom(code);
      assert.equal(countParameters(network).total, sizes(1, 5), code);
      assert.deepEqual([network.outputs.length, whysOf(network)], [1, []], code);
    }
  });

  it('reads config.json of a folder of the workspace, and what the call says beside it', async () => {
    for (const code of [
      'model = BertModel.from_pretrained("./saved", num_labels=4)',
      'model = AutoModel.from_pretrained("saved/", num_labels=4, device_map="auto")',
      'model = BertModel(BertConfig.from_pretrained("saved/config.json", num_labels=4))',
      'model = AutoModel.from_config(AutoConfig.from_pretrained("saved", num_labels=4))',
    ]) {
      const network = await readFrom(code);
      assert.equal(countParameters(network).total, sizes(3, 6, 4), code);
      assert.deepEqual(network.surroundings!.assumptions, [], code);
    }
  });

  it('takes what is published for a name of the hub, else the defaults of its class, and says which', async () => {
    const known = await readFrom('model = BertModel.from_pretrained("google-bert/bert-large-uncased")');
    assert.equal(countParameters(known).total, sizes(24, 1024));
    const [published] = known.surroundings!.assumptions;
    assert.match(published!.why, /the sizes that are published for bert-large-uncased stand for it/);
    assert.deepEqual(
      known.surroundings!.pretrained.map(({ value }) => value.how),
      ['from_pretrained'],
    );
    for (const code of ['BertModel.from_pretrained("me/mine")', 'AutoModel.from_pretrained("me/my-bert")']) {
      const network = await readFrom(`model = ${code}`);
      assert.equal(countParameters(network).total, sizes(1, 8), code);
      assert.match(network.surroundings!.assumptions[0]!.why, /the defaults of BertConfig stand for it: save its/);
    }
  });

  it('says in one line how to mend a name of which nothing is known', async () => {
    const refusals: readonly (readonly [string, RegExp, string[]?])[] = [
      ['AutoModel.from_pretrained("me/mine")', /the configuration of 'me\/mine' is not here; save its config\.json/],
      ['BertModel.from_pretrained("./missing")', /there is no config\.json in '\.\/missing' in the workspace/],
      ['BertModel.from_pretrained("../")', /there is no config\.json in '\.\.\/' in the workspace/],
      ['BertModel.from_pretrained("bert-base-uncased")', /the package transformers is not read/, []],
    ];
    for (const [code, expected, packages] of refusals)
      await assert.rejects(readFrom(`model = ${code}`, packages), expected, code);
  });

  it("reads what Hugging Face's trainer is told, and its own defaults", async () => {
    const network = await readFrom(`from transformers import Trainer, TrainingArguments
model = BertModel(BertConfig())
args = TrainingArguments("out", learning_rate=2e-5, weight_decay=0.1, num_train_epochs=2)
trainer = Trainer(model=model, args=args, train_dataset=data)
trainer.train()`);
    assert.deepEqual([network.batch.size, network.optimizer.kind, network.optimizer.settings.lr], [8, 'AdamW', 2e-5]);
    assert.deepEqual(network.optimizer.clipping, { kind: 'norm', max: 1, type: 2 });
    assert.deepEqual(network.optimizer.groups, [
      { parameters: ['layers.0.bias', 'head.bias'], settings: { weight_decay: 0 } },
    ]);
    const sgd = await readFrom(`from transformers import TrainingArguments
model = BertModel(BertConfig())
args = TrainingArguments("out", optim="sgd", max_grad_norm=0)`);
    assert.deepEqual([sgd.optimizer.kind, sgd.optimizer.settings.lr, sgd.optimizer.clipping], ['SGD', 5e-5, undefined]);
  });

  it('takes the longest published name that one begins with', () => {
    for (const [given, name] of [
      ['openai-community/gpt2-medium', 'gpt2-medium'],
      ['gpt2', 'gpt2'],
      ['someone/bert-large-uncased-finetuned-squad', 'bert-large-uncased'],
      ['google/vit-base-patch16-224-in21k', 'vit-base-patch16-224'],
      ['someone/bert-large', undefined],
    ] as const)
      assert.equal(publishedConfiguration(given)?.name, name, given);
    const names = PUBLISHED_CONFIGURATIONS.map((each) => each.name);
    assert.equal(new Set(names).size, names.length);
  });
});

describe('PyTorch reader: mixtures of experts', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'normscope-experts-'));
  after(() => rmSync(folder, { recursive: true }));
  const files: Readonly<Record<string, string>> = {
    'transformers/__init__.py': '',
    'transformers/integrations/__init__.py': '',
    'transformers/integrations/moe.py':
      'def use_experts_implementation(experts_class=None, **layout):\n    return other(experts_class)\n',
  };
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
    writeFileSync(path.join(folder, name), text);
  }

  it('computes all experts together, as their decorator says how their weights lie', async () => {
    const experts = (decorator: string, up: string, more = '') => `import torch
from torch import nn
from transformers.integrations.moe import use_experts_implementation
${decorator}
class Experts(nn.Module):
    def __init__(self):
        super().__init__()
        self.num_experts = 4
        self.gate_up_proj = nn.Parameter(torch.randn(${up}))
        self.down_proj = nn.Parameter(torch.randn(${more === '' ? '4, 8, 6' : '4, 6, 8'}))
        self.act_fn = nn.SiLU()
${more}
    def forward(self, hidden_states, top_k_index, top_k_weights):
        hit = nn.functional.one_hot(top_k_index, 4).sum(dim=(0, 1)).nonzero()
        for i in hit:
            hidden_states = hidden_states + i
        return hidden_states
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.router = nn.Linear(8, 4)
        self.experts = Experts()
    def forward(self, x):
        weights, index = torch.topk(torch.softmax(self.router(x), -1), 2)
        return self.experts(x, index, weights)
model = Net()
`;
    const bias = `        self.gate_up_proj_bias = nn.Parameter(torch.zeros(4, 12))
        self.down_proj_bias = nn.Parameter(torch.zeros(4, 8))
    def _apply_gate(self, x):
        return x[..., ::2] * x[..., 1::2]
`;
    for (const text of [
      experts('@use_experts_implementation', '4, 12, 8'),
      experts('@use_experts_implementation(is_transposed=True, has_bias=True)', '4, 8, 12', bias),
    ]) {
      const options = { imports: { workspace: [], sitePackages: [folder] } };
      const [network] = await pytorchReader.read(fileDocument(path.join(folder, 'train.py'), text), options);
      assert.deepEqual(whysOf(network!), []);
      const last = network!.calls.at(-1)!;
      assert.deepEqual(last.outputShapes, [[{ batch: 1 }, 8]]);
      assert.equal(network!.calls.filter(({ kind }) => kind === 'matmul').length, 2);
    }
  });
});
