import { type Call, message } from '../../network';
import { layerOf } from './graph';
import { isFeatureNorm, kindText } from './kinds';
import { oneFinding, type StructureRule } from './rule';
import { before, behind, SNN, seluCalls } from './selu';

export const seluWithBatchNorm: StructureRule = {
  id: 'selu-with-norm',
  severity: 'note',
  finds: 'a norm directly before or behind SELU, which is made to keep mean 0 and variance 1 by itself',
  why: `SELU's two constants are chosen so that a layer of weights with variance 1/n brings any mean and variance nearer to 0 and 1. With a norm at
each layer that is done twice: the constants do nothing, and SELU is a costly ELU.`,
  figure: `${SNN}: the fixed point of SELU is mean 0, variance 1. No threshold.`,
  mend: 'Either no norms, LeCun initialization and AlphaDropout; or keep the norm and take ReLU or GELU.',
  ignore: 'Measured to be better than either alone.',
  check: ({ graph }) => {
    const pairs = seluCalls(graph).flatMap((call) => {
      const norm = [before(graph, call), behind(graph, call)].find((each) => each && isFeatureNorm(each));
      return norm ? [norm] : [];
    });
    const say = (first: Call, layers: readonly string[]) => ({
      message: message(
        'selu-with-norm',
        '{layer} ({kind}) stands beside SELU, which normalizes by itself ({count} such norms): one of the two is enough.',
        { layer: layerOf(first), kind: kindText(first.kind), count: layers.length },
      ),
      evidence: [
        { quantity: 'norms beside SELU', value: layers.length, unit: 'norms', threshold: 0, thresholdSource: SNN },
      ],
    });
    return oneFinding('selu-with-norm', 'note', pairs, say, {
      mend: {
        title: message('mend-selu-norm', 'Leave out the norms beside SELU ({count})', { count: pairs.length }),
        changes: pairs.map(({ id }) => ({ operation: 'remove', site: id })),
      },
    });
  },
  cases: {
    fires: [
      `
# normscope: input=20
model = nn.Sequential(
    nn.Linear(20, 64, bias=False),
    nn.BatchNorm1d(64),  # <-
    nn.SELU(),
    nn.Linear(64, 2),
)
`,
      `
import keras
from keras import layers

model = keras.Sequential([
    keras.Input((20,)),
    layers.Dense(20, kernel_initializer='lecun_normal', use_bias=False),
    layers.BatchNormalization(),  # <-
    layers.Activation('selu'),
    layers.Dense(2),
])
`,
    ],
    passes: [
      `
# normscope: input=20
model = nn.Sequential(nn.Linear(20, 64, bias=False), nn.BatchNorm1d(64), nn.ELU(), nn.Linear(64, 2))
`,
      `
# normscope: input=20
model = nn.Sequential(nn.Linear(20, 64), nn.SELU(), nn.Linear(64, 64), nn.SELU(), nn.Linear(64, 2))
`,
    ],
  },
};
