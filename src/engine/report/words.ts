/** Names of large numbers, for sentences. */
const NAMES = [
  { from: 1e12, name: 'trillion' },
  { from: 1e9, name: 'billion' },
  { from: 1e6, name: 'million' },
] as const;

/** A figure as a sentence shows it: three digits; "1.7 billion"; powers of ten where it is smaller or larger still. */
export function inWords(value: number): string {
  if (value === 0 || !Number.isFinite(value)) return String(value);
  const magnitude = Math.abs(value);
  if (magnitude >= 1e15 || magnitude < 1e-3) return value.toExponential(1);
  const large = NAMES.find(({ from }) => magnitude >= from);
  if (large) return `${Number((value / large.from).toPrecision(2)).toLocaleString('en-US')} ${large.name}`;
  if (magnitude >= 100) return Math.round(value).toLocaleString('en-US');
  return String(Number(value.toPrecision(3)));
}

/** A share in words: "62 %". */
export const percent = (share: number): string => `${Number((100 * share).toPrecision(share < 0.1 ? 2 : 3))} %`;
