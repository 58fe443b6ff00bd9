import { type Call, message } from '../network';
import type { Representation } from '../probe';
import { type Evidence, inWords } from '../report';
import { Outputs, workedOn } from './outputs';
import { type Found, type Measured, type Rule, symptom } from './rule';
import { Graph, layerOf } from './structure/graph';
import { passesOn } from './structure/kinds';

/** Outputs that vary in fewer directions than this are one direction and some rounding. */
const RANK = 1.25;
/** Judged where so many directions are possible, and where what comes in has so many. */
const LEAST_POSSIBLE = 8;
const LEAST_INPUT = 4;
/** Less than this share of the mean square tells samples apart: a ten-thousandth of the values' size. */
const SHARE = 1e-8;
const SOURCE =
  'NormScope: on networks that train the lowest was 1.57 (of 31), on stacks of ReLU that hardly do 1.18 and less; the measure is the participation ratio, as Daneshmand et al. 2020 use it';
const SHARE_SOURCE =
  'NormScope: networks that SGD trained had 1e-3 and more, and stacks of ReLU that Adam still trained 1e-5 to 3e-7; ten layers of sigmoid have 4e-14';

type Collapse = {
  readonly call: Call;
  readonly seen: Representation;
  readonly kind: 'directions' | 'alike' | 'nothing';
};

function evidenceOf({ seen, kind }: Collapse): Evidence[] {
  const rank: Evidence = {
    quantity: 'effective rank of the outputs',
    value: seen.effectiveRank,
    unit: 'directions',
    threshold: RANK,
    thresholdSource: SOURCE,
  };
  const share: Evidence = {
    quantity: 'share of the outputs that differs from sample to sample',
    value: seen.betweenSamples,
    unit: 'share',
    threshold: SHARE,
    thresholdSource: SHARE_SOURCE,
  };
  const possible: Evidence = { quantity: 'directions that are possible', value: seen.most, unit: 'directions' };
  return kind === 'directions' ? [rank, possible, share] : [share];
}

/**
 * How many directions an output can vary in: the rows of a table that every sample looks up once differ in one less than
 * there are, however wide they are.
 */
function possible({ attributes, outputShapes }: Call, { most }: Representation): number {
  const { num_embeddings } = attributes;
  const once = typeof num_embeddings === 'number' && outputShapes[0]?.length === 2;
  return once ? Math.min(most, num_embeddings - 1) : most;
}

/** Whether a layer's weights all start at one number, so that its units are one unit. */
const startsAlike = (graph: Graph, call: Call): boolean =>
  graph.role(call) === 'affine' && graph.parameter(call, 'weight')?.initialization.kind === 'constant';

/** Forward while one call alone takes the value and `passes` holds of it; the first taker for which it does not. */
function forward(graph: Graph, from: Call, passes: (call: Call) => boolean): Call | undefined {
  let call = graph.onlyTaker(from);
  while (call && passes(call)) call = graph.onlyTaker(call);
  return call;
}

/** Whether all that becomes of a call's values, through layers or not, is that others are multiplied by them. */
function isGate(graph: Graph, call: Call): boolean {
  const to = forward(
    graph,
    call,
    (each) => passesOn(graph, each) || /^(affine|norm|activation|dropout)$/.test(graph.role(each) ?? ''),
  );
  return to !== undefined && /^(mul|KerasMultiply)$/.test(to.kind) && graph.feeders(to).length > 1;
}

/**
 * Whether a call's values are means or maxima over positions, at most normalized or put through a function since. In a gate
 * through layers of its own too: its few numbers only say how much of each channel goes on.
 */
function isPooled(graph: Graph, call: Call): boolean {
  const between = isGate(graph, call) ? /^(affine|norm|activation|dropout)$/ : /^(norm|activation|dropout)$/;
  const from = graph.back(call, (each) => passesOn(graph, each) || between.test(graph.role(each) ?? ''));
  return /^(pooling|arithmetic)$/.test(graph.role(from) ?? '');
}

/** Whether a call is what the network ends in, or is only moved, or put beside others, before it comes out. */
function endsNetwork(graph: Graph, call: Call): boolean {
  let last: Call | undefined = call;
  while (last && !graph.isOutput(last)) {
    const taker: Call | undefined = graph.onlyTaker(last);
    last = taker && (passesOn(graph, taker) || /^(cat|KerasConcatenate)$/.test(taker.kind)) ? taker : undefined;
  }
  return last !== undefined;
}

/** Calls whose outputs tell samples apart no more, though what comes into the network does. */
function collapsed({ runs }: Measured, graph: Graph): Collapse[] {
  const outputs = new Outputs(runs);
  const { inputs, calls } = graph.network;
  const first = inputs.map(({ name }) => outputs.of(name)).find((one) => one !== undefined);
  const wide = new Set<Call>();
  const found: Collapse[] = [];
  for (const call of calls) {
    const seen = outputs.of(call.id);
    // Behind a layer of few values there is nothing more to be had.
    const before = graph.feeders(call);
    const narrowed = before.length > 0 && !before.some((each) => wide.has(each));
    const few = narrowed || (seen !== undefined && possible(call, seen) < LEAST_POSSIBLE);
    if (!few) wide.add(call);
    if (!seen) continue;
    const comesIn = first === undefined ? seen.most : first.effectiveRank;
    // What the network ends in may be confident.
    if (comesIn < LEAST_INPUT || !graph.feedsOutput(call) || endsNetwork(graph, call)) continue;
    // Attention may weigh all samples alike at first: layers with weights are judged.
    if (graph.role(call) === 'affine' && seen.meanSquare > 0 && seen.betweenSamples < SHARE) {
      // Squeeze-and-excitation may open alike for all: behind a gain that starts at zero it does.
      if (!isGate(graph, call) || !isPooled(graph, call)) found.push({ call, seen, kind: 'alike' });
    } else if (!few && !isPooled(graph, call) && seen.effectiveRank < RANK)
      found.push({ call, seen, kind: 'directions' });
    else if (seen.meanSquare === 0 && isHeadsInput(graph, call)) found.push({ call, seen, kind: 'nothing' });
  }
  return found;
}

/** Whether what the network ends in works on this call's output alone: no branch that begins at zero. */
const isHeadsInput = (graph: Graph, call: Call): boolean =>
  graph
    .takers(call)
    .some((taker) => graph.role(taker) === 'affine' && graph.isOutput(taker) && workedOn(graph, taker) === call.id);

/** The layer whose weights start at zero, where that is why a call gives nothing. */
function beginsAtZero(graph: Graph, call: Call): Call | undefined {
  let before = graph.back(call, (each) => graph.role(each) !== 'affine');
  let first: Call | undefined;
  for (; before; before = graph.back(graph.source(before), (each) => graph.role(each) !== 'affine')) {
    const initialization = graph.parameter(before, 'weight')?.initialization;
    if (initialization?.kind === 'constant' && initialization.value === 0) first = before;
  }
  return first;
}

const SENTENCES = {
  same: 'Every unit of {layer} answers alike, because its weights all start at one number: they get one gradient and stay one unit. Draw them at random (leave PyTorch’s default, or nn.init.kaiming_normal_).',
  directions:
    'What {layer} gives varies in {rank} of {most} directions: samples differ there in hardly more than one way, so the layers behind have little to tell them apart by. A norm or a residual sum every few layers keeps directions apart.',
  alike:
    '{layer} gives nearly the same for every sample: {share} of its output is what they differ in. The layers behind see the bias and hardly the data; a norm before, or an initialization that fits the activation, keeps the signal.',
  nothing:
    '{layer} gives 0 for every sample at initialization, and nothing else leads to the output: no gradient comes back through it.',
  zero: 'The weights of {layer} start at zero, and nothing leads around it: it gives 0 for every sample, and no gradient comes back through it. Draw them at random (leave PyTorch’s default, or nn.init.kaiming_normal_).',
} as const;

/** Samples that a layer tells apart no more: what is lost there no layer behind it can learn. */
export const collapsedRepresentations: Rule = {
  id: 'collapsed-representations',
  finds: 'layers whose outputs vary in hardly more than one direction over samples, or hardly at all',
  check: (measured): readonly Found[] => {
    const graph = new Graph(measured.network);
    const all = collapsed(measured, graph);
    // Where weights are one number is the cause of what shows behind it.
    const alike = all.find(({ call, kind }) => kind !== 'alike' && startsAlike(graph, call));
    const first = alike ?? all[0];
    if (!first) return [];
    const { effectiveRank, betweenSamples, most } = first.seen;
    const zero = first.kind === 'nothing' ? beginsAtZero(graph, first.call) : undefined;
    const sentence = zero ? 'zero' : alike && first.kind === 'directions' ? 'same' : first.kind;
    const layer = layerOf(zero ?? first.call);
    const args = { layer, rank: inWords(effectiveRank), most, share: inWords(betweenSamples) };
    const others = [...new Map(all.map((one) => [layerOf(one.call), one]))].filter(([id]) => id !== layer);
    return [
      {
        rule: 'collapsed-representations',
        severity: 'warning',
        layer,
        message: message(`collapsed-${sentence}`, SENTENCES[sentence], args),
        evidence: evidenceOf(first),
        symptoms: others.map(([id, one]) => symptom('collapsed-representations', id, evidenceOf(one).slice(0, 1))),
      },
    ];
  },
};
