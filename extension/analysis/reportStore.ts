import { createHash } from 'node:crypto';
import type * as vscode from 'vscode';
import type { Report } from '../../src/engine/report/report';
import type { Log, Vscode } from '../vscodeApi';
import type { Analyses } from './analyses';
import { openSource } from './modelSource';

/** A run as the folder keeps it. */
interface Stored {
  readonly uri: string;
  /** The texts that were analysed, a notebook's by cell: by them lines are followed, and what is stale is known. */
  readonly parts: readonly { readonly uri: string; readonly text: string }[];
  readonly measured: number;
  readonly report: Report;
}

/** Runs of a document that are kept. */
const MOST = 3;

/** A report with histories over this is kept without them, in characters. */
const LARGE = 4_000_000;

/**
 * Keeps the last runs of each document in the workspace's folder, so that they are there when the window was reloaded.
 * Nothing is read before a document of it is open, and what cannot be read is as if it had never been.
 */
export class ReportStore {
  readonly #listening: readonly { dispose(): void }[];
  /** The newest run that was kept or read, by document. */
  readonly #known = new Map<string, number>();
  #writing: Promise<void> = Promise.resolve();

  constructor(
    private readonly vscode: Pick<Vscode, 'workspace' | 'Uri'>,
    private readonly analyses: Analyses,
    private readonly folder: vscode.Uri,
    private readonly log: Pick<Log, 'warn'>,
  ) {
    this.#listening = [
      analyses.onDidChange((uri) => this.#keep(uri)),
      vscode.workspace.onDidOpenTextDocument(({ uri }) => void this.restore(uri)),
      vscode.workspace.onDidOpenNotebookDocument(({ uri }) => void this.restore(uri)),
    ];
    for (const { uri } of [...vscode.workspace.textDocuments, ...vscode.workspace.notebookDocuments])
      void this.restore(uri);
  }

  dispose(): void {
    for (const listener of this.#listening) listener.dispose();
  }

  /** Takes up what is kept of a document or notebook, once. */
  async restore(of: vscode.Uri): Promise<void> {
    const uri = this.analyses.modelOf(of);
    const key = uri.toString();
    if (this.#known.has(key)) return;
    this.#known.set(key, 0);
    const runs = (await this.#read(uri)).filter((run) => run.uri === key);
    const open = openSource(this.vscode, uri);
    for (const { report, measured, parts } of runs) {
      this.#known.set(key, Math.max(measured, this.#known.get(key) ?? 0));
      const texts = parts.map((part) => ({ uri: this.vscode.Uri.parse(part.uri), text: part.text }));
      this.analyses.of(uri).restore(report, new Date(measured), texts, open);
    }
  }

  /** Settles when everything is written. */
  written(): Promise<void> {
    return this.#writing;
  }

  #keep(uri: vscode.Uri): void {
    const key = uri.toString();
    const runs = this.analyses.get(uri)?.runs ?? [];
    const newest = runs[0]?.measured.getTime();
    if (newest === undefined || newest <= (this.#known.get(key) ?? 0)) return;
    this.#known.set(key, newest);
    const stored = runs.slice(0, MOST).map(
      (run): Stored => ({
        uri: key,
        parts: run.analyzed.map((part) => ({ uri: part.uri.toString(), text: part.text })),
        measured: run.measured.getTime(),
        report: run.report,
      }),
    );
    // One after another: two writings of one file would mix.
    this.#writing = this.#writing.then(() => this.#write(uri, stored));
  }

  async #write(uri: vscode.Uri, runs: readonly Stored[]): Promise<void> {
    const whole = JSON.stringify(runs);
    const text = whole.length <= LARGE ? whole : JSON.stringify(runs.slice(0, 1).map(withoutHistory));
    try {
      await this.vscode.workspace.fs.createDirectory(this.folder);
      await this.vscode.workspace.fs.writeFile(this.#file(uri), new TextEncoder().encode(text));
    } catch (error) {
      this.log.warn(`a report was not kept: ${String(error)}`);
    }
  }

  async #read(uri: vscode.Uri): Promise<readonly Stored[]> {
    try {
      const bytes = await this.vscode.workspace.fs.readFile(this.#file(uri));
      const runs = JSON.parse(new TextDecoder().decode(bytes)) as Stored[];
      return runs.filter((run) => run.report.schema === 'normscope/report@1' && Array.isArray(run.parts));
    } catch {
      return [];
    }
  }

  #file(uri: vscode.Uri): vscode.Uri {
    const name = createHash('sha256').update(uri.toString()).digest('hex').slice(0, 24);
    return this.vscode.Uri.joinPath(this.folder, `${name}.json`);
  }
}

const withoutHistory = (run: Stored): Stored => ({
  ...run,
  report: { ...run.report, layers: run.report.layers.map((layer) => ({ ...layer, history: null })) },
});
