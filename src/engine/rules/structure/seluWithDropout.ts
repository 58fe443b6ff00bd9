import { type Call, message } from '../../network';
import { layerOf } from './graph';
import { oneFinding, type StructureRule } from './rule';
import { behind, SNN, seluCalls } from './selu';

const rateOf = ({ attributes }: Pick<Call, 'attributes'>): number => Number(attributes.p ?? attributes.rate);

export const seluWithDropout: StructureRule = {
  id: 'selu-with-dropout',
  severity: 'note',
  finds: 'plain Dropout behind SELU, in place of AlphaDropout',
  why: `Dropout sets values to 0 and stretches the rest: behind SELU mean and variance leave the fixed point that the layers are made to keep.
AlphaDropout sets them to SELU's lower end instead and corrects both.`,
  figure: `${SNN}, which gives AlphaDropout for this. Variance behind dropout is 1/(1 − p) for centred values: 2 at p = 0.5.`,
  mend: '`nn.AlphaDropout` in place of `nn.Dropout`, usually with a smaller p (0.05 to 0.1).',
  ignore: 'The dropout stands before the last layer alone.',
  check: ({ network, graph }) => {
    const dropped = seluCalls(graph).flatMap((call) => {
      const next = behind(graph, call);
      return next && /^(Keras)?Dropout$/.test(next.kind) && rateOf(next) > 0 ? [next] : [];
    });
    // Before the last layer nothing is left to be kept.
    const kept = dropped.filter((call) =>
      network.calls.slice(network.calls.indexOf(call)).some(({ kind }) => kind === 'SELU'),
    );
    const say = (first: Call) => {
      const p = rateOf(first);
      return {
        message: message(
          'selu-with-dropout',
          '{layer} takes SELU off its fixed point (variance {variance} in training): AlphaDropout keeps it.',
          { layer: layerOf(first), variance: (1 / (1 - p)).toFixed(2) },
        ),
        evidence: [
          { quantity: 'variance behind the dropout', value: 1 / (1 - p), unit: '', threshold: 1, thresholdSource: SNN },
        ],
      };
    };
    return oneFinding('selu-with-dropout', 'note', kept, say, {
      mend: {
        title: message('mend-alpha-dropout', 'Take AlphaDropout ({count})', { count: kept.length }),
        changes: kept.map(({ id, attributes }) => ({
          operation: 'replace',
          site: id,
          layer: { kind: 'AlphaDropout', attributes: { p: rateOf({ attributes }) } },
        })),
      },
    });
  },
  cases: {
    fires: [
      `
# normscope: input=20
model = nn.Sequential(
    nn.Linear(20, 64),
    nn.SELU(),
    nn.Dropout(0.2),  # <-
    nn.Linear(64, 64),
    nn.SELU(),
    nn.Linear(64, 2),
)
`,
      `
import keras
from keras import layers

model = keras.Sequential([
    keras.Input((20,)),
    layers.Dense(20, activation='selu', kernel_initializer='lecun_normal'),
    layers.Dropout(0.1),  # <-
    layers.Dense(20, activation='selu', kernel_initializer='lecun_normal'),
    layers.Dense(2),
])
`,
    ],
    passes: [
      `
# normscope: input=20
model = nn.Sequential(nn.Linear(20, 64), nn.SELU(), nn.AlphaDropout(0.1), nn.Linear(64, 64), nn.SELU(), nn.Linear(64, 2))
`,
      `
# normscope: input=20
model = nn.Sequential(nn.Linear(20, 64), nn.ReLU(), nn.Dropout(0.2), nn.Linear(64, 2))
`,
    ],
  },
};
