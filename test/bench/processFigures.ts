import { readdirSync, readFileSync, writeFileSync } from 'node:fs';

// Of another process, from /proc; null where the system has none.

const read = (path: string): string | null => {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
};

/** Seconds of processor time so far of all threads that are still there. */
export function cpuSeconds(pid: number | undefined): number | null {
  let nanoseconds = 0;
  try {
    for (const thread of readdirSync(`/proc/${pid}/task`)) {
      nanoseconds += Number(read(`/proc/${pid}/task/${thread}/schedstat`)?.split(' ')[0] ?? 0);
    }
  } catch {
    return null;
  }
  return nanoseconds / 1e9;
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
