import type { Figure } from '../../src/engine/report/report';
import type { Scale } from '../quantities';

/** An axis of figures: its ends and where it is marked. */
export interface Axis {
  readonly low: number;
  readonly high: number;
  readonly ticks: readonly number[];
}

/** Where a figure stands on an axis. `off` is one that has no place on it: it is drawn at the end it belongs to. */
export interface Placed {
  readonly at: number;
  readonly off: 'zero' | 'not-finite' | null;
}

const MOST_TICKS = 4;
const FURTHEST = 300;

/**
 * The axis for some figures. Logarithmic: whole powers of ten around them, marked at most four times, at 1, 2 and 5 within
 * one power. Share: 0 to 1.
 */
export function axisFor(figures: readonly (Figure | null)[], scale: Scale): Axis {
  if (scale === 'share') return { low: 0, high: 1, ticks: [0, 0.5, 1] };
  let least = Number.POSITIVE_INFINITY;
  let greatest = 0;
  for (const figure of figures) {
    if (typeof figure !== 'number' || figure <= 0) continue;
    least = Math.min(least, figure);
    greatest = Math.max(greatest, figure);
  }
  if (greatest === 0) return { low: 0.1, high: 10, ticks: [0.1, 1, 10] };
  // Doubles end at 1e±308; so far out a figure stands at the end of the axis.
  const low = Math.max(-FURTHEST, Math.min(FURTHEST - 1, Math.floor(Math.log10(least))));
  const high = Math.min(FURTHEST, Math.max(low + 1, Math.ceil(Math.log10(greatest))));
  const step = Math.ceil((high - low) / (MOST_TICKS - 1));
  const powers = Array.from({ length: Math.floor((high - low) / step) + 1 }, (_, index) => low + index * step);
  const ticks = high - low > 1 ? powers.map(power) : [1, 2, 5, 10].map((part) => part * power(low));
  return { low: power(low), high: power(high), ticks };
}

/** 10^n without the error of `10 ** -5`. */
const power = (exponent: number): number => Number(`1e${exponent}`);

/** Where a figure stands; null where there is none. */
export function place(figure: Figure | null, axis: Axis, scale: Scale): Placed | null {
  if (figure === null) return null;
  if (figure === 'NaN' || figure === 'Infinity') return { at: axis.high, off: 'not-finite' };
  if (figure === '-Infinity') return { at: axis.low, off: 'not-finite' };
  if (scale === 'logarithmic' && figure <= 0) return { at: axis.low, off: 'zero' };
  return { at: Math.min(axis.high, Math.max(axis.low, figure)), off: null };
}

/** How a mark of the axis reads: `1e-8`, `0.1`, `25%`. */
export function tickText(value: number, scale: Scale): string {
  if (scale === 'share') return `${Math.round(value * 100)}%`;
  if (value >= 0.01 && value < 10000) return String(Number(value.toPrecision(1)));
  return value.toExponential(0).replace('e+', 'e');
}
