import { isBatchDim } from '../../../network';
import { NotRead } from '../notRead';
import type { Value } from '../values';
import type { Applied } from './applied';
import type { OperatorRow } from './row';

const MODES = [undefined, 'linear', 'bilinear', 'trilinear'] as const;

/** What decides the output's size, as PyTorch's interpolate takes it, and the factors. */
interface Target {
  readonly to: { readonly size: readonly number[] } | { readonly scale_factor: readonly number[] };
  readonly factors: readonly number[];
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
  const scales = applied.list('scales') ?? applied.numbersAt(scalesAt);
  if (scales && scales.length > 0) {
    if (scales.length !== all || (!axes && (scales[0] !== 1 || scales[1] !== 1)))
      throw new NotRead('it resizes batch or channels');
    const factors = scales.slice(-own.length);
    return { to: { scale_factor: factors }, factors };
  }
  const dims = applied.dimsAt(sizesAt);
  if (!dims) throw new NotRead('it has neither scales nor sizes');
  const size = dims.slice(-own.length);
  if (dims.length !== all || size.some((dim) => isBatchDim(dim))) throw new NotRead('it resizes batch or channels');
  return { to: { size: size as number[] }, factors: (size as number[]).map((length, i) => length / own[i]!) };
}

function resize(applied: Applied, scalesAt: number, sizesAt: number, transform: string, rounding: string): Value {
  const target = targetOf(applied, scalesAt, sizesAt);
  const dimension = target.factors.length;
  const mode = applied.text('mode', 'nearest');
  if (mode === 'nearest')
    return applied.one('interpolate', { ...target.to, mode: nearestMode(target, transform, rounding) });
  if (mode !== 'linear' && mode !== 'cubic') throw new NotRead(`the mode ${mode} is not modelled`);
  const coefficient = applied.number('cubic_coeff_a', -0.75);
  if (mode === 'cubic' && (dimension !== 2 || coefficient !== -0.75))
    throw new NotRead('cubic is modelled in two dimensions, with a coefficient of -0.75');
  const aligned = transform === 'align_corners';
  if (!aligned && !transform.endsWith('half_pixel'))
    throw new NotRead(`positions as ${transform} has them are not modelled`);
  return applied.one('interpolate', {
    ...target.to,
    mode: mode === 'cubic' ? 'bicubic' : MODES[dimension]!,
    align_corners: aligned,
    antialias: applied.number('antialias', 0) === 1,
  });
}

/** PyTorch's nearest rounds positions down, its nearest-exact takes the middle; by whole factors up both are the same. */
function nearestMode({ factors }: Target, transform: string, rounding: string): string {
  const whole = factors.every((factor) => Number.isInteger(factor));
  if (transform === 'asymmetric' && rounding === 'floor') return 'nearest';
  if (transform.endsWith('half_pixel') && rounding.startsWith('round')) return whole ? 'nearest' : 'nearest-exact';
  if (
    transform === 'asymmetric' &&
    rounding === 'round_prefer_floor' &&
    factors.every((factor) => factor === 1 || factor === 2)
  )
    return 'nearest';
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
