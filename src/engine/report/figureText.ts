import type { Figure } from './report';

/** What stands where there is no figure. */
export const NO_FIGURE = '–';

/** A figure in at most nine characters: three digits in the middle ranges, else two and an exponent. */
export function figureText(figure: Figure | null): string {
  if (figure === null) return NO_FIGURE;
  if (figure === 'Infinity') return 'inf';
  if (figure === '-Infinity') return '-inf';
  if (typeof figure === 'string' || figure === 0) return String(figure);
  if (Number.isInteger(figure) && Math.abs(figure) < 1e5) return String(figure);
  const size = Math.abs(figure);
  return size >= 0.01 && size < 1000
    ? String(Number(figure.toPrecision(3)))
    : figure.toExponential(1).replace('e+', 'e');
}

/** A share from 0 to 1 as a percentage; what is not quite none or all never reads as none or all. */
export function shareText(share: Figure | null): string {
  if (typeof share !== 'number') return figureText(share);
  const percent = share * 100;
  if (percent === 0) return '0%';
  if (percent < 0.1) return '<0.1%';
  if (percent > 99 && percent < 100) return '>99%';
  return percent < 9.95 ? `${percent.toFixed(1)}%` : `${percent.toFixed(0)}%`;
}

/** A whole number with its thousands apart: `1,234,567`. */
export const countText = (count: number): string => String(count).replace(/\B(?=(\d{3})+$)/g, ',');

/** Milliseconds for a person: `34 ms`, `1.2 s`. */
export const durationText = (milliseconds: number): string =>
  milliseconds < 1000
    ? `${milliseconds < 10 ? Number(milliseconds.toPrecision(2)) : Math.round(milliseconds)} ms`
    : `${(milliseconds / 1000).toFixed(1)} s`;

/** A bound shape as PyTorch prints it; several outputs one after another. */
export function shapeText(shape: readonly number[] | readonly (readonly number[])[] | null): string {
  if (shape === null) return NO_FIGURE;
  const nested = shape.every((dim) => typeof dim !== 'number') && shape.length > 0;
  return nested ? shape.map((one) => `[${(one as readonly number[]).join(', ')}]`).join(' ') : `[${shape.join(', ')}]`;
}

/** A figure as JSON and a Report hold it: NaN and infinities as words. */
export const figure = (value: number): Figure =>
  Number.isFinite(value) ? value : (String(value) as 'NaN' | 'Infinity' | '-Infinity');
