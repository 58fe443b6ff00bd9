import { message, type Network } from '../../network';
import { layerOf } from './graph';
import { isKeras, usesBatch } from './kinds';
import { oneFinding, type StructureRule } from './rule';

/** What may be left of the start: 1 %. */
const THRESHOLD = 0.01;
const SOURCE = 'the running average itself: (1 − m)ⁿ of its start is left after n steps';

/** How many steps the file takes, and where it says so. */
const plannedSteps = ({ plannedSteps: own, surroundings }: Network) => own ?? surroundings?.steps;

export const coldStatistics: StructureRule = {
  id: 'cold-running-statistics',
  severity: 'warning',
  finds: 'BatchNorm whose running statistics are still near their start when the planned training ends',
  why: `The running mean begins at 0 and the running variance at 1, and each step moves them by the share m. After few steps, or with a
small m, evaluation normalizes with numbers that are partly made up, however well training went.`,
  figure: `${SOURCE}; m is PyTorch's momentum, and 1 − momentum in Keras. Below 1 % takes 44 steps at PyTorch's 0.1, 459 at 0.01 and at Keras's
0.99, 4,603 at 0.999. Reported where the file says how many steps it takes (loops over ranges; fit over data of a known length, or with
steps_per_epoch) and more than 1 % is left; a note up to 10 %.`,
  mend: 'A larger share (momentum=0.1 in PyTorch, 0.9 in Keras), more steps, or statistics recomputed over the training data before evaluation.',
  ignore:
    'The statistics are recomputed before they are used, or trained weights are loaded, whose statistics are warm.',
  check: ({ network, graph }) => {
    const steps = plannedSteps(network);
    if (!steps || (network.surroundings?.pretrained.length ?? 0) > 0) return [];
    const cold = network.calls.flatMap((call) => {
      const { momentum, track_running_stats: tracked } = call.attributes;
      if (!usesBatch(graph, call) || typeof momentum !== 'number' || tracked === false || call.module === undefined)
        return [];
      const share = isKeras(call.kind) ? 1 - momentum : momentum;
      const left = (1 - share) ** steps.value;
      return left > THRESHOLD ? [{ call, left }] : [];
    });
    const [worst] = cold.toSorted((a, b) => b.left - a.left);
    if (!worst) return [];
    const severity = worst.left > 0.1 ? 'warning' : 'note';
    return oneFinding(
      'cold-running-statistics',
      severity,
      cold.map(({ call }) => call),
      (first, layers) => ({
        message: message(
          'cold-running-statistics',
          'After the {steps} steps of line {line} the running statistics of {layer} are still {left} % of their start, 0 and 1 ({count} such layers): evaluation normalizes with these.',
          {
            steps: steps.value,
            line: steps.source.start.line,
            layer: layerOf(first),
            left: Number((100 * worst.left).toPrecision(2)),
            count: layers.length,
          },
        ),
        evidence: [
          {
            quantity: 'share of the start that is left',
            value: worst.left,
            unit: '',
            threshold: THRESHOLD,
            thresholdSource: SOURCE,
          },
          { quantity: 'planned steps', value: steps.value, unit: 'steps' },
        ],
      }),
      {
        related: [
          {
            source: steps.source,
            message: message('planned-steps', 'the training: {steps} steps', { steps: steps.value }),
          },
        ],
      },
    );
  },
  cases: {
    fires: [
      `
# normscope: input=20
model = nn.Sequential(
    nn.Linear(20, 64, bias=False),
    nn.BatchNorm1d(64, momentum=0.01),  # <-
    nn.ReLU(),
    nn.Linear(64, 2),
)
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
for step in range(100):
    optimizer.zero_grad()
    loss = F.cross_entropy(model(x), y)
    loss.backward()
    optimizer.step()
model.eval()
`,
      `
import keras
from keras import layers

(x_train, y_train), _ = keras.datasets.mnist.load_data()
model = keras.Sequential([
    keras.Input((28, 28)),
    layers.Flatten(),
    layers.Dense(64, use_bias=False),
    layers.BatchNormalization(momentum=0.999),  # <-
    layers.ReLU(),
    layers.Dense(10),
])
model.compile('adam', loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True))
model.fit(x_train, y_train, batch_size=128, epochs=2)
`,
    ],
    passes: [
      `
# normscope: input=20
model = nn.Sequential(nn.Linear(20, 64, bias=False), nn.BatchNorm1d(64), nn.ReLU(), nn.Linear(64, 2))
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
for epoch in range(10):
    for step in range(100):
        loss = F.cross_entropy(model(x), y)
        loss.backward()
        optimizer.step()
`,
      `
# normscope: input=20
model = nn.Sequential(nn.Linear(20, 64, bias=False), nn.BatchNorm1d(64, momentum=0.01), nn.ReLU(), nn.Linear(64, 2))
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
for epoch in range(10):
    for x, y in loader:
        loss = F.cross_entropy(model(x), y)
        loss.backward()
        optimizer.step()
`,
    ],
  },
};
