import type { Call } from '../../network';
import type { Graph } from './graph';
import { passesOn } from './kinds';

export const SNN = 'Klambauer et al. 2017, "Self-Normalizing Neural Networks"';

/** SELU calls of a network: none where SELU is only one activation among others, as in a gate. */
export const seluCalls = ({ network }: Graph): readonly Call[] => network.calls.filter(({ kind }) => kind === 'SELU');

/** The call before, moves left out. */
export const before = (graph: Graph, call: Call): Call | undefined =>
  graph.back(graph.source(call), (each) => passesOn(graph, each));

/** The next call behind it, moves left out, where there is one alone. */
export function behind(graph: Graph, call: Call): Call | undefined {
  let next = graph.onlyTaker(call);
  while (next && passesOn(graph, next)) next = graph.onlyTaker(next);
  return next;
}
