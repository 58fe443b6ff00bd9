import { type Call, elementCount } from '../../network';
import type { Graph } from './graph';

/** Calls in a row in which each has one input from the call before and is the only one that takes it. */
export type Stack = readonly Call[];

/** A network's unbranched stretches, longest possible, in order. A sum, a concatenation or a second reader ends one. */
export function plainStacks(graph: Graph): Stack[] {
  const { calls } = graph.network;
  const seen = new Set<Call>();
  const stacks: Call[][] = [];
  for (const start of calls) {
    if (seen.has(start)) continue;
    const stack: Call[] = [];
    for (let call: Call | undefined = start; call && !seen.has(call); ) {
      seen.add(call);
      stack.push(call);
      const next: Call | undefined = graph.onlyTaker(call);
      call =
        next && graph.feeders(next).filter((each) => graph.role(each) !== 'weight').length === 1 ? next : undefined;
    }
    stacks.push(stack);
  }
  return stacks;
}

/** A layer's weight: Keras calls it its kernel. */
const weightOf = (graph: Graph, call: Call) => graph.parameter(call, 'weight') ?? graph.parameter(call, 'kernel');

/** Values that one output of a linear or convolutional layer sums. */
export function fanIn(graph: Graph, call: Call): number {
  const shape = weightOf(graph, call)?.shape;
  if (!shape) return 0;
  return call.kind.startsWith('Keras') ? elementCount(shape.slice(0, -1)) : elementCount(shape.slice(1));
}

/** The variance of a layer's first weights; undefined where they are not drawn independently. */
export function weightVariance(graph: Graph, call: Call): number | undefined {
  const first = weightOf(graph, call)?.initialization;
  if (first?.kind === 'uniform') return (first.high - first.low) ** 2 / 12;
  if (first?.kind === 'normal') return first.std ** 2;
  // Cut at two deviations or wider, as is usual, it is 0.77 times as large at least.
  if (first?.kind === 'trunc_normal') return first.std ** 2;
  return undefined;
}
