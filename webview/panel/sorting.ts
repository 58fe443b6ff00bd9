import type { Figure } from '../../src/engine/report/report';

/** What a cell is sorted by; null stands last in both directions. */
export type SortKey = Figure | string | null;

export type Direction = 'ascending' | 'descending';

const rank = (key: SortKey): number | string =>
  key === 'NaN' || key === 'Infinity'
    ? Number.POSITIVE_INFINITY
    : key === '-Infinity'
      ? Number.NEGATIVE_INFINITY
      : (key ?? 0);

/** Rows by their keys; equal ones keep their order. Names with numbers in them are compared as people read them. */
export function sorted<R>(rows: readonly R[], key: (row: R) => SortKey, direction: Direction): R[] {
  const sign = direction === 'ascending' ? 1 : -1;
  const names = new Intl.Collator(undefined, { numeric: true });
  const keyed = rows.map((row) => ({ row, key: key(row) }));
  const present = keyed.filter((each) => each.key !== null);
  present.sort((a, b) => {
    const [left, right] = [rank(a.key), rank(b.key)];
    if (typeof left === 'number' && typeof right === 'number')
      return left === right ? 0 : sign * (left < right ? -1 : 1);
    return sign * names.compare(String(left), String(right));
  });
  return [...present, ...keyed.filter((each) => each.key === null)].map(({ row }) => row);
}
