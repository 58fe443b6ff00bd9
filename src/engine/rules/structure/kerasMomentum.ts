import { message } from '../../network';
import { layerOf } from './graph';
import { isBatchNorm, isKeras } from './kinds';
import { oneFinding, type StructureRule } from './rule';

const SOURCE = 'PyTorch: new = (1 − m)·old + m·batch; Keras: new = m·old + (1 − m)·batch';

const complement = (momentum: number): number => Number((1 - momentum).toPrecision(6));

export const kerasMomentum: StructureRule = {
  id: 'momentum-convention',
  severity: 'warning',
  finds: 'a BatchNorm momentum that was carried over between PyTorch and Keras, where it means the opposite',
  why: `PyTorch's momentum is the weight of the new batch, 0.1 by default; Keras's is the weight of the old average, 0.99. With 0.99 in PyTorch the
running statistics are those of the last batch; with 0.1 in Keras too. Training looks well, evaluation is noise.`,
  figure: `${SOURCE}. Running statistics carry (1 − m)ⁿ of their start after n steps: with m = 0.9 in PyTorch 1 % after 2 steps. Reported from
0.9 to below 1 in PyTorch, and from above 0 to 0.1 in Keras.`,
  mend: 'Take 1 minus it: 0.99 in Keras is 0.01 in PyTorch. eps has other defaults too: 1e-3 in Keras, 1e-5 in PyTorch.',
  ignore: 'The last batch’s statistics are wanted, as when they are recomputed over one large batch.',
  check: ({ network }) => {
    const norms = network.calls.filter((call) => {
      const { momentum } = call.attributes;
      if (!isBatchNorm(call) || typeof momentum !== 'number') return false;
      return isKeras(call.kind) ? momentum > 0 && momentum <= 0.1 : momentum >= 0.9 && momentum < 1;
    });
    return oneFinding(
      'momentum-convention',
      'warning',
      norms,
      (first, layers) => {
        const given = first.attributes.momentum as number;
        const keras = isKeras(first.kind);
        return {
          message: message(
            'momentum-convention',
            '{layer} has momentum {given}: in {library} that weighs the {part} so, and the running statistics are those of the last batch or two ({count} layers). Is {other} meant?',
            {
              layer: layerOf(first),
              given,
              library: keras ? 'Keras' : 'PyTorch',
              part: keras ? 'old average' : 'new batch',
              count: layers.length,
              other: complement(given),
            },
          ),
          evidence: [
            {
              quantity: 'weight of the new batch',
              value: keras ? 1 - given : given,
              unit: '',
              threshold: 0.9,
              thresholdSource: SOURCE,
            },
          ],
        };
      },
      {
        mend: {
          title: message('mend-momentum', 'Take 1 minus the momentum ({count})', { count: norms.length }),
          changes: norms.map(({ id, attributes }) => ({
            operation: 'set',
            site: id,
            attributes: { momentum: complement(attributes.momentum as number) },
          })),
        },
      },
    );
  },
  cases: {
    fires: [
      `
# normscope: input=3x16x16
model = nn.Sequential(
    nn.Conv2d(3, 16, 3, bias=False),
    nn.BatchNorm2d(16, momentum=0.99, eps=1e-3),  # <-
    nn.ReLU(),
)
`,
      `
import keras
from keras import layers

model = keras.Sequential([
    keras.Input((20,)),
    layers.Dense(64, use_bias=False),
    layers.BatchNormalization(momentum=0.1),  # <-
    layers.ReLU(),
    layers.Dense(2),
])
`,
    ],
    passes: [
      `
# normscope: input=3x16x16
model = nn.Sequential(nn.Conv2d(3, 16, 3, bias=False), nn.BatchNorm2d(16, momentum=0.01, eps=1e-3), nn.ReLU())
`,
      `
# normscope: input=3x16x16
model = nn.Sequential(nn.Conv2d(3, 16, 3, bias=False), nn.BatchNorm2d(16, momentum=1.0), nn.ReLU())
`,
    ],
  },
};
