import { bindShape, elementCount, message } from '../../network';
import { layerOf } from './graph';
import { usesBatch } from './kinds';
import type { StructureRule } from './rule';
import { atFact, relatedCall } from './scriptFacts';

const SOURCE = 'PyTorch: "Expected more than 1 value per channel when training"';

export const lastBatchOfOne: StructureRule = {
  id: 'last-batch-of-one',
  severity: 'note',
  finds:
    'a training loader that keeps its last batch, before a BatchNorm that a single sample leaves one value a channel',
  why: `A loader without drop_last gives a smaller last batch. If one sample is left over, a BatchNorm behind a linear layer or global
pooling has one value a channel, and PyTorch stops at the end of the first epoch.`,
  figure: `${SOURCE}. It happens where the number of samples leaves remainder 1 by the batch, one number in as many as the batch has; how many
samples there are is not known from the file, hence a note.`,
  mend: '`drop_last=True` in the training loader (with shuffle, another few samples are left out in each epoch).',
  ignore: 'The number of samples is known not to leave one over.',
  check: ({ network, graph }) => {
    const loader = network.surroundings?.loader;
    const batch = loader?.value.batchSize;
    if (!loader || loader.value.dropLast || batch === undefined || batch < 2) return [];
    const alone = network.calls.find((call) => {
      const input = graph.inputShape(call);
      if (!usesBatch(graph, call) || call.kind.startsWith('Keras') || !input) return false;
      const shape = bindShape(input, 1);
      return elementCount(shape) === shape[1];
    });
    if (!alone) return [];
    const found = atFact(
      'last-batch-of-one',
      'note',
      loader,
      alone,
      message(
        'last-batch-of-one',
        'If the number of samples leaves 1 over by {batch}, the last batch has one sample, and {layer} stops training there: give drop_last=True.',
        { batch, layer: layerOf(alone) },
      ),
      [
        {
          quantity: 'values a channel in a batch of one',
          value: 1,
          unit: 'values',
          threshold: 2,
          thresholdSource: SOURCE,
        },
      ],
    );
    return [
      {
        ...found,
        related: relatedCall(alone),
        mend: {
          title: message('set-drop-last', 'Drop the last, smaller batch'),
          argument: { source: loader.source, name: 'drop_last', value: 'True' },
        },
      },
    ];
  },
  cases: {
    fires: [
      `
# normscope: input=20
model = nn.Sequential(nn.Linear(20, 64, bias=False), nn.BatchNorm1d(64), nn.ReLU(), nn.Linear(64, 2))
train_loader = DataLoader(train_set, batch_size=32, shuffle=True)  # <-
`,
    ],
    passes: [
      `
# normscope: input=20
model = nn.Sequential(nn.Linear(20, 64, bias=False), nn.BatchNorm1d(64), nn.ReLU(), nn.Linear(64, 2))
train_loader = DataLoader(train_set, batch_size=32, shuffle=True, drop_last=True)
`,
      `
# normscope: input=3x16x16
model = nn.Sequential(nn.Conv2d(3, 16, 3, bias=False), nn.BatchNorm2d(16), nn.ReLU(), nn.Conv2d(16, 2, 1))
train_loader = DataLoader(train_set, batch_size=32, shuffle=True)
`,
    ],
  },
};
