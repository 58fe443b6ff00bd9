import { message } from '../network';
import { gradientPaths, type PathPoint } from '../probe';
import { type Evidence, inWords } from '../report';
import { oneCause } from './causes';
import { type Found, type Measured, type Rule, symptom } from './rule';

/** A layer's gradient this many times below that of the layer nearest the loss has vanished. */
const RATIO = 1 / 100;
/** Below this, what remains is lost in float32's rounding of the weights. */
const HOPELESS = 1e-6;
const SOURCE =
  'NormScope: two orders of magnitude, the textbook case of a deep sigmoid network; AutoTrainer (Zhang et al. 2021) waits for 1/1000 of the kernel gradient';

const ratioEvidence = (point: PathPoint, last: PathPoint): Evidence => ({
  quantity: `output gradient RMS over that of ${last.layer}`,
  value: point.gradient / last.gradient,
  unit: 'ratio',
  threshold: RATIO,
  thresholdSource: SOURCE,
});

/** The gradient shrinks on its way back until the first layers hardly learn. */
export const vanishingGradient: Rule = {
  id: 'vanishing-gradient',
  finds: 'layers whose gradient is at least 100 times smaller than that of their like nearest the loss',
  check: (measured) =>
    oneCause(gradientPaths(measured.network, measured.layers).flatMap((path) => checkPath(measured, path))),
};

function checkPath(measured: Measured, path: readonly PathPoint[]): Found[] {
  const last = path.at(-1);
  if (!last || !(last.gradient > 0) || !Number.isFinite(last.gradient)) return [];
  const vanished = path.filter(({ gradient }) => gradient < RATIO * last.gradient);
  // One layer alone, away from the input, is a quiet branch rather than a path that dies out.
  if (vanished.length === 0 || (vanished.length === 1 && vanished[0] !== path[0])) return [];
  const worst = vanished.reduce((a, b) => (b.gradient < a.gradient ? b : a));
  const steps = path.indexOf(last) - path.indexOf(worst);
  const ratio = worst.gradient / last.gradient;
  const rate = ratio > 0 ? (1 / ratio) ** (1 / Math.max(1, steps)) : Number.POSITIVE_INFINITY;
  const kinds = shrinkingActivations(measured, worst, last);
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
          ? 'The gradient at {layer} is {times} times smaller than at {last}: on its way back it shrinks {rate} times a layer{through}, so the first layers hardly learn.'
          : 'The gradient at {layer} is zero in float32, while at {last} it is {lastGradient}: it has shrunk to nothing on its way back{through}.',
        {
          layer: worst.layer,
          last: last.layer,
          times: inWords(1 / ratio),
          rate: inWords(rate),
          lastGradient: inWords(last.gradient),
          through: kinds ? ` through ${kinds}` : '',
        },
      ),
      evidence: [
        ratioEvidence(worst, last),
        { quantity: 'shrinking a layer', value: rate, unit: 'times' },
        ...(norm !== undefined && lastNorm !== undefined
          ? [{ quantity: `gradient norm over that of ${last.layer}`, value: norm / lastNorm, unit: 'ratio' }]
          : []),
      ],
      symptoms: vanished
        .filter((point) => point !== worst)
        .map((point) => symptom('vanishing-gradient', point.layer, [ratioEvidence(point, last)])),
    },
  ];
}

/** The bounded activations on the way, named with what they do to a gradient. */
function shrinkingActivations({ network }: Measured, from: PathPoint, to: PathPoint): string | undefined {
  const between = network.calls.slice(network.calls.indexOf(from.call), network.calls.indexOf(to.call));
  const sigmoids = between.filter(({ kind }) => kind === 'Sigmoid').length;
  if (sigmoids > 0) return `${sigmoids} sigmoids (whose derivative is at most 1/4)`;
  const tanhs = between.filter(({ kind }) => kind === 'Tanh').length;
  if (tanhs > 0) return `${tanhs} tanh activations`;
  return undefined;
}
