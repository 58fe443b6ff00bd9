import { fillNormal, fillUniform, fillWords, type Stream } from '../philox';

interface Truncation {
  readonly mean: number;
  readonly std: number;
  readonly a: number;
  readonly b: number;
}

/** Φ(x) to 1e-7 (Abramowitz & Stegun 7.1.26): it only chooses the faster way to draw. */
function normalShareBelow(x: number): number {
  const z = Math.abs(x) / Math.SQRT2;
  const t = 1 / (1 + 0.3275911 * z);
  const series = ((((1.061405429 * t - 1.453152027) * t + 1.421413741) * t - 0.284496736) * t + 0.254829592) * t;
  const tail = (series * Math.exp(-z * z)) / 2;
  return x > 0 ? 1 - tail : tail;
}

/** Below this share of the normal between the bounds, uniform numbers are thinned out instead. */
const LEAST_SHARE = 0.3;

/** Numbers of a stream that are kept, `draw` after `draw` of more of them, until all places are filled. */
function fillKept(values: Float32Array, share: number, draw: (count: number) => Float32Array): void {
  for (let count = Math.ceil((1.1 * values.length) / share) + 64; ; count *= 2) {
    const drawn = draw(count);
    let at = 0;
    for (let i = 0; i < drawn.length && at < values.length; i++) {
      const value = drawn[i]!;
      if (!Number.isNaN(value)) values[at++] = value;
    }
    if (at === values.length) return;
  }
}

/** `trunc_normal_`: normal numbers between two bounds, both drawn again until they lie there. */
export function fillTruncatedNormal(values: Float32Array, stream: Stream, { mean, std, a, b }: Truncation): void {
  if (!(std > 0) || !(a < b)) {
    values.fill(Math.min(b, Math.max(a, mean)));
    return;
  }
  const share = normalShareBelow((b - mean) / std) - normalShareBelow((a - mean) / std);
  if (share > LEAST_SHARE) {
    // The bounds as float32 has them, so that a rounded number does not lie outside.
    const [low, high] = [Math.fround(a), Math.fround(b)];
    fillKept(values, share, (count) =>
      fillNormal(new Float32Array(count), stream, mean, std).map((x) => (x < low || x > high ? Number.NaN : x)),
    );
    return;
  }
  const mode = Math.min(b, Math.max(a, mean));
  const away = Math.abs(mode - mean) / std;
  const peak = -0.5 * away ** 2;
  // Beyond this reach the density is below e^−21 of its highest value, and no number would be kept.
  const reach = std * Math.min(7, 21 / away);
  const [low, high] = [Math.max(a, mode - reach), Math.min(b, mode + reach)];
  fillKept(values, 0.25, (count) => {
    const candidates = fillUniform(new Float32Array(count), stream, low, high);
    const words = fillWords(new Uint32Array(count), { ...stream, index: stream.index + 2 ** 30 });
    return candidates.map((x, i) => {
      const density = Math.exp(-0.5 * ((x - mean) / std) ** 2 - peak);
      return (words[i]! + 0.5) / 2 ** 32 > density ? Number.NaN : x;
    });
  });
}
