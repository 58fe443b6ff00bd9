import { type Call, message } from '../network';
import { type Evidence, inWords } from '../report';
import { type Found, type Measured, type Rule, symptom } from './rule';
import { Graph, layerOf } from './structure/graph';
import { passesOn } from './structure/kinds';

/** The stream's mean square at the last sum over that at the first. */
const RATIO = 1000;
/** Growth a sum: a norm at the start of each branch lets it fall towards 1, without one it stays. */
const RATE = 1.4;
const SOURCE =
  'NormScope: with He’s branches and no norm (×2 a block: De & Smith 2020) 8 blocks (256) trained with SGD and Adam alike, 10 (1,000) less well, 14 (16,000) diverged; 24 blocks with LayerNorm first have 25';

/** The sums along one stream, each of the one before and a branch. */
type Stream = readonly Call[];

/** What a sum's operand goes back to where nothing but moves, dropout or an activation stands between. */
const carried = (graph: Graph, call: Call): readonly Call[] =>
  graph
    .feeders(call)
    .flatMap(
      (feeder) =>
        graph.back(feeder, (each) => passesOn(graph, each) || /^(dropout|activation)$/.test(graph.role(each) ?? '')) ??
        [],
    );

const isSum = (graph: Graph, call: Call): boolean =>
  graph.role(call) === 'merge' && /^(add|KerasAdd)$/.test(call.kind) && graph.feeders(call).length === 2;

function streams(graph: Graph): Stream[] {
  const byLast = new Map<Call, Call[]>();
  for (const call of graph.network.calls.filter((each) => isSum(graph, each))) {
    const before = carried(graph, call).find((each) => byLast.has(each));
    const stream = before ? byLast.get(before)! : [];
    if (before) byLast.delete(before);
    byLast.set(call, [...stream, call]);
  }
  return [...byLast.values()];
}

const meanSquare = ({ layers }: Measured, call: Call): number => {
  const { activationMean = Number.NaN, activationStd = Number.NaN } = layers.get(layerOf(call)) ?? {};
  return activationMean ** 2 + activationStd ** 2;
};

/** Each block adds to a residual stream as much as is there: it doubles block by block. */
export const growingResidualStream: Rule = {
  id: 'growing-residual-stream',
  finds: 'residual streams whose mean square grows 1,000 times and by the same factor with each sum',
  check: (measured): readonly Found[] => {
    const graph = new Graph(measured.network);
    for (const stream of streams(graph)) {
      const [first, last] = [stream[0]!, stream.at(-1)!];
      const half = stream[stream.length >> 1]!;
      const squares = stream.map((call) => meanSquare(measured, call));
      const ratio = squares.at(-1)! / squares[0]!;
      const rate = ratio ** (1 / (stream.length - 1));
      const lateRate =
        (squares.at(-1)! / squares[stream.length >> 1]!) ** (1 / (stream.length - 1 - (stream.length >> 1)));
      if (!(stream.length >= 4 && ratio > RATIO && rate > RATE && lateRate > RATE && Number.isFinite(ratio))) continue;
      const evidence: Evidence[] = [
        {
          quantity: `mean square over that of ${layerOf(first)}`,
          value: ratio,
          unit: 'ratio',
          threshold: RATIO,
          thresholdSource: SOURCE,
        },
        { quantity: 'growth a sum', value: rate, unit: 'times', threshold: RATE },
        { quantity: `growth a sum from ${layerOf(half)} on`, value: lateRate, unit: 'times' },
      ];
      return [
        {
          rule: 'growing-residual-stream',
          severity: 'warning',
          layer: layerOf(last),
          message: message(
            'growing-residual-stream',
            'The residual stream grows {rate} times with each of {sums} sums, {ratio} times in all up to {layer}: each branch adds as much as is there. Begin each branch with a norm, or let its last weights start at zero.',
            { rate: inWords(rate), sums: stream.length, ratio: inWords(ratio), layer: layerOf(last) },
          ),
          evidence,
          symptoms: stream
            .slice(1, -1)
            .map((call, i) =>
              symptom('growing-residual-stream', layerOf(call), [
                { ...evidence[0]!, value: squares[i + 1]! / squares[0]! },
              ]),
            ),
        },
      ];
    }
    return [];
  },
};
