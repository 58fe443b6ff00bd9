import { message } from '../../network';
import type { StructureRule } from './rule';
import { atFact, batchNorms, loaderBatch, relatedCall } from './scriptFacts';

const SOURCE = 'Wu & He 2018, ResNet-50: error 24.8 % at 8 images a device, 23.6 % at 32';
const ENOUGH = 8;

export const distributedWithoutSync: StructureRule = {
  id: 'distributed-without-syncbn',
  severity: 'warning',
  finds: 'training on several devices with few samples on each, and BatchNorm that each device computes alone',
  why: `DistributedDataParallel averages gradients, not BatchNorm's statistics: each device normalizes by its own few samples, and the
buffers of the first device are those that are saved. A large batch over all devices does not help.`,
  figure: `${SOURCE}. Reported where the loader's batch (which is one device's under DistributedDataParallel) is at most ${ENOUGH}, and nothing turns
the norms into SyncBatchNorm. DataParallel splits the loader's batch, by a number of devices that nobody states: not reported.`,
  mend: '`model = nn.SyncBatchNorm.convert_sync_batchnorm(model)` before wrapping it; or GroupNorm.',
  ignore: 'The script runs on one device, or the communication costs more than the noise.',
  check: (structure) => {
    const { surroundings } = structure.network;
    const fact = surroundings?.distribution;
    const batch = loaderBatch(surroundings);
    const [first, ...others] = batchNorms(structure).filter(({ kind }) => kind !== 'SyncBatchNorm');
    if (!first || !fact || fact.value.kind === 'DataParallel' || surroundings?.synchronizedNorms) return [];
    if (batch === undefined || batch > ENOUGH) return [];
    const found = atFact(
      'distributed-without-syncbn',
      fact.value.conditional ? 'note' : 'warning',
      fact,
      first,
      message(
        'distributed-without-syncbn',
        '{kind}: each device normalizes by its own {batch} samples in {count} BatchNorm layers. Turn them into SyncBatchNorm before wrapping the model.',
        { kind: fact.value.kind, batch, count: others.length + 1 },
      ),
      [{ quantity: 'samples a device', value: batch, unit: 'samples', threshold: ENOUGH, thresholdSource: SOURCE }],
    );
    return [
      {
        ...found,
        related: relatedCall(first),
        mend: {
          title: message('mend-sync', 'Turn the norms into SyncBatchNorm before wrapping'),
          argument: { source: fact.source, through: 'SyncBatchNorm.convert_sync_batchnorm' },
        },
      },
    ];
  },
  cases: {
    fires: [
      `
# normscope: input=3x32x32
model = nn.Sequential(nn.Conv2d(3, 16, 3, bias=False), nn.BatchNorm2d(16), nn.ReLU(), nn.Conv2d(16, 2, 1))
loader = DataLoader(dataset, batch_size=8, sampler=sampler)
ddp = torch.nn.parallel.DistributedDataParallel(model)  # <-
`,
    ],
    passes: [
      `
# normscope: input=3x32x32
model = nn.Sequential(nn.Conv2d(3, 16, 3, bias=False), nn.BatchNorm2d(16), nn.ReLU(), nn.Conv2d(16, 2, 1))
loader = DataLoader(dataset, batch_size=8, sampler=sampler)
model = nn.SyncBatchNorm.convert_sync_batchnorm(model)
ddp = torch.nn.parallel.DistributedDataParallel(model)
`,
      `
# normscope: input=3x32x32
model = nn.Sequential(nn.Conv2d(3, 16, 3, bias=False), nn.BatchNorm2d(16), nn.ReLU(), nn.Conv2d(16, 2, 1))
loader = DataLoader(dataset, batch_size=64, sampler=sampler)
ddp = torch.nn.parallel.DistributedDataParallel(model)
`,
    ],
  },
};
