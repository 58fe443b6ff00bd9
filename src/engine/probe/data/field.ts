import { elementCount } from '../../network';
import { SMOOTH_SHARE, SMOOTHNESS } from './generator';
import { fillNoise } from './noise';

/** Linear interpolation along one axis from a grid of `coarse` points to `fine` points; the variance is kept. */
function interpolate(values: Float32Array, shape: number[], axis: number, fine: number): Float32Array {
  const coarse = shape[axis]!;
  const inner = shape.slice(axis + 1).reduce((product, dim) => product * dim, 1);
  const outer = shape.slice(0, axis).reduce((product, dim) => product * dim, 1);
  const out = new Float32Array(outer * fine * inner);
  for (let i = 0; i < fine; i++) {
    const at = fine === 1 ? 0 : (i * (coarse - 1)) / (fine - 1);
    const left = Math.min(Math.floor(at), coarse - 1);
    const right = Math.min(left + 1, coarse - 1);
    const weight = at - left;
    // The mean of two independent values has less variance than either: divide it out.
    const scale = 1 / Math.sqrt((1 - weight) ** 2 + weight ** 2);
    for (let o = 0; o < outer; o++) {
      for (let k = 0; k < inner; k++) {
        const a = values[(o * coarse + left) * inner + k]!;
        const b = values[(o * coarse + right) * inner + k]!;
        out[(o * fine + i) * inner + k] = scale * ((1 - weight) * a + weight * b);
      }
    }
  }
  shape[axis] = fine;
  return out;
}

/** A field of variance 1: white, and smooth along the positional axes where there are any. */
export function smoothField(
  shape: readonly number[],
  axes: readonly number[],
  seed: number,
  purpose: number,
  index: number,
): Float32Array {
  const white = fillNoise(new Float32Array(elementCount(shape)), { seed, purpose, index: 2 * index });
  if (axes.length === 0) return white;
  const coarse = [...shape];
  for (const axis of axes) coarse[axis] = Math.max(1, Math.ceil(shape[axis]! / SMOOTHNESS));
  let smooth = fillNoise(new Float32Array(elementCount(coarse)), { seed, purpose, index: 2 * index + 1 });
  for (const axis of axes) smooth = interpolate(smooth, coarse, axis, shape[axis]!);
  const smoothWeight = Math.sqrt(SMOOTH_SHARE);
  const whiteWeight = Math.sqrt(1 - SMOOTH_SHARE);
  for (let i = 0; i < white.length; i++) white[i] = smoothWeight * smooth[i]! + whiteWeight * white[i]!;
  return white;
}
