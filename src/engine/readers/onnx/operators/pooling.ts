import { isBatchDim } from '../../../network';
import { NotRead } from '../notRead';
import { type Flow, known, type Value } from '../values';
import type { Applied } from './applied';
import { isSymmetric, padded, padList, type Windows, windowsOf } from './convolution';
import type { OperatorRow } from './row';

function kernelOf(applied: Applied): readonly number[] {
  const kernel = applied.list('kernel_shape');
  if (!kernel) throw new NotRead('it has no kernel_shape');
  return kernel;
}

const dimensionOf = (applied: Applied): number => {
  const dimension = applied.rank() - 2;
  if (dimension < 1 || dimension > 3) throw new NotRead(`${dimension} spatial dimensions are not modelled`);
  return dimension;
};

function maxPool(applied: Applied): Value | readonly Value[] {
  const windows = windowsOf(applied, kernelOf(applied));
  // PyTorch pads no more than half a kernel; with −∞ before it any padding is the same.
  const wide = windows.begin.some((size, i) => size > windows.kernel[i]! / 2);
  const pad = () => applied.one('pad', { pad: padList(windows.begin, windows.end), value: Number.NEGATIVE_INFINITY });
  const { input, padding } =
    wide && isSymmetric(windows)
      ? { input: pad(), padding: windows.kernel.map(() => 0) }
      : padded(applied, windows, Number.NEGATIVE_INFINITY);
  const attributes = {
    kernel_size: windows.kernel,
    stride: windows.stride,
    padding,
    dilation: windows.dilation,
    ceil_mode: applied.number('ceil_mode', 0) === 1,
  };
  if (applied.node.outputs.length > 1 && applied.node.outputs[1] !== '')
    throw new NotRead('the indices of a maximum are not modelled');
  return applied.one(`MaxPool${windows.kernel.length}d`, attributes, [input]);
}

function averagePool(applied: Applied): Value {
  const windows = windowsOf(applied, kernelOf(applied));
  if (windows.dilation.some((size) => size !== 1)) throw new NotRead('dilation is not modelled');
  const counted = applied.number('count_include_pad', 0) === 1;
  const { input, padding } = padded(applied, windows, 0);
  const attributes = {
    kernel_size: windows.kernel,
    stride: windows.stride,
    padding,
    ceil_mode: applied.number('ceil_mode', 0) === 1,
    count_include_pad: counted || padding.every((size) => size === 0),
  };
  const mean = applied.one(`AvgPool${windows.kernel.length}d`, attributes, [input]);
  return isSymmetric(windows) || counted ? mean : applied.one('div', {}, [mean, sharesInside(applied, windows, mean)]);
}

/** Of each window the share that lies inside of the input: what a mean over padding is too small by. */
function sharesInside(applied: Applied, { kernel, stride, begin }: Windows, { shape }: Flow): Value {
  const [own, out] = [applied.shape().slice(2), shape.slice(2)];
  if ([...own, ...out].some((dim) => isBatchDim(dim))) throw new NotRead('it pools over the batch');
  if (out.reduce<number>((total, size) => total * Number(size), 1) > MOST_SHARES)
    throw new NotRead('padding that differs on both sides is modelled for small outputs alone');
  const along = kernel.map((size, axis) =>
    Array.from({ length: out[axis] as number }, (_, i) => {
      const from = i * stride[axis]! - begin[axis]!;
      return (Math.min(from + size, own[axis] as number) - Math.max(from, 0)) / size;
    }),
  );
  const shares = along.reduce<number[]>((all, each) => all.flatMap((left) => each.map((right) => left * right)), [1]);
  return known([1, 1, ...(out as number[])], shares, 'float32');
}

function lpPool(applied: Applied): Value {
  const windows = windowsOf(applied, kernelOf(applied));
  if (windows.dilation.some((size) => size !== 1)) throw new NotRead('dilation is not modelled');
  const { begin, end } = windows;
  const isPadded = [...begin, ...end].some((size) => size !== 0);
  const p = applied.number('p', 2);
  // ONNX takes absolute values first, as even powers do by themselves.
  const positive = p % 2 === 0 ? applied.input() : applied.one('abs', {});
  const input = isPadded ? applied.one('pad', { pad: padList(begin, end) }, [positive]) : positive;
  const attributes = {
    norm_type: p,
    kernel_size: windows.kernel,
    stride: windows.stride,
    ceil_mode: applied.number('ceil_mode', 0) === 1,
  };
  return applied.one(`LPPool${windows.kernel.length}d`, attributes, [input]);
}

/** Positions of an output, to be listed one by one. */
const MOST_SHARES = 100_000;

const ones = (applied: Applied): readonly number[] => Array.from({ length: dimensionOf(applied) }, () => 1);

export const pools: readonly OperatorRow[] = [
  { op: 'MaxPool', read: maxPool },
  { op: 'AveragePool', read: averagePool },
  { op: 'LpPool', read: lpPool },
  {
    op: 'GlobalAveragePool',
    read: (applied) => applied.one(`AdaptiveAvgPool${dimensionOf(applied)}d`, { output_size: ones(applied) }),
  },
  {
    op: 'GlobalMaxPool',
    read: (applied) => applied.one(`AdaptiveMaxPool${dimensionOf(applied)}d`, { output_size: ones(applied) }),
  },
];
