import { spawnSync } from 'node:child_process';
import type { MeasuredLayer, Report } from '../../../src/engine/report/report';
import type { ReportMessage, StatusMessage } from '../../../webview/protocol';
import { reportForView } from '../../../webview/reportSchema';

/** A real report of an example, from the command line. */
export function analyzed(example: string): Report {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    // So little work that a busy machine finishes it within its budget: a partial report has no advice to show.
    ['dist/cli.js', 'analyze', `examples/${example}`, '--json', '--steps', '5', '--seeds', '1', '--budget', '20'],
    { encoding: 'utf8', maxBuffer: 2 ** 26 },
  );
  if (status !== 0) throw new Error(`analyze ended with ${status}: ${stderr}`);
  return JSON.parse(stdout) as Report;
}

export const reportMessage = (report: Report): ReportMessage => ({
  type: 'report',
  shown: { report: reportForView(report), measured: Date.UTC(2026, 0, 2, 14, 32) },
});

export const NO_REPORT: ReportMessage = { type: 'report', shown: null };

export const statusMessage = (changes: Partial<StatusMessage> = {}): StatusMessage => ({
  type: 'status',
  file: 'deep_sigmoid.py',
  other: null,
  run: null,
  failure: null,
  stale: false,
  ...changes,
});

/** The same network with so many layers, one after another. */
export function withLayers(report: Report, count: number): Report {
  const like = report.layers.find(({ gradientNorm }) => gradientNorm !== null)!;
  const layers = Array.from(
    { length: count },
    (_, index): MeasuredLayer => ({
      ...like,
      id: `blocks.${index}.attention.projection`,
      inputs: [index === 0 ? 'x' : `blocks.${index - 1}.attention.projection`],
      gradientNorm: 10 ** (-8 + (8 * index) / count),
    }),
  );
  return { ...report, layers };
}
