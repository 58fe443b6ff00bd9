import { message } from '../../network';
import type { StructureRule } from './rule';
import { atFact, batchNorms, loaderBatch, relatedCall } from './scriptFacts';

const SOURCE =
  'Wu & He 2018: the batch that BatchNorm sees decides, 34.7 % error at 2 images, 27.3 % at 4, 24.8 % at 8';
const ENOUGH = 16;

export const accumulationBatchNorm: StructureRule = {
  id: 'batchnorm-with-accumulation',
  severity: 'note',
  finds:
    'gradients accumulated over several small batches in a network with BatchNorm, whose statistics are still of one',
  why: `Accumulating gradients makes the optimizer see a larger batch. BatchNorm does not: it normalizes each small batch by itself, and its
running average moves at every one. The network is not the one that the larger batch would train.`,
  figure: `${SOURCE}. Reported where the loader's batch is stated and below ${ENOUGH}.`,
  mend: 'A norm that does not need the batch (GroupNorm, LayerNorm), SyncBatchNorm over devices, or frozen statistics when fine-tuning.',
  ignore: 'The small batch is large enough for its statistics; accumulation is for the optimizer alone.',
  check: (structure) => {
    const { surroundings } = structure.network;
    const fact = surroundings?.accumulation;
    const batch = loaderBatch(surroundings);
    const [first] = batchNorms(structure);
    if (!first || !fact || fact.value < 2 || batch === undefined || batch >= ENOUGH) return [];
    const found = atFact(
      'batchnorm-with-accumulation',
      'note',
      fact,
      first,
      message(
        'batchnorm-with-accumulation',
        'Gradients of {times} batches are added up, but BatchNorm still sees {batch} samples at a time: its statistics stay as noisy.',
        { times: fact.value, batch },
      ),
      [{ quantity: 'samples a batch', value: batch, unit: 'samples', threshold: ENOUGH, thresholdSource: SOURCE }],
    );
    return [{ ...found, related: relatedCall(first) }];
  },
  cases: {
    fires: [
      `
# normscope: input=20
model = nn.Sequential(nn.Linear(20, 64, bias=False), nn.BatchNorm1d(64), nn.ReLU(), nn.Linear(64, 2))
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
loader = DataLoader(dataset, batch_size=4, shuffle=True)
accumulation_steps = 8
for i, (x, y) in enumerate(loader):
    loss = F.cross_entropy(model(x), y) / accumulation_steps
    loss.backward()
    if (i + 1) % accumulation_steps == 0:  # <-
        optimizer.step()
        optimizer.zero_grad()
`,
    ],
    passes: [
      `
# normscope: input=20
model = nn.Sequential(nn.Linear(20, 64), nn.LayerNorm(64), nn.ReLU(), nn.Linear(64, 2))
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
loader = DataLoader(dataset, batch_size=4, shuffle=True)
accumulation_steps = 8
for i, (x, y) in enumerate(loader):
    loss = F.cross_entropy(model(x), y) / accumulation_steps
    loss.backward()
    if (i + 1) % accumulation_steps == 0:
        optimizer.step()
        optimizer.zero_grad()
`,
      `
# normscope: input=20
model = nn.Sequential(nn.Linear(20, 64, bias=False), nn.BatchNorm1d(64), nn.ReLU(), nn.Linear(64, 2))
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
loader = DataLoader(dataset, batch_size=4, shuffle=True)
for x, y in loader:
    F.cross_entropy(model(x), y).backward()
    optimizer.step()
`,
    ],
  },
};
