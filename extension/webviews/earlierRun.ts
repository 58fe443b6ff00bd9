import type * as vscode from 'vscode';
import { recommendationSentence } from '../../src/engine/report/sentences';
import type { EarlierRun } from '../../webview/protocol';
import type { ShownReport } from '../analysis';

/** A run as a page lists it. */
export function earlierRun({ report, measured }: ShownReport, l10n: Pick<typeof vscode.l10n, 't'>): EarlierRun {
  const { probe, recommendation, findings } = report;
  return {
    measured: measured.getTime(),
    batch: probe.batch,
    seed: probe.seed,
    advice: recommendation ? recommendationSentence(recommendation, l10n.t) : null,
    findings: findings.length,
  };
}
