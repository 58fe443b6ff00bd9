import { message } from '../../network';
import { layerOf } from './graph';
import { isFeatureNorm, isKeras } from './kinds';
import { oneFinding, type StructureRule } from './rule';

const THRESHOLD = 0.05;
const SOURCE =
  'PyTorch: BatchNorm2d(num_features, eps=1e-5, momentum=0.1); Keras: BatchNormalization(axis=-1, momentum=0.99, epsilon=1e-3)';

export const momentumAsEps: StructureRule = {
  id: 'momentum-as-eps',
  severity: 'warning',
  finds: 'a norm whose eps has the size of a momentum, as when arguments are carried over from Keras by their place',
  why: `PyTorch's second argument is eps, where many examples mean Keras's momentum: \`nn.BatchNorm2d(64, 0.8)\` adds 0.8 to every variance.
A channel of variance 1 then comes out with standard deviation 0.75, one of variance 0.01 with 0.11: the norm hardly normalizes what
is small, and the momentum that was meant is not there.`,
  figure: `${SOURCE}. Defaults of eps are 1e-5 in PyTorch and 1e-3 in Keras; published networks use up to 1e-2. Reported from ${THRESHOLD}.`,
  mend: 'Name the argument: `momentum=0.2` in PyTorch is 0.8 in Keras, and eps stays at its default.',
  ignore: 'So large an eps is meant, to leave channels of small variance small.',
  check: ({ network }) => {
    const epsOf = ({ attributes }: (typeof network.calls)[number]) => attributes.eps ?? attributes.epsilon;
    const norms = network.calls.filter((call) => {
      const eps = epsOf(call);
      return isFeatureNorm(call) && typeof eps === 'number' && eps >= THRESHOLD;
    });
    const moved = norms.filter(({ kind, attributes }) => typeof attributes.momentum === 'number' && !isKeras(kind));
    return oneFinding(
      'momentum-as-eps',
      'warning',
      norms,
      (first, layers) => {
        const eps = epsOf(first) as number;
        return {
          message: message(
            'momentum-as-eps',
            '{layer} has eps {eps}: a channel of variance 1 comes out with standard deviation {deviation}, smaller ones hardly normalized ({count} layers). Is a momentum meant?',
            {
              layer: layerOf(first),
              eps,
              deviation: (1 / Math.sqrt(1 + eps)).toFixed(2),
              count: layers.length,
            },
          ),
          evidence: [{ quantity: 'eps', value: eps, unit: '', threshold: THRESHOLD, thresholdSource: SOURCE }],
        };
      },
      moved.length === norms.length
        ? {
            mend: {
              title: message('mend-momentum-as-eps', 'Give it as the momentum that it is in Keras ({count})', {
                count: norms.length,
              }),
              changes: norms.map((call) => ({
                operation: 'set',
                site: call.id,
                attributes: { eps: 1e-5, momentum: Number((1 - Math.min(0.99, epsOf(call) as number)).toPrecision(6)) },
              })),
            },
          }
        : {},
    );
  },
  cases: {
    fires: [
      `
# normscope: input=3x16x16
model = nn.Sequential(
    nn.Conv2d(3, 16, 3, bias=False),
    nn.BatchNorm2d(16, 0.8),  # <-
    nn.LeakyReLU(0.2),
)
`,
      `
import keras
from keras import layers

model = keras.Sequential([
    keras.Input((20,)),
    layers.Dense(64, use_bias=False),
    layers.BatchNormalization(epsilon=0.9),  # <-
    layers.ReLU(),
    layers.Dense(2),
])
`,
    ],
    passes: [
      `
# normscope: input=3x16x16
model = nn.Sequential(nn.Conv2d(3, 16, 3, bias=False), nn.BatchNorm2d(16, eps=1e-3, momentum=0.8), nn.ReLU())
`,
      `
import keras
from keras import layers

model = keras.Sequential([keras.Input((20,)), layers.Dense(64, use_bias=False), layers.BatchNormalization(momentum=0.8), layers.Dense(2)])
`,
    ],
  },
};
