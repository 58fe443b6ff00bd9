import type { Primitive, TensorOf } from '../../../src/engine/tensor';
import { recurrence, recurrenceGradient } from './recurrenceReference';

/** Values in row-major order with their shape; integers and booleans as numbers. */
export interface Values {
  readonly shape: readonly number[];
  readonly values: readonly number[];
}

/** What a primitive gives, written as its definition says, one element after the other in double precision. */
type Reference<P extends Primitive> = (inputs: readonly Values[], node: TensorOf<P>) => readonly number[];

const count = (shape: readonly number[]) => shape.reduce((product, dim) => product * dim, 1);

/** Every index of a shape in row-major order. */
function indices(shape: readonly number[]): number[][] {
  return Array.from({ length: count(shape) }, (_, flat) => {
    const index: number[] = [];
    let rest = flat;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      index[axis] = rest % shape[axis]!;
      rest = Math.floor(rest / shape[axis]!);
    }
    return index;
  });
}

/** The element at an index, which may have more axes or larger ones than x: broadcasting. Outside of x it is undefined. */
function at(x: Values, index: readonly number[]): number | undefined {
  const own = index.slice(index.length - x.shape.length);
  let flat = 0;
  for (const [axis, dim] of x.shape.entries()) {
    const i = dim === 1 && own[axis]! > 0 ? 0 : own[axis]!;
    if (i < 0 || i >= dim) return undefined;
    flat = flat * dim + i;
  }
  return x.values[flat];
}

/** The element at an index that must be inside, without broadcasting. */
function exactly(x: Values, index: readonly number[]): number | undefined {
  return index.every((i, axis) => i >= 0 && i < x.shape[axis]!) ? at(x, index) : undefined;
}

const unary =
  (f: (x: number) => number) =>
  ([x]: readonly Values[]): number[] =>
    x!.values.map(f);

const binary =
  (f: (a: number, b: number) => number) =>
  ([a, b]: readonly Values[], node: { shape: readonly number[] }): number[] =>
    indices(node.shape).map((index) => f(at(a!, index)!, at(b!, index)!));

/** The elements that each result of a reduction is made of. */
const reduction =
  (f: (elements: readonly number[]) => number) =>
  ([x]: readonly Values[], node: { attributes: { axes: readonly number[] } }): number[] => {
    const { axes } = node.attributes;
    const kept = x!.shape.map((dim, axis) => (axes.includes(axis) ? 1 : dim));
    return indices(kept).map((index) =>
      f(
        indices(x!.shape)
          .filter((other) => other.every((i, axis) => axes.includes(axis) || i === index[axis]))
          .map((other) => at(x!, other)!),
      ),
    );
  };

const total = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0);

/** erf by its series, 2/√π Σ (−1)ⁿ x²ⁿ⁺¹/(n!(2n+1)), which serves for |x| ≤ 3. */
function erf(x: number): number {
  let term = x;
  let sum = x;
  for (let n = 1; n < 60; n++) {
    term *= (-x * x) / n;
    sum += term / (2 * n + 1);
  }
  return (2 / Math.sqrt(Math.PI)) * sum;
}

/** A row's values along an axis beside the element itself. */
const alongAxis =
  (f: (x: number, row: readonly number[]) => number) =>
  ([x]: readonly Values[], node: { attributes: { axis: number } }): number[] =>
    indices(x!.shape).map((index) => {
      const { axis } = node.attributes;
      const row = Array.from({ length: x!.shape[axis]! }, (_, i) => at(x!, index.with(axis, i))!);
      return f(at(x!, index)!, row);
    });

/** The place of the first element along an axis that no other one beats. */
const places =
  (beats: (a: number, b: number) => boolean) =>
  ([x]: readonly Values[], node: { shape: readonly number[]; attributes: { axis: number } }): number[] =>
    indices(node.shape).map((index) => {
      const { axis } = node.attributes;
      const row = Array.from({ length: x!.shape[axis]! }, (_, i) => at(x!, index.toSpliced(axis, 0, i))!);
      return row.findIndex((value) => !row.some((other) => beats(other, value)));
    });

const matrixProduct = ([a, b]: readonly Values[], node: TensorOf<'matmul'> | TensorOf<'matmulAdd'>): number[] => {
  const { transposeA, transposeB } = node.attributes;
  const inner = a!.shape.at(transposeA ? -2 : -1)!;
  return indices(node.shape).map((index) => {
    const [lead, row, column] = [index.slice(0, -2), index.at(-2)!, index.at(-1)!];
    return total(
      Array.from({ length: inner }, (_, k) => {
        const left = at(a!, [...lead, ...(transposeA ? [k, row] : [row, k])])!;
        return left * at(b!, [...lead, ...(transposeB ? [column, k] : [k, column])])!;
      }),
    );
  });
};

interface Window {
  readonly strides: readonly number[];
  readonly padsBegin: readonly number[];
  readonly dilations: readonly number[];
}

/** Where a window's element lies in the input: output position, offset in the kernel. */
const positionOf = ({ strides, padsBegin, dilations }: Window, output: readonly number[], offset: readonly number[]) =>
  output.map((p, i) => p * strides[i]! - padsBegin[i]! + offset[i]! * dilations[i]!);

/** Cross-correlation, summed as it is defined; outside of x is zero. */
const convolution = ([x, weight]: readonly Values[], node: TensorOf<'convolution'>): number[] => {
  const [outChannels, perGroup, ...kernel] = weight!.shape as [number, number, ...number[]];
  const channelsOut = outChannels / node.attributes.groups;
  return indices(node.shape).map(([n, o, ...position]) => {
    const firstChannel = Math.floor(o! / channelsOut) * perGroup;
    return total(
      indices([perGroup, ...kernel]).map(([c, ...offset]) => {
        const where = positionOf(node.attributes, position, offset);
        return (exactly(x!, [n!, firstChannel + c!, ...where]) ?? 0) * at(weight!, [o!, c!, ...offset])!;
      }),
    );
  });
};

/** The largest element of each window and its flat index. */
const maxima = ([x]: readonly Values[], node: TensorOf<'maxPool'> | TensorOf<'maxPoolIndices'>) =>
  indices(node.shape).map(([n, c, ...position]) => {
    let best = { value: Number.NEGATIVE_INFINITY, flat: -1 };
    for (const offset of indices(node.attributes.kernel)) {
      const index = [n!, c!, ...positionOf(node.attributes, position, offset)];
      const value = exactly(x!, index);
      if (value === undefined || value <= best.value) continue;
      best = { value, flat: index.reduce((flat, i, axis) => flat * x!.shape[axis]! + i, 0) };
    }
    return best;
  });

/** Mean and biased variance. */
function momentsOf(values: readonly number[]): { mean: number; variance: number } {
  const mean = total(values) / values.length;
  return { mean, variance: total(values.map((value) => (value - mean) ** 2)) / values.length };
}

/** The statistics of the channel or group that each element of x [N, C, K] belongs to, and one for each of these. */
const channelNorm = ([x, scale, shift]: readonly Values[], node: TensorOf<'channelNorm'>): number[] => {
  const { groups, epsilon, part } = node.attributes;
  const [samples, channels] = x!.shape as readonly [number, number];
  const unit = ([n, c]: readonly number[]) => (groups === null ? [c!] : [n!, Math.floor((c! * groups) / channels)]);
  const moments = (of: readonly number[]) =>
    momentsOf(
      indices(x!.shape)
        .filter((index) => unit(index).every((i, axis) => i === of[axis]))
        .map((index) => at(x!, index)!),
    );
  if (part !== 'output')
    return indices(groups === null ? [channels] : [samples, groups]).map((of) => moments(of)[part]);
  return indices(x!.shape).map((index) => {
    const { mean, variance } = moments(unit(index));
    const normal = (at(x!, index)! - mean) / Math.sqrt(variance + epsilon);
    return normal * at(scale!, [index[1]!])! + at(shift!, [index[1]!])!;
  });
};

/** What f makes of each row of x [R, K]: its element times the scale, and the shift. */
const byRow = (
  [x, scale, shift]: readonly Values[],
  f: (row: readonly number[]) => (value: number) => number,
): number[] =>
  indices(x!.shape).map(([r, k]) => {
    const row = Array.from({ length: x!.shape[1]! }, (_, i) => at(x!, [r!, i])!);
    return f(row)(at(x!, [r!, k!])!) * at(scale!, [k!])! + (shift ? at(shift, [k!])! : 0);
  });

const rowsOf = (x: Values) =>
  indices([x.shape[0]!]).map(([r]) => x.values.slice(r! * x.shape[1]!, (r! + 1) * x.shape[1]!));
const meanSquare = (row: readonly number[]) => total(row.map((value) => value * value)) / row.length;

/** Every primitive that has an input or a value of its own, by its definition. */
export const reference: { readonly [P in Primitive]?: Reference<P> } = {
  range: (_, node) => Array.from({ length: node.attributes.length }, (_, i) => i),

  neg: unary((x) => -x),
  abs: unary(Math.abs),
  sign: unary(Math.sign),
  exp: unary(Math.exp),
  log: unary(Math.log),
  sqrt: unary(Math.sqrt),
  reciprocal: unary((x) => 1 / x),
  tanh: unary(Math.tanh),
  sigmoid: unary((x) => 1 / (1 + Math.exp(-x))),
  erf: unary(erf),
  relu: unary((x) => Math.max(0, x)),
  not: unary((x) => 1 - x),
  cast: ([x], node) => x!.values.map((value) => (node.dtype === 'float32' ? value : Math.trunc(value))),

  add: binary((a, b) => a + b),
  sub: binary((a, b) => a - b),
  mul: binary((a, b) => a * b),
  div: binary((a, b) => a / b),
  maximum: binary(Math.max),
  minimum: binary(Math.min),
  greater: binary((a, b) => Number(a > b)),
  less: binary((a, b) => Number(a < b)),
  equal: binary((a, b) => Number(a === b)),
  and: binary((a, b) => a * b),
  or: binary((a, b) => Math.max(a, b)),
  xor: binary((a, b) => (a ^ b) >>> 0),
  shiftRight: binary((a, b) => a >>> b),
  where: ([condition, a, b], node) =>
    indices(node.shape).map((index) => (at(condition!, index) === 1 ? at(a!, index)! : at(b!, index)!)),

  sum: reduction(total),
  sumSquare: reduction((values) => total(values.map((value) => value * value))),
  mean: reduction((values) => total(values) / values.length),
  amax: reduction((values) => Math.max(...values)),
  amin: reduction((values) => Math.min(...values)),

  reshape: ([x]) => x!.values,
  transpose: ([x], node) =>
    indices(node.shape).map((index) => {
      const source: number[] = [];
      node.attributes.perm.forEach((axis, i) => {
        source[axis] = index[i]!;
      });
      return at(x!, source)!;
    }),
  expand: ([x], node) => indices(node.shape).map((index) => at(x!, index)!),
  slice: ([x], node) => {
    const { starts, steps } = node.attributes;
    return indices(node.shape).map(
      (index) =>
        at(
          x!,
          index.map((i, axis) => starts[axis]! + i * steps[axis]!),
        )!,
    );
  },
  spread: ([x], node) => {
    const { steps, before } = node.attributes;
    return indices(node.shape).map((index) => {
      const source = index.map((i, axis) => (i - before[axis]!) / steps[axis]!);
      return source.every(Number.isInteger) ? (exactly(x!, source) ?? 0) : 0;
    });
  },
  pad: ([x], node) =>
    indices(node.shape).map(
      (index) =>
        exactly(
          x!,
          index.map((i, axis) => i - node.attributes.before[axis]!),
        ) ?? node.attributes.value,
    ),
  concat: (inputs, node) =>
    indices(node.shape).map((index) => {
      let offset = index[node.attributes.axis]!;
      const from = inputs.find((input) => {
        const size = input.shape[node.attributes.axis]!;
        if (offset < size) return true;
        offset -= size;
        return false;
      })!;
      return exactly(from, index.with(node.attributes.axis, offset))!;
    }),
  part: ([x], { shape, attributes: { index: part } }) =>
    indices(shape).map(([row, ...rest]) => exactly(x!, [part * shape[0]! + row!, ...rest])!),
  flip: ([x], node) =>
    indices(node.shape).map((index) => {
      const source = index.map((i, axis) => (node.attributes.axes.includes(axis) ? x!.shape[axis]! - 1 - i : i));
      return at(x!, source)!;
    }),

  gather: ([x, chosen], node) =>
    indices(node.shape).map((index) => {
      const lead = index.slice(0, chosen!.shape.length);
      return exactly(x!, [exactly(chosen!, lead)!, ...index.slice(lead.length)])!;
    }),
  takeAlong: ([x, chosen], node) =>
    indices(node.shape).map((index) => exactly(x!, index.with(node.attributes.axis, exactly(chosen!, index)!))!),
  putAlong: ([updates, chosen], node) => {
    const { axis } = node.attributes;
    return indices(node.shape).map((index) =>
      total(
        indices(updates!.shape)
          .filter((from) => index.every((i, at) => i === (at === axis ? exactly(chosen!, from) : from[at])))
          .map((from) => exactly(updates!, from)!),
      ),
    );
  },

  placeAlong: ([x, chosen, updates], node) => {
    const { axis, reduction } = node.attributes;
    const better = { none: () => true, max: (a: number, b: number) => a > b, min: (a: number, b: number) => a < b };
    return indices(node.shape).map((index) =>
      indices(updates!.shape)
        .filter((from) => index.every((i, at) => i === (at === axis ? exactly(chosen!, from) : from[at])))
        .map((from) => exactly(updates!, from)!)
        .reduce((best, value) => (better[reduction](value, best) ? value : best), exactly(x!, index)!),
    );
  },

  matmul: matrixProduct,
  matmulAdd: (inputs, node) => {
    const product = matrixProduct(inputs, node);
    return indices(node.shape).map((index, i) => product[i]! + at(inputs[2]!, index)!);
  },
  convolution,
  maxPool: (inputs, node) => maxima(inputs, node).map(({ value }) => value),
  maxPoolIndices: (inputs, node) => maxima(inputs, node).map(({ flat }) => flat),
  sin: unary(Math.sin),
  cos: unary(Math.cos),
  tan: unary(Math.tan),
  asin: unary(Math.asin),
  acos: unary(Math.acos),
  atan: unary(Math.atan),
  sinh: unary(Math.sinh),
  cosh: unary(Math.cosh),
  asinh: unary(Math.asinh),
  acosh: unary(Math.acosh),
  atanh: unary(Math.atanh),
  expm1: unary(Math.expm1),
  log1p: unary(Math.log1p),
  floor: unary(Math.floor),
  ceil: unary(Math.ceil),
  round: unary((x) => (Math.abs(x % 1) === 0.5 ? 2 * Math.round(x / 2) : Math.round(x))),
  pow: binary((a, b) => a ** b),
  mod: binary((a, b) => a - b * Math.floor(a / b)),
  greaterOrEqual: binary((a, b) => Number(a >= b)),
  lessOrEqual: binary((a, b) => Number(a <= b)),
  isNaN: unary((x) => Number(Number.isNaN(x))),
  clip: ([x], { attributes: { low, high } }) =>
    x!.values.map((value) => Math.max(low ?? -Infinity, Math.min(high ?? Infinity, value))),

  norm2: reduction((values) => Math.hypot(...values)),
  prod: reduction((values) => values.reduce((product, value) => product * value, 1)),
  logSumExp: reduction((values) => Math.log(total(values.map(Math.exp)))),
  argMax: places((a, b) => a > b),
  argMin: places((a, b) => a < b),
  topIndices: ([x], node) => {
    const { axis, largest } = node.attributes;
    return indices(node.shape).map((index) => {
      const row = Array.from({ length: x!.shape[axis]! }, (_, i) => at(x!, index.with(axis, i))!);
      const order = row.map((_, i) => i).sort((a, b) => (largest ? row[b]! - row[a]! : row[a]! - row[b]!));
      return order[index[axis]!]!;
    });
  },
  cumulativeSum: ([x], node) => {
    const { axis, reverse } = node.attributes;
    return indices(node.shape).map((index) =>
      total(
        Array.from({ length: x!.shape[axis]! }, (_, i) => i)
          .filter((i) => (reverse ? i >= index[axis]! : i <= index[axis]!))
          .map((i) => at(x!, index.with(axis, i))!),
      ),
    );
  },
  triangle: ([x], node) => {
    const { upper, diagonal } = node.attributes;
    return indices(node.shape).map((index) => {
      const above = index.at(-1)! - index.at(-2)!;
      return (upper ? above >= diagonal : above <= diagonal) ? at(x!, index)! : 0;
    });
  },
  putRows: ([rows, chosen], node) =>
    indices(node.shape).map((index) =>
      total(
        indices(rows!.shape)
          .filter(
            (from) => chosen!.values[from[0]!] === index[0] && from.every((i, axis) => axis === 0 || i === index[axis]),
          )
          .map((from) => at(rows!, from)!),
      ),
    ),

  softmax: alongAxis((x, row) => Math.exp(x) / total(row.map(Math.exp))),
  recurrence,
  recurrenceGradient,
  logSoftmax: alongAxis((x, row) => x - Math.log(total(row.map(Math.exp)))),

  opaque: ([x]) => x!.values,
  stopGradient: ([x]) => x!.values,
  channelNorm,
  layerNorm: (inputs, node) => {
    const { part, epsilon } = node.attributes;
    if (part === 'mean') return rowsOf(inputs[0]!).map((row) => momentsOf(row).mean);
    const inverse = (row: readonly number[]) => 1 / Math.sqrt(momentsOf(row).variance + epsilon);
    if (part === 'inverse') return rowsOf(inputs[0]!).map(inverse);
    return byRow(inputs, (row) => (value) => (value - momentsOf(row).mean) * inverse(row));
  },
  rmsNorm: (inputs, node) => {
    const inverse = (row: readonly number[]) => 1 / Math.sqrt(meanSquare(row) + node.attributes.epsilon);
    return node.attributes.part === 'inverse'
      ? rowsOf(inputs[0]!).map(inverse)
      : byRow(inputs, (row) => (value) => value * inverse(row));
  },
  scaleShift: ([x, scale, shift], node) =>
    indices(node.shape).map((index) => at(x!, index)! * at(scale!, [index[1]!])! + at(shift!, [index[1]!])!),
  binaryCrossEntropy: binary((p, y) => -y * Math.max(-100, Math.log(p)) - (1 - y) * Math.max(-100, Math.log(1 - p))),
  binaryCrossEntropyWithLogits: binary((x, y) => y * Math.log(1 + Math.exp(-x)) + (1 - y) * Math.log(1 + Math.exp(x))),
};

/** A node's values by its definition; undefined where no definition stands here. */
export function evaluate(node: TensorOf<Primitive>, inputs: readonly Values[]): readonly number[] | undefined {
  const known = reference[node.primitive] as Reference<Primitive> | undefined;
  return known?.(inputs, node);
}
