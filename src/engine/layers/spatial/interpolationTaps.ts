import { range } from '../dimensions';
import { pick, type Taps } from './alongAxis';
import type { Dimension } from './dimension';

// PyTorch's arithmetic is in single precision; where a position is rounded to a whole one, the last bit decides which.
const single = Math.fround;

/** How one axis is resampled. */
export interface Resampling {
  readonly size: number;
  readonly output: number;
  /** As given, where PyTorch uses it instead of the quotient of the sizes. */
  readonly factor: number | undefined;
  readonly alignCorners: boolean;
}

/** Input positions a step of the output goes. */
function stepOf({ size, output, factor, alignCorners }: Resampling): number {
  if (alignCorners) return output > 1 ? single((size - 1) / (output - 1)) : 0;
  return single(factor !== undefined && factor > 0 ? 1 / factor : size / output);
}

/** The position of an output's value in the input, between whole positions too. */
const positionOf = (step: number, i: number, alignCorners: boolean): number =>
  alignCorners ? single(step * i) : single(single(step * (i + 0.5)) - 0.5);

/** Weights at whole positions, those outside put on the edge, as taps without zeros at their ends. */
function tapsAt(first: number, weights: readonly number[], size: number): Taps {
  const byPosition = new Map<number, number>();
  for (const [k, weight] of weights.entries()) {
    const at = Math.min(Math.max(first + k, 0), size - 1);
    byPosition.set(at, (byPosition.get(at) ?? 0) + weight);
  }
  const used = [...byPosition].filter(([, weight]) => weight !== 0).map(([at]) => at);
  if (used.length === 0) return { start: 0, weights: [0] };
  const start = Math.min(...used);
  return { start, weights: range(start, Math.max(...used) + 1).map((at) => byPosition.get(at) ?? 0) };
}

/** The position before. PyTorch's images that keep or double their size take it of the sizes, whatever the factor was. */
export function nearestTaps(resampling: Resampling, dimension: Dimension): Taps[] {
  const { size, output } = resampling;
  const bySizes = dimension === 2 && (output === size || output === 2 * size);
  const step = bySizes ? size / output : stepOf(resampling);
  return range(0, output).map((i) => pick(Math.min(Math.floor(single(step * i)), size - 1)));
}

/** The position nearest to the middle. */
export function nearestExactTaps(resampling: Resampling): Taps[] {
  const step = stepOf(resampling);
  return range(0, resampling.output).map((i) =>
    pick(Math.min(Math.floor(single(step * (i + 0.5))), resampling.size - 1)),
  );
}

/** Between two neighbours. */
export function linearTaps(resampling: Resampling): Taps[] {
  const { size, output, alignCorners } = resampling;
  const step = stepOf(resampling);
  return range(0, output).map((i) => {
    const position = Math.max(positionOf(step, i, alignCorners), 0);
    const at = Math.min(Math.floor(position), size - 1);
    const share = Math.min(Math.max(position - at, 0), 1);
    return tapsAt(at, [1 - share, share], size);
  });
}

/** Keys' cubic convolution kernel. */
const cubic = (x: number, a: number): number => {
  const d = Math.abs(x);
  if (d < 1) return ((a + 2) * d - (a + 3)) * d * d + 1;
  return d < 2 ? a * (((d - 5) * d + 8) * d - 4) : 0;
};

/** Cubic convolution over four neighbours, a = −0.75. */
export function cubicTaps(resampling: Resampling): Taps[] {
  const { size, output, alignCorners } = resampling;
  const step = stepOf(resampling);
  return range(0, output).map((i) => {
    const position = positionOf(step, i, alignCorners);
    const at = Math.min(Math.floor(position), size - 1);
    const share = Math.min(Math.max(position - at, 0), 1);
    return tapsAt(
      at - 1,
      [-1, 0, 1, 2].map((offset) => cubic(share - offset, -0.75)),
      size,
    );
  });
}

const sinc = (x: number): number => (x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x));

/** Kernels of antialiased resampling with how far they reach, as PyTorch has them from Pillow. */
const FILTERS = {
  bilinear: { reach: 1, weight: (x: number) => Math.max(0, 1 - Math.abs(x)) },
  bicubic: { reach: 2, weight: (x: number) => cubic(x, -0.5) },
  lanczos: { reach: 3, weight: (x: number) => (Math.abs(x) < 3 ? sinc(x) * sinc(x / 3) : 0) },
} as const;

export type Filter = keyof typeof FILTERS;

/** A kernel stretched over as much of the input as an output position stands for, its weights made to sum to one. */
export function antialiasedTaps(resampling: Resampling, filter: Filter): Taps[] {
  const { size, output } = resampling;
  const { reach, weight } = FILTERS[filter];
  const step = stepOf(resampling);
  const stretch = Math.max(step, 1);
  const support = reach * stretch;
  return range(0, output).map((i) => {
    const center = step * (i + 0.5);
    const first = Math.max(Math.trunc(center - support + 0.5), 0);
    const end = Math.min(Math.trunc(center + support + 0.5), size);
    const weights = range(first, end).map((at) => weight((at - center + 0.5) / stretch));
    const total = weights.reduce((sum, one) => sum + one, 0);
    return tapsAt(
      first,
      weights.map((one) => one / total),
      size,
    );
  });
}
