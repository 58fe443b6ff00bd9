import { message } from '../network';
import { gradientPaths, type PathPoint } from '../probe';
import { type Evidence, inWords } from '../report';
import { isQuiet } from './branches';
import { oneCause } from './causes';
import { type Found, type Measured, type Rule, symptom } from './rule';
import { Graph } from './structure/graph';
import { isBatchNorm } from './structure/kinds';

/** A layer's gradient this many times above that of the layer nearest the loss has exploded. */
const RATIO = 1000;
const RATIO_SOURCE =
  'NormScope: AutoTrainer (Zhang et al. 2021) warns at 70, but a plain 30-layer Conv-BatchNorm-ReLU network that trains has 119';
/** With a gradient of this size over all parameters, a smaller ratio counts too. */
const GLOBAL_NORM = 100;
const SMALLER_RATIO = 70;
/** Where it grows so many times with each layer, a ratio of this counts: a norm alone makes 1.2 to 1.4. */
const RATE = 1.7;
const RATE_RATIO = 30;
const RATE_SOURCE =
  'NormScope: at twice He’s scale (2 times a layer) three and five layers trained, seven (67 in all) diverged or stood still; BatchNorm at batch 8 grows by 1.34, residual blocks without a norm by 1.4';
const GLOBAL_SOURCE = 'torch-audit: global gradient norm above 100; AutoTrainer: ratio above 70';

const SOURCES = new Map([
  [RATIO, RATIO_SOURCE],
  [SMALLER_RATIO, GLOBAL_SOURCE],
  [RATE_RATIO, RATE_SOURCE],
]);

const ratioEvidence = (point: PathPoint, last: PathPoint, threshold: number): Evidence => ({
  quantity: `output gradient RMS over that of ${last.layer}`,
  value: point.gradient / last.gradient,
  unit: 'ratio',
  threshold,
  thresholdSource: SOURCES.get(threshold)!,
});

/** L2 norm of the gradient by all parameters together, at step 0. */
function globalNorm({ layers }: Measured): number {
  let squares = 0;
  for (const { gradientNorm } of layers.values()) squares += (gradientNorm ?? 0) ** 2;
  return Math.sqrt(squares);
}

/** The gradient grows on its way back until an update throws the first layers about. */
export const explodingGradient: Rule = {
  id: 'exploding-gradient',
  finds:
    'layers whose gradient is over 1,000 times larger than that of their like nearest the loss: 70 where all gradients together are large, 30 where it grows 1.7 times a layer',
  check: (measured) => {
    const norm = globalNorm(measured);
    const graph = new Graph(measured.network);
    return oneCause(
      gradientPaths(measured.network, measured.layers).flatMap((path) => checkPath(measured, graph, path, norm)),
    );
  },
};

/** Whether anything on a path might have exploded at all. */
const hasGrown = (path: readonly PathPoint[]): boolean =>
  Math.max(...path.map(({ gradient }) => gradient)) > RATE_RATIO * (path.at(-1)?.gradient ?? 0);

function checkPath(measured: Measured, graph: Graph, whole: readonly PathPoint[], norm: number): Found[] {
  const { network } = measured;
  // Beside a branch that begins quietly everything is large.
  const path = hasGrown(whole) ? whole.filter((point) => !isQuiet(measured, graph, point)) : whole;
  const last = path.at(-1);
  if (!last || !(last.gradient > 0)) return [];
  const layers = path.length - 1;
  const fast = layers >= 3 && (path[0]!.gradient / last.gradient) ** (1 / layers) > RATE;
  const threshold = fast ? RATE_RATIO : norm > GLOBAL_NORM ? SMALLER_RATIO : RATIO;
  const exploded = path.filter(({ gradient }) => gradient > threshold * last.gradient && Number.isFinite(gradient));
  if (exploded.length === 0) return [];
  const worst = exploded.reduce((a, b) => (b.gradient > a.gradient ? b : a));
  const steps = Math.max(1, path.indexOf(last) - path.indexOf(worst));
  const ratio = worst.gradient / last.gradient;
  const rate = ratio ** (1 / steps);
  const between = network.calls.slice(network.calls.indexOf(worst.call), network.calls.indexOf(last.call));
  const mend = between.some(isBatchNorm)
    ? 'BatchNorm makes that growth where nothing leads around it: residual sums, LayerNorm or GroupNorm do not have it.'
    : 'Weights drawn to fit the activation (He, Glorot), a norm, or a smaller gain on each branch keep it even.';
  return [
    {
      rule: 'exploding-gradient',
      severity: 'warning',
      layer: worst.layer,
      message: message(
        'exploding-gradient',
        'The gradient at {layer} is {times} times larger than at {last}: on its way back it grows {rate} times a layer, so a step that suits the last layer throws the first ones about. {mend}',
        { layer: worst.layer, last: last.layer, times: inWords(ratio), rate: inWords(rate), mend },
      ),
      evidence: [
        ratioEvidence(worst, last, threshold),
        { quantity: 'growth a layer', value: rate, unit: 'times' },
        { quantity: 'gradient norm of all parameters', value: norm, unit: 'loss per weight unit' },
      ],
      symptoms: exploded
        .filter((point) => point !== worst)
        .map((point) => symptom('exploding-gradient', point.layer, [ratioEvidence(point, last, threshold)])),
    },
  ];
}
