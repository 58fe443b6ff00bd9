import type * as vscode from 'vscode';
import type { AnalyzeOptions } from '../../src/engine/analyzeOptions';
import type { AnalyzeParams, DocumentText, ProgressParams } from '../../src/engine/protocol';
import type { PythonChoice } from '../../src/engine/readers/sitePackages';
import type { Finding, Report } from '../../src/engine/report/report';
import { CancelledRun, type EngineClient, EngineFailure, WrongInput } from '../engine';
import type { Vscode } from '../vscodeApi';
import type { Analyses } from './analyses';
import { baseUri } from './places';
import type { Questions } from './questions';
import type { RememberedAnswers } from './rememberedAnswers';
import { findSubject, type Subject } from './subject';

/** How an analysis ended. */
export type AnalysisOutcome =
  | { readonly kind: 'report'; readonly report: Report }
  /** The person left a question open, or cancelled. */
  | { readonly kind: 'left' }
  | { readonly kind: 'failed'; readonly error: WrongInput | EngineFailure };

export interface AnalyzerOptions {
  readonly vscode: Pick<Vscode, 'workspace' | 'Uri' | 'CancellationTokenSource'>;
  readonly engine: Pick<EngineClient, 'readNetworks' | 'analyze'>;
  readonly analyses: Analyses;
  readonly questions: Questions;
  readonly remembered: RememberedAnswers;
  /** Whose packages a document's imports may be read from. */
  python?(uri: vscode.Uri): Promise<PythonChoice | undefined>;
  /** What the settings say, read for each run. */
  options(): AnalyzeOptions;
}

/** Takes a document from the question what it holds to a report in the store. */
export class Analyzer {
  constructor(private readonly parts: AnalyzerOptions) {}

  /** Analyses a document's present text, unsaved edits included. Never throws. */
  async analyze(
    document: vscode.TextDocument,
    token: vscode.CancellationToken,
    onProgress: (progress: ProgressParams) => void = () => undefined,
  ): Promise<AnalysisOutcome> {
    const { analyses, vscode } = this.parts;
    // The view's button cancels through the token, the store through `run.cancel`: both end here.
    const source = new vscode.CancellationTokenSource();
    const listening = token.onCancellationRequested(() => source.cancel());
    if (token.isCancellationRequested) source.cancel();
    try {
      const python = await this.parts.python?.(document.uri);
      const subject = await findSubject(
        { ...this.parts, documentText: (each) => this.#text(each, python) },
        document,
        source.token,
      );
      if (subject === undefined) return { kind: 'left' };
      return await this.#run(document, this.#text(document, python), subject, source, onProgress);
    } catch (error) {
      if (error instanceof CancelledRun) return { kind: 'left' };
      const known = knownError(error);
      analyses.of(document.uri).refuse(document.getText(), known);
      return { kind: 'failed', error: known };
    } finally {
      listening.dispose();
      source.dispose();
    }
  }

  /**
   * What the rules on the structure find in a document's present text, without a run. Empty where it cannot be read: half
   * a statement is no news while it is typed. Never throws.
   */
  async inspect(document: vscode.TextDocument, token: vscode.CancellationToken): Promise<readonly Finding[]> {
    try {
      const python = await this.parts.python?.(document.uri);
      const { set } = this.parts.remembered.get(document.uri);
      const text = this.#text(document, python);
      const options = set ? { set } : {};
      const { rules } = this.parts.options();
      const params = { document: text, options, findings: true, ...(rules && { rules }) };
      return (await this.parts.engine.readNetworks(params, token)).findings;
    } catch (error) {
      if (error instanceof CancelledRun || error instanceof WrongInput || error instanceof EngineFailure) return [];
      throw error;
    }
  }

  async #run(
    document: vscode.TextDocument,
    text: DocumentText,
    { network, batch, read }: Subject,
    source: vscode.CancellationTokenSource,
    onProgress: (progress: ProgressParams) => void,
  ): Promise<AnalysisOutcome> {
    const feed = this.parts.analyses
      .of(document.uri)
      .begin(text.text, { name: network.name, batch }, () => source.cancel());
    const params: Omit<AnalyzeParams, 'runId'> = { document: text, read, options: this.parts.options() };
    try {
      const report = await this.parts.engine.analyze(params, source.token, {
        progress: (progress) => {
          feed.progress(progress);
          onProgress(progress);
        },
        partial: (partial) => feed.partial(partial),
      });
      feed.finished(report);
      return { kind: 'report', report };
    } catch (error) {
      if (error instanceof CancelledRun) {
        feed.cancelled();
        return { kind: 'left' };
      }
      const known = knownError(error);
      feed.failed(known);
      return { kind: 'failed', error: known };
    }
  }

  #text(document: vscode.TextDocument, python: PythonChoice | undefined): DocumentText {
    return {
      uri: document.uri.toString(),
      text: document.getText(),
      baseUri: baseUri(this.parts.vscode, document.uri).toString(),
      ...(python && { python }),
    };
  }
}

const knownError = (error: unknown): WrongInput | EngineFailure =>
  error instanceof WrongInput || error instanceof EngineFailure
    ? error
    : new EngineFailure(error instanceof Error ? error.message : String(error));
