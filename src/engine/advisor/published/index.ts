// Published evidence: one row, one source, what was used where and what it gained. Figures are the sources' own; what
// is measured here stands elsewhere.
import { message } from '../../network';
import { generativeRows, imageRows } from './images';
import { otherRows } from './others';
import type { Practice, PracticeRow, Situation } from './practice';
import { sequenceRows } from './sequences';

export type { Practice, PracticeRow, Situation, Weight } from './practice';
export * from './wuHe';

/** Every row, of what applies first before what applies after. */
export const practiceRows: readonly PracticeRow[] = [...imageRows, ...generativeRows, ...sequenceRows, ...otherRows];

const applies = (row: PracticeRow, situation: Situation): boolean =>
  row.families.includes(situation.family.kind) &&
  (row.architectures?.includes(situation.traits.architecture) ?? true) &&
  (row.batch === undefined || (row.batch === 'ample') === situation.ample) &&
  (row.when?.(situation) ?? true);

/** The rows that apply to a network: in the table's order, those that only order behind those that decide. */
export function practicesFor(situation: Situation): Practice[] {
  const rows = practiceRows.filter((row) => applies(row, situation));
  const rank = ({ weight }: PracticeRow) => (weight === 'hint' ? 1 : 0);
  return [...rows]
    .sort((a, b) => rank(a) - rank(b))
    .map(({ norms, against = [], weight, id, text, source }) => ({
      norms,
      against,
      weight,
      message: message(`known-${id}`, text),
      source,
    }));
}

/** Every norm that the rows speak for, the first row's first. */
export const normsInOrder = (practices: readonly Practice[]): string[] => [
  ...new Set(practices.flatMap(({ norms }) => norms)),
];
