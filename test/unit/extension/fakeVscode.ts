import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type * as vscode from 'vscode';
import type { Vscode } from '../../../extension/vscodeApi';
import { english } from '../../../src/engine/report/translate';

// A small part of the editor's API, made to behave as the real one does, for tests in plain Node.

class Position {
  constructor(
    readonly line: number,
    readonly character: number,
  ) {}
}

class Range {
  readonly start: Position;
  readonly end: Position;
  constructor(
    startLine: number | Position,
    startCharacter: number | Position,
    endLine?: number,
    endCharacter?: number,
  ) {
    const four = typeof startLine === 'number' && typeof startCharacter === 'number';
    this.start = four ? new Position(startLine, startCharacter) : (startLine as Position);
    this.end = four ? new Position(endLine ?? 0, endCharacter ?? 0) : (startCharacter as Position);
  }
}

export class FakeUri {
  private constructor(
    readonly scheme: string,
    readonly path: string,
    readonly fragment = '',
  ) {}
  static parse(text: string): FakeUri {
    const [, scheme = 'file', rest = '', fragment] =
      /^([a-z][a-z0-9+.-]*):(?:\/\/)?([^#]*)(?:#(.*))?$/i.exec(text) ?? [];
    return new FakeUri(scheme, decodeURIComponent(rest), fragment);
  }
  static file(file: string): FakeUri {
    return FakeUri.parse(pathToFileURL(file).href);
  }
  static joinPath(base: FakeUri, ...parts: string[]): FakeUri {
    return new FakeUri(base.scheme, path.posix.join(base.path, ...parts));
  }
  get fsPath(): string {
    return this.path;
  }
  toString(): string {
    const end = this.fragment === '' ? '' : `#${this.fragment}`;
    return this.scheme === 'file' ? pathToFileURL(this.path).href : `${this.scheme}:${encodeURI(this.path)}${end}`;
  }
}

class EventEmitter<T> {
  readonly #listeners = new Set<(event: T) => unknown>();
  readonly event = (listener: (event: T) => unknown) => {
    this.#listeners.add(listener);
    return { dispose: () => void this.#listeners.delete(listener) };
  };
  fire(event: T): void {
    for (const listener of [...this.#listeners]) listener(event);
  }
  dispose(): void {
    this.#listeners.clear();
  }
}

class CancellationTokenSource {
  readonly #emitter = new EventEmitter<void>();
  readonly #state = { cancelled: false };
  readonly token: vscode.CancellationToken;
  constructor() {
    const [state, emitter] = [this.#state, this.#emitter];
    this.token = {
      get isCancellationRequested() {
        return state.cancelled;
      },
      onCancellationRequested: emitter.event as vscode.Event<void>,
    };
  }
  cancel(): void {
    if (this.#state.cancelled) return;
    this.#state.cancelled = true;
    this.#emitter.fire();
  }
  dispose(): void {
    this.#emitter.dispose();
  }
}

class MarkdownString {
  isTrusted: boolean | undefined;
  supportHtml: boolean | undefined;
  supportThemeIcons: boolean | undefined;
  constructor(readonly value = '') {}
}

class Diagnostic {
  source: string | undefined;
  code: vscode.Diagnostic['code'];
  relatedInformation: vscode.DiagnosticRelatedInformation[] | undefined;
  constructor(
    readonly range: Range,
    readonly message: string,
    readonly severity: number,
  ) {}
}

class Location {
  constructor(
    readonly uri: FakeUri,
    readonly range: Range,
  ) {}
}

class DiagnosticRelatedInformation {
  constructor(
    readonly location: Location,
    readonly message: string,
  ) {}
}

class InlayHint {
  paddingLeft: boolean | undefined;
  tooltip: MarkdownString | undefined;
  constructor(
    readonly position: Position,
    readonly label: string,
  ) {}
}

class Hover {
  constructor(readonly contents: MarkdownString) {}
}

class CodeLens {
  constructor(
    readonly range: Range,
    readonly command: { readonly title: string; readonly arguments: readonly unknown[] },
  ) {}
}

class CodeAction {
  edit: WorkspaceEdit | undefined;
  disabled: { reason: string } | undefined;
  diagnostics: Diagnostic[] | undefined;
  isPreferred: boolean | undefined;
  constructor(
    readonly title: string,
    readonly kind: string,
  ) {}
}

/** Replacements as the editor collects them. */
export class WorkspaceEdit {
  readonly replaced: { uri: FakeUri; range: Range; text: string; metadata?: vscode.WorkspaceEditEntryMetadata }[] = [];
  replace(uri: FakeUri, range: Range, text: string, metadata?: vscode.WorkspaceEditEntryMetadata): void {
    this.replaced.push({ uri, range, text, ...(metadata && { metadata }) });
  }
}

/** A document that can be edited as the editor edits one. */
export class FakeDocument {
  readonly uri: FakeUri;
  version = 1;
  languageId = 'python';
  #text: string;
  constructor(
    private readonly fake: FakeVscode,
    uri: FakeUri | string,
    text: string,
    public eol = 1,
  ) {
    this.uri = typeof uri === 'string' ? FakeUri.parse(uri) : uri;
    this.#text = text;
    fake.documents.push(this);
  }
  get lineCount(): number {
    return this.#lines.length;
  }
  get #lines(): string[] {
    return this.#text.split(/\r\n|\r|\n/);
  }
  getText(): string {
    return this.#text;
  }
  lineAt(line: number): { text: string } {
    const text = this.#lines[line];
    if (text === undefined) throw new Error('Illegal value for `line`');
    return { text };
  }
  /** Replaces from (line, character) to (line, character), and tells those who listen. */
  edit(startLine: number, startCharacter: number, endLine: number, endCharacter: number, text: string): void {
    this.edits([[startLine, startCharacter, endLine, endCharacter, text]]);
  }
  /** Several replacements at once, each placed by the text before all of them. */
  edits(all: readonly (readonly [number, number, number, number, string])[]): void {
    const lineEnd = this.eol === 2 ? '\r\n' : '\n';
    const lines = this.#lines;
    const offsetAt = (line: number, character: number): number =>
      [...lines.slice(0, line), (lines[line] ?? '').slice(0, character)].join(lineEnd).length;
    const contentChanges = all
      .map(([startLine, startCharacter, endLine, endCharacter, text]) => {
        const rangeOffset = offsetAt(startLine, startCharacter);
        const range = new Range(startLine, startCharacter, endLine, endCharacter);
        return { range, rangeOffset, rangeLength: offsetAt(endLine, endCharacter) - rangeOffset, text };
      })
      .sort((a, b) => b.rangeOffset - a.rangeOffset);
    for (const { rangeOffset, rangeLength, text } of contentChanges) {
      const written = text.replace(/\r\n|\r|\n/g, lineEnd);
      this.#text = this.#text.slice(0, rangeOffset) + written + this.#text.slice(rangeOffset + rangeLength);
    }
    this.version++;
    this.fake.changedDocument.fire({ document: this, contentChanges });
  }
  /** Becomes another text while nobody watches, as a closed file does. */
  rewrite(text: string): void {
    this.#text = text;
    this.fake.openedDocument.fire(this);
  }
  get real(): vscode.TextDocument {
    return this as unknown as vscode.TextDocument;
  }
  get realUri(): vscode.Uri {
    return this.uri as unknown as vscode.Uri;
  }
  /** As an analysis takes it down. */
  get parts() {
    return [{ uri: this.realUri, text: this.#text }];
  }
}

/** A notebook of cells, Python's unless they say otherwise. */
export class FakeNotebook {
  readonly uri: FakeUri;
  cells: { readonly index: number; readonly kind: number; readonly document: FakeDocument }[];
  #handles = 0;
  constructor(
    private readonly fake: FakeVscode,
    uri: string,
    texts: readonly (string | { readonly text: string; readonly language: string })[],
  ) {
    this.uri = FakeUri.parse(uri);
    this.cells = texts.map((text, index) => this.#cell(index, text));
    fake.notebooks.push(this);
  }
  getCells() {
    return this.cells;
  }
  /** Puts a cell of Python before another. */
  insert(index: number, text: string): void {
    this.cells.splice(index, 0, this.#cell(index, text));
    this.#renumber();
  }
  remove(index: number): void {
    this.cells.splice(index, 1);
    this.#renumber();
  }
  get realUri(): vscode.Uri {
    return this.uri as unknown as vscode.Uri;
  }
  get real(): vscode.NotebookDocument {
    return this as unknown as vscode.NotebookDocument;
  }
  #cell(index: number, given: string | { readonly text: string; readonly language: string }) {
    const { text, language } = typeof given === 'string' ? { text: given, language: 'python' } : given;
    const document = new FakeDocument(this.fake, `vscode-notebook-cell:${this.uri.path}#W${this.#handles++}`, text);
    document.languageId = language;
    return { index, kind: language === 'markdown' ? 1 : 2, document };
  }
  #renumber(): void {
    this.cells = this.cells.map((cell, index) => ({ ...cell, index }));
    this.fake.changedNotebook.fire({ notebook: this, contentChanges: [{}] });
  }
}

/** The fake, and what was done to it. */
export class FakeVscode {
  readonly documents: FakeDocument[] = [];
  readonly notebooks: FakeNotebook[] = [];
  readonly changedDocument = new EventEmitter<{
    document: FakeDocument;
    contentChanges: { range: Range; rangeOffset: number; rangeLength: number; text: string }[];
  }>();
  readonly changedNotebook = new EventEmitter<{ notebook: FakeNotebook; contentChanges: unknown[] }>();
  readonly openedNotebook = new EventEmitter<FakeNotebook>();
  readonly closedNotebook = new EventEmitter<FakeNotebook>();
  readonly changedNotebookEditor = new EventEmitter<unknown>();
  readonly openedDocument = new EventEmitter<FakeDocument>();
  readonly closedDocument = new EventEmitter<FakeDocument>();
  readonly changedEditor = new EventEmitter<unknown>();
  readonly changedConfiguration = new EventEmitter<{ affectsConfiguration(key: string): boolean }>();
  readonly settings = new Map<string, unknown>();
  readonly diagnostics = new Map<string, Diagnostic[]>();
  /** Those of the collection `normscope structure`. */
  readonly structureDiagnostics = new Map<string, Diagnostic[]>();
  readonly statusItems: Record<string, unknown>[] = [];
  readonly executed: unknown[][] = [];
  /** What a person answers, in order; undefined closes the question. */
  readonly answers: (string | undefined)[] = [];
  /** Edits that were handed over, and messages. */
  readonly applied: { edit: WorkspaceEdit; options: vscode.WorkspaceEditMetadata }[] = [];
  readonly said: string[] = [];
  readonly asked: vscode.InputBoxOptions[] = [];
  active: FakeDocument | undefined;
  activeNotebook: FakeNotebook | undefined;
  folder: FakeUri | undefined;
  trusted = true;
  /** Other extensions by their id. */
  readonly extensions = new Map<string, unknown>();

  /** The API as the extension's classes take it. */
  get api(): Vscode {
    const fake = this;
    const api = {
      Position,
      Range,
      Uri: FakeUri,
      EventEmitter,
      CancellationTokenSource,
      MarkdownString,
      Diagnostic,
      DiagnosticRelatedInformation,
      Location,
      InlayHint,
      Hover,
      CodeAction,
      CodeLens,
      WorkspaceEdit,
      CodeActionKind: { QuickFix: 'quickfix', RefactorRewrite: 'refactor.rewrite' },
      l10n: { t: english, bundle: undefined },
      env: { language: 'en' },
      DiagnosticSeverity: { Error: 0, Warning: 1, Information: 2, Hint: 3 },
      LanguageStatusSeverity: { Information: 0, Warning: 1, Error: 2 },
      extensions: { getExtension: (id: string) => fake.extensions.get(id) },
      workspace: {
        get isTrusted() {
          return fake.trusted;
        },
        onDidChangeTextDocument: fake.changedDocument.event,
        onDidOpenTextDocument: fake.openedDocument.event,
        onDidCloseTextDocument: fake.closedDocument.event,
        onDidChangeNotebookDocument: fake.changedNotebook.event,
        onDidOpenNotebookDocument: fake.openedNotebook.event,
        onDidCloseNotebookDocument: fake.closedNotebook.event,
        get notebookDocuments() {
          return fake.notebooks;
        },
        onDidChangeConfiguration: fake.changedConfiguration.event,
        get textDocuments() {
          return fake.documents;
        },
        applyEdit: async (edit: WorkspaceEdit, options: vscode.WorkspaceEditMetadata) => {
          fake.applied.push({ edit, options });
          return true;
        },
        getConfiguration: (section: string) => ({ get: (key: string) => fake.settings.get(`${section}.${key}`) }),
        getWorkspaceFolder: (uri: FakeUri) =>
          fake.folder && uri.toString().startsWith(`${fake.folder.toString()}/`) ? { uri: fake.folder } : undefined,
      },
      window: {
        get activeTextEditor() {
          return fake.active && { document: fake.active };
        },
        onDidChangeActiveTextEditor: fake.changedEditor.event,
        get activeNotebookEditor() {
          return fake.activeNotebook && { notebook: fake.activeNotebook };
        },
        onDidChangeActiveNotebookEditor: fake.changedNotebookEditor.event,
        showWarningMessage: async (text: string) => void fake.said.push(text),
        showInformationMessage: async (text: string) => void fake.said.push(text),
        showInputBox: async (options: vscode.InputBoxOptions) => {
          fake.asked.push(options);
          return fake.answers.shift();
        },
        showQuickPick: async (items: { label: string }[]) => {
          const answer = fake.answers.shift();
          return items.find(({ label }) => label === answer);
        },
      },
      languages: {
        registerInlayHintsProvider: () => ({ dispose: () => undefined }),
        registerCodeActionsProvider: () => ({ dispose: () => undefined }),
        registerCodeLensProvider: () => ({ dispose: () => undefined }),
        registerHoverProvider: () => ({ dispose: () => undefined }),
        createDiagnosticCollection: (name: string) => {
          const held = name === 'normscope' ? fake.diagnostics : fake.structureDiagnostics;
          return {
            set: (uri: FakeUri, all: Diagnostic[]) => void held.set(uri.toString(), all),
            delete: (uri: FakeUri) => void held.delete(uri.toString()),
            clear: () => held.clear(),
            dispose: () => held.clear(),
          };
        },
        // Every document of the tests is a model's.
        match: (_selector: unknown, document: FakeDocument) => (document.uri.path.endsWith('.txt') ? 0 : 10),
        createLanguageStatusItem: () => {
          const item = { dispose: () => void fake.statusItems.splice(fake.statusItems.indexOf(item), 1) };
          fake.statusItems.push(item);
          return item;
        },
      },
      commands: {
        executeCommand: async (...call: unknown[]) => void fake.executed.push(call),
      },
    };
    return api as unknown as Vscode;
  }

  /** Changes a setting and tells those who listen. */
  set(key: string, value: unknown): void {
    this.settings.set(key, value);
    this.changedConfiguration.fire({ affectsConfiguration: (asked) => asked === key });
  }
}

/** A store as a workspace's, which keeps what JSON can keep. */
export class FakeMemento {
  readonly #values = new Map<string, string>();
  get<T>(key: string): T | undefined {
    const value = this.#values.get(key);
    return value === undefined ? undefined : (JSON.parse(value) as T);
  }
  async update(key: string, value: unknown): Promise<void> {
    if (value === undefined) this.#values.delete(key);
    else this.#values.set(key, JSON.stringify(value));
  }
}

/** A log that keeps its lines. */
export class FakeLog {
  readonly lines: string[] = [];
  readonly debug = (text: string) => void this.lines.push(text);
  readonly info = (text: string) => void this.lines.push(text);
  readonly warn = (text: string) => void this.lines.push(text);
  readonly error = (text: string) => void this.lines.push(text);
}
