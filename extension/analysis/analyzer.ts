import type * as vscode from 'vscode';
import type { AnalyzeOptions } from '../../src/engine/analyzeOptions';
import type { AnalyzeParams, DocumentText, ProgressParams } from '../../src/engine/protocol';
import type { PythonChoice } from '../../src/engine/readers/sitePackages';
import type { Report } from '../../src/engine/report/report';
import { CancelledRun, type EngineClient, EngineFailure, WrongInput } from '../engine';
import type { Vscode } from '../vscodeApi';
import type { Analyses } from './analyses';
import { type ModelSource, partsOf } from './modelSource';
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

  /** Analyses what is written at present, unsaved edits included; of several networks the one of that name. Never throws. */
  async analyze(
    model: ModelSource,
    token: vscode.CancellationToken,
    onProgress: (progress: ProgressParams) => void = () => undefined,
    name?: string,
  ): Promise<AnalysisOutcome> {
    const { analyses, vscode } = this.parts;
    // The view's button cancels through the token, the store through `run.cancel`: both end here.
    const source = new vscode.CancellationTokenSource();
    const listening = token.onCancellationRequested(() => source.cancel());
    if (token.isCancellationRequested) source.cancel();
    try {
      const python = await this.parts.python?.(model.uri);
      const documentText = () => documentTextOf(vscode, model, python);
      const subject = await findSubject({ ...this.parts, documentText }, model.uri, source.token, name);
      if (subject === undefined) return { kind: 'left' };
      return await this.#run(model, documentText(), subject, source, onProgress);
    } catch (error) {
      if (error instanceof CancelledRun) return { kind: 'left' };
      const known = knownError(error);
      analyses.of(model.uri).refuse(partsOf(model), known);
      return { kind: 'failed', error: known };
    } finally {
      listening.dispose();
      source.dispose();
    }
  }

  async #run(
    model: ModelSource,
    document: DocumentText,
    { network, batch, read }: Subject,
    source: vscode.CancellationTokenSource,
    onProgress: (progress: ProgressParams) => void,
  ): Promise<AnalysisOutcome> {
    const feed = this.parts.analyses
      .of(model.uri)
      .begin(partsOf(model), { name: network.name, batch }, () => source.cancel());
    const params: Omit<AnalyzeParams, 'runId'> = { document, read, options: this.parts.options() };
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
}

/** What the engine is told of a model: its text by now, and where it may read what that imports. */
export const documentTextOf = (
  vscode: Pick<Vscode, 'workspace' | 'Uri'>,
  model: ModelSource,
  python: PythonChoice | undefined,
): DocumentText => ({
  uri: model.uri.toString(),
  ...model.text(),
  baseUri: baseUri(vscode, model.uri).toString(),
  ...(python && { python }),
});

const knownError = (error: unknown): WrongInput | EngineFailure =>
  error instanceof WrongInput || error instanceof EngineFailure
    ? error
    : new EngineFailure(error instanceof Error ? error.message : String(error));
