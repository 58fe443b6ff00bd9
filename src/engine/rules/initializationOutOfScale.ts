import type { DrawWeights } from '../change';
import { type Call, message } from '../network';
import { median } from '../probe';
import { type Evidence, inWords } from '../report';
import { drawnMend } from './drawnMend';
import { isTrained, Outputs, spread, workedOn } from './outputs';
import { type Found, type Measured, type Rule, symptom } from './rule';
import { Graph, layerOf } from './structure/graph';
import { isFeatureNorm, isRectifier, passesOn } from './structure/kinds';
import { outputClasses } from './structure/lossMismatch';
import { fanIn, weightVariance } from './structure/plainStack';

/** How much larger or smaller a layer may make what differs from sample to sample. */
const LARGE = 5;
const SMALL = 0.03;
/** Below this share of the mean square what differs between samples is float32's rounding. */
const ROUNDING = 1e-10;
/** The first loss over that of guessing. */
const LOSS = 8;
const SOURCE =
  'NormScope: in networks that train a layer gave 0.05 to 1.8 times its input (PyTorch’s default 0.58, He 1.41; He by fan-out up to 4), in broken ones 6.9 and more or 0.008 and less; SageMaker Debugger warns at a variance ratio of 10 between layers';
const LOSS_SOURCE =
  'NormScope: networks that train began at 1.25 times ln C at most, one at twice He’s scale that Adam still trained at 3.9 to 5.4; badly scaled ones at 8 times and more';

interface Scaled {
  readonly call: Call;
  readonly gain: number;
}

const evidenceOf = ({ gain }: Scaled): Evidence => ({
  quantity: 'size of the output over that of the input',
  value: gain,
  unit: 'ratio',
  threshold: gain > 1 ? LARGE : SMALL,
  thresholdSource: SOURCE,
});

/** Through moves and dropout to the call that takes the output; undefined where several do. */
function taker(graph: Graph, call: Call): Call | undefined {
  let next = graph.onlyTaker(call);
  while (next && (passesOn(graph, next) || graph.role(next) === 'dropout')) next = graph.onlyTaker(next);
  return next;
}

/** Whether no layer that learns stands behind: what it gives is an answer, or what one is worked out of (a policy's mean). */
function isHead(graph: Graph, call: Call): boolean {
  const behind = new Set<Call>();
  const open = [...graph.takers(call)];
  for (let next = open.pop(); next; next = open.pop()) {
    if (behind.has(next)) continue;
    if (/^(affine|recurrent|attention|norm)$/.test(graph.role(next) ?? '')) return false;
    behind.add(next);
    open.push(...graph.takers(next));
  }
  return true;
}

/** Layers whose weights make their input far larger or smaller, where no norm behind takes that back. */
function outOfScale({ network, runs }: Measured, graph: Graph): Scaled[] {
  const outputs = new Outputs(runs);
  return network.calls.flatMap((call) => {
    if (graph.role(call) !== 'affine' || graph.parameter(call, 'weight')?.initialization.kind === 'constant') return [];
    const into = outputs.of(workedOn(graph, call) ?? '');
    const out = outputs.of(call.id);
    const next = taker(graph, call);
    if (!into || !out || (next && isFeatureNorm(next))) return [];
    if (Math.min(into.betweenSamples, out.betweenSamples) < ROUNDING) return [];
    const gain = spread(out) / spread(into);
    if (!(gain > 0) || !Number.isFinite(gain)) return [];
    // A head or a branch may start near zero on purpose.
    const mayBeSmall = isHead(graph, call) || (next !== undefined && graph.role(next) === 'merge');
    return gain > LARGE || (gain < SMALL && !mayBeSmall) ? [{ call, gain }] : [];
  });
}

/** The initialization that keeps the size through what stands behind, as a file would call it. */
function fitting(
  graph: Graph,
  call: Call,
): { readonly text: string; readonly gain: number; readonly drawn: DrawWeights['drawn'] } {
  const next = taker(graph, call);
  const keras = call.kind.startsWith('Keras');
  if (next && isRectifier(next))
    return {
      text: keras ? "kernel_initializer='he_normal'" : "nn.init.kaiming_normal_(weight, nonlinearity='relu')",
      gain: Math.SQRT2,
      drawn: 'he',
    };
  if (next && /Tanh$/.test(next.kind))
    return {
      text: keras
        ? "kernel_initializer='glorot_uniform'"
        : "nn.init.xavier_uniform_(weight, gain=nn.init.calculate_gain('tanh'))",
      gain: 5 / 3,
      drawn: 'glorot-tanh',
    };
  return {
    text: keras ? "kernel_initializer='glorot_uniform'" : 'nn.init.xavier_uniform_(weight)',
    gain: 1,
    drawn: 'glorot',
  };
}

function foundAt(first: Scaled, others: readonly Scaled[], graph: Graph): Found {
  const layer = layerOf(first.call);
  const variance = weightVariance(graph, first.call);
  const fan = fanIn(graph, first.call);
  const { text, gain, drawn } = fitting(graph, first.call);
  const kinds = [...new Set([first, ...others].map(({ call }) => call.kind))];
  const mend = drawnMend(graph.network, kinds, drawn);
  const known = variance !== undefined && fan > 0;
  const large = first.gain > 1;
  return {
    rule: 'initialization-out-of-scale',
    severity: 'warning',
    layer,
    message: message(
      known ? 'initialization-out-of-scale' : 'initialization-scales',
      known
        ? 'The first weights of {layer} are too {size}: with deviation {std} over {fan} inputs they make the signal {gain} times as large; {fit} fits there: {text}.'
        : 'The first weights of {layer} are too {size}: they make the signal {gain} times as large. What fits there: {text}.',
      {
        layer,
        size: large ? 'large' : 'small',
        gain: inWords(first.gain),
        text,
        ...(known && { std: inWords(Math.sqrt(variance)), fan, fit: inWords(gain / Math.sqrt(fan)) }),
      },
    ),
    evidence: [
      evidenceOf(first),
      ...(known ? [{ quantity: 'standard deviation of the weights', value: Math.sqrt(variance), unit: '' }] : []),
      ...(fan > 0 ? [{ quantity: 'values that one output sums', value: fan, unit: 'values' }] : []),
    ],
    symptoms: [...new Map(others.map((one) => [layerOf(one.call), one]))]
      .filter(([id]) => id !== layer)
      .map(([id, one]) => symptom('initialization-out-of-scale', id, [evidenceOf(one)])),
    ...(mend && { mend }),
  };
}

/** A classifier whose first loss is far above that of guessing: its scores are too large. */
function firstLoss(measured: Measured, graph: Graph): Found[] {
  const { network, runs } = measured;
  const { task, outputs } = network;
  const classes = outputClasses({ network, graph });
  const initial = median(runs.flatMap((run) => run.initial?.loss ?? []));
  const head = graph.producer({ value: outputs[0] ?? '' });
  const chance = Math.log(classes);
  if (task.loss !== 'CrossEntropyLoss' || task.lossSettings?.reduction === 'sum' || classes < 2 || !head) return [];
  if (!(initial > LOSS * chance) || !Number.isFinite(initial)) return [];
  return [
    {
      rule: 'initialization-out-of-scale',
      severity: 'warning',
      layer: layerOf(head),
      message: message(
        'first-loss-too-high',
        'The loss begins at {initial}, where guessing among {classes} classes has {chance}: the scores of {layer} are too large at first, and the first steps only shrink them. Let its weights start smaller, or normalize what comes in.',
        { initial: inWords(initial), classes, chance: inWords(chance), layer: layerOf(head) },
      ),
      evidence: [
        {
          quantity: 'first loss over that of guessing',
          value: initial / chance,
          unit: 'ratio',
          threshold: LOSS,
          thresholdSource: LOSS_SOURCE,
        },
        { quantity: 'first loss', value: initial, unit: 'nats' },
      ],
      symptoms: [],
    },
  ];
}

/** Weights drawn so large or so small that the signal is lost at the first layer that has them. */
export const initializationOutOfScale: Rule = {
  id: 'initialization-out-of-scale',
  finds:
    'layers whose first weights make the signal over 5 times larger, or over 30 times smaller, and first losses far above guessing',
  check: (measured) => {
    if (isTrained(measured.network)) return [];
    const graph = new Graph(measured.network);
    const [first, ...others] = outOfScale(measured, graph);
    return first ? [foundAt(first, others, graph)] : firstLoss(measured, graph);
  },
};
