import { completeAttributes, findLayer } from '../../../layers';
import type { Attributes } from '../../../network';
import type { BuiltinRow, BuiltinTable } from '../../python/builtins/row';
import { LIMITS } from '../../python/evaluator';
import { attributeValue } from '../../python/modules/layer';
import { applyLayer } from '../../python/modules/trace';
import { asNumber, dimension, float, int, NONE, string, tuple, type Value } from '../../python/values';
import { axisAt, type Calls, ints, isTensor, matrix, operand, rankOf, row } from './calls';

const numbersOf = (value: Value | undefined, count: number, otherwise: number): number[] => {
  const one = value && asNumber(value);
  if (one !== undefined) return Array.from({ length: count }, () => one);
  const items =
    value?.type === 'list' || value?.type === 'tuple' ? value.items.map((item) => asNumber(item) ?? otherwise) : [];
  // TensorFlow gives one for the batch and one for the channels too.
  const own = items.length === count + 2 ? items.slice(1, -1) : items;
  return Array.from({ length: count }, (_, i) => own[i] ?? own[0] ?? otherwise);
};

const wordOf = (value: Value | undefined, otherwise: string): string =>
  value?.type === 'string' ? value.value.toLowerCase() : otherwise;

/** [N, …, C] as PyTorch takes it, and back. */
const channelsFirst = (calls: Calls, x: Value, rank: number): Value =>
  calls.torch('permute', [x, ints([0, rank - 1, ...Array.from({ length: rank - 2 }, (_, i) => i + 1)])]);
const channelsLast = (calls: Calls, x: Value, rank: number): Value =>
  calls.torch('permute', [x, ints([0, ...Array.from({ length: rank - 2 }, (_, i) => i + 2), 1])]);

/** What TensorFlow's `same` pads, before and behind, of each spatial axis. */
const samePads = (
  sizes: readonly number[],
  kernel: readonly number[],
  strides: readonly number[],
  dilation: readonly number[],
) =>
  sizes.map((size, i) => {
    const total = Math.max(
      (Math.ceil(size / strides[i]!) - 1) * strides[i]! + (kernel[i]! - 1) * dilation[i]! + 1 - size,
      0,
    );
    return [Math.floor(total / 2), Math.ceil(total / 2)] as const;
  });

/** A convolution with a kernel that flows or is known: [spatial…, in, out], depthwise [spatial…, in, multiplier]. */
function convolve(calls: Calls, x: Value, kernel: Value, depthwise: boolean): Value {
  const rank = rankOf(x);
  if (!isTensor(x) || !isTensor(kernel) || !kernel.shape || rank === undefined)
    return calls.run.unmodelled('conv', 'its input or kernel is not known', calls.site);
  const count = rank - 2;
  const window = kernel.shape.slice(0, count).map(Number);
  const [inputs, outputs] = kernel.shape.slice(count).map(Number) as [number, number];
  const strides = numbersOf(calls.take(2, 'strides'), count, 1);
  const padding = wordOf(calls.take(3, 'padding'), 'valid');
  const dilation = numbersOf(
    calls.args.keywords.get('dilation_rate') ?? calls.args.keywords.get('dilations'),
    count,
    1,
  );
  const spatial = x.shape!.slice(1, -1).map(Number);
  let moved = channelsFirst(calls, x, rank);
  if (padding === 'same') {
    const pads = samePads(spatial, window, strides, dilation);
    if (pads.flat().some((size) => size > 0))
      moved = calls.torch('nn.functional.pad', [moved, ints([...pads].reverse().flat())]);
  }
  const front = Array.from({ length: count }, (_, i) => i);
  const turned = depthwise
    ? calls.torch('reshape', [
        calls.torch('permute', [kernel, ints([count, count + 1, ...front])]),
        ints([inputs * outputs, 1, ...window]),
      ])
    : calls.torch('permute', [kernel, ints([count + 1, count, ...front])]);
  const channels = Number(x.shape!.at(-1));
  const made = calls.torch(`nn.functional.conv${count}d`, [moved, turned], {
    stride: ints(strides),
    dilation: ints(dilation),
    groups: int(depthwise ? inputs : channels / inputs),
  });
  return channelsLast(calls, made, rank);
}

/** One of Keras's pooling layers, as a function. */
const pool = (kind: 'Max' | 'Average'): BuiltinRow =>
  row((calls) => {
    const x = operand(calls, 0, 'inputs|input|x');
    const rank = rankOf(x);
    if (rank === undefined) return x;
    const given = (place: number, names: string) => attributeValue(calls.take(place, names) ?? NONE);
    const attributes = {
      pool_size: numbersOf(calls.take(1, 'pool_size|ksize'), rank - 2, 2),
      strides: calls.take(2, 'strides') ? numbersOf(calls.take(2, 'strides'), rank - 2, 1) : null,
      padding: String(given(3, 'padding') ?? 'valid').toLowerCase(),
    };
    return rowNamed(calls, `Keras${kind}Pooling${rank - 2}D`, attributes, [x]);
  });

function rowNamed(calls: Calls, kind: string, attributes: Attributes, operands: readonly Value[]): Value {
  const found = findLayer(kind)!;
  const shapes = operands.flatMap((each) => (isTensor(each) && each.shape ? [each.shape] : []));
  return applyLayer(
    {
      row: found,
      attributes: completeAttributes(found, attributes, shapes),
      operands,
      site: calls.site,
      by: kind.replace(/^Keras/, '').toLowerCase(),
    },
    calls.run,
  );
}

/** Images in another size: bilinear, or the nearest. */
const resize = row((calls) => {
  const x = operand(calls, 0, 'images|image');
  const size = calls.take(1, 'size') ?? NONE;
  const method = wordOf(calls.take(2, 'interpolation|method'), 'bilinear');
  const rank = rankOf(x);
  if (!['bilinear', 'nearest', 'bicubic'].includes(method))
    return calls.run.unmodelled('resize', `interpolation='${method}' is not modelled`, calls.site);
  if (rank === undefined) return x;
  const batched = rank === 4 ? x : calls.torch('unsqueeze', [x, int(0)]);
  const made = calls.torch('nn.functional.interpolate', [channelsFirst(calls, batched, 4)], {
    size: size.type === 'list' ? tuple(size.items) : size,
    mode: string(method === 'nearest' ? 'nearest-exact' : method),
  });
  const back = channelsLast(calls, made, 4);
  return rank === 4 ? back : calls.torch('squeeze', [back, int(0)]);
});

/** Patches of images side by side, each as one vector: row, column, channel. */
const extractPatches = row((calls) => {
  const x = operand(calls, 0, 'images');
  if (!isTensor(x) || x.shape?.length !== 4) return x;
  const window = numbersOf(calls.take(1, 'size|sizes'), 2, 1);
  const strides = calls.take(2, 'strides') ? numbersOf(calls.take(2, 'strides'), 2, 1) : window;
  const dilation = numbersOf(calls.take(3, 'dilation_rate|rates'), 2, 1);
  const padding = wordOf(calls.take(4, 'padding'), 'valid');
  const [height, width, channels] = x.shape.slice(1).map(Number) as [number, number, number];
  const n = dimension(x.shape[0]!);
  const dense = window.every((size, i) => size === strides[i] && dilation[i] === 1 && [height, width][i]! % size === 0);
  if (dense) {
    const [rows, columns] = [height / window[0]!, width / window[1]!];
    const apart = calls.torch('reshape', [
      x,
      tuple([n, ...[rows, window[0]!, columns, window[1]!, channels].map(int)]),
    ]);
    const beside = calls.torch('permute', [apart, ints([0, 1, 3, 2, 4, 5])]);
    return calls.torch('reshape', [
      beside,
      tuple([n, ...[rows, columns, window[0]! * window[1]! * channels].map(int)]),
    ]);
  }
  let moved = channelsFirst(calls, x, 4);
  let sizes = [height, width];
  if (padding === 'same') {
    const pads = samePads(sizes, window, strides, dilation);
    moved = calls.torch('nn.functional.pad', [moved, ints([...pads].reverse().flat())]);
    sizes = sizes.map((size, i) => size + pads[i]![0] + pads[i]![1]);
  }
  const counts = sizes.map((size, i) => Math.floor((size - dilation[i]! * (window[i]! - 1) - 1) / strides[i]!) + 1);
  const unfolded = calls.torch('nn.functional.unfold', [moved, ints(window)], {
    stride: ints(strides),
    dilation: ints(dilation),
  });
  const positions = window[0]! * window[1]!;
  const apart = calls.torch('reshape', [unfolded, tuple([n, ...[channels, positions, ...counts].map(int)])]);
  return calls.torch('reshape', [
    calls.torch('permute', [apart, ints([0, 3, 4, 2, 1])]),
    tuple([n, ...[...counts, positions * channels].map(int)]),
  ]);
});

const batchNormalization = row((calls) => {
  const x = operand(calls);
  const rank = rankOf(x);
  if (rank === undefined) return x;
  const plain = calls.take(3, 'axis');
  const axis = axisAt(plain?.type === 'int' ? plain.value : -1, rank);
  const shaped = (value: Value): Value =>
    rankOf(value) === 1 && axis !== rank - 1
      ? calls.torch('reshape', [value, ints(Array.from({ length: rank }, (_, i) => (i === axis ? -1 : 1)))])
      : value;
  const of = (place: number, names: string) => {
    const value = calls.take(place, names);
    return value && shaped(value);
  };
  const [mean, variance, offset, scale] = [of(1, 'mean'), of(2, 'variance'), of(4, 'offset'), of(5, 'scale')];
  const epsilon = calls.take(6, 'epsilon|variance_epsilon') ?? float(1e-3);
  const inverse = calls.torch('rsqrt', [calls.on('+', variance ?? NONE, epsilon)]);
  const factor = scale ? calls.on('*', inverse, scale) : inverse;
  const made = calls.on('*', calls.on('-', x, mean ?? NONE), factor);
  return offset ? calls.on('+', made, offset) : made;
});

const layerNormalization = row((calls) => {
  const x = operand(calls);
  const size = isTensor(x) ? x.shape?.at(-1) : undefined;
  const axis = calls.take(3, 'axis');
  if (typeof size !== 'number' || (axis && !(axis.type === 'int' && axis.value === -1)))
    return calls.run.unmodelled('layer_normalization', 'it is modelled over the last axis', calls.site);
  const made = calls.torch('nn.functional.layer_norm', [x, ints([size])], {
    eps: calls.take(4, 'epsilon') ?? float(1e-7),
  });
  const [gamma, beta] = [calls.take(1, 'gamma'), calls.take(2, 'beta')];
  const scaled = gamma ? calls.on('*', made, gamma) : made;
  return beta ? calls.on('+', scaled, beta) : scaled;
});

const rmsNormalization = row((calls) => {
  const x = operand(calls);
  const size = isTensor(x) ? x.shape?.at(-1) : undefined;
  if (typeof size !== 'number') return x;
  return calls.torch('nn.functional.rms_norm', [x, ints([size])], {
    weight: calls.take(1, 'scale'),
    eps: calls.take(3, 'epsilon') ?? float(1e-6),
  });
});

/** cos and sin of 2πij/n: the discrete Fourier transform of n values as two products. */
const fourier = (calls: Calls, n: number) => {
  const at = (of: (angle: number) => number) =>
    matrix(
      calls,
      Array.from({ length: n }, (_, i) => Array.from({ length: n }, (_, j) => of((2 * Math.PI * ((i * j) % n)) / n))),
    );
  return { cosine: at(Math.cos), sine: at(Math.sin) };
};

/** The transform of a real and an imaginary part over an axis, the last or the one before it. */
function transformed(
  calls: Calls,
  [real, imaginary]: readonly [Value, Value | undefined],
  axis: -1 | -2,
): [Value, Value] {
  const size = isTensor(real) ? real.shape?.at(axis) : undefined;
  if (typeof size !== 'number') return [real, real];
  if (size ** 2 > LIMITS.size) {
    const large = calls.run.unmodelled('fft', `over ${size} values it is not modelled`, calls.site);
    return [large, large];
  }
  const { cosine, sine } = fourier(calls, size);
  const times = (x: Value, by: Value): Value => calls.torch('matmul', axis === -1 ? [x, by] : [by, x]);
  const negative = (x: Value): Value => calls.torch('neg', [x]);
  if (!imaginary) return [times(real, cosine), negative(times(real, sine))];
  return [
    calls.on('+', times(real, cosine), times(imaginary, sine)),
    calls.on('-', times(imaginary, cosine), times(real, sine)),
  ];
}

const fft = (axes: readonly (-1 | -2)[]): BuiltinRow =>
  row((calls) => {
    const given = calls.take(0, 'x');
    if (given?.type !== 'tuple' && given?.type !== 'list')
      return calls.run.unmodelled('fft', 'complex numbers are not modelled', calls.site);
    const [real, imaginary] = given.items as [Value, Value];
    return tuple(
      axes.reduce<readonly [Value, Value]>((parts, axis) => transformed(calls, parts, axis), [real, imaginary]),
    );
  });

/** The half of a real signal's transform that is not its own mirror image. */
const rfft = row((calls) => {
  const x = operand(calls);
  const size = isTensor(x) ? x.shape?.at(-1) : undefined;
  if (typeof size !== 'number') return x;
  if (size ** 2 > LIMITS.size)
    return calls.run.unmodelled('rfft', `over ${size} values it is not modelled`, calls.site);
  const half = (value: Value): Value => calls.torch('narrow', [value, int(-1), int(0), int(Math.floor(size / 2) + 1)]);
  const [real, imaginary] = transformed(calls, [x, undefined], -1);
  return tuple([half(real), half(imaginary)]);
});

/** One channel of three by the eye's own weights. */
const grayscale = row((calls) =>
  calls.torch('matmul', [operand(calls, 0, 'images'), matrix(calls, [[0.2989], [0.587], [0.114]])]),
);

/** Functions of neural networks and images. */
export const networks: BuiltinTable = {
  conv: row((calls) => convolve(calls, operand(calls, 0, 'inputs'), calls.take(1, 'kernel') ?? NONE, false)),
  conv1d: row((calls) => convolve(calls, operand(calls, 0, 'input|x'), calls.take(1, 'filters|kernel') ?? NONE, false)),
  conv2d: row((calls) => convolve(calls, operand(calls, 0, 'input|x'), calls.take(1, 'filters|kernel') ?? NONE, false)),
  depthwise_conv: row((calls) => convolve(calls, operand(calls, 0, 'inputs'), calls.take(1, 'kernel') ?? NONE, true)),
  depthwise_conv2d: row((calls) => convolve(calls, operand(calls, 0, 'input'), calls.take(1, 'filter') ?? NONE, true)),
  separable_conv: row((calls) => {
    const inner = convolve(
      { ...calls, take: (place, names) => calls.take(place === 1 ? 1 : place + 1, names) },
      operand(calls, 0, 'inputs'),
      calls.take(1, 'depthwise_kernel') ?? NONE,
      true,
    );
    const rank = rankOf(inner) ?? 4;
    const pointwise = calls.take(2, 'pointwise_kernel') ?? NONE;
    const size = isTensor(pointwise) ? pointwise.shape! : [];
    return calls.torch('matmul', [
      inner,
      calls.torch('reshape', [pointwise, tuple(size.slice(rank - 2).map(dimension))]),
    ]);
  }),
  max_pool: pool('Max'),
  max_pool1d: pool('Max'),
  max_pool2d: pool('Max'),
  average_pool: pool('Average'),
  avg_pool: pool('Average'),
  avg_pool2d: pool('Average'),
  bias_add: row((calls) => calls.on('+', operand(calls), calls.take(1, 'bias') ?? NONE)),
  batch_normalization: batchNormalization,
  layer_normalization: layerNormalization,
  rms_normalization: rmsNormalization,
  'image.resize': resize,
  resize_images: resize,
  'image.extract_patches': extractPatches,
  'image.rgb_to_grayscale': grayscale,
  'image.pad_images': row((calls) => {
    const x = operand(calls, 0, 'images');
    const size = (place: number, name: string) => asNumber(calls.take(place, name) ?? NONE);
    if (!isTensor(x) || x.shape?.length !== 4) return x;
    const [height, width] = x.shape.slice(1, 3).map(Number) as [number, number];
    const [top = 0, left = 0] = [size(1, 'top_padding'), size(2, 'left_padding')];
    const bottom = size(3, 'bottom_padding') ?? (size(5, 'target_height') ?? height) - height - top;
    const right = size(4, 'right_padding') ?? (size(6, 'target_width') ?? width) - width - left;
    return calls.torch('nn.functional.pad', [x, ints([0, 0, left, right, top, bottom])]);
  }),
  'image.crop_images': row((calls) => {
    const x = operand(calls, 0, 'images');
    const size = (place: number, name: string) => asNumber(calls.take(place, name) ?? NONE);
    if (!isTensor(x) || x.shape?.length !== 4) return x;
    const [height, width] = x.shape.slice(1, 3).map(Number) as [number, number];
    const [top = 0, left = 0] = [size(1, 'top_cropping'), size(2, 'left_cropping')];
    const rows = size(5, 'target_height') ?? height - top - (size(3, 'bottom_cropping') ?? 0);
    const columns = size(6, 'target_width') ?? width - left - (size(4, 'right_cropping') ?? 0);
    return calls.torch('narrow', [
      calls.torch('narrow', [x, int(1), int(top), int(rows)]),
      int(2),
      int(left),
      int(columns),
    ]);
  }),
  fft: fft([-1]),
  fft2: fft([-1, -2]),
  rfft,
};
