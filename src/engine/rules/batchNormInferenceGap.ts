import { type Call, message } from '../network';
import { median } from '../probe';
import { type Evidence, inWords, percent } from '../report';
import { batchSites } from './batchMoments';
import { type Found, type Measured, type Rule, symptom } from './rule';
import { Graph, layerOf } from './structure/graph';
import { usesBatch } from './structure/kinds';

/** Part of the first loss that the running average costs. */
const LAG = 0.05;
/** Steps that a training takes at least, and what of the statistics' start may be left behind them. */
const STEPS = 1000;
const LEFT = 0.05;
/** Part of the first loss that evaluation costs even with statistics recomputed. */
const REST = 0.15;
/** Variance in evaluation over that which training's statistics say, and its inverse. */
const VARIANCE = 0.25;

const LAG_SOURCE = `NormScope: an average that holds ${percent(LEFT)} of its start after ${STEPS} steps. A probe’s own steps are too few for any average, which alone is no fault`;
const REST_SOURCE =
  'NormScope: in networks that train evaluation with recomputed statistics cost up to 3 % of the first loss';
const VARIANCE_SOURCE =
  'NormScope: a WideResNet with Dropout of 0.3 inside has 0.44 and trains, ReLU and Dropout of a half before BatchNorm 0.03 to 0.2; by Li et al. 2018 it is 0.41 for mean 0';

/** The part of the running statistics' start that is left after n steps. */
function leftAfter(call: Call, steps: number): number {
  const { momentum } = call.attributes;
  if (typeof momentum !== 'number') return 0;
  return (call.kind.startsWith('Keras') ? momentum : 1 - momentum) ** steps;
}

interface Gap {
  /** What the running average costs, and what is left when its statistics are recomputed, as parts of the first loss. */
  readonly lag: number;
  readonly rest: number;
  readonly losses: { readonly running: number; readonly recomputed: number; readonly trainMode: number };
}

function gapOf({ runs }: Measured): Gap | undefined {
  const finals = runs.flatMap(({ final }) => final ?? []);
  const initial = median(runs.flatMap((run) => run.initial?.loss ?? []));
  if (finals.length === 0 || !(initial > 0)) return undefined;
  const over = (figure: 'running' | 'recomputed' | 'trainMode') =>
    median(finals.map((final) => final[figure] ?? final.recomputed));
  const losses = { running: over('running'), recomputed: over('recomputed'), trainMode: over('trainMode') };
  return {
    lag: (losses.running - losses.recomputed) / initial,
    rest: (losses.recomputed - losses.trainMode) / initial,
    losses,
  };
}

const evidenceOfGap = ({ lag, rest }: Gap): Evidence[] => [
  {
    quantity: 'lag of the running average, over the first loss',
    value: lag,
    unit: 'share',
    threshold: LAG,
    thresholdSource: LAG_SOURCE,
  },
  {
    quantity: 'rest of the gap, over the first loss',
    value: rest,
    unit: 'share',
    threshold: REST,
    thresholdSource: REST_SOURCE,
  },
];

/** Statistics that no usual training warms, where that is seen in the loss. */
function slowAverage(gap: Gap, norms: readonly Call[]): Found[] {
  const slow = norms.filter((call) => leftAfter(call, STEPS) > LEFT);
  const [first] = slow;
  if (!first || !(gap.lag > LAG)) return [];
  const momentum = first.attributes.momentum as number;
  const usual = first.kind.startsWith('Keras') ? 0.99 : 0.1;
  return [
    {
      rule: 'batchnorm-inference-gap',
      severity: 'warning',
      layer: layerOf(first),
      message: message(
        'inference-gap-lag',
        'In evaluation the loss is {running}, and {recomputed} with the statistics taken anew: at momentum {momentum} the running average of {layer} ({count} such layers) still holds {left} of its start after {steps} steps. Take {usual}, or recompute the statistics before evaluation.',
        {
          running: inWords(gap.losses.running),
          recomputed: inWords(gap.losses.recomputed),
          momentum,
          layer: layerOf(first),
          count: slow.length,
          left: percent(leftAfter(first, STEPS)),
          steps: STEPS,
          usual,
        },
      ),
      evidence: [
        ...evidenceOfGap(gap),
        {
          quantity: `part of the start left after ${STEPS} steps`,
          value: leftAfter(first, STEPS),
          unit: 'share',
          threshold: LEFT,
        },
      ],
      symptoms: [],
      mend: {
        title: message('set-momentum', 'Set the momentum to {usual}', { usual }),
        changes: slow.map(({ id }) => ({ operation: 'set', site: id, attributes: { momentum: usual } })),
      },
    },
  ];
}

/** Norms that see another variance in evaluation than training told them. */
function otherVariance(measured: Measured, graph: Graph, gap: Gap | undefined): Found[] {
  const evidenceOf = (ratio: number): Evidence => ({
    quantity: 'variance in evaluation over that in training',
    value: ratio,
    unit: 'ratio',
    threshold: ratio < 1 ? VARIANCE : 1 / VARIANCE,
    thresholdSource: VARIANCE_SOURCE,
  });
  const distance = (ratio: number) => Math.abs(Math.log(ratio));
  const shifted = batchSites(measured, graph)
    .filter(({ varianceRatio }) => varianceRatio > 0 && distance(varianceRatio) > distance(VARIANCE))
    .toSorted((a, b) => distance(b.varianceRatio) - distance(a.varianceRatio));
  const [first, ...others] = shifted;
  if (!first) return [];
  const layer = layerOf(first.call);
  return [
    {
      rule: 'batchnorm-inference-gap',
      severity: 'warning',
      layer,
      message: message(
        'inference-gap-variance',
        'In evaluation the input of {layer} has {ratio} times the variance that it had in training, and its running statistics are those of training: it gives values of another scale there. Dropout before it does that, one BatchNorm at several places, or a batch too small for its statistics.',
        { layer, ratio: inWords(first.varianceRatio) },
      ),
      evidence: [evidenceOf(first.varianceRatio), ...(gap ? evidenceOfGap(gap) : [])],
      symptoms: others.map(({ call, varianceRatio }) =>
        symptom('batchnorm-inference-gap', layerOf(call), [evidenceOf(varianceRatio)]),
      ),
    },
  ];
}

/** What evaluation costs though statistics are taken anew. */
function largeRest(gap: Gap, norms: readonly Call[]): Found[] {
  const [first] = norms;
  if (!first || !(gap.rest > REST) || !Number.isFinite(gap.rest)) return [];
  return [
    {
      rule: 'batchnorm-inference-gap',
      severity: 'warning',
      layer: layerOf(first),
      message: message(
        'inference-gap-rest',
        'With its layers in training mode the network has a loss of {trainMode}, in evaluation {recomputed}, though the statistics were taken anew: it relies on the batch that a sample came in. A larger batch or a norm without the batch closes that gap.',
        { trainMode: inWords(gap.losses.trainMode), recomputed: inWords(gap.losses.recomputed) },
      ),
      evidence: evidenceOfGap(gap).toReversed(),
      symptoms: [],
    },
  ];
}

/** What BatchNorm does otherwise in evaluation than in training: the lag of its running average, and what is left without. */
export const batchNormInferenceGap: Rule = {
  id: 'batchnorm-inference-gap',
  finds:
    'BatchNorm that makes the network another one in evaluation: by the lag of its running average, or by more than that',
  check: (measured) => {
    const graph = new Graph(measured.network);
    const norms = measured.network.calls.filter((call) => usesBatch(graph, call));
    if (norms.length === 0) return [];
    const gap = gapOf(measured);
    const [lag] = gap ? slowAverage(gap, norms) : [];
    const [other] = lag ? [lag] : otherVariance(measured, graph, gap);
    return other ? [other] : gap ? largeRest(gap, norms) : [];
  },
};
