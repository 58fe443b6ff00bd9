import { findLayer } from '../layers';
import type { Call, Network } from '../network';
import type { LayerFigures } from './figures';

/** A layer with weights on the way from input to loss, and the gradient that reaches its output. */
export interface PathPoint {
  readonly layer: string;
  readonly call: Call;
  /** Output gradient RMS at initialization. */
  readonly gradient: number;
}

/**
 * Output-gradient RMS of the layers with weights, in the order of computation, one path a role: convolutions apart from
 * linear layers, and linear layers over positions apart from those over whole samples, because a gradient that pooling
 * spreads over positions is smaller at each without being less. The head, whose few outputs each take a large part of
 * the loss's gradient, is left out where two layers remain. A gradient that is exactly zero at first is left out
 * where a gain after it starts at zero, and where it is not zero later: that is a beginning, not a fault.
 */
export function gradientPaths(network: Network, figures: ReadonlyMap<string, LayerFigures>): PathPoint[][] {
  const paths = new Map<string, PathPoint[]>();
  const seen = new Set<string>();
  for (const call of network.calls) {
    const layer = call.module ?? call.id;
    const { outputGradientRms: gradient, history } = figures.get(layer) ?? {};
    if (findLayer(call.kind)?.role !== 'affine' || gradient === undefined || seen.has(layer)) continue;
    seen.add(layer);
    const sleeps =
      gradient === 0 && (behindZeroGain(network, call) || history?.outputGradientRms?.some((value) => value > 0));
    const role = `${call.kind} of rank ${call.outputShapes[0]!.length}`;
    if (!sleeps) paths.set(role, [...(paths.get(role) ?? []), { layer, call, gradient }]);
  }
  return [...paths.values()].map((path) => withoutHead(path, network));
}

function withoutHead(path: readonly PathPoint[], { outputs }: Network): PathPoint[] {
  const isHead = path.length > 2 && outputs.includes(path.at(-1)!.call.id);
  return path.slice(0, isHead ? -1 : undefined);
}

/** Whether a layer computed later starts with all its weights at zero, so that nothing comes back through it at first. */
function behindZeroGain({ modules, parameters, calls }: Network, call: Call): boolean {
  const zero = new Set(
    parameters
      .filter(({ initialization }) => initialization.kind === 'constant' && initialization.value === 0)
      .map(({ id }) => id),
  );
  const gains = new Set(modules.filter(({ parameters: { weight } }) => zero.has(weight ?? '')).map(({ id }) => id));
  return calls.slice(calls.indexOf(call) + 1).some(({ module }) => gains.has(module ?? ''));
}

/** Gradient at the first layer of a path over that at its last; the path's that is farthest from 1, or 1. */
export function gradientRatio(paths: readonly (readonly PathPoint[])[]): number {
  const ratios = paths.filter(({ length }) => length >= 2).map((path) => path[0]!.gradient / path.at(-1)!.gradient);
  const distance = (ratio: number) => (ratio > 0 ? Math.abs(Math.log(ratio)) : Number.POSITIVE_INFINITY);
  return ratios.reduce((a, b) => (distance(b) > distance(a) ? b : a), 1);
}
