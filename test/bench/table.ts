import type { CaseResult } from './stepBenchmark';

type Row = readonly string[];

/** Columns side by side; the first to the left, the others to the right. */
export function textTable(rows: readonly Row[]): string {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  const line = (row: Row) =>
    row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!))).join('  ');
  return `${rows.map((row) => line(row).trimEnd()).join('\n')}\n`;
}

const NONE = '–';
export const figure = (value: number | null | undefined, digits = 2): string =>
  value === null || value === undefined || Number.isNaN(value) ? NONE : value.toFixed(digits);
const milliseconds = (value: number | null | undefined) =>
  figure(value, value !== null && value !== undefined && value >= 100 ? 0 : 2);
const percent = (value: number | null) => (value === null ? NONE : `${(100 * value).toFixed(0)} %`);

/** What one case says. */
export function caseRow(result: CaseResult): Row {
  const { name, ratio, limit, ours, peer, peakShare, cpuRatio, instruments, notYet } = result;
  if (notYet !== undefined)
    return [`${name}: not yet (${notYet})`, '', '', figure(limit), '', '', '', '', '', '', '', ''];
  const own = ours && 'sessionMs' in ours ? ours : undefined;
  const threads = peer && 'threads' in peer ? String(peer.threads) : NONE;
  return [
    name,
    milliseconds(ours?.msPerStep),
    milliseconds(peer?.msPerStep),
    figure(limit),
    figure(ratio),
    ratio === null ? NONE : ratio <= limit ? 'yes' : 'NO',
    figure(cpuRatio),
    own ? String(own.threads) : NONE,
    threads,
    percent(peakShare),
    figure(instruments?.ratio),
    own ? `${milliseconds(own.compileMs)} + ${milliseconds(own.sessionMs)}` : NONE,
  ];
}

export const CASE_HEAD: Row = [
  'ms a training step, all instruments on',
  'ours',
  'PyTorch',
  'limit',
  'ratio',
  'holds',
  'CPU ratio',
  'threads',
  'its',
  'of peak',
  'on/off',
  'compile + session',
];
