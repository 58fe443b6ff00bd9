import { isBatchDim } from '../../../../network';
import type { BuiltinRow, BuiltinTable } from '../../../python/builtins/row';
import { asNumber, type Bound, float, int, list, NONE, type TensorValue, type Value } from '../../../python/values';
import { isTensor, type Torch, written } from '../written/at';
import { complexOf, operand } from './tensor';

// Discrete Fourier transforms as products with cosines and sines: Σ x_n·e^(∓2πi·kn/N) along one axis after the other.

/** A signal's parts; a real one has no imaginary part. */
interface Signal {
  readonly real: Value;
  readonly imag: Value | undefined;
}

const plus = (a: Value | undefined, b: Value | undefined, torch: Torch): Value | undefined =>
  a && b ? torch.binary('+', a, b) : (a ?? b);
const negative = (a: Value | undefined, torch: Torch): Value | undefined => a && torch.call('neg', [a]);

/** How long an axis is; undefined where that is not known. */
function lengthOf({ real }: Signal, axis: number): number | undefined {
  const size = isTensor(real) ? real.shape?.at(axis) : undefined;
  return size === undefined || isBatchDim(size) ? undefined : size;
}

/** The part cut off behind `length`, or filled up with zeros. */
function fitted(value: Value, axis: number, length: number, torch: Torch): Value {
  const size = (value as TensorValue).shape?.at(axis);
  if (size === length || typeof size !== 'number') return value;
  if (size > length) return torch.call('narrow', [value, int(axis), int(0), int(length)]);
  const rank = (value as TensorValue).shape!.length;
  const behind = rank - 1 - (axis < 0 ? axis + rank : axis);
  const zeros = Array.from({ length: 2 * behind }, () => int(0));
  return torch.call('nn.functional.pad', [value, list([...zeros, int(0), int(length - size)])]);
}

const resized = ({ real, imag }: Signal, axis: number, length: number, torch: Torch): Signal => ({
  real: fitted(real, axis, length, torch),
  imag: imag && fitted(imag, axis, length, torch),
});

/** cos and sin of 2π·kn/N as matrices [rows k, columns n]. The product is reduced first, so that large angles keep their digits. */
function waves(rows: number, columns: number, period: number, torch: Torch): { cos: Value; sin: Value } {
  const products = torch.call('outer', [torch.call('arange', [int(rows)]), torch.call('arange', [int(columns)])]);
  const angle = torch.binary('*', torch.binary('%', products, int(period)), float((2 * Math.PI) / period));
  return { cos: torch.call('cos', [angle]), sin: torch.call('sin', [angle]) };
}

/** A matrix [k, n] times an axis of n. */
function along(value: Value | undefined, matrix: Value, axis: number, torch: Torch): Value | undefined {
  if (!value) return undefined;
  const last = torch.call('movedim', [value, int(axis), int(-1)]);
  const product = torch.call('matmul', [last, torch.call('transpose', [matrix, int(0), int(1)])]);
  return torch.call('movedim', [product, int(-1), int(axis)]);
}

/** The factor of `norm` for a transform of N values. */
function scaleOf(norm: Value | undefined, length: number, inverse: boolean): number {
  const name = norm?.type === 'string' ? norm.value : 'backward';
  if (name === 'ortho') return 1 / Math.sqrt(length);
  return (name === 'forward') === inverse ? 1 : 1 / length;
}

const scaled = (value: Value | undefined, factor: number, torch: Torch): Value | undefined =>
  value && factor !== 1 ? torch.binary('*', value, float(factor)) : value;

/** One axis transformed: `kept` of its coefficients. */
function transformed(
  signal: Signal,
  axis: number,
  kept: number,
  inverse: boolean,
  norm: Value | undefined,
  torch: Torch,
): Signal {
  const length = lengthOf(signal, axis)!;
  const { cos, sin } = waves(kept, length, length, torch);
  const by = (part: Value | undefined, matrix: Value) => along(part, matrix, axis, torch);
  const [cosReal, sinReal] = [by(signal.real, cos), by(signal.real, sin)];
  const [cosImag, sinImag] = [by(signal.imag, cos), by(signal.imag, sin)];
  // Forward e^(−iθ), back e^(iθ).
  const real = plus(cosReal, inverse ? negative(sinImag, torch) : sinImag, torch)!;
  const imag = plus(inverse ? sinReal : negative(sinReal, torch), cosImag, torch)!;
  const factor = scaleOf(norm, length, inverse);
  return { real: scaled(real, factor, torch)!, imag: scaled(imag, factor, torch)! };
}

/** The real signal of N values that half of its coefficients stand for. */
function realSignal(signal: Signal, axis: number, length: number, norm: Value | undefined, torch: Torch): Value {
  const half = Math.floor(length / 2) + 1;
  const { real, imag } = resized(signal, axis, half, torch);
  // All but the first, and of an even number the last, stand for their mirror image too.
  const weights = Array.from({ length: half }, (_, k) => (k === 0 || (length % 2 === 0 && k === half - 1) ? 1 : 2));
  const { cos, sin } = waves(length, half, length, torch);
  const weighted = (matrix: Value) => torch.binary('*', matrix, torch.known(weights, [half]));
  const sum = plus(
    along(real, weighted(cos), axis, torch),
    negative(along(imag, weighted(sin), axis, torch), torch),
    torch,
  );
  return scaled(sum, scaleOf(norm, length, true), torch)!;
}

type Kind = 'fft' | 'ifft' | 'rfft' | 'irfft';

/** The axes of a transform over several, and the lengths asked for. */
function axesOf(
  given: Bound,
  count: number | undefined,
  rank: number,
  torch: Torch,
): { axis: number; length?: number }[] | undefined {
  const numbers = (value: Value | undefined): (number | undefined)[] | undefined => {
    if (!value || value.type === 'none') return undefined;
    const one = asNumber(value);
    return one === undefined ? torch.run.iterate(value, torch.site)?.map(asNumber) : [one];
  };
  const lengths = numbers(given.n ?? given.s);
  const named = numbers(given.dim);
  const many = count ?? lengths?.length ?? rank;
  const axes = named ?? Array.from({ length: many }, (_, i) => i - many);
  if (axes.includes(undefined)) return undefined;
  return axes.map((axis, i) => ({
    axis: axis!,
    ...(lengths?.[i] !== undefined && lengths[i]! > 0 && { length: lengths[i]! }),
  }));
}

/** `torch.fft.KIND` over `count` axes: one, two, or as many as there are. */
const transform = (kind: Kind, name: string, count: number | undefined): BuiltinRow =>
  written(name, ['input', count === 1 ? 'n' : 's', 'dim', 'norm'], (given, torch) => {
    const { input = NONE, norm } = given;
    const { real, imag } = operand(input);
    if (!isTensor(real) || !real.shape) return torch.unmodelled('its input is not known');
    const axes = axesOf(given, count, real.shape.length, torch);
    if (!axes || axes.length === 0) return torch.unmodelled('its axes are not known');
    let signal: Signal = { real, imag };
    for (const { axis, length } of axes.slice(0, kind === 'irfft' ? -1 : undefined))
      if (length !== undefined) signal = resized(signal, axis, length, torch);
    if (axes.some(({ axis }) => lengthOf(signal, axis) === undefined))
      return torch.unmodelled('a transform along the batch is not modelled');
    const ends = axes.at(-1)!;
    const inverse = kind === 'ifft' || kind === 'irfft';
    const half = kind === 'rfft' || kind === 'irfft';
    const whole = (half ? axes.slice(0, -1) : axes).map(({ axis }) => axis);
    if (kind === 'rfft') {
      const kept = Math.floor(lengthOf(signal, ends.axis)! / 2) + 1;
      signal = transformed(signal, ends.axis, kept, false, norm, torch);
    }
    for (const axis of whole) signal = transformed(signal, axis, lengthOf(signal, axis)!, inverse, norm, torch);
    if (kind === 'irfft') {
      const length = ends.length ?? 2 * (lengthOf(signal, ends.axis)! - 1);
      return realSignal(signal, ends.axis, length, norm, torch);
    }
    return complexOf(signal.real, signal.imag!, torch.run);
  });

const KINDS: readonly Kind[] = ['fft', 'ifft', 'rfft', 'irfft'];

/** The middle put in front, or back. */
const shift = (name: string, sign: 1 | -1): BuiltinRow =>
  written(name, ['input', 'dim'], ({ input = NONE, dim }, torch) => {
    const { real } = operand(input);
    if (!isTensor(real) || !real.shape) return torch.unmodelled('its input is not known');
    const axes = axesOf({ ...(dim && { dim }) }, undefined, real.shape.length, torch) ?? [];
    const sizes = axes.map(({ axis }) => lengthOf({ real, imag: undefined }, axis));
    if (sizes.includes(undefined)) return torch.unmodelled('a shift along the batch is not modelled');
    const by = sizes.map((size) => int(sign === 1 ? Math.floor(size! / 2) : Math.ceil(size! / 2)));
    return torch.method('roll', input, list(by), list(axes.map(({ axis }) => int(axis))));
  });

/** `torch.fft`, by its names behind `torch.`. */
export const fourierFunctions: BuiltinTable = {
  ...Object.fromEntries(
    KINDS.flatMap((kind) => [
      [`fft.${kind}`, transform(kind, kind, 1)],
      [`fft.${kind}2`, transform(kind, `${kind}2`, 2)],
      [`fft.${kind}n`, transform(kind, `${kind}n`, undefined)],
    ]),
  ),
  'fft.fftshift': shift('fftshift', 1),
  'fft.ifftshift': shift('ifftshift', -1),
};
