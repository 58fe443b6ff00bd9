import { message, type Network } from '../network';
import { gradientPaths, type PathPoint } from '../probe';
import { type Evidence, inWords } from '../report';
import { leadsAround, reachedSums } from './branches';
import { oneCause } from './causes';
import { type Found, type Measured, type Rule, symptom } from './rule';
import { Graph } from './structure/graph';

/** A layer's gradient this many times below that of the layer nearest the loss has vanished: for SGD, whose steps are as small. */
const RATIO = 1 / 100;
/** For optimizers that divide by the gradient's own size. */
const ADAPTIVE_RATIO = 1 / 1000;
/** Where it shrinks so many times with each layer, a smaller ratio counts too: the next layer is lost. */
const RATE = 5;
const RATE_RATIO = 1 / 30;
/** Below this, what remains is lost in float32's rounding of the weights. */
const HOPELESS = 1e-6;
const SOURCE =
  'NormScope: with SGD stacks of ReLU, tanh and sigmoid trained at 1/60 and not at 1/200; AutoTrainer (Zhang et al. 2021) waits for 1/1000 of the kernel gradient';
const ADAPTIVE_SOURCE =
  'NormScope: Adam, which divides by the gradient’s own size, still trained stacks of ReLU, tanh and sigmoid at 1/600 and hardly at 1/3000';
const RATE_SOURCE =
  'NormScope: with SGD two layers of sigmoid (7 times a layer, 1/7 in all) trained, three (1/54) did not';

/** What has vanished in this network, by its ratio to the last. */
interface Bound {
  readonly ratio: number;
  readonly source: string;
}

const ratioEvidence = (point: PathPoint, last: PathPoint, { ratio, source }: Bound): Evidence => ({
  quantity: `output gradient RMS over that of ${last.layer}`,
  value: point.gradient / last.gradient,
  unit: 'ratio',
  threshold: ratio,
  thresholdSource: source,
});

/** The bound that holds for a path, by the optimizer and by how fast the gradient shrinks. */
function boundOf({ network }: Measured, path: readonly PathPoint[], last: PathPoint): Bound {
  if (network.optimizer.kind !== 'SGD') return { ratio: ADAPTIVE_RATIO, source: ADAPTIVE_SOURCE };
  const layers = path.length - 1;
  // Strides and pooling shrink it too, at each of more positions: by rate only what flat functions do is judged.
  const flat = shrinkingActivations(network, path[0]!, last) !== undefined;
  const fast = flat && layers >= 2 && (last.gradient / path[0]!.gradient) ** (1 / layers) > RATE;
  return fast ? { ratio: RATE_RATIO, source: RATE_SOURCE } : { ratio: RATIO, source: SOURCE };
}

/** The gradient shrinks on its way back until the first layers hardly learn. */
export const vanishingGradient: Rule = {
  id: 'vanishing-gradient',
  finds:
    'layers whose gradient is at least 100 times smaller than that of their like nearest the loss: 1,000 with Adam and its like, 30 where it shrinks 5 times a layer',
  check: (measured) => {
    const graph = new Graph(measured.network);
    return oneCause(
      gradientPaths(measured.network, measured.layers).flatMap((path) => checkPath(measured, path, graph)),
    );
  },
};

function checkPath(measured: Measured, path: readonly PathPoint[], graph: Graph): Found[] {
  const last = path.at(-1);
  if (!last || !(last.gradient > 0) || !Number.isFinite(last.gradient)) return [];
  const bound = boundOf(measured, path, last);
  const small = path.filter(({ gradient }) => gradient < bound.ratio * last.gradient);
  // Where a layer before it has its gradient, what is small is a branch that begins quietly: the path leads around it.
  const others = path.filter((point) => !small.includes(point));
  const sums = reachedSums(measured, graph, bound.ratio * last.gradient);
  const vanished = small.filter(
    ({ call }) =>
      !others.some((other) => graph.dependsOn(call, other.call)) && !sums.some((sum) => leadsAround(graph, sum, call)),
  );
  // One layer alone, away from the input, is a quiet branch rather than a path that dies out.
  if (vanished.length === 0 || (vanished.length === 1 && vanished[0] !== path[0])) return [];
  const worst = vanished.reduce((a, b) => (b.gradient < a.gradient ? b : a));
  const steps = path.indexOf(last) - path.indexOf(worst);
  const ratio = worst.gradient / last.gradient;
  const rate = ratio > 0 ? (1 / ratio) ** (1 / Math.max(1, steps)) : Number.POSITIVE_INFINITY;
  const kinds = shrinkingActivations(measured.network, worst, last);
  const norm = measured.layers.get(worst.layer)?.gradientNorm;
  const lastNorm = measured.layers.get(last.layer)?.gradientNorm;
  return [
    {
      rule: 'vanishing-gradient',
      severity: ratio < HOPELESS ? 'error' : 'warning',
      layer: worst.layer,
      message: message(
        'vanishing-gradient',
        ratio > 0
          ? 'The gradient at {layer} is {times} times smaller than at {last}: on its way back it shrinks {rate} times a layer{through}, so the first layers hardly learn. {mend}'
          : 'The gradient at {layer} is zero in float32, while at {last} it is {lastGradient}: it has shrunk to nothing on its way back{through}. {mend}',
        {
          layer: worst.layer,
          last: last.layer,
          times: inWords(1 / ratio),
          rate: inWords(rate),
          lastGradient: inWords(last.gradient),
          through: kinds ? ` through ${kinds}` : '',
          mend: kinds
            ? 'A norm before each of them, ReLU or GELU in their place, or residual sums let it through.'
            : 'A norm in each layer, residual sums, or weights drawn to fit the activation (He, Glorot) let it through.',
        },
      ),
      evidence: [
        ratioEvidence(worst, last, bound),
        { quantity: 'shrinking a layer', value: rate, unit: 'times' },
        ...(norm !== undefined && lastNorm !== undefined
          ? [{ quantity: `gradient norm over that of ${last.layer}`, value: norm / lastNorm, unit: 'ratio' }]
          : []),
      ],
      symptoms: vanished
        .filter((point) => point !== worst)
        .map((point) => symptom('vanishing-gradient', point.layer, [ratioEvidence(point, last, bound)])),
    },
  ];
}

/** The bounded activations on the way, named with what they do to a gradient. */
function shrinkingActivations(network: Network, from: PathPoint, to: PathPoint): string | undefined {
  const between = network.calls.slice(network.calls.indexOf(from.call), network.calls.indexOf(to.call));
  const sigmoids = between.filter(({ kind }) => kind === 'Sigmoid').length;
  if (sigmoids > 0) return `${sigmoids} sigmoids (whose derivative is at most 1/4)`;
  const tanhs = between.filter(({ kind }) => kind === 'Tanh').length;
  if (tanhs > 0) return `${tanhs} tanh activations`;
  return undefined;
}
