import type { BudgetResult } from './budget';
import type { Growth } from './growth';
import type { MemoryResult } from './memory';
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

/** Times by depth, and the exponents below them. */
export function growthTable({ points, exponents, sessionShare }: Growth): string {
  const head = ['processor ms by depth', 'nodes', 'our compile', 'onnxruntime’s session', 'step', 'PyTorch’s step'];
  const rows = points.map(({ layers, nodes, compileMs, sessionMs, msPerStep, peerMsPerStep }) => [
    `${layers} layers`,
    String(nodes),
    milliseconds(compileMs),
    milliseconds(sessionMs),
    milliseconds(msPerStep),
    milliseconds(peerMsPerStep),
  ]);
  const exponent = (name: string, of: (one: Growth['exponents']['msPerStep']) => string): Row => [
    name,
    '',
    of(exponents.compileMs),
    of(exponents.sessionMs),
    of(exponents.msPerStep),
    exponents.peerMsPerStep ? of(exponents.peerMsPerStep) : NONE,
  ];
  const table = textTable([
    head,
    ...rows,
    exponent('exponent, all depths', ({ overall }) => figure(overall)),
    exponent('exponent, 300 to 1,000', ({ last }) => figure(last)),
    exponent('at most', ({ limit }) => figure(limit)),
  ]);
  return `${table}onnxruntime’s session is ${percent(sessionShare)} of the time to the first step at ${points.at(-1)!.layers} layers\n`;
}

const megabytes = (bytes: number | null) => (bytes === null ? NONE : (bytes / 1e6).toFixed(0));

/** Estimates, peaks, and the peer's. */
export const memoryTable = (results: readonly MemoryResult[]): string =>
  textTable([
    ['MB of a probe’s process at its peak', 'estimate', 'ours', 'of estimate', 'PyTorch', 'ours / PyTorch', 'holds'],
    ...results.map(({ name, estimate, ours, ofEstimate, limit, peer, ofPeer }) => [
      name,
      megabytes(estimate),
      megabytes(ours),
      figure(ofEstimate),
      megabytes(peer),
      figure(ofPeer),
      Math.abs(ofEstimate - 1) <= limit && (ofPeer === null || ofPeer <= 1) ? 'yes' : 'NO',
    ]),
  ]);

/** Seconds of whole analyses, and what was scaled down for them. */
export const budgetTable = (results: readonly BudgetResult[]): string =>
  textTable([
    ['whole analyses', 'seconds', 'limit', 'holds', 'status', 'advice', 'reduced'],
    ...results.map(({ name, seconds, limit, status, advice, reduced }) => [
      name,
      figure(seconds),
      figure(limit, 0),
      seconds <= limit && status === 'complete' ? 'yes' : 'NO',
      status,
      advice ?? NONE,
      reduced.map((id) => id.replace('reduced-', '')).join(', ') || NONE,
    ]),
  ]);
