import { findLayer } from '../layers';
import { type Call, type Network, outputOf } from '../network';
import type { LayerFigures } from './figures';

/** A layer with weights on the way from input to loss, and the gradient that reaches its output. */
export interface PathPoint {
  readonly layer: string;
  readonly call: Call;
  /** Output gradient RMS at initialization. */
  readonly gradient: number;
}

/**
 * Output-gradient RMS of the layers with weights, in the order of computation, each path along one way to the loss and of one
 * role: convolutions apart from linear layers, and linear layers over positions apart from those over whole samples, because a
 * gradient that pooling spreads over positions is smaller at each without being less. Heads, whose few outputs each take
 * a large part of the loss's gradient, are left out where two layers remain. A gradient that is exactly zero at first is left
 * out where a gain after it starts at zero, and where it is not zero later: that is a beginning, not a fault.
 */
export function gradientPaths(network: Network, figures: ReadonlyMap<string, LayerFigures>): PathPoint[][] {
  const roles = new Map<string, PathPoint[]>();
  const seen = new Set<string>();
  for (const call of network.calls) {
    const layer = call.module ?? call.id;
    const { outputGradientRms: gradient, history } = figures.get(layer) ?? {};
    if (findLayer(call.kind)?.role !== 'affine' || gradient === undefined || seen.has(layer)) continue;
    seen.add(layer);
    const sleeps =
      gradient === 0 && (behindZeroGain(network, call) || history?.outputGradientRms?.some((value) => value > 0));
    const role = `${call.kind} of rank ${call.outputShapes[0]!.length}`;
    if (!sleeps) roles.set(role, [...(roles.get(role) ?? []), { layer, call, gradient }]);
  }
  const feeders = feedersOf(network);
  return [...roles.values()].flatMap((points) => alongWays(withoutHeads(points, network, feeders), feeders));
}

type Feeders = ReadonlyMap<Call, readonly Call[]>;

/** The calls whose outputs each call takes. */
function feedersOf({ calls }: Network): Feeders {
  const producers = new Map(calls.flatMap((call) => call.outputShapes.map((_, i) => [outputOf(call.id, i), call])));
  return new Map(
    calls.map((call) => [
      call,
      call.inputs.flatMap((operand) => ('value' in operand ? (producers.get(operand.value) ?? []) : [])),
    ]),
  );
}

/** Every call that one is computed from, itself among them. */
function ancestors(call: Call, feeders: Feeders): Set<Call> {
  const all = new Set<Call>();
  for (const waiting = [call]; waiting.length > 0; ) {
    const next = waiting.pop()!;
    if (all.has(next)) continue;
    all.add(next);
    waiting.push(...(feeders.get(next) ?? []));
  }
  return all;
}

/** Layers of one role as paths: the last with all that it is computed from, then the last of what remains, and so on. */
function alongWays(points: readonly PathPoint[], feeders: Feeders): PathPoint[][] {
  const paths: PathPoint[][] = [];
  for (let rest = points; rest.length > 0; ) {
    const before = ancestors(rest.at(-1)!.call, feeders);
    paths.push(rest.filter(({ call }) => before.has(call)));
    rest = rest.filter(({ call }) => !before.has(call));
  }
  return paths;
}

/** Without the layers that no other layer with weights stands behind, where two remain. */
function withoutHeads(points: readonly PathPoint[], { calls }: Network, feeders: Feeders): readonly PathPoint[] {
  const followed = new Set<Call>();
  for (const call of calls.toReversed()) {
    const isFollowed = followed.has(call) || findLayer(call.kind)?.role === 'affine';
    if (isFollowed) for (const feeder of feeders.get(call) ?? []) followed.add(feeder);
  }
  const body = points.filter(({ call }) => followed.has(call));
  return body.length >= 2 ? body : points;
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
