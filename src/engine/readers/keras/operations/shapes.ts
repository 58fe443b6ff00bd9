import { isBatchDim } from '../../../network';
import type { BuiltinRow, BuiltinTable } from '../../python/builtins/row';
import { asNumber, dimension, int, list, NONE, string, tuple, unknown, type Value } from '../../python/values';
import { axisAt, ints, isTensor, itemsOf, operand, rankOf, row } from './calls';

const shapeOf: BuiltinRow = row((calls) => {
  const value = operand(calls);
  if (!isTensor(value))
    return value.type === 'unknown'
      ? value
      : asNumber(value) !== undefined
        ? tuple([])
        : unknown('its shape is not known', calls.site);
  return value.shape ? tuple(value.shape.map(dimension)) : unknown("the input's shape is not known", calls.site);
});

/** Sizes that a function takes: −1 stays, a batch is one. */
const reshape = row((calls) => {
  const x = operand(calls);
  const given = calls.take(1, 'newshape|shape') ?? NONE;
  const to =
    given.type === 'list' || given.type === 'tuple'
      ? tuple(given.items.map((item) => (item.type === 'none' ? int(-1) : item)))
      : given;
  if (x.type === 'unknown' || to.type === 'unknown') return x.type === 'unknown' ? x : to;
  return calls.torch('reshape', [x, to]);
});

const transpose = row((calls) => {
  const x = operand(calls);
  if (!isTensor(x) || !x.shape) return x;
  const axes = calls.take(1, 'axes|perm|pattern');
  return calls.torch('permute', [x, axes ?? ints(x.shape.map((_, axis) => x.shape!.length - 1 - axis))]);
});

/** One after the other along an axis; sizes are joined to a list of sizes. */
export const joined = (otherwise: number): BuiltinRow =>
  row((calls) => {
    const tensors = calls.take(0, 'xs|values|tensors|arrays') ?? NONE;
    const items = itemsOf(tensors);
    // Parts of a shape: `concat([[batch], [1, 1]])`.
    if (items.some(({ type }) => type === 'dim' || type === 'tuple' || type === 'list')) {
      const flat = items.flatMap(itemsOf);
      if (flat.every(({ type }) => type === 'int' || type === 'dim')) return list([...flat]);
    }
    return calls.torch('cat', [tensors], { dim: calls.take(1, 'axis') ?? int(otherwise) });
  });

const squeeze = row((calls) => {
  const x = operand(calls);
  const axis = calls.take(1, 'axis|squeeze_dims');
  if (!axis || axis.type === 'int') return calls.torch('squeeze', axis ? [x, axis] : [x]);
  const rank = rankOf(x) ?? 0;
  const places = itemsOf(axis).flatMap((each) => (each.type === 'int' ? [axisAt(each.value, rank)] : []));
  return places.sort((a, b) => b - a).reduce<Value>((y, at) => calls.torch('squeeze', [y, int(at)]), x);
});

const expandDims = row((calls) => {
  const x = operand(calls);
  const axis = calls.take(1, 'axis') ?? int(-1);
  // A size, to be joined with others to a shape.
  if (x.type === 'dim' || x.type === 'int') return list([x]);
  const places = itemsOf(axis);
  return places.length === 1
    ? calls.torch('unsqueeze', [x, places[0]!])
    : places.reduce<Value>((y, at) => calls.torch('unsqueeze', [y, at]), x);
});

const flip = row((calls) => {
  const x = operand(calls);
  const rank = rankOf(x) ?? 0;
  const axis = calls.take(1, 'axis|axes');
  return calls.torch('flip', [x, axis ? tuple(itemsOf(axis)) : ints(Array.from({ length: rank }, (_, i) => i))]);
});

/** Pairs of an axis each, the first axis first, as PyTorch has them: the last first, without the axes in front. */
const pad = row((calls) => {
  const x = operand(calls);
  const rank = rankOf(x);
  const given = calls.take(1, 'pad_width|paddings');
  const one = given && asNumber(given);
  const rows = itemsOf(given).map((each) =>
    each.type === 'tensor' ? (calls.run.iterate(each, calls.site) ?? []) : itemsOf(each),
  );
  if (rank === undefined || !given) return x;
  const pairs = Array.from({ length: rank }, (_, i) =>
    one === undefined ? (rows[rows.length === 1 ? 0 : i] ?? []) : [given, given],
  );
  const numbers = pairs.map((pair) => pair.map(asNumber));
  if (numbers.flat().includes(undefined)) return calls.run.unmodelled('pad', 'its widths are not known', calls.site);
  const sizes = numbers.map(([a = 0, b = a]) => [a!, b!] as const);
  const from = sizes.findIndex(([a, b]) => a !== 0 || b !== 0);
  if (from < 0) return x;
  const said = calls.take(2, 'mode');
  const mode = said?.type === 'string' ? said.value.toLowerCase() : 'constant';
  const value = calls.take(3, 'constant_values');
  const flat = sizes.slice(from).reverse().flat();
  if (mode === 'constant') return calls.torch('nn.functional.pad', [x, ints(flat)], { ...(value && { value }) });
  const known: Readonly<Record<string, string>> = { reflect: 'reflect', edge: 'replicate', wrap: 'circular' };
  if (!Object.hasOwn(known, mode)) return calls.run.unmodelled('pad', `mode='${mode}' is not modelled`, calls.site);
  // PyTorch pads the last axes of a batch of channels, so every padded axis is moved there by itself.
  return sizes.reduce<Value>((y, [a, b], axis) => {
    if (a === 0 && b === 0) return y;
    const last = calls.torch('movedim', [y, int(axis), int(-1)]);
    const shape = isTensor(last) ? last.shape! : [];
    const middle = shape.slice(1, -1);
    const flatten = calls.torch('reshape', [
      last,
      tuple([
        dimension(shape[0]!),
        int(middle.reduce<number>((product, size) => product * Number(isBatchDim(size) ? Number.NaN : size), 1)),
        int(-1),
      ]),
    ]);
    const padded = calls.torch('nn.functional.pad', [flatten, ints([a, b])], { mode: string(known[mode]!) });
    const back = calls.torch('reshape', [padded, tuple([...shape.slice(0, -1).map(dimension), int(-1)])]);
    return calls.torch('movedim', [back, int(-1), int(axis)]);
  }, x);
});

/** tf.split counts parts or gives their sizes. */
export const splitBySizes = row((calls) => {
  const parts = calls.take(1, 'num_or_size_splits') ?? NONE;
  const axis = calls.take(2, 'axis') ?? int(0);
  return calls.torch(parts.type === 'int' ? 'tensor_split' : 'split', [operand(calls), parts, axis]);
});

/** keras.ops.split and numpy's count parts or give the indices where they begin. */
const split = row((calls) => {
  const parts = calls.take(1, 'indices_or_sections|num_or_size_splits') ?? NONE;
  if (calls.args.keywords.has('num_or_size_splits')) return splitBySizes(calls.args, calls.site, calls.run);
  const made = calls.torch('tensor_split', [operand(calls), parts, calls.take(2, 'axis') ?? int(0)]);
  return made.type === 'tuple' ? list([...made.items]) : made;
});

const slice = row((calls) => {
  const x = operand(calls, 0, 'inputs|input_|input|x');
  const [starts, sizes] = [itemsOf(calls.take(1, 'start_indices|begin')), itemsOf(calls.take(2, 'shape|size'))];
  if (!isTensor(x) || !x.shape) return x;
  return x.shape.reduce<Value>((y, size, axis) => {
    const [start = int(0), length = int(-1)] = [starts[axis], sizes[axis]];
    if (length.type !== 'int' || typeof size !== 'number' || start.type !== 'int') return y;
    const rest = length.value === -1 ? size - start.value : length.value;
    return start.value === 0 && rest === size ? y : calls.torch('narrow', [y, int(axis), start, int(rest)]);
  }, x);
});

const roll = row((calls) =>
  calls.torch('roll', [operand(calls), calls.take(1, 'shift') ?? int(1)], { dims: calls.take(2, 'axis') }),
);

const rot90 = row((calls) => {
  const [x, times, axes] = [operand(calls, 0, 'array|image|x'), calls.take(1, 'k') ?? int(1), calls.take(2, 'axes')];
  const [first = int(0), second = int(1)] = itemsOf(axes);
  const turn = (y: Value): Value => calls.torch('flip', [calls.torch('transpose', [y, first, second]), tuple([first])]);
  const count = times.type === 'int' ? ((times.value % 4) + 4) % 4 : 1;
  return Array.from({ length: count }).reduce<Value>(turn, x);
});

/** Blocks of channels become pixels, TensorFlow's order: the block's row and column outermost. */
const depthToSpace = (back: boolean): BuiltinRow =>
  row((calls) => {
    const [x, block] = [operand(calls), asNumber(calls.take(1, 'block_size') ?? NONE)];
    if (!isTensor(x) || x.shape?.length !== 4 || !block)
      return calls.run.unmodelled('depth_to_space', 'its input or block is not known', calls.site);
    const [height, width, depth] = x.shape.slice(1).map(Number) as [number, number, number];
    const n = dimension(x.shape[0]!);
    const [shape, order, result] = back
      ? [
          [height / block, block, width / block, block, depth],
          [0, 1, 3, 2, 4, 5],
          [height / block, width / block, block * block * depth],
        ]
      : [
          [height, width, block, block, depth / block ** 2],
          [0, 1, 3, 2, 4, 5],
          [height * block, width * block, depth / block ** 2],
        ];
    const apart = calls.torch('reshape', [x, tuple([n, ...shape.map(int)])]);
    return calls.torch('reshape', [calls.torch('permute', [apart, ints(order)]), tuple([n, ...result.map(int)])]);
  });

const repeat = row((calls) =>
  calls.torch('repeat_interleave', [operand(calls), calls.take(1, 'repeats|rep|n') ?? int(1)], {
    dim: calls.take(2, 'axis'),
  }),
);

const tile = row((calls) => {
  const repeats = calls.take(1, 'repeats|multiples|n') ?? NONE;
  const items = itemsOf(repeats);
  const x = operand(calls);
  if (items.some(({ type }) => type === 'unknown')) return items.find(({ type }) => type === 'unknown')!;
  // A batch of copies is one that broadcasts.
  if (isTensor(x) && x.shape && items.some(({ type }) => type === 'dim')) {
    const sizes = x.shape.map((size, i) => (items[i]?.type === 'dim' ? items[i]! : dimension(size)));
    const rest = items.map((item) => (item.type === 'dim' ? int(1) : item));
    const spread = calls.torch('broadcast_to', [x, tuple(sizes)]);
    return rest.every((item) => item.type === 'int' && item.value === 1)
      ? spread
      : calls.torch('tile', [spread, tuple(rest)]);
  }
  return calls.torch('tile', [x, tuple(items)]);
});

const triangle = (name: 'tril' | 'triu'): BuiltinRow =>
  row((calls) => calls.torch(name, [operand(calls)], { diagonal: calls.take(1, 'k') }));

/** The diagonal of two axes: what remains of a product with the identity. */
const diagonal = row((calls) => {
  const x = operand(calls);
  const rank = rankOf(x) ?? 2;
  const [one, two] = [calls.take(2, 'axis1') ?? int(0), calls.take(3, 'axis2') ?? int(1)].map((each) =>
    axisAt(each.type === 'int' ? each.value : 0, rank),
  );
  const last = calls.torch('movedim', [x, ints([one!, two!]), ints([rank - 2, rank - 1])]);
  const size = isTensor(last) ? last.shape?.at(-1) : undefined;
  if (typeof size !== 'number') return calls.run.unmodelled('diagonal', 'its sizes are not known', calls.site);
  return calls.torch('sum', [calls.on('*', last, calls.torch('eye', [int(size)]))], { dim: int(-1) });
});

/** Functions that move elements, as keras.ops and TensorFlow name them. */
export const shapes: BuiltinTable = {
  shape: shapeOf,
  int_shape: shapeOf,
  ndim: row((calls) => {
    const rank = rankOf(operand(calls));
    return rank === undefined ? unknown('its rank is not known', calls.site) : int(rank);
  }),
  rank: row((calls) => {
    const rank = rankOf(operand(calls));
    return rank === undefined ? unknown('its rank is not known', calls.site) : int(rank);
  }),
  size: row((calls) => {
    const x = operand(calls);
    if (!isTensor(x) || !x.shape) return unknown('its size is not known', calls.site);
    return dimension(
      x.shape.reduce(
        (total, dim) =>
          isBatchDim(dim)
            ? { batch: dim.batch * Number(isBatchDim(total) ? 1 : total) }
            : isBatchDim(total)
              ? { batch: total.batch * dim }
              : total * dim,
        1 as (typeof x.shape)[number],
      ),
    );
  }),
  reshape,
  ravel: row((calls) => calls.torch('reshape', [operand(calls), ints([-1])])),
  flatten: row((calls) => calls.torch('reshape', [operand(calls), ints([-1])])),
  batch_flatten: row((calls) => calls.torch('flatten', [operand(calls), int(1)])),
  transpose,
  permute_dimensions: transpose,
  swapaxes: row((calls) =>
    calls.torch('transpose', [operand(calls), calls.take(1, 'axis1') ?? int(0), calls.take(2, 'axis2') ?? int(1)]),
  ),
  moveaxis: row((calls) =>
    calls.torch('movedim', [operand(calls), calls.take(1, 'source') ?? int(0), calls.take(2, 'destination') ?? int(0)]),
  ),
  concatenate: joined(0),
  concat: joined(0),
  stack: row((calls) => {
    const items = calls.take(0, 'x|values|arrays|tensors') ?? NONE;
    if (itemsOf(items).length > 0 && itemsOf(items).every(({ type }) => type === 'int' || type === 'dim'))
      return list([...itemsOf(items)]);
    return calls.torch('stack', [items], { dim: calls.take(1, 'axis') ?? int(0) });
  }),
  hstack: row((calls) => calls.torch('cat', [calls.take(0, 'xs') ?? NONE], { dim: int(1) })),
  vstack: row((calls) => calls.torch('cat', [calls.take(0, 'xs') ?? NONE], { dim: int(0) })),
  split,
  array_split: split,
  unstack: row((calls) => {
    const made = calls.torch('unbind', [operand(calls)], {
      dim: calls.args.keywords.get('axis') ?? calls.args.positional[2] ?? int(0),
    });
    return made.type === 'tuple' ? list([...made.items]) : made;
  }),
  expand_dims: expandDims,
  squeeze,
  broadcast_to: row((calls) => calls.torch('broadcast_to', [operand(calls), calls.take(1, 'shape') ?? NONE])),
  repeat,
  repeat_elements: repeat,
  tile,
  flip,
  reverse: flip,
  fliplr: row((calls) => calls.torch('flip', [operand(calls), ints([1])])),
  flipud: row((calls) => calls.torch('flip', [operand(calls), ints([0])])),
  roll,
  rot90,
  pad,
  slice,
  band_part: row((calls) => {
    const [below, above] = [asNumber(calls.take(1, 'num_lower') ?? NONE), asNumber(calls.take(2, 'num_upper') ?? NONE)];
    if (below === undefined || above === undefined)
      return calls.run.unmodelled('band_part', 'its width is not known', calls.site);
    const low = below < 0 ? operand(calls) : calls.torch('triu', [operand(calls)], { diagonal: int(-below) });
    return above < 0 ? low : calls.torch('tril', [low], { diagonal: int(above) });
  }),
  tril: triangle('tril'),
  triu: triangle('triu'),
  diagonal,
  depth_to_space: depthToSpace(false),
  space_to_depth: depthToSpace(true),
  copy: row((calls) => operand(calls)),
  rearrange: (args, site, run) => run.call(run.library('einops.rearrange'), args, site),
  get_item: row((calls) => calls.run.subscript(operand(calls), calls.take(1, 'key') ?? NONE, calls.site)),
  slice_update: row((calls) => {
    const [x, starts, updates] = [
      operand(calls, 0, 'inputs'),
      itemsOf(calls.take(1, 'start_indices')),
      calls.take(2, 'updates') ?? NONE,
    ];
    if (!isTensor(x) || !isTensor(updates) || !x.shape || !updates.shape)
      return calls.run.unmodelled('slice_update', 'its input is not known', calls.site);
    const shape = x.shape;
    const widths = shape.map((size, axis) => {
      const [start, own] = [starts[axis] ? asNumber(starts[axis]!) : 0, updates.shape![axis]!];
      return typeof size === 'number' && typeof own === 'number' ? [start ?? 0, size - own - (start ?? 0)] : [0, 0];
    });
    const flat = ints([...widths].reverse().flat());
    const put = (value: Value) => calls.torch('nn.functional.pad', [value, flat]);
    return calls.torch('where', [calls.on('>', put(calls.torch('ones_like', [updates])), 0), put(updates), x]);
  }),
};
