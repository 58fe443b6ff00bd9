import { readFileSync, writeFileSync } from 'node:fs';

// Of another process, from /proc; null where the system has none.

/** Ticks a second of the times in /proc; 100 on every Linux that Node runs on. */
const TICKS = 100;

const read = (path: string): string | null => {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
};

/** Seconds of processor time so far, all threads together; 10 ms apart at least. */
export function cpuSeconds(pid: number | undefined): number | null {
  const text = read(`/proc/${pid}/stat`);
  if (text === null) return null;
  // The second field, the program's name in parentheses, may hold anything.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS;
}

const kilobytes = (pid: number | undefined, field: string): number | null => {
  const match = read(`/proc/${pid}/status`)?.match(new RegExp(`^${field}:\\s+(\\d+)`, 'm'));
  return match ? 1024 * Number(match[1]) : null;
};

/** Bytes resident now, and at most since the last reset. */
export const residentBytes = (pid: number | undefined): number | null => kilobytes(pid, 'VmRSS');
export const peakResidentBytes = (pid: number | undefined): number | null => kilobytes(pid, 'VmHWM');

/** Sets the peak back to what is resident now. */
export function resetPeak(pid: number | undefined): void {
  try {
    writeFileSync(`/proc/${pid}/clear_refs`, '5');
  } catch {
    // The peak since the process began then stands, which is no less.
  }
}
