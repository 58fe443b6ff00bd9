import { fillWords, type Stream } from './philox';

const LEVELS = 2 ** 16;

/** Acklam's rational approximation of the normal distribution's quantiles, right to 1.15e-9; p from 0 to ½. */
function lowerQuantile(p: number): number {
  const polynomial = (coefficients: readonly number[], x: number) => coefficients.reduce((sum, c) => sum * x + c, 0);
  if (p < 0.02425) {
    const q = Math.sqrt(-2 * Math.log(p));
    return (
      polynomial(
        [
          -7.784894002430293e-3, -3.223964580411365e-1, -2.400758277161838, -2.549732539343734, 4.374664141464968,
          2.938163982698783,
        ],
        q,
      ) / polynomial([7.784695709041462e-3, 3.224671290700398e-1, 2.445134137142996, 3.754408661907416, 1], q)
    );
  }
  const q = p - 0.5;
  return (
    (q *
      polynomial(
        [
          -3.969683028665376e1, 2.209460984245205e2, -2.759285104469687e2, 1.38357751867269e2, -3.066479806614716e1,
          2.506628277459239,
        ],
        q * q,
      )) /
    polynomial(
      [-5.447609879822406e1, 1.615858368580409e2, -1.556989798598866e2, 6.680131188771972e1, -1.328068155288572e1, 1],
      q * q,
    )
  );
}

let known: Float32Array | undefined;

/** The normal quantiles of (i + ½)/65,536, scaled to variance 1: values up to ±4.33. */
function quantiles(): Float32Array {
  if (known) return known;
  const half = Float64Array.from({ length: LEVELS / 2 }, (_, i) => lowerQuantile((i + 0.5) / LEVELS));
  const scale = 1 / Math.sqrt(half.reduce((sum, x) => sum + x * x, 0) / half.length);
  known = Float32Array.from({ length: LEVELS }, (_, i) =>
    i < LEVELS / 2 ? half[i]! * scale : -half[LEVELS - 1 - i]! * scale,
  );
  return known;
}

/**
 * Normal numbers for data, four times as fast as `fillNormal`: 16 bits choose one of 65,536 quantiles. Weights are drawn
 * from a continuous distribution, because ties among them would be seen.
 */
export function fillNoise(out: Float32Array, stream: Stream): Float32Array {
  const table = quantiles();
  const words = fillWords(new Uint32Array((out.length + 1) >> 1), stream);
  for (let i = 0; i < out.length; i++) {
    const word = words[i >> 1]!;
    out[i] = table[i & 1 ? word >>> 16 : word & 0xffff]!;
  }
  return out;
}
