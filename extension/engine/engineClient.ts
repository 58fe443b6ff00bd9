import type { CancellationToken } from 'vscode-jsonrpc';
import type {
  AnalyzeParams,
  ChangeDocumentParams,
  CurrentNetworks,
  CurrentNetworksParams,
  OpenDocumentParams,
  PartialParams,
  ProgressParams,
  ReadNetworksParams,
  ReadNetworksResult,
} from '../../src/engine/protocol';
import type { Report } from '../../src/engine/report/report';
import type { Log } from '../vscodeApi';
import type { EngineProcess, EngineProcessOptions } from './engineProcess';
import { CancelledRun, clientError, EngineFailure } from './failures';
import { RestartLimit } from './restartLimit';

/** What a run tells while it goes on. */
export interface RunListener {
  progress(progress: ProgressParams): void;
  /** What is measured so far. */
  partial(report: Report): void;
}

export interface EngineClientOptions {
  start(events: Pick<EngineProcessOptions, 'onProgress' | 'onPartial' | 'onDeath'>): EngineProcess;
  readonly log: Log;
  /** How long an idle engine is kept, in milliseconds; asked anew each time. 0 keeps it. */
  idleMilliseconds(): number;
  readonly restarts?: RestartLimit;
  /** How long a cancelled request may go on before the engine is killed, in milliseconds. */
  readonly cancelGrace?: number;
}

const CANCEL_GRACE = 2000;

/**
 * The engine, whatever process it is at the moment: started at the first request, ended when idle, started anew after a
 * crash. A crash fails the requests under way; the next one works.
 */
export class EngineClient {
  readonly #listeners = new Map<number, RunListener>();
  /** The documents that the present process follows, and at which version it has them. */
  readonly #followed = new Map<string, number>();
  readonly #restarts: RestartLimit;
  #process: EngineProcess | undefined;
  #idle: NodeJS.Timeout | undefined;
  #requests = 0;
  #nextRun = 1;
  #outdated = false;

  constructor(private readonly options: EngineClientOptions) {
    this.#restarts = options.restarts ?? new RestartLimit();
  }

  /** The process's id while there is one. */
  get pid(): number | undefined {
    return this.#process?.alive ? this.#process.pid : undefined;
  }

  /** @throws WrongInput, EngineFailure, CancelledRun. */
  readNetworks(params: ReadNetworksParams, token: CancellationToken): Promise<ReadNetworksResult> {
    return this.#request(token, (engine) => engine.readNetworks(params, token));
  }

  /**
   * What a document says at a version. The engine is given the whole text where it does not have that version already, by
   * the edits that it was told of.
   * @throws WrongInput, EngineFailure, CancelledRun; the last also where the document is another by the time of the answer.
   */
  currentNetworks(
    { uri, version }: { readonly uri: string; readonly version: number },
    open: () => OpenDocumentParams['document'],
    how: Pick<CurrentNetworksParams, 'options' | 'rules'>,
    token: CancellationToken,
  ): Promise<CurrentNetworks> {
    return this.#request(token, (engine) => {
      if (this.#followed.get(uri) !== version) {
        engine.openDocument({ document: open(), version });
        this.#followed.set(uri, version);
      }
      return engine.currentNetworks({ uri, version, ...how }, token);
    });
  }

  /** Tells the engine of edits in a document that it follows; where there is no engine, or it does not, nothing happens. */
  changeDocument(params: ChangeDocumentParams): void {
    if (!this.#process?.alive || !this.#followed.has(params.uri)) return;
    this.#process.changeDocument(params);
    this.#followed.set(params.uri, params.version);
  }

  /** The engine follows a document no longer, or is given its whole text the next time. */
  closeDocument(uri: string): void {
    if (this.#followed.delete(uri) && this.#process?.alive) this.#process.closeDocument(uri);
  }

  /**
   * Runs wait for one another in the engine. A cancelled run gives what it has measured, or fails.
   * @throws WrongInput, EngineFailure, CancelledRun.
   */
  async analyze(
    params: Omit<AnalyzeParams, 'runId'>,
    token: CancellationToken,
    listener: RunListener,
  ): Promise<Report> {
    const runId = this.#nextRun++;
    this.#listeners.set(runId, listener);
    try {
      return await this.#request(token, (engine) => engine.analyze({ ...params, runId }, token));
    } finally {
      this.#listeners.delete(runId);
    }
  }

  /** Ends the process, once it answers no request, so that the next request starts one with the present settings. */
  renew(): void {
    this.#outdated = true;
    if (this.#requests === 0) this.dispose();
  }

  dispose(): void {
    clearTimeout(this.#idle);
    this.#process?.end();
    this.#process = undefined;
    this.#outdated = false;
  }

  async #request<T>(token: CancellationToken, send: (engine: EngineProcess) => Promise<T>): Promise<T> {
    if (token.isCancellationRequested) throw new CancelledRun();
    this.#requests++;
    clearTimeout(this.#idle);
    let hard: NodeJS.Timeout | undefined;
    let listening: { dispose(): void } | undefined;
    try {
      const engine = this.#running();
      listening = token.onCancellationRequested(() => {
        hard = setTimeout(() => this.#killUncooperative(engine), this.options.cancelGrace ?? CANCEL_GRACE);
      });
      return await send(engine);
    } catch (error) {
      // Whatever ended a request that nobody wants any more, it was cancelled.
      throw token.isCancellationRequested ? new CancelledRun() : clientError(error);
    } finally {
      clearTimeout(hard);
      listening?.dispose();
      this.#requests--;
      if (this.#requests === 0) this.#endWhenIdle();
    }
  }

  #running(): EngineProcess {
    if (this.#process?.alive) return this.#process;
    if (!this.#restarts.mayStart) throw new EngineFailure(this.#restarts.refusal);
    this.options.log.info('starting the engine');
    this.#followed.clear();
    this.#process = this.options.start({
      onProgress: (progress: ProgressParams) => this.#listeners.get(progress.runId)?.progress(progress),
      onPartial: ({ runId, report }: PartialParams) => this.#listeners.get(runId)?.partial(report),
      onDeath: (sentence) => {
        this.#restarts.died();
        this.options.log.error(sentence);
      },
    });
    return this.#process;
  }

  /** A request that does not answer its cancellation holds the engine's thread: only a new process helps. */
  #killUncooperative(engine: EngineProcess): void {
    this.options.log.warn('the engine did not answer a cancellation in time and is started anew');
    engine.kill();
  }

  #endWhenIdle(): void {
    if (this.#outdated) this.dispose();
    const milliseconds = this.options.idleMilliseconds();
    if (milliseconds <= 0) return;
    this.#idle = setTimeout(() => {
      this.options.log.info('the engine was idle and is ended');
      this.#process?.end();
      this.#process = undefined;
    }, milliseconds);
    this.#idle.unref();
  }
}
