import type * as vscode from 'vscode';
import type { CurrentNetworks } from '../../src/engine/protocol';
import type { PythonChoice } from '../../src/engine/readers/sitePackages';
import type { RuleSeverities } from '../../src/engine/report/severity';
import { CancelledRun, type EngineClient, EngineFailure, WrongInput } from '../engine';
import type { Vscode } from '../vscodeApi';
import { documentTextOf } from './analyzer';
import { isCell, type ModelSource, modelUri, notebookSource, sourceOf } from './modelSource';
import type { RememberedAnswers } from './rememberedAnswers';

/** How long nothing must have been typed before somebody looks, in milliseconds. */
const SETTLE = 300;

export interface FollowerParts {
  readonly vscode: Pick<Vscode, 'workspace' | 'Uri' | 'EventEmitter' | 'CancellationTokenSource'>;
  readonly engine: Pick<EngineClient, 'currentNetworks' | 'changeDocument' | 'closeDocument' | 'pid'>;
  readonly remembered: Pick<RememberedAnswers, 'get'>;
  python?(uri: vscode.Uri): Promise<PythonChoice | undefined>;
  /** The severities of rules that the person has chosen. */
  rules?(): RuleSeverities;
}

/** A document or notebook that is followed. */
interface Followed {
  readonly source: ModelSource;
  /** Counts the edits: a notebook's cells have versions of their own. */
  version: number;
  /** What the engine has of each document, to see that it has all of it. */
  readonly lengths: Map<string, { length: number; readonly eol: vscode.EndOfLine }>;
  timer?: NodeJS.Timeout | undefined;
  /** What is being read, or was, of which version. */
  reading?: {
    readonly version: number;
    /** What a person had answered and chosen by then. */
    readonly how: string;
    readonly result: Promise<CurrentNetworks | undefined>;
    cancel(): void;
  };
}

/**
 * Follows documents in the engine: an edit goes there as it is made, so that a question what the document says by now costs
 * a reading of what changed, in the engine's process. Nothing is read before somebody asks.
 */
export class Follower {
  /** Fires when a document or notebook that is followed was edited and nothing was typed since for a while. */
  readonly onDidSettle: vscode.Event<ModelSource>;
  readonly #settled: vscode.EventEmitter<ModelSource>;
  readonly #followed = new Map<string, Followed>();
  readonly #listening: readonly { dispose(): void }[];

  constructor(private readonly parts: FollowerParts) {
    const { workspace, EventEmitter } = parts.vscode;
    this.#settled = new EventEmitter();
    this.onDidSettle = this.#settled.event;
    this.#listening = [
      workspace.onDidChangeTextDocument((event) => this.#edited(event)),
      workspace.onDidCloseTextDocument(({ uri }) => this.leave(uri)),
      workspace.onDidCloseNotebookDocument(({ uri }) => this.leave(uri)),
      workspace.onDidChangeNotebookDocument(({ notebook, contentChanges }) => {
        const followed = this.#followed.get(notebook.uri.toString());
        if (followed && contentChanges.length > 0) this.#another(followed);
      }),
      this.#settled,
    ];
  }

  /** Whether an engine is running that could be asked at no cost of starting one. */
  get engineRuns(): boolean {
    return this.parts.engine.pid !== undefined;
  }

  /** Follows a document or notebook from here on. */
  follow(source: ModelSource): void {
    const key = source.uri.toString();
    if (source.documents().length > 0 && !this.#followed.has(key)) {
      this.#followed.set(key, { source, version: 1, lengths: new Map() });
    }
  }

  leave(uri: vscode.Uri): void {
    const followed = this.#followed.get(uri.toString());
    if (!followed) return;
    clearTimeout(followed.timer);
    followed.reading?.cancel();
    this.#followed.delete(uri.toString());
    this.parts.engine.closeDocument(uri.toString());
  }

  /** Of what is followed, what it says now. */
  sources(): readonly ModelSource[] {
    return [...this.#followed.values()].map(({ source }) => source);
  }

  /**
   * What a document or notebook says by now; it is followed from here on. Undefined where it was edited before the answer
   * came, or cannot be read: half a statement is no news while it is typed. Never throws.
   */
  current(source: ModelSource): Promise<CurrentNetworks | undefined> {
    this.follow(source);
    const followed = this.#followed.get(source.uri.toString());
    if (!followed) return Promise.resolve(undefined);
    const { reading, version } = followed;
    const { set } = this.parts.remembered.get(source.uri);
    const rules = this.parts.rules?.();
    const asked = { options: set ? { set } : {}, ...(rules && { rules }) };
    const how = JSON.stringify(asked);
    if (reading?.version === version && reading.how === how) return reading.result;
    reading?.cancel();
    const cancelling = new this.parts.vscode.CancellationTokenSource();
    const result = this.#read(followed, version, asked, cancelling.token).finally(() => cancelling.dispose());
    followed.reading = { version, how, result, cancel: () => cancelling.cancel() };
    return result;
  }

  dispose(): void {
    for (const { timer, reading } of this.#followed.values()) {
      clearTimeout(timer);
      reading?.cancel();
    }
    for (const listener of this.#listening) listener.dispose();
  }

  async #read(
    followed: Followed,
    version: number,
    how: Parameters<EngineClient['currentNetworks']>[2],
    token: vscode.CancellationToken,
  ): Promise<CurrentNetworks | undefined> {
    const { engine, vscode } = this.parts;
    const { source, lengths } = followed;
    const uri = source.uri.toString();
    try {
      const python = await this.parts.python?.(source.uri);
      if (!this.#engineHas(followed)) engine.closeDocument(uri);
      const open = () => {
        lengths.clear();
        for (const document of source.documents()) {
          lengths.set(document.uri.toString(), { length: document.getText().length, eol: document.eol });
        }
        return documentTextOf(vscode, source, python);
      };
      const said = await engine.currentNetworks({ uri, version }, open, how, token);
      return followed.version === version ? said : undefined;
    } catch (error) {
      if (error instanceof CancelledRun || error instanceof WrongInput || error instanceof EngineFailure) {
        // The same text may be asked about again once an engine is back.
        if (!(error instanceof WrongInput) && followed.reading?.version === version) delete followed.reading;
        return undefined;
      }
      throw error;
    }
  }

  /** Whether what the engine was told adds up to what the editor holds. */
  #engineHas({ source, lengths }: Followed): boolean {
    const documents = source.documents();
    return (
      documents.length === lengths.size &&
      documents.every((document) => {
        const held = lengths.get(document.uri.toString());
        return held?.eol === document.eol && held.length === document.getText().length;
      })
    );
  }

  #edited({ document, contentChanges }: vscode.TextDocumentChangeEvent): void {
    if (contentChanges.length === 0) return;
    const key = modelUri(this.parts.vscode, document.uri).toString();
    const followed = this.#followed.get(key);
    if (!followed) return;
    followed.version++;
    const own = document.uri.toString();
    const held = followed.lengths.get(own);
    // What stands last is told first: offsets are of the text before all changes, which do not overlap.
    const changes = [...contentChanges]
      .sort((a, b) => b.rangeOffset - a.rangeOffset)
      .map(({ rangeOffset, rangeLength, text }) => ({
        offset: rangeOffset,
        length: rangeLength,
        text: withLineEnds(text, document.eol),
      }));
    for (const { length, text } of changes) if (held) held.length += text.length - length;
    this.parts.engine.changeDocument({
      uri: key,
      version: followed.version,
      ...(own === key ? {} : { cell: own }),
      changes,
    });
    this.#soon(followed);
  }

  /** Another text altogether: the engine is given the whole of it the next time. */
  #another(followed: Followed): void {
    followed.version++;
    this.parts.engine.closeDocument(followed.source.uri.toString());
    this.#soon(followed);
  }

  #soon(followed: Followed): void {
    followed.reading?.cancel();
    clearTimeout(followed.timer);
    followed.timer = setTimeout(() => this.#settled.fire(followed.source), SETTLE);
  }
}

/** A text that is put into a document takes on its line ends. */
const withLineEnds = (text: string, eol: vscode.EndOfLine): string =>
  // 2 is CRLF in the API.
  /[\r\n]/.test(text) ? text.replace(/\r\n|\r|\n/g, eol === 2 ? '\r\n' : '\n') : text;

/** What is open by now and may be followed, notebooks as a whole. */
export function openSources(
  { workspace }: Pick<Vscode, 'workspace'>,
  isModel: (document: vscode.TextDocument) => boolean,
): readonly ModelSource[] {
  const documents = workspace.textDocuments.filter(({ uri }) => !isCell(uri));
  return [
    ...documents.filter(isModel).map((document) => sourceOf({ workspace }, document)),
    ...workspace.notebookDocuments.map(notebookSource).filter((source) => source.documents().some(isModel)),
  ];
}
