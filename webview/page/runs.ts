import type { EarlierRun } from '../protocol';
import { t } from './l10n';

/** A time of day; with its date where that is another day's. */
export function timeText(milliseconds: number): string {
  const at = new Date(milliseconds);
  const time = at.toLocaleTimeString([], { hour: '2-digit', minute: '2-digit', second: '2-digit' });
  return at.toDateString() === new Date().toDateString() ? time : `${at.toLocaleDateString()} ${time}`;
}

/** A run in a line: when, at which batch, and what it came to. */
export const runName = ({ measured, batch, advice }: EarlierRun): string =>
  advice === null
    ? t('{0}, batch {1}', timeText(measured), batch)
    : t('{0}, batch {1}: {2}', timeText(measured), batch, advice);
