import { type Call, message } from '../../network';
import { type Graph, layerOf } from './graph';
import { isRectifier, passesOn, usesBatch } from './kinds';
import { oneFinding, type StructureRule } from './rule';

const THRESHOLD = 0.8;
const SOURCE =
  'Li et al. 2019, "Understanding the Disharmony between Dropout and Batch Normalization by Variance Shift"';

/** A dropout, and what it does to the variance that a norm behind it sees. */
interface Shift {
  readonly norm: Call;
  readonly dropout: Call;
  /** Variance in evaluation over variance in training. */
  readonly ratio: number;
}

/** E[x]²/E[x²] of half a standard normal (1/π) and of what is centred. */
const meanShare = (rectified: boolean): number => (rectified ? 1 / Math.PI : 0);

/** In training E[x²] is 1/(1 − p) times as large, and the mean is the same. */
const shiftOf = (p: number, rectified: boolean): number =>
  (1 - meanShare(rectified)) / (1 / (1 - p) - meanShare(rectified));

function shiftBefore(graph: Graph, norm: Call): Shift | undefined {
  const between = (call: Call) => passesOn(graph, call) || isRectifier(call) || graph.role(call) === 'pooling';
  const dropout = graph.back(graph.source(norm), between);
  if (!dropout || !/^(Dropout|Dropout[123]d|KerasDropout)$/.test(dropout.kind)) return undefined;
  const p = dropout.attributes.p ?? dropout.attributes.rate;
  if (typeof p !== 'number' || p <= 0 || p >= 1) return undefined;
  const source = graph.source(dropout);
  const after = graph.source(norm);
  const rectified = (source !== undefined && isRectifier(source)) || (after !== undefined && isRectifier(after));
  return { norm, dropout, ratio: shiftOf(p, rectified) };
}

export const dropoutBeforeBatchNorm: StructureRule = {
  id: 'dropout-before-batchnorm',
  severity: 'warning',
  finds: 'Dropout directly before BatchNorm, whose running variance is then that of another distribution',
  why: `Dropout makes the variance larger in training (each kept value is divided by 1 − p), and does nothing in evaluation. BatchNorm
behind it keeps the training's variance and divides by it in evaluation, where the values vary less: every channel comes out
too small, and what is behind has never seen such values.`,
  figure: `Variance in evaluation over that in training: 1 − p for centred values, (1 − 1/π)/(1/(1 − p) − 1/π) for ReLU's, 0.405 at
p = 0.5 (simulated: 0.405). Reported below ${THRESHOLD}; ${SOURCE}.`,
  mend: 'Put the dropout behind the norm and its activation, or only before the last linear layer.',
  ignore: `A layer of weights or a sum stands between them: the shift is then mixed with others (WideResNet drops inside its blocks and trains
well). Such networks are not reported.`,
  check: ({ network, graph }) => {
    const shifts = network.calls.flatMap((call) => {
      const shift = usesBatch(graph, call) ? shiftBefore(graph, call) : undefined;
      return shift && shift.ratio < THRESHOLD ? [shift] : [];
    });
    const [worst] = shifts;
    return oneFinding(
      'dropout-before-batchnorm',
      'warning',
      shifts.map(({ norm }) => norm),
      (first) => ({
        message: message(
          'dropout-before-batchnorm',
          '{dropout} before {layer}: in evaluation the variance is {ratio} of what the norm has learned in training. Drop behind the norm.',
          { dropout: layerOf(worst!.dropout), layer: layerOf(first), ratio: worst!.ratio.toFixed(2) },
        ),
        evidence: [
          {
            quantity: 'variance in evaluation over that in training',
            value: worst!.ratio,
            unit: 'ratio',
            threshold: THRESHOLD,
            thresholdSource: SOURCE,
          },
        ],
      }),
    );
  },
  cases: {
    fires: [
      `
# normscope: input=20
model = nn.Sequential(
    nn.Linear(20, 64),
    nn.ReLU(),
    nn.Dropout(0.5),
    nn.BatchNorm1d(64),  # <-
    nn.Linear(64, 2),
)
`,
      `
import keras
from keras import layers

model = keras.Sequential([
    keras.Input((20,)),
    layers.Dense(64, use_bias=False),
    layers.Dropout(0.5),
    layers.BatchNormalization(),  # <-
    layers.ReLU(),
    layers.Dense(2),
])
`,
    ],
    passes: [
      `
# normscope: input=20
model = nn.Sequential(
    nn.Linear(20, 64, bias=False), nn.BatchNorm1d(64), nn.ReLU(), nn.Dropout(0.5), nn.Linear(64, 64, bias=False),
    nn.BatchNorm1d(64), nn.ReLU(), nn.Linear(64, 2)
)
`,
      `
# normscope: input=20
model = nn.Sequential(nn.Linear(20, 64), nn.ReLU(), nn.Dropout(0.1), nn.BatchNorm1d(64), nn.Linear(64, 2))
`,
      `
# normscope: input=20
model = nn.Sequential(nn.Linear(20, 64), nn.ReLU(), nn.Dropout(0.5), nn.LayerNorm(64), nn.Linear(64, 2))
`,
    ],
  },
};
