import type { Call } from '../network';
import type { PathPoint } from '../probe';
import type { Measured } from './rule';
import { type Graph, layerOf } from './structure/graph';

/** A branch whose gradient is so many times below that of the sum around it begins quietly: a gain of 1e-6, weights near zero. */
const QUIET = 10;

/** Residual sums that a gradient of some size reaches. */
export const reachedSums = ({ network, layers }: Measured, graph: Graph, least: number): Call[] =>
  network.calls.filter(
    (call) =>
      graph.role(call) === 'merge' &&
      graph.feeders(call).length > 1 &&
      (layers.get(layerOf(call))?.outputGradientRms ?? 0) >= least,
  );

/** Whether one of a sum's terms is computed from a call and another is not. */
export function leadsAround(graph: Graph, sum: Call, call: Call): boolean {
  const from = graph.feeders(sum).map((feeder) => graph.dependsOn(feeder, call));
  return from.includes(true) && from.includes(false);
}

/** Whether a layer stands on a branch that begins quietly, while the way around it carries the gradient. */
export const isQuiet = (measured: Measured, graph: Graph, { call, gradient }: PathPoint): boolean =>
  reachedSums(measured, graph, QUIET * gradient).some((sum) => leadsAround(graph, sum, call));
