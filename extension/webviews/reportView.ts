import type * as vscode from 'vscode';
import type { ReportSource } from '../../src/engine/report/report';
import { historyOf } from '../../webview/histories';
import {
  type ExportFormat,
  type FromView,
  receiveFromView,
  type StatusMessage,
  type Target,
  type ToView,
} from '../../webview/protocol';
import { reportForView } from '../../webview/reportSchema';
import type { Analyses, DocumentAnalysis, Place, ShownReport } from '../analysis';
import { WrongInput } from '../engine';
import { commands } from '../identifiers';
import { progressText, stagesLeft } from '../progressText';
import { showPlace } from '../showPlace';
import type { Log, Vscode } from '../vscodeApi';
import { earlierRun } from './earlierRun';

/** Changes that come together are sent together, in milliseconds: progress comes faster than anyone reads. */
const TOGETHER = 40;

export interface ReportViewParts {
  readonly vscode: Pick<Vscode, 'window' | 'workspace' | 'commands' | 'l10n' | 'Position' | 'Range' | 'NotebookRange'>;
  readonly analyses: Analyses;
  readonly log: Log;
  /** The document that the page shows. */
  shown(): vscode.Uri | undefined;
  /** The active editor's document where it can be analysed and is another; undefined where the page does not offer it. */
  other?(): vscode.Uri | undefined;
  openPanel(uri: vscode.Uri): void;
  /** Whether norms are tried after measuring. */
  advises(): boolean;
  /** Saves a report, or a picture of a chart, where the person says. */
  save(uri: vscode.Uri, what: { readonly shown: ShownReport; readonly format: ExportFormat } | Picture): Promise<void>;
}

/** A chart as a PNG file. */
export interface Picture {
  readonly name: string;
  readonly png: Uint8Array;
}

/**
 * One page's exchange with the extension. The page holds nothing: it is sent everything when it says ready, and what
 * changed from then on, while it is visible and never while it is not.
 */
export class ReportView {
  readonly #listening: { dispose(): void }[];
  #ready = false;
  #timer: NodeJS.Timeout | undefined;
  /** What the page was sent last. */
  #report: ShownReport | undefined | null = null;
  #status = '';
  #runs = '';
  #cursor = '';
  #drawn: number | null | undefined;

  constructor(
    private readonly webview: Pick<vscode.Webview, 'postMessage' | 'onDidReceiveMessage'>,
    private readonly isVisible: () => boolean,
    private readonly parts: ReportViewParts,
  ) {
    const { window } = parts.vscode;
    const changedIfShown = (uri: vscode.Uri): void => {
      if (uri.toString() === parts.shown()?.toString()) this.changed();
    };
    this.#listening = [
      webview.onDidReceiveMessage((data: unknown) => this.#receive(data)),
      parts.analyses.onDidChange(changedIfShown),
      parts.analyses.onDidProgress(changedIfShown),
      window.onDidChangeTextEditorSelection(() => this.changed()),
      window.onDidChangeActiveTextEditor(() => this.changed()),
    ];
  }

  /** When the figures were measured that the page last said it has drawn; null for none yet, undefined before it spoke. */
  get drawn(): number | null | undefined {
    return this.#drawn;
  }

  /** Something that the page shows may be another; it is looked at when changes have settled, if the page is visible. */
  changed(): void {
    if (!this.#ready || !this.isVisible()) return;
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#send();
    }, TOGETHER);
  }

  /** The page is gone until it says ready again. */
  hidden(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#ready = false;
    this.#drawn = undefined;
  }

  dispose(): void {
    this.hidden();
    for (const listener of this.#listening) listener.dispose();
  }

  #send(): void {
    if (!this.#ready || !this.isVisible()) return;
    const uri = this.parts.shown();
    const analysis = uri && this.parts.analyses.get(uri);
    const status = this.#statusOf(uri, analysis);
    const asText = JSON.stringify(status);
    if (asText !== this.#status) {
      this.#status = asText;
      this.#post(status);
    }
    const shown = analysis?.shown;
    if (shown !== this.#report) {
      this.#report = shown;
      this.#cursor = '';
      this.#post({
        type: 'report',
        shown: shown ? { report: reportForView(shown.report), measured: shown.measured.getTime() } : null,
      });
    }
    this.#sendRuns(analysis);
    const layers = this.#cursorLayers(uri, shown);
    const cursor = JSON.stringify(layers);
    if (cursor === this.#cursor) return;
    this.#cursor = cursor;
    this.#post({ type: 'cursor', layers });
  }

  #sendRuns(analysis: DocumentAnalysis | undefined): void {
    const runs = (analysis?.runs ?? []).map((run) => earlierRun(run, this.parts.vscode.l10n));
    const asText = JSON.stringify(runs);
    if (asText === this.#runs) return;
    this.#runs = asText;
    this.#post({ type: 'runs', runs });
  }

  #post(message: ToView): void {
    void this.webview.postMessage(message);
  }

  #statusOf(uri: vscode.Uri | undefined, analysis: DocumentAnalysis | undefined): StatusMessage {
    const { run, failure, shown } = analysis ?? {};
    const { l10n } = this.parts.vscode;
    const other = this.parts.other?.();
    return {
      type: 'status',
      file: uri ? fileName(uri) : null,
      other: other && other.toString() !== uri?.toString() ? fileName(other) : null,
      run: run
        ? {
            network: run.network,
            batch: run.batch,
            stage: run.progress
              ? progressText({ ...run.progress, total: 0 }, l10n.t)
              : l10n.t('waiting for the engine'),
            done: run.progress?.done ?? 0,
            total: run.progress?.total ?? 0,
            left: stagesLeft(run.progress?.stage, this.parts.advises(), l10n.t),
          }
        : null,
      failure:
        failure && !run
          ? {
              sentence: failure.error.message,
              input: failure.error instanceof WrongInput,
              line: lineOf(failure.place()),
            }
          : null,
      stale: shown?.stale ?? false,
    };
  }

  #cursorLayers(uri: vscode.Uri | undefined, shown: ShownReport | undefined): readonly string[] {
    const editor = this.parts.vscode.window.activeTextEditor;
    if (!uri || !shown || !editor) return [];
    if (this.parts.analyses.modelOf(editor.document.uri).toString() !== uri.toString()) return [];
    return (
      shown
        .layersByLine(editor.document.uri)
        .get(editor.selection.active.line)
        ?.map(({ id }) => id) ?? []
    );
  }

  #receive(data: unknown): void {
    const received = receiveFromView(data);
    if ('refused' in received) {
      this.parts.log.warn(`a message of a page was refused: ${received.refused}`);
      return;
    }
    this.#obey(received.message).catch((error: unknown) => this.parts.log.error(String(error)));
  }

  async #obey(message: FromView): Promise<void> {
    const { vscode, shown, other, openPanel } = this.parts;
    const uri = shown();
    const analysis = uri && this.parts.analyses.get(uri);
    switch (message.type) {
      case 'ready':
        this.#ready = true;
        this.#report = null;
        this.#status = '';
        this.#runs = '';
        this.#cursor = '';
        this.#send();
        return;
      case 'showRun':
        analysis?.choose(message.measured);
        return;
      case 'compare': {
        const before = analysis?.runs.find(({ measured }) => measured.getTime() === message.measured);
        this.#post({
          type: 'comparison',
          before: before ? { report: reportForView(before.report), measured: before.measured.getTime() } : null,
        });
        return;
      }
      case 'askHistory':
        if (analysis?.shown) {
          const { report, measured } = analysis.shown;
          const { quantity } = message;
          this.#post({
            type: 'history',
            measured: measured.getTime(),
            quantity,
            layers: historyOf(report.layers, quantity),
          });
        }
        return;
      case 'export':
        if (uri && analysis?.shown) await this.parts.save(uri, { shown: analysis.shown, format: message.format });
        return;
      case 'picture':
        if (uri) await this.parts.save(uri, { name: message.name, png: Buffer.from(message.data, 'base64') });
        return;
      case 'apply':
        await vscode.commands.executeCommand(commands.applyRecommendation, uri);
        return;
      case 'drawn':
        this.#drawn = message.measured;
        return;
      case 'run':
        await vscode.commands.executeCommand(commands.analyzeNetwork, message.file === 'other' ? other?.() : uri);
        return;
      case 'cancel':
        await vscode.commands.executeCommand(commands.cancelAnalysis, uri);
        return;
      case 'openPanel':
        if (uri) openPanel(uri);
        return;
      case 'showLog':
        await vscode.commands.executeCommand(commands.showLog);
        return;
      case 'reveal':
        if (uri) await this.#reveal(uri, message.target);
    }
  }

  /** Shows the line of something in its editor; says so where the line is no longer what it was. */
  async #reveal(uri: vscode.Uri, target: Target): Promise<void> {
    const { vscode, analyses } = this.parts;
    const analysis = analyses.get(uri);
    const place = target.kind === 'failure' ? analysis?.failure?.place() : placeOf(target, analysis?.shown);
    if (place === undefined) {
      const text =
        analysis?.hasText === false
          ? vscode.l10n.t('This file has no lines to show: it is no text.')
          : vscode.l10n.t('That line was changed since it was measured: analyze the file again.');
      void vscode.window.showInformationMessage(text);
      return;
    }
    await showPlace(vscode, place);
  }
}

/** Where a target stands by now: line from 0, column from 1. */
function placeOf(
  target: Exclude<Target, { kind: 'failure' }>,
  shown: ShownReport | undefined,
): (Place & { readonly column: number }) | undefined {
  const source = shown && sourceOf(target, shown);
  const place = source && shown.place(source);
  return place && { ...place, column: source.column };
}

function sourceOf(target: Exclude<Target, { kind: 'failure' }>, { report }: ShownReport): ReportSource | undefined {
  switch (target.kind) {
    case 'layer':
      return report.layers.find(({ id }) => id === target.id)?.source;
    case 'finding':
      return report.findings[target.index]?.source;
    case 'site':
      return report.recommendation?.sites[target.index]?.source;
    case 'place':
      return report.recommendation?.places?.[target.index]?.source;
    case 'noise':
      return report.probe.siteNoise?.sites[target.index]?.source;
    case 'unmodelled':
      return report.network.unmodelled[target.index]?.source;
  }
}

const fileName = (uri: vscode.Uri): string => uri.path.split('/').pop() ?? uri.path;

const lineOf = (place: { readonly line: number } | undefined): number | null =>
  place === undefined ? null : place.line + 1;
