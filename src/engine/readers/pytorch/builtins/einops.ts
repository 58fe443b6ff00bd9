import { type Dim, multiplyDims, type Shape, type Span } from '../../../network';
import type { BuiltinRow, BuiltinTable } from '../../python/builtins/row';
import type { Evaluation } from '../../python/evaluator';
import { InputNeeded } from '../../python/modules/requirement';
import {
  type Arguments,
  argument,
  bound,
  dict,
  dimension,
  int,
  list,
  type ModuleValue,
  NONE,
  positional,
  string,
  type TensorValue,
  tuple,
  unknown,
  type Value,
} from '../../python/values';
import { EinopsError, ellipsisAxes, type Group, groupsOf, lengthsOf, sidesOf, withoutEllipsis } from './einopsPattern';
import { layerFunction } from './layers';

const NO_KEYWORDS: ReadonlyMap<string, Value> = new Map();

const dimOf = (value: Value): Dim | undefined => {
  if (value.type === 'dim') return { batch: value.batch };
  return value.type === 'int' ? value.value : undefined;
};

/** Does what a pattern says; einops's own refusals become errors at the call. */
function asSaid(work: () => Value, site: Span, run: Evaluation): Value {
  try {
    return work();
  } catch (error) {
    if (error instanceof EinopsError) return run.raise('EinopsError', error.message, site);
    throw error;
  }
}

const apply = (name: string, args: readonly Value[], site: Span, run: Evaluation): Value =>
  layerFunction(name)!({ positional: args, keywords: NO_KEYWORDS }, site, run);

const sizes = (dims: Shape): Value => tuple(dims.map(dimension));

/** The tensor in another shape; itself where it has that one. */
function reshaped(
  value: Value,
  groups: readonly Group[],
  lengths: ReadonlyMap<string, Dim>,
  site: Span,
  run: Evaluation,
) {
  if (groups.every(({ length }) => length === 1)) return value;
  const shape = groups.map((group) => multiplyDims(group.map((name) => lengths.get(name)!)));
  if (shape.includes(undefined)) throw new EinopsError('it multiplies the batch by itself');
  return apply('Tensor.reshape', [value, sizes(shape as Dim[])], site, run);
}

/** The lengths that a call names: `h = 8`. */
function lengthsGiven(keywords: ReadonlyMap<string, Value>): Map<string, Dim> | Value {
  const lengths = new Map<string, Dim>();
  for (const [name, value] of keywords) {
    const dim = dimOf(value);
    if (dim === undefined) return value;
    lengths.set(name, dim);
  }
  return lengths;
}

/** What the first of a model says of an input whose shape is being solved: an image, where it has so many dimensions. */
function needed(value: TensorValue, left: readonly Group[], site: Span): Value {
  const rank = left.some((group) => group.includes('…')) ? 0 : left.length;
  if (value.place.kind === 'flow' && (rank === 4 || rank === 5))
    throw new InputNeeded(value.place.value, { kind: 'pixels', dimension: rank - 2 }, 'einops', site);
  return unknown("the input's shape is not known", site);
}

const TORCH_REDUCTIONS: Readonly<Record<string, string>> = {
  mean: 'torch.mean',
  sum: 'torch.sum',
  max: 'torch.amax',
  min: 'torch.amin',
};

/** `rearrange`, `reduce` and `repeat` are one: axes apart, some reduced, moved, some new, and together again. */
function transformed(
  given: Value,
  pattern: Value,
  keywords: ReadonlyMap<string, Value>,
  reduction: Value | undefined,
  site: Span,
  run: Evaluation,
): Value {
  const value =
    given.type === 'list' || given.type === 'tuple' ? apply('torch.stack', [given, int(0)], site, run) : given;
  if (value.type === 'unknown') return value;
  const lengths = lengthsGiven(keywords);
  if (!(lengths instanceof Map)) {
    if (lengths.type === 'unknown') run.note(lengths, 'einops');
    return lengths.type === 'unknown' ? lengths : run.unmodelled('einops', 'a length is no number', site);
  }
  if (value.type !== 'tensor' || pattern.type !== 'string')
    return run.unmodelled('einops', 'its tensor or its pattern is not known', site);
  return asSaid(
    () => {
      const [leftSide, rightSide] = sidesOf(pattern.value);
      if (!value.shape) return needed(value, leftSide, site);
      const rest = ellipsisAxes(leftSide, value.shape.length);
      const left = withoutEllipsis(leftSide, rest);
      const right = withoutEllipsis(rightSide, rest);
      const found = lengthsOf(left, value.shape, new Map(lengths));
      const from = left.flat();
      const to = right.flat();
      const lacking = to.find((name) => !found.has(name));
      if (lacking)
        throw new EinopsError(`Identifiers only on one side of expression (should be on both): {${lacking}}`);
      const gone = from.filter((name) => !to.includes(name));
      if (gone.length > 0 && !reduction)
        throw new EinopsError(`Identifiers only on one side of expression (should be on both): {${gone.join(', ')}}`);
      const apart = from.length === left.length && left.every(({ length }) => length === 1);
      let result: Value = apart
        ? value
        : apply('Tensor.reshape', [value, sizes(from.map((name) => found.get(name)!))], site, run);
      if (gone.length > 0)
        result = reduced(
          result,
          gone.map((name) => from.indexOf(name)),
          reduction!,
          site,
          run,
        );
      const kept = from.filter((name) => to.includes(name));
      const order = to.filter((name) => kept.includes(name));
      if (order.some((name, i) => name !== kept[i]))
        result = apply('Tensor.permute', [result, ...order.map((name) => int(kept.indexOf(name)))], site, run);
      const fresh = to.filter((name) => !kept.includes(name));
      if (fresh.length > 0) {
        const ones = to.map((name) => (fresh.includes(name) ? 1 : found.get(name)!));
        result = apply('Tensor.reshape', [result, sizes(ones)], site, run);
        result = apply('Tensor.expand', [result, sizes(to.map((name) => found.get(name)!))], site, run);
      }
      return reshaped(result, right, found, site, run);
    },
    site,
    run,
  );
}

function reduced(value: Value, axes: readonly number[], reduction: Value, site: Span, run: Evaluation): Value {
  if (reduction.type !== 'string') return run.call(reduction, positional(value, tuple(axes.map(int))), site);
  if (reduction.value === 'prod') {
    return [...axes]
      .sort((a, b) => b - a)
      .reduce((left, axis) => apply('torch.prod', [left, int(axis)], site, run), value);
  }
  const name = TORCH_REDUCTIONS[reduction.value];
  if (!name)
    throw new EinopsError(`Unknown reduction ${reduction.value}. Expect one of (min, max, sum, mean, prod, any, all).`);
  return apply(name, [value, tuple(axes.map(int))], site, run);
}

/** The keywords that are lengths of axes. */
const without = (keywords: ReadonlyMap<string, Value>, ...names: readonly string[]) =>
  new Map([...keywords].filter(([name]) => !names.includes(name)));

const rearrange: BuiltinRow = (args, site, run) => {
  const { tensor = NONE, pattern = NONE } = bound(args, 'tensor', 'pattern');
  return transformed(tensor, pattern, without(args.keywords, 'tensor', 'pattern'), undefined, site, run);
};

const reduce: BuiltinRow = (args, site, run) => {
  const { tensor = NONE, pattern = NONE, reduction = NONE } = bound(args, 'tensor', 'pattern', 'reduction');
  return transformed(tensor, pattern, without(args.keywords, 'tensor', 'pattern', 'reduction'), reduction, site, run);
};

/** `einsum(a, b, 'batch i d, batch j d -> batch i j')`: torch's with a letter for each name. */
const einsum: BuiltinRow = (args, site, run) => {
  const pattern = args.positional.at(-1) ?? NONE;
  if (pattern.type !== 'string') return run.unmodelled('einops.einsum', 'its pattern is not known', site);
  const letters = new Map<string, string>();
  const letter = (name: string): string => {
    if (name === '...' || name === '') return name;
    const known = letters.get(name) ?? 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ'[letters.size] ?? '?';
    letters.set(name, known);
    return known;
  };
  const written = pattern.value
    .split(/(->|,)/)
    .map((part) => (part === '->' || part === ',' ? part : part.trim().split(/\s+/).map(letter).join('')))
    .join('');
  return apply('torch.einsum', [string(written), ...args.positional.slice(0, -1)], site, run);
};

/** Where the star of `b * c` stands, and how many axes follow it. */
function star(pattern: Value): { before: number; after: number } | undefined {
  if (pattern.type !== 'string') return undefined;
  const names = pattern.value.trim().split(/\s+/);
  const at = names.indexOf('*');
  return at < 0 ? undefined : { before: at, after: names.length - at - 1 };
}

/** `pack([a, b], 'b * c')`: the axes under the star as one, one tensor behind the other; and their lengths. */
const pack: BuiltinRow = (args, site, run) => {
  const { tensors = NONE, pattern = NONE } = bound(args, 'tensors', 'pattern');
  const place = star(pattern);
  const items = run.iterate(tensors, site);
  if (!place || !items?.every((item): item is TensorValue => item.type === 'tensor' && item.shape !== undefined)) {
    return items?.find(({ type }) => type === 'unknown') ?? unknown('what it packs is not known', site);
  }
  const shapes: Value[] = [];
  const flat = items.map((item) => {
    const shape = (item as TensorValue).shape!;
    const end = shape.length - place.after;
    const under = shape.slice(place.before, end);
    shapes.push(sizes(under));
    const one = multiplyDims(under) ?? -1;
    if (under.length === 1) return item;
    return apply(
      'Tensor.reshape',
      [item, sizes([...shape.slice(0, place.before), one, ...shape.slice(end)])],
      site,
      run,
    );
  });
  const packed = flat.length === 1 ? flat[0]! : apply('torch.cat', [list(flat), int(place.before)], site, run);
  return tuple([packed, list(shapes)]);
};

/** What `pack` put together, apart again. */
const unpack: BuiltinRow = (args, site, run) => {
  const { tensor = NONE, packed_shapes = NONE, pattern = NONE } = bound(args, 'tensor', 'packed_shapes', 'pattern');
  const place = star(pattern);
  const shapes = run.iterate(packed_shapes, site)?.map((shape) => run.iterate(shape, site)?.map(dimOf));
  if (
    tensor.type !== 'tensor' ||
    !tensor.shape ||
    !place ||
    !shapes ||
    shapes.some((each) => !each || each.includes(undefined))
  )
    return tensor.type === 'unknown' ? tensor : unknown('what it unpacks is not known', site);
  const whole = tensor.shape;
  const lengths = shapes.map((shape) => multiplyDims(shape as Dim[]) ?? -1);
  const parts =
    shapes.length === 1
      ? [tensor]
      : run.iterate(apply('torch.split', [tensor, list(lengths.map(dimension)), int(place.before)], site, run), site);
  if (!parts) return unknown('what it unpacks is not known', site);
  return list(
    parts.map((part, i) => {
      const under = shapes[i] as Dim[];
      if (under.length === 1) return part;
      const shape = [...whole.slice(0, place.before), ...under, ...whole.slice(place.before + 1)];
      return apply('Tensor.reshape', [part, sizes(shape)], site, run);
    }),
  );
};

/** The lengths of a tensor's axes by name. */
const parseShape: BuiltinRow = (args, site, run) => {
  const { x = NONE, pattern = NONE } = bound(args, 'x', 'pattern');
  if (x.type !== 'tensor' || !x.shape || pattern.type !== 'string')
    return unknown("the input's shape is not known", site);
  const { shape } = x;
  return asSaid(
    () =>
      dict(
        groupsOf(pattern.value).flatMap(([name], i) =>
          name === undefined || name === '_' ? [] : [[string(name), dimension(shape[i]!)] as const],
        ),
      ),
    site,
    run,
  );
};

/** einops's functions by their full names. */
export const einopsFunctions: BuiltinTable = {
  'einops.rearrange': rearrange,
  'einops.repeat': rearrange,
  'einops.reduce': reduce,
  'einops.einsum': einsum,
  'einops.pack': pack,
  'einops.unpack': unpack,
  'einops.parse_shape': parseShape,
};

const SAID = '_said';

/** A layer that does at every call what its constructor says. */
const layerOf = (row: BuiltinRow): BuiltinTable => ({
  __init__(args) {
    const module = argument(args, 0) as ModuleValue;
    module.ready = true;
    module.attributes.set(
      SAID,
      tuple([
        tuple(args.positional.slice(1)),
        dict([...args.keywords].map(([name, value]) => [string(name), value] as const)),
      ]),
    );
    return NONE;
  },
  forward(args: Arguments, site, run) {
    const module = argument(args, 0) as ModuleValue;
    const said = module.attributes.get(SAID);
    if (said?.type !== 'tuple') return run.raise('RuntimeError', `${module.class.name} has not run its __init__`, site);
    const [pattern, lengths] = said.items;
    const keywords = new Map(
      lengths?.type === 'dict'
        ? [...lengths.entries.values()].map(({ key, value }) => [key.type === 'string' ? key.value : '', value])
        : [],
    );
    const own = pattern?.type === 'tuple' ? pattern.items : [];
    return row({ positional: [argument(args, 1), ...own], keywords }, site, run);
  },
});

/** einops's layers by their full names. */
export const einopsLayers: Readonly<Record<string, BuiltinTable>> = {
  'einops.layers.torch.Rearrange': layerOf(rearrange),
  'einops.layers.torch.Reduce': layerOf(reduce),
};
