import assert from 'node:assert/strict';
import type { Fact, Surroundings } from '../../../../src/engine/network';
import { read } from './read';

const NET = `class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(4, 3)
    def forward(self, x):
        return self.fc(x)
model = Net()
`;

/** What the reader has of a script behind a model; its lines count from 11. */
const around = async (script: string): Promise<Surroundings> => {
  const { surroundings } = await read(`${NET}${script}`);
  assert.ok(surroundings);
  return surroundings;
};

const at = <T>(fact: Fact<T> | undefined) => fact && [fact.value, fact.source.start.line];

describe('PyTorch reader: what surrounds the model', () => {
  it('says nothing where the file says nothing', async () => {
    assert.deepEqual(await around(''), {
      losses: [],
      lossInputs: [],
      optimizers: [],
      pretrained: [],
      modes: [],
      evaluations: [],
      assumptions: [],
    });
  });

  it('reads the training loader, and whether it drops the last batch', async () => {
    const { loader } = await around(`from torch.utils.data import DataLoader
test = DataLoader(test_set, batch_size=7, drop_last=True)
train = DataLoader(train_set, 16, shuffle=True)
`);
    assert.deepEqual(at(loader), [{ batchSize: 16, dropLast: false, shuffle: true }, 13]);
    const dropping = await around(`loader = torch.utils.data.DataLoader(data, batch_size=n, drop_last=True)\n`);
    assert.deepEqual(at(dropping.loader), [{ dropLast: true, shuffle: false }, 11]);
  });

  it('follows what a loss is given back to a model, by what made it and what is applied between', async () => {
    const { lossInputs } = await around(`criterion = nn.BCELoss()
def train(loader):
    net = torch.nn.DataParallel(Net().cuda())
    for x, y in loader:
        out = net(x)
        loss = criterion(torch.sigmoid(out).squeeze(1), y)
        other = F.mse_loss(x, y)
        third = F.cross_entropy(model(x)[0], y)
`);
    assert.deepEqual(lossInputs.map(at), [
      [{ models: ['net', 'Net'], through: ['squeeze', 'sigmoid'] }, 16],
      [{ models: ['model', 'Net'], through: [] }, 18],
    ]);
  });

  it('reads epochs, accumulation, losses and optimizers, numbers by their names and by argparse', async () => {
    const found = await around(`import argparse
def main():
    p = argparse.ArgumentParser()
    p.add_argument('--epochs', type=int, default=12)
    p.add_argument('--accum-steps', type=int, default=4)
    args = p.parse_args()
    optimizer = torch.optim.AdamW(model.parameters())
    for epoch in range(1, args.epochs + 1):
        for i, (x, y) in enumerate(loader):
            loss = F.cross_entropy(model(x), y) / args.accum_steps
            loss.backward()
            if i % 100 == 0:
                print(loss)
            if (i + 1) % args.accum_steps == 0 or i + 1 == len(loader):
                optimizer.step()
main()
`);
    assert.deepEqual(at(found.epochs), [12, 18]);
    assert.deepEqual(at(found.accumulation), [4, 24]);
    assert.deepEqual(at(found.optimizers[0]), ['torch.optim.AdamW', 17]);
    assert.deepEqual(at(found.losses[0]), ['torch.nn.functional.cross_entropy', 20]);
    const every = await around('for i in range(9):\n    if i % 10 == 0:\n        scheduler.step()\n');
    assert.equal(every.accumulation, undefined);
  });

  it('reads precision: autocast with its type, a model in half, a scaler', async () => {
    const mixed = await around(`scaler = torch.cuda.amp.GradScaler()
for x, y in loader:
    with torch.autocast(device_type='cuda', dtype=torch.bfloat16):
        model(x)
`);
    assert.deepEqual(at(mixed.precision), [{ type: 'bfloat16', by: 'autocast' }, 13]);
    assert.deepEqual(at(mixed.gradientScaling), [true, 11]);
    assert.deepEqual(at((await around('model.half()\n')).precision), [{ type: 'float16', by: 'model' }, 11]);
    const off = await around(
      's = torch.amp.GradScaler(enabled=False)\nwith torch.autocast("cuda", enabled=False):\n    pass\n',
    );
    assert.deepEqual([off.precision, off.gradientScaling], [undefined, undefined]);
  });

  it('reads training on several devices, by its alias, and synchronized norms', async () => {
    const found = await around(`from torch.nn.parallel import DistributedDataParallel as Wrapped
if world > 1:
    model = nn.SyncBatchNorm.convert_sync_batchnorm(model)
    model = Wrapped(model)
`);
    assert.deepEqual(at(found.distribution), [{ kind: 'DistributedDataParallel', conditional: true }, 14]);
    assert.deepEqual(at(found.synchronizedNorms), [true, 13]);
    const plain = await around('model = nn.DataParallel(model)\n');
    assert.deepEqual(at(plain.distribution), [{ kind: 'DataParallel', conditional: false }, 11]);
    assert.equal(plain.synchronizedNorms, undefined);
  });

  it('reads a gradient penalty and DP-SGD', async () => {
    const penalty = await around('g = torch.autograd.grad(y, x, create_graph=True)[0]\n');
    assert.deepEqual(at(penalty.gradientPenalty), [true, 11]);
    assert.equal((await around('g = torch.autograd.grad(y, x)[0]\n')).gradientPenalty, undefined);
    const privacy = await around('from opacus import PrivacyEngine\nengine = PrivacyEngine()\n');
    assert.deepEqual(at(privacy.differentialPrivacy), [true, 12]);
  });

  it('reads where trained weights come from, and where they do not', async () => {
    const { pretrained } = await around(`import torchvision
a = torchvision.models.resnet18(weights=None)
b = torchvision.models.resnet18(weights='DEFAULT')
c = timm.create_model('x', pretrained=True)
d = timm.create_model('x', pretrained=False)
e = AutoModel.from_pretrained('bert')
t = AutoTokenizer.from_pretrained('bert')
model.load_state_dict(torch.load('m.pt'))
optimizer.load_state_dict(state)
if resume:
    model.load_state_dict(state)
`);
    assert.deepEqual(pretrained.map(at), [
      [{ how: 'weights', conditional: false }, 13],
      [{ how: 'pretrained', conditional: false }, 14],
      [{ how: 'from_pretrained', conditional: false }, 16],
      [{ how: 'load_state_dict', conditional: false }, 18],
      [{ how: 'load_state_dict', conditional: true }, 21],
    ]);
  });

  it('sees loops over held-out data, and whether eval() comes before them', async () => {
    const found = await around(`@torch.no_grad()
def validate(model, val_loader):
    for x, y in val_loader:
        model(x)
def test(model, test_loader):
    model.eval()
    with torch.no_grad():
        for x, y in tqdm(test_loader):
            model(x)
def judge(model, valid_loader):
    for x, y in valid_loader:
        model(x)
def run():
    model.train()
    for x, y in train_loader:
        model(x)
    model.eval()
    judge(model, valid_loader)
`);
    assert.deepEqual(found.evaluations.map(at), [
      [{ evaluates: false, withoutGradients: true }, 13],
      [{ evaluates: true, withoutGradients: true }, 18],
      [{ evaluates: true, withoutGradients: false }, 21],
    ]);
    assert.deepEqual(found.modes.map(at), [
      ['eval', 16],
      ['train', 24],
      ['eval', 27],
    ]);
  });

  it('reads the schedule, and whether it warms up', async () => {
    const step = await around('from torch.optim.lr_scheduler import StepLR\ns = StepLR(optimizer, 30)\n');
    assert.deepEqual(at(step.schedule), [{ kind: 'StepLR', warmup: false }, 12]);
    const warm = await around('s = get_cosine_schedule_with_warmup(opt, num_warmup_steps=10, num_training_steps=99)\n');
    assert.deepEqual(at(warm.schedule), [{ kind: 'get_cosine_schedule_with_warmup', warmup: true }, 11]);
    const own = await around(`warmup_iters = 100
def get_lr(it):
    return it / warmup_iters
lr = get_lr(3)
`);
    assert.deepEqual(at(own.schedule), [{ kind: 'get_lr', warmup: true }, 14]);
    const cycle = await around('s = torch.optim.lr_scheduler.OneCycleLR(opt, 0.1, 100)\n');
    assert.deepEqual(at(cycle.schedule), [{ kind: 'OneCycleLR', warmup: true }, 11]);
  });

  it("reads what trainers are told: Lightning's and Hugging Face's", async () => {
    const lightning = await around(`import lightning as L
trainer = L.Trainer(max_epochs=5, precision='16-mixed', accumulate_grad_batches=2, strategy='ddp', sync_batchnorm=True)
`);
    assert.deepEqual(at(lightning.epochs), [5, 12]);
    assert.deepEqual(at(lightning.precision), [{ type: 'float16', by: 'autocast' }, 12]);
    assert.deepEqual(at(lightning.accumulation), [2, 12]);
    assert.deepEqual(at(lightning.distribution), [{ kind: 'DistributedDataParallel', conditional: false }, 12]);
    assert.deepEqual(at(lightning.synchronizedNorms), [true, 12]);
    const face = await read(`${NET}from transformers import TrainingArguments
args = TrainingArguments(output_dir='o', per_device_train_batch_size=6, gradient_accumulation_steps=8, bf16=True,
                         num_train_epochs=3, warmup_ratio=0.1)
`);
    assert.deepEqual(face.batch, { size: 6, origin: 'TrainingArguments(per_device_train_batch_size=6), line 12' });
    assert.deepEqual(at(face.surroundings!.accumulation), [8, 12]);
    assert.deepEqual(at(face.surroundings!.precision), [{ type: 'bfloat16', by: 'autocast' }, 12]);
    assert.deepEqual(at(face.surroundings!.epochs), [3, 12]);
    assert.deepEqual(at(face.surroundings!.schedule), [{ kind: 'linear', warmup: true }, 12]);
    assert.equal(face.surroundings!.loader!.value.dropLast, false);
  });

  it('leaves a loss between 0 and 1 to the other network of a pair that ends in tanh', async () => {
    const network = await read(`class G(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(4, 3)
    def forward(self, z):
        return torch.tanh(self.fc(z))
g = G()
criterion = nn.BCELoss()
`);
    assert.notEqual(network.task.loss, 'BCELoss');
    assert.match(network.unmodelled[0]!.why, /it takes values between 0 and 1, and Tanh gives others/);
  });
});
