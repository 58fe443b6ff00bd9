import { isBatchDim } from '../../../network';
import { NotRead } from '../notRead';
import type { Value } from '../values';
import type { Applied } from './applied';
import type { OperatorRow } from './row';

const MODES = [undefined, 'linear', 'bilinear', 'trilinear'] as const;

/** What decides the output's size, as PyTorch's interpolate takes it. */
interface Target {
  readonly to: { readonly size: readonly number[] } | { readonly scale_factor: readonly number[] };
  /** Sizes before and after, and the factor between them that the file means, for each axis. */
  readonly axes: readonly { readonly from: number; readonly size: number; readonly factor: number }[];
}

function targetOf(applied: Applied, scalesAt: number, sizesAt: number): Target {
  const shape = applied.shape().slice(2);
  if (shape.length < 1 || shape.length > 3) throw new NotRead(`${shape.length} spatial dimensions are not modelled`);
  if (shape.some((dim) => isBatchDim(dim))) throw new NotRead('it resizes the batch');
  const own = shape as number[];
  const axes = applied.list('axes');
  if (axes && (axes.length !== own.length || axes.some((axis, i) => axis !== i + 2 && axis !== i - own.length)))
    throw new NotRead(`axes [${axes.join(', ')}] are not modelled`);
  const all = axes ? own.length : own.length + 2;
  const kept = applied.shape().slice(0, 2);
  const scales = applied.list('scales') ?? applied.numbersAt(scalesAt);
  if (scales && scales.length > 0) {
    if (scales.length !== all || (!axes && (scales[0] !== 1 || scales[1] !== 1)))
      throw new NotRead('it resizes batch or channels');
    const factors = scales.slice(-own.length);
    const sizes = own.map((from, i) => ({ from, size: Math.floor(from * factors[i]!), factor: factors[i]! }));
    return { to: { scale_factor: factors }, axes: sizes };
  }
  if (applied.text('keep_aspect_ratio_policy', 'stretch') !== 'stretch')
    throw new NotRead('sizes that keep the aspect ratio are not modelled');
  const dims = applied.dimsAt(sizesAt);
  if (!dims) throw new NotRead('it has neither scales nor sizes');
  const size = dims.slice(-own.length);
  const resizesFront = !axes && kept.some((dim, i) => !isBatchDim(dim) && dims[i] !== dim);
  if (dims.length !== all || resizesFront || size.some((dim) => isBatchDim(dim)))
    throw new NotRead('it resizes batch or channels');
  const sizes = own.map((from, i) => ({ from, size: size[i] as number, factor: (size[i] as number) / from }));
  return { to: { size: size as number[] }, axes: sizes };
}

function resize(applied: Applied, scalesAt: number, sizesAt: number, transform: string, rounding: string): Value {
  const target = targetOf(applied, scalesAt, sizesAt);
  const dimension = target.axes.length;
  const mode = applied.text('mode', 'nearest');
  if (mode === 'nearest') {
    const size = target.axes.map((axis) => axis.size);
    return applied.one('interpolate', { size, mode: nearestMode(target, transform, rounding) });
  }
  if (mode !== 'linear' && mode !== 'cubic') throw new NotRead(`the mode ${mode} is not modelled`);
  if (applied.number('antialias', 0) !== 0) throw new NotRead('antialias is not modelled');
  const coefficient = applied.number('cubic_coeff_a', -0.75);
  if (mode === 'cubic' && (dimension !== 2 || coefficient !== -0.75))
    throw new NotRead('cubic is modelled in two dimensions, with a coefficient of -0.75');
  if (applied.number('exclude_outside', 0) !== 0) throw new NotRead('exclude_outside is not modelled');
  if (transform === 'pytorch_half_pixel' && target.axes.some(({ from, size }) => size === 1 && from > 1))
    throw new NotRead('a single value of many is not what PyTorch gives');
  const aligned = transform === 'align_corners';
  const whole = target.axes.every(({ from, factor }) => Number.isInteger(from * factor));
  if (!(aligned && whole) && !transform.endsWith('half_pixel'))
    throw new NotRead(`positions as ${transform} has them are not modelled`);
  return applied.one('interpolate', {
    ...target.to,
    mode: mode === 'cubic' ? 'bicubic' : MODES[dimension]!,
    align_corners: aligned,
  });
}

/** Along an axis, to be compared one by one. */
const MOST_POSITIONS = 100_000;

/** Where in the input an index of the output lies. */
const positions: Readonly<Record<string, (index: number, axis: Target['axes'][number]) => number>> = {
  asymmetric: (index, { factor }) => index / factor,
  half_pixel: (index, { factor }) => (index + 0.5) / factor - 0.5,
  pytorch_half_pixel: (index, { factor, size }) => (size > 1 ? (index + 0.5) / factor - 0.5 : 0),
  align_corners: (index, { from, size }) => (size > 1 ? (index * (from - 1)) / (size - 1) : 0),
};

const roundings: Readonly<Record<string, (at: number) => number>> = {
  floor: Math.floor,
  ceil: Math.ceil,
  round_prefer_floor: (at) => Math.ceil(at - 0.5),
  round_prefer_ceil: (at) => Math.floor(at + 0.5),
};

/** PyTorch's mode that picks the same values: its nearest rounds positions down, its nearest-exact takes the middle. */
function nearestMode({ axes }: Target, transform: string, rounding: string): string {
  const [position, round] = [positions[transform], roundings[rounding]];
  if (axes.some(({ size }) => size > MOST_POSITIONS)) throw new NotRead('its output is larger than any image');
  const picks = (mode: (index: number, from: number, size: number) => number) =>
    position &&
    round &&
    axes.every((axis) =>
      Array.from({ length: axis.size }).every(
        (_, index) =>
          Math.min(axis.from - 1, Math.max(0, round(position(index, axis)))) === mode(index, axis.from, axis.size),
      ),
    );
  if (picks((index, from, size) => Math.floor((index * from) / size))) return 'nearest';
  if (picks((index, from, size) => Math.floor(((index + 0.5) * from) / size))) return 'nearest-exact';
  throw new NotRead(`nearest values by ${transform} and ${rounding} are not modelled`);
}

export const resizing: readonly OperatorRow[] = [
  {
    op: 'Resize',
    read(applied) {
      if (applied.opset < 11) return resize(applied, 1, 99, 'asymmetric', 'floor');
      const transform = applied.text('coordinate_transformation_mode', 'half_pixel');
      return resize(applied, 2, 3, transform, applied.text('nearest_mode', 'round_prefer_floor'));
    },
  },
  { op: 'Upsample', read: (applied) => resize(applied, 1, 99, 'asymmetric', 'floor') },
];
