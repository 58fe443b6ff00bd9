// Norms that a forward computes by hand, recognized in a traced network by their arithmetic. Nothing here knows a
// framework's syntax, and nothing is changed: the calls stay as they are.
import {
  type Call,
  isBatchDim,
  type Network,
  type NormDifference,
  outputOf,
  type Shape,
  type ValueId,
  type WrittenNorm,
  type WrittenNormKind,
} from '../../network';
import { base, type Graph, graphOf, numberOf, plain, valueAt } from './graph';
import { axesOf, type Spread, Statistics } from './spread';

/** A division by a spread: what is divided, and by what. */
interface Division {
  readonly numerator: ValueId;
  readonly spread: Spread;
}

/** `a / root`, `a * rsqrt(v)`, `a * (1 / root)`. */
function divisionOf(call: Call, graph: Graph, statistics: Statistics, seen: string[]): Division | undefined {
  const [first, second] = [valueAt(call, 0), valueAt(call, 1)];
  if (first === undefined || second === undefined) return undefined;
  const attempt = (numerator: ValueId, find: (seen: string[]) => Spread | undefined): Division | undefined => {
    const inner: string[] = [];
    const spread = find(inner);
    if (spread) seen.push(...inner);
    return spread && { numerator, spread };
  };
  if (call.kind === 'div') return attempt(first, (inner) => statistics.root(second, inner));
  if (call.kind !== 'mul') return undefined;
  return (
    attempt(first, (inner) => inverse(second, graph, statistics, inner)) ??
    attempt(second, (inner) => inverse(first, graph, statistics, inner))
  );
}

/** One over a root. */
function inverse(value: ValueId, graph: Graph, statistics: Statistics, seen: string[]): Spread | undefined {
  const call = graph.made(plain(value, graph, seen))?.call;
  const of = call && valueAt(call, 0);
  if (!call || of === undefined) return undefined;
  const number = numberOf(call);
  const found =
    call.kind === 'rsqrt' || (call.kind === 'pow' && number?.value === -0.5)
      ? statistics.variance(of, seen)
      : call.kind === 'reciprocal' || (call.kind === 'pow' && number?.value === -1)
        ? statistics.root(of, seen)
        : call.kind === 'div' && number?.first && number.value === 1
          ? statistics.root(of, seen)
          : undefined;
  if (found) seen.push(call.id);
  return found;
}

/** What is divided, and what it is without the gains that were multiplied on before. */
function* withoutGains(value: ValueId, graph: Graph): Generator<{ readonly value: ValueId; readonly gains: string[] }> {
  const gains: string[] = [];
  for (let at = value; ; ) {
    yield { value: at, gains: [...gains] };
    const call = graph.made(at)?.call;
    if (call?.kind !== 'mul' || call.inputs.length !== 2) return;
    const rest = call.inputs.flatMap((operand) =>
      'value' in operand && !isGain(operand.value, graph) ? [operand.value] : [],
    );
    if (rest.length !== 1) return;
    gains.push(call.id);
    at = rest[0]!;
  }
}

/** A parameter behind changes of form. */
function isGain(value: ValueId, graph: Graph): boolean {
  const at = plain(value, graph, []);
  const call = graph.made(at)?.call;
  const [operand] = call?.inputs ?? [];
  return call !== undefined && call.inputs.length === 1 && operand !== undefined && 'parameter' in operand;
}

const all = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, i) => from + i);
const same = (a: readonly number[], b: readonly number[]): boolean => `${a}` === `${b}`;

/** In how many groups a shape [batch, groups, …] was made of one with channels. */
function groupsOf(value: ValueId, shape: Shape, graph: Graph): number | undefined {
  const call = graph.made(value)?.call;
  const from = call && /^(view|reshape|unflatten|Unflatten)$/.test(call.kind) ? valueAt(call, 0) : undefined;
  const before = from === undefined ? undefined : graph.shape(from);
  const [channels, groups] = [before?.[1], shape[1]];
  if (typeof channels !== 'number' || typeof groups !== 'number' || (before?.length ?? 0) < 3) return undefined;
  return channels % groups === 0 && channels > groups ? groups : undefined;
}

/** What a norm over these axes is called. */
function kindOf(
  value: ValueId,
  axes: readonly number[],
  centred: boolean,
  graph: Graph,
): { kind: WrittenNormKind; groups?: number } | undefined {
  const shape = graph.shape(value);
  if (!shape || axes.length === 0) return undefined;
  const batch = shape.findIndex(isBatchDim);
  if (axes.includes(batch)) return centred ? { kind: 'BatchNorm' } : undefined;
  const groups = same(axes, all(2, shape.length)) ? groupsOf(value, shape, graph) : undefined;
  if (groups !== undefined) return centred ? { kind: 'GroupNorm', groups } : undefined;
  const perChannel = shape.length >= 4 && same(axes, all(2, shape.length));
  if (perChannel) return { kind: centred ? 'InstanceNorm' : 'FilterResponseNorm' };
  return { kind: centred ? 'LayerNorm' : 'RMSNorm' };
}

const scopeOf = ({ id }: Call): string => id.split('.').slice(0, -1).join('.');

function differencesOf(
  { unbiased, where }: Spread,
  axes: readonly number[],
  spread: readonly number[],
): NormDifference[] {
  return [
    ...(unbiased ? (['unbiased'] as const) : []),
    ...(where === 'outside' ? (['eps-outside'] as const) : []),
    ...(where === 'none' ? (['no-eps'] as const) : []),
    ...(where === 'clamped' ? (['clamped'] as const) : []),
    ...(same(axes, spread) ? [] : (['axes-differ'] as const)),
  ];
}

/** A mean taken off and a division by the spread, or a division of the values themselves. */
function normalization(call: Call, graph: Graph, statistics: Statistics): WrittenNorm | undefined {
  const seen: string[] = [];
  const division = divisionOf(call, graph, statistics, seen);
  if (!division) return undefined;
  const { spread } = division;
  for (const { value, gains } of withoutGains(division.numerator, graph)) {
    const about = statistics.centred(value, seen);
    const of = about?.of ?? base(value, graph);
    // The variance's divisor without its mean taken off is another thing, and so is the reverse.
    if (of !== spread.of || (about === undefined) === spread.centred) continue;
    const kind = kindOf(of, spread.axes, about !== undefined, graph);
    return kind && written(call, kind, of, spread, about?.axes ?? spread.axes, [...seen, ...gains], graph);
  }
  return undefined;
}

function written(
  call: Call,
  kind: { readonly kind: WrittenNormKind; readonly groups?: number },
  input: ValueId,
  spread: Spread,
  meanAxes: readonly number[],
  seen: readonly string[],
  graph: Graph,
): WrittenNorm {
  return {
    ...kind,
    scope: scopeOf(call),
    input,
    output: outputOf(call.id),
    axes: spread.axes,
    eps: spread.eps,
    differences: differencesOf(spread, meanAxes, spread.axes),
    calls: [...new Set([...seen, call.id])].filter((id) => graph.made(id) !== undefined),
    source: call.source,
  };
}

/** `F.normalize(x, dim=-1) * √d`: the root mean square, cut off below. */
function scaledUnit(call: Call, graph: Graph): WrittenNorm | undefined {
  const number = numberOf(call);
  const unit = valueAt(call, 0);
  const made = unit === undefined ? undefined : graph.made(unit)?.call;
  const of = made && valueAt(made, 0);
  if (call.kind !== 'mul' || !number || made?.kind !== 'normalize' || of === undefined) return undefined;
  const shape = graph.shape(of);
  const { p = 2, dim = 1, eps = 1e-12 } = made.attributes;
  const [axis, ...more] = shape ? axesOf(dim, shape.length) : [];
  if (!shape || p !== 2 || axis === undefined || more.length > 0) return undefined;
  if (Math.abs(number.value / Math.sqrt(Number(shape[axis])) - 1) > 1e-6) return undefined;
  const cut: Spread = { of, axes: [axis], centred: false, unbiased: false, eps: Number(eps), where: 'clamped' };
  return written(call, { kind: 'RMSNorm' }, of, cut, [axis], [made.id], graph);
}

/** ConvNeXt V2's: x · ‖x‖ / mean over channels of ‖x‖. */
function globalResponse(call: Call, graph: Graph, statistics: Statistics): WrittenNorm | undefined {
  if (call.kind !== 'mul' || call.inputs.length !== 2) return undefined;
  for (const [x, ratio] of [
    [valueAt(call, 0), valueAt(call, 1)],
    [valueAt(call, 1), valueAt(call, 0)],
  ]) {
    const divided = ratio === undefined ? undefined : graph.made(ratio)?.call;
    const [top, bottom] = divided?.kind === 'div' ? [valueAt(divided, 0), valueAt(divided, 1)] : [];
    if (x === undefined || top === undefined || bottom === undefined) continue;
    const seen: string[] = [];
    const norm = statistics.norm(top, seen);
    const added = graph.made(bottom)?.call;
    const number = added?.kind === 'add' ? numberOf(added) : undefined;
    const mean = added && number ? statistics.mean(valueAt(added, 0) ?? '', seen) : undefined;
    if (!norm || !mean || mean.of !== top || norm.of !== base(x, graph) || !added || !divided) continue;
    const { axes } = norm;
    const spread: Spread = { of: norm.of, axes, centred: false, unbiased: false, eps: number!.value, where: 'inside' };
    return written(call, { kind: 'GlobalResponseNorm' }, norm.of, spread, axes, [...seen, added.id, divided.id], graph);
  }
  return undefined;
}

/** The norms that a network's calls compute by hand, in order. */
export function writtenNormsOf(network: Pick<Network, 'inputs' | 'calls'>): readonly WrittenNorm[] {
  const graph = graphOf(network);
  const statistics = new Statistics(graph);
  return network.calls.flatMap((call) => {
    if (call.kind !== 'div' && call.kind !== 'mul') return [];
    const found =
      normalization(call, graph, statistics) ?? scaledUnit(call, graph) ?? globalResponse(call, graph, statistics);
    return found ? [found] : [];
  });
}
