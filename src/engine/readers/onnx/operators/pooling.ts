import { NotRead } from '../notRead';
import type { Value } from '../values';
import type { Applied } from './applied';
import { isSymmetric, padded, padList, windowsOf } from './convolution';
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
  if (!isSymmetric(windows) && !counted)
    throw new NotRead('padding that differs on both sides and is not counted is not modelled');
  const { input, padding } = padded(applied, windows, 0);
  const attributes = {
    kernel_size: windows.kernel,
    stride: windows.stride,
    padding,
    ceil_mode: applied.number('ceil_mode', 0) === 1,
    count_include_pad: counted || padding.every((size) => size === 0),
  };
  return applied.one(`AvgPool${windows.kernel.length}d`, attributes, [input]);
}

function lpPool(applied: Applied): Value {
  const windows = windowsOf(applied, kernelOf(applied));
  if (windows.dilation.some((size) => size !== 1)) throw new NotRead('dilation is not modelled');
  const { begin, end } = windows;
  const isPadded = [...begin, ...end].some((size) => size !== 0);
  const input = isPadded ? applied.one('pad', { pad: padList(begin, end) }) : applied.input();
  const attributes = {
    norm_type: applied.number('p', 2),
    kernel_size: windows.kernel,
    stride: windows.stride,
    ceil_mode: applied.number('ceil_mode', 0) === 1,
  };
  return applied.one(`LPPool${windows.kernel.length}d`, attributes, [input]);
}

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
