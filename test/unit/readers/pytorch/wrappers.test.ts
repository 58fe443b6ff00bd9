import assert from 'node:assert/strict';
import type { Network } from '../../../../src/engine/network';
import { callsOf, read, readAll, whysOf } from './read';

const NET = `class Net(nn.Module):
    def __init__(self, width=4, out=3):
        super().__init__()
        self.fc = nn.Linear(width, width)
        self.head = nn.Linear(width, out)
    def forward(self, x):
        return self.head(self.fc(x))
`;
const script = (code: string): Promise<Network> => read(`${NET}${code}`);
const made = (network: Network): readonly unknown[] => [
  network.name,
  network.modules.map(({ id }) => id).join(' '),
  network.optimizer.kind,
  network.optimizer.settings.lr,
];

describe('PyTorch reader: what stands around a model', () => {
  const WRAPPED: Readonly<Record<string, string>> = {
    'torch.compile': 'model = torch.compile(Net(), mode="max-autotune")\nparams = model._orig_mod.parameters()',
    'torch.jit.script': 'model = torch.jit.script(Net())\nparams = model.parameters()',
    DataParallel: 'model = nn.DataParallel(Net().cuda())\nparams = model.module.parameters()',
    'DistributedDataParallel, under the name of its type': `from torch.nn.parallel import DistributedDataParallel as DDP
model = nn.SyncBatchNorm.convert_sync_batchnorm(Net())
model = DDP(model, device_ids=[0])
params = (model.module if isinstance(model, DDP) else model).parameters()`,
    FSDP: `from torch.distributed.fsdp import FullyShardedDataParallel as FSDP
model = FSDP(Net(), use_orig_params=True)
params = model.parameters()`,
    'fully_shard, layer by layer': `from torch.distributed.fsdp import fully_shard
model = Net()
for child in model.children():
    fully_shard(child)
fully_shard(model)
params = model.parameters()`,
    accelerate: `from accelerate import Accelerator
accelerator = Accelerator()
model = accelerator.prepare(Net())
params = accelerator.unwrap_model(model).parameters()`,
    Fabric: `from lightning.fabric import Fabric
fabric = Fabric(devices=2)
fabric.launch()
model = fabric.setup_module(Net())
params = model.parameters()`,
    deepspeed: `import deepspeed
model = Net()
model, _, loader, _ = deepspeed.initialize(model=model, config=c)
params = model.module.parameters()`,
    'a process that is spawned': `import torch.multiprocessing as mp
def worker(rank, world):
    model = Net()
    optimizer = torch.optim.Adam(model.parameters(), lr=0.25)
mp.spawn(worker, args=(2,), nprocs=2)
params = []`,
  };
  for (const [name, code] of Object.entries(WRAPPED))
    it(`sees the model behind ${name}`, async () => {
      const network = await script(`${code}\noptimizer = torch.optim.Adam(params, lr=0.25)`);
      assert.deepEqual(made(network), ['model', 'fc head', 'Adam', 0.25]);
      assert.deepEqual(whysOf(network), []);
    });

  it('keeps what accelerate prepares together apart again', async () => {
    const network = await script(`from accelerate import Accelerator
accelerator = Accelerator(mixed_precision='bf16')
model = Net()
optimizer = torch.optim.Adam(model.parameters(), lr=0.25)
loader = torch.utils.data.DataLoader(data, batch_size=9, shuffle=True)
model, optimizer, loader = accelerator.prepare(model, optimizer, loader)
for p in model.fc.parameters():
    p.requires_grad_(False)`);
    assert.deepEqual(made(network), ['model', 'fc head', 'Adam', 0.25]);
    assert.deepEqual([network.batch.size, network.parameters.filter(({ trainable }) => trainable).length], [9, 2]);
    assert.equal(network.surroundings!.precision!.value.type, 'bfloat16');
  });

  it('runs checkpointed parts as they stand', async () => {
    const network = await read(`${NET}from torch.utils.checkpoint import checkpoint, checkpoint_sequential
class Outer(nn.Module):
    def __init__(self):
        super().__init__()
        self.a = Net()
        self.b = nn.Sequential(nn.Linear(3, 3), nn.ReLU())
    def forward(self, x):
        x = checkpoint(self.a, x, use_reentrant=False)
        x = checkpoint_sequential(self.b, 2, x, use_reentrant=False)
        return checkpoint(lambda t: t * 2, x)
model = Outer()`);
    assert.deepEqual(
      network.calls.map(({ id }) => id),
      ['a.fc', 'a.head', 'b.0', 'b.1', 'mul'],
    );
    assert.deepEqual(whysOf(network), []);
  });

  it("runs forward hooks: what they change, and what they keep for the model's own forward", async () => {
    const network = await read(`class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.kept = {}
        self.fc = nn.Linear(4, 5)
        self.head = nn.Linear(5, 3)
        self.fc.register_forward_hook(self.keep('fc'))
    def keep(self, name):
        def hook(module, args, output):
            self.kept[name] = output
        return hook
    def forward(self, x):
        self.fc(x)
        return self.head(self.kept['fc'])
seen = []
model = Net()
model.register_forward_pre_hook(lambda module, args: (args[0] + 1,))
model.fc.register_forward_hook(lambda module, args, out: seen.append(out.detach().cpu().numpy()))
model.fc.register_forward_pre_hook(lambda m, args, kwargs: (args, kwargs), with_kwargs=True)
handle = model.head.register_forward_hook(lambda module, args, out: out * 3)
model.head.register_forward_hook(lambda module, args, out: torch.relu(out))
model.head.register_full_backward_hook(lambda *a: None)
handle.remove()
`);
    assert.deepEqual(callsOf(network), [
      'add(x) [batch, 4]',
      'fc(add) [batch, 5]',
      'fc.detach(fc) [batch, 5]',
      'head(fc) [batch, 3]',
      'head.relu(head) [batch, 3]',
    ]);
    assert.deepEqual(whysOf(network), []);
  });

  it('says a hook that is not known to change anything, and goes on without it', async () => {
    const network = await script(
      'model = Net()\nmodel.fc.register_forward_hook(lambda m, a, o: o.no_such_thing[3](1))',
    );
    assert.deepEqual(
      [network.outputs, whysOf(network)],
      [['head'], ['12: a hook: it is taken to change nothing: this attribute of a Tensor is not modelled']],
    );
  });

  it('reads values of fewer bits off half(), bfloat16() and to()', async () => {
    for (const [code, type] of [
      ['model = Net().half().cuda()', 'float16'],
      ['model = Net().to("cuda").to(torch.bfloat16)', 'bfloat16'],
      ['model = Net().to(device="cuda", dtype=torch.float16)', 'float16'],
      ['fast = False\nmodel = Net()\nif fast:\n    m = model.to(torch.float16)', undefined],
    ] as const)
      assert.deepEqual((await script(code)).surroundings!.precision?.value, type && { type, by: 'model' }, code);
  });

  it('counts only what is trained: no copies, targets or teachers, and says what it leaves out', async () => {
    const adam = (name: string) => `opt = torch.optim.Adam(${name}.parameters())\n`;
    const cases: readonly (readonly [string, string, RegExp])[] = [
      [`import copy\nmodel = Net()\nema = copy.deepcopy(model)\n${adam('model')}`, 'model', /copy of model/],
      [
        'import copy\nmodel = Net()\nema = copy.deepcopy(model)\nfor p in ema.parameters():\n    p.requires_grad = False',
        'model',
        /none of its parameters is trained/,
      ],
      [
        `policy_net = Net()\ntarget_net = Net()\ntarget_net.load_state_dict(policy_net.state_dict())\n${adam('policy_net')}`,
        'policy_net',
        /follows policy_net/,
      ],
      [
        `student = Net()\nbig = Net(8)\nbig.requires_grad_(False)\n${adam('student')}`,
        'student',
        /none of its parameters is trained/,
      ],
      [
        `from torch.optim.swa_utils import AveragedModel\nmodel = Net()\nswa = AveragedModel(model)\n${adam('model')}`,
        'model',
        /./,
      ],
    ];
    for (const [code, name, why] of cases) {
      const network = await script(code);
      assert.equal(network.name, name, code);
      for (const each of network.surroundings!.assumptions) assert.match(each.why, why, code);
    }
    const both = await readAll(
      `import torch, copy\nfrom torch import nn\n${NET}a = Net()\nb = copy.deepcopy(a)\n${adam('a')}${adam('b')}`,
    );
    assert.deepEqual(
      both.map(({ name }) => name),
      ['a', 'b'],
    );
    const asked = await read(`${NET}import copy\nmodel = Net()\nema = copy.deepcopy(model).requires_grad_(False)`, {
      name: 'ema',
    });
    assert.equal(asked.parameters.filter(({ trainable }) => trainable).length, 0);
  });

  it("reads a data module's training loader, and Lightning's own command line", async () => {
    const lightning = `import lightning as L
class Data(L.LightningDataModule):
    def __init__(self, batch_size=48):
        super().__init__()
        self.save_hyperparameters()
    def setup(self, stage):
        self.train_set = load()
    def train_dataloader(self):
        return torch.utils.data.DataLoader(self.train_set, batch_size=self.hparams.batch_size, shuffle=True, drop_last=True)
    def val_dataloader(self):
        return torch.utils.data.DataLoader(self.val_set, batch_size=100)
class Lit(L.LightningModule):
    def __init__(self, width=4):
        super().__init__()
        self.net = nn.Linear(width, 3)
        self.example_input_array = torch.zeros(2, width)
    def forward(self, x):
        return self.net(x)
    def configure_optimizers(self):
        return torch.optim.Adam(self.parameters(), lr=0.25)
`;
    const trainer =
      'def main():\n    trainer = L.Trainer(max_epochs=3)\n    trainer.fit(Lit(), datamodule=Data(batch_size=24))\nmain()';
    const fitted = await read(`${lightning}${trainer}`);
    assert.deepEqual(
      [fitted.batch.size, fitted.surroundings!.loader!.value.dropLast, fitted.optimizer.kind],
      [24, true, 'Adam'],
    );
    const cli = await read(`${lightning}from lightning.pytorch.cli import LightningCLI\nLightningCLI(Lit, Data)`);
    assert.deepEqual([cli.name, cli.batch.size], ['Lit', 48]);
    const alone = await read(`${lightning}model = Lit()`);
    assert.deepEqual([alone.batch.size, alone.inputs[0]!.shape[1]], [32, 4]);
  });

  it('reads what skorch is told', async () => {
    const network = await script(`from skorch import NeuralNetClassifier
net = NeuralNetClassifier(Net, module__width=6, max_epochs=10, lr=0.25, batch_size=40, optimizer=torch.optim.Adam,
                          optimizer__weight_decay=0.5, criterion=nn.CrossEntropyLoss)
net.fit(X, y)`);
    assert.deepEqual(made(network), ['net', 'fc head', 'Adam', 0.25]);
    assert.deepEqual(
      [
        network.batch.size,
        network.surroundings!.epochs!.value,
        network.task.loss,
        network.optimizer.settings.weight_decay,
      ],
      [40, 10, 'CrossEntropyLoss', 0.5],
    );
  });

  it('sees gradients added in an inner loop', async () => {
    const { surroundings } = await script(`model = Net()
opt = torch.optim.SGD(model.parameters(), lr=0.1)
for it in range(1000):
    for micro in range(5):
        loss = F.cross_entropy(model(x), y) / 5
        loss.backward()
    opt.step()`);
    assert.equal(surroundings!.accumulation!.value, 5);
    const plain = await script(`model = Net()
opt = torch.optim.SGD(model.parameters(), lr=0.1)
for epoch in range(3):
    for i in range(100):
        F.cross_entropy(model(x), y).backward()
        opt.step()`);
    assert.equal(plain.surroundings!.accumulation, undefined);
  });

  it('says what adapters, hubs and trainers it does not read', async () => {
    const adapted = await script(
      'from peft import get_peft_model, LoraConfig\nmodel = get_peft_model(Net(), LoraConfig(r=8))',
    );
    assert.match(whysOf(adapted).join(), /adapters of peft: they are not modelled; the model is read without them/);
    await assert.rejects(
      read('model = torch.hub.load("facebookresearch/dinov2", "dinov2_vits14")'),
      /torch\.hub\.load: the source of 'facebookresearch\/dinov2' is not here/,
    );
    await assert.rejects(
      readAll('from fastai.vision.all import *\nlearn = vision_learner(dls, resnet34)\nlearn.fine_tune(1)'),
      /fastai\.vision\.all\.vision_learner is not modelled: the package fastai is not read/,
    );
  });

  it("runs a function's own forward, and says that its backward is not read", async () => {
    const network = await read(`class Swish(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, scale=1.0):
        ctx.save_for_backward(x)
        ctx.scale = scale
        return x * torch.sigmoid(scale * x)
    @staticmethod
    def backward(ctx, grad):
        return grad, None
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(4, 3)
    def forward(self, x):
        return Swish.apply(self.fc(x), 2.0)
model = Net()`);
    assert.deepEqual(network.outputs, ['mul_1']);
    assert.match(whysOf(network).join(), /^18: Swish: its own backward is not read/);
  });

  it('takes an empty vector for nothing in a row of others', async () => {
    const network = await read(`class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(4, 3)
    def forward(self, x):
        kept = torch.tensor([])
        for _ in range(2):
            kept = torch.cat([kept, self.fc(x)], dim=-1)
        return kept
model = Net()`);
    assert.deepEqual(callsOf(network).slice(-1), ['cat_1(cat, fc@2) [batch, 6]']);
    assert.deepEqual(whysOf(network), []);
  });

  it('registers what is written into _modules, in the place of what stood there', async () => {
    const network = await read(`class Scale(nn.Module):
    def __init__(self, norm):
        super().__init__()
        self.register_buffer('weight', torch.ones(3))
        self.weight.copy_(norm.weight)
    def forward(self, x):
        return x * self.weight
def replace(model):
    for name, module in model.named_children():
        if isinstance(module, nn.BatchNorm1d):
            model._modules[name] = Scale(module)
        replace(module)
model = nn.Sequential(nn.Linear(4, 3), nn.BatchNorm1d(3), nn.ReLU())
replace(model)`);
    assert.deepEqual(
      network.modules.map(({ kind }) => kind),
      ['Linear', 'Scale', 'ReLU'],
    );
    assert.deepEqual(whysOf(network), []);
  });
});
