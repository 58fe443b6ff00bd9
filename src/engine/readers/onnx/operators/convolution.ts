import { type Attributes, isBatchDim } from '../../../network';
import { NotRead } from '../notRead';
import type { Value } from '../values';
import type { Applied } from './applied';
import type { OperatorRow } from './row';

/** Sizes of windows along each spatial axis, completed, the padding on both sides. */
export interface Windows {
  readonly kernel: readonly number[];
  readonly stride: readonly number[];
  readonly dilation: readonly number[];
  /** Before the first position, and after the last. */
  readonly begin: readonly number[];
  readonly end: readonly number[];
}

/** Reads what convolutions and pools share. @throws NotRead for more than three spatial dimensions. */
export function windowsOf(applied: Applied, kernel: readonly number[]): Windows {
  const dimension = kernel.length;
  if (dimension < 1 || dimension > 3) throw new NotRead(`${dimension} spatial dimensions are not modelled`);
  if (applied.rank() !== dimension + 2)
    throw new NotRead(`a kernel of ${dimension} dimensions over ${applied.rank()} axes`);
  const stride = applied.list('strides') ?? kernel.map(() => 1);
  const dilation = applied.list('dilations') ?? kernel.map(() => 1);
  const auto = applied.text('auto_pad', 'NOTSET');
  if (auto === 'SAME_UPPER' || auto === 'SAME_LOWER') {
    const pads = applied
      .shape()
      .slice(2)
      .map((size, i) => {
        if (isBatchDim(size)) throw new NotRead('auto_pad over the batch');
        const out = Math.ceil(size / stride[i]!);
        const total = Math.max(0, (out - 1) * stride[i]! + (kernel[i]! - 1) * dilation[i]! + 1 - size);
        const less = Math.floor(total / 2);
        return auto === 'SAME_UPPER' ? ([less, total - less] as const) : ([total - less, less] as const);
      });
    return { kernel, stride, dilation, begin: pads.map(([a]) => a), end: pads.map(([, b]) => b) };
  }
  const pads = (auto === 'VALID' ? undefined : applied.list('pads')) ?? [...kernel, ...kernel].map(() => 0);
  if (pads.length !== 2 * dimension) throw new NotRead(`pads has ${pads.length} numbers`);
  return { kernel, stride, dilation, begin: pads.slice(0, dimension), end: pads.slice(dimension) };
}

export const isSymmetric = ({ begin, end }: Windows): boolean => begin.every((size, i) => size === end[i]);

/** Padding as PyTorch's `pad` takes it: the last axis first. */
export const padList = (begin: readonly number[], end: readonly number[]): number[] =>
  begin.flatMap((_, i) => [begin.at(-1 - i)!, end.at(-1 - i)!]);

/** What a layer with the same padding on both sides takes: the input, padded before where the sides differ. */
export function padded(
  applied: Applied,
  windows: Windows,
  value: number,
): { input: Value; padding: readonly number[] } {
  if (isSymmetric(windows)) return { input: applied.input(), padding: windows.begin };
  const pad = padList(windows.begin, windows.end);
  return { input: applied.one('pad', { pad, value }), padding: windows.kernel.map(() => 0) };
}

/** The number of groups. @throws NotRead where they do not divide the kernel's outermost axis. */
function groupsOf(applied: Applied, outermost: number): number {
  const groups = applied.number('group', 1);
  // Before anything is worked out for each group: a file may claim any number.
  if (!Number.isInteger(groups) || groups < 1 || outermost % groups !== 0)
    throw new NotRead(`${groups} groups do not divide ${outermost} channels`);
  return groups;
}

function conv(applied: Applied): Value {
  const weightShape = applied.shape(1);
  if (weightShape.some((dim) => isBatchDim(dim))) throw new NotRead('a kernel that hangs on the batch is not modelled');
  const [out_channels, perGroup, ...kernel] = weightShape as readonly number[];
  const groups = groupsOf(applied, out_channels!);
  if (perGroup! * groups !== applied.shape()[1]) throw new NotRead('its kernel does not fit the channels of its input');
  const windows = windowsOf(applied, kernel);
  const { input, padding } = padded(applied, windows, 0);
  const kind = `Conv${kernel.length}d`;
  const attributes: Attributes = {
    in_channels: perGroup! * groups,
    out_channels: out_channels!,
    kernel_size: kernel,
    stride: windows.stride,
    padding,
    dilation: windows.dilation,
    groups,
    bias: applied.inputs[2] !== undefined,
  };
  return weighted(applied, kind, attributes, input);
}

function convTranspose(applied: Applied): Value {
  const weightShape = applied.shape(1);
  if (weightShape.some((dim) => isBatchDim(dim))) throw new NotRead('a kernel that hangs on the batch is not modelled');
  const [in_channels, perGroup, ...kernel] = weightShape as readonly number[];
  const groups = groupsOf(applied, in_channels!);
  if (in_channels !== applied.shape()[1]) throw new NotRead('its kernel does not fit the channels of its input');
  const auto = applied.text('auto_pad', 'NOTSET');
  const stride = applied.list('strides') ?? kernel.map(() => 1);
  const dilation = applied.list('dilations') ?? kernel.map(() => 1);
  const outputPadding = [...(applied.list('output_padding') ?? kernel.map(() => 0))];
  const wanted = applied.list('output_shape')?.slice(-kernel.length);
  let padding: readonly number[];
  let crop: number[] = [];
  if (wanted || auto.startsWith('SAME')) {
    const totals = kernel.map((size, i) => {
      const own = applied.shape()[i + 2]!;
      if (isBatchDim(own)) throw new NotRead('auto_pad over the batch');
      const full = (own - 1) * stride[i]! + (size - 1) * dilation[i]! + 1 + outputPadding[i]!;
      return full - (wanted ? wanted[i]! : own * stride[i]!);
    });
    if (totals.some((total) => total < 0)) throw new NotRead('an output larger than the input reaches');
    const first = totals.map((total) =>
      auto === 'SAME_UPPER' ? Math.floor(total / 2) : total - Math.floor(total / 2),
    );
    padding = kernel.map(() => 0);
    crop = padList(
      first.map((size) => -size),
      totals.map((total, i) => first[i]! - total),
    );
    if (totals.every((total, i) => total === 2 * first[i]!)) [padding, crop] = [first, []];
  } else {
    const { begin, end } = windowsOf(applied, kernel);
    padding = begin;
    // More cut off behind is less padding of the output, or a cut of its own.
    for (const i of kernel.keys()) outputPadding[i]! += begin[i]! - end[i]!;
    if (outputPadding.some((size) => size < 0)) {
      crop = padList(
        kernel.map(() => 0),
        outputPadding.map((size) => Math.min(0, size)),
      );
      for (const i of kernel.keys()) outputPadding[i] = Math.max(0, outputPadding[i]!);
    }
  }
  const attributes: Attributes = {
    in_channels: in_channels!,
    out_channels: perGroup! * groups,
    kernel_size: kernel,
    stride,
    padding,
    output_padding: outputPadding,
    groups,
    bias: applied.inputs[2] !== undefined,
    dilation,
  };
  const result = weighted(applied, `ConvTranspose${kernel.length}d`, attributes, applied.input());
  return crop.length === 0 ? result : applied.one('pad', { pad: crop }, [result]);
}

/** A layer with weight and bias: a module where the file holds them, a function of what is computed otherwise. */
function weighted(applied: Applied, kind: string, attributes: Attributes, input: Value): Value {
  const weight = applied.storedAt(1);
  const bias = applied.inputs[2] ? applied.storedAt(2) : undefined;
  if (weight && (bias || !applied.inputs[2]))
    return applied.module(kind, attributes, [input], { weight, ...(bias && { bias }) })[0]!;
  return applied.one(kind, attributes, [input, applied.input(1), ...(applied.inputs[2] ? [applied.input(2)] : [])]);
}

export const convolutions: readonly OperatorRow[] = [
  { op: 'Conv', read: conv },
  { op: 'ConvTranspose', read: convTranspose },
];
