import { type ChildProcess, fork } from 'node:child_process';
import type { CancellationToken, MessageConnection } from 'vscode-jsonrpc';
import { createMessageConnection, IPCMessageReader, IPCMessageWriter } from 'vscode-jsonrpc/node';
import {
  type AnalyzeParams,
  type ChangeDocumentParams,
  type CurrentNetworks,
  type CurrentNetworksParams,
  documentNotifications,
  type LogParams,
  notifications,
  type OpenDocumentParams,
  type PartialParams,
  PROTOCOL_VERSION,
  type ProgressParams,
  type ReadNetworksParams,
  type ReadNetworksResult,
  requests,
} from '../../src/engine/protocol';
import type { Report } from '../../src/engine/report/report';
import { RUNTIME_VARIABLE, type RuntimeChoice } from '../../src/engine/runtimeChoice';
import type { Log } from '../vscodeApi';
import { EngineFailure } from './failures';

export interface EngineProcessOptions {
  /** Path of the bundled host. */
  readonly module: string;
  /** What runs probes; with `auto`, the default, the environment of the editor may still choose. */
  readonly runtime?: RuntimeChoice;
  readonly log: Log;
  /** How long the process may take to say ready, in milliseconds. */
  readonly readyTimeout?: number;
  onProgress(params: ProgressParams): void;
  onPartial(params: PartialParams): void;
  /** Called once when the process is gone, with a sentence; not after `end`. */
  onDeath(sentence: string): void;
}

const READY_TIMEOUT = 20_000;
/** How long a process that was told to end may take before it is killed, in milliseconds. */
const END_GRACE = 1000;
/** How much of what a process says on its error output is kept for the sentence about its death, in characters. */
const LAST_WORDS = 2000;

/** One engine process: its start, its handshake, its requests and its end. */
export class EngineProcess {
  /** Resolves when the process has said ready in our version; every request waits for it. */
  readonly ready: Promise<void>;
  readonly #child: ChildProcess;
  readonly #connection: MessageConnection;
  readonly #gone: Promise<never>;
  #dead = false;
  #lastWords = '';

  constructor(private readonly options: EngineProcessOptions) {
    const { module, log, runtime = 'auto' } = options;
    this.#child = fork(module, [], {
      // An inspector's port or a loader meant for the extension host is not meant for this process.
      execArgv: [],
      env: {
        ...process.env,
        ...(process.versions.electron ? { ELECTRON_RUN_AS_NODE: '1' } : {}),
        ...(runtime === 'auto' ? {} : { [RUNTIME_VARIABLE]: runtime }),
        NODE_OPTIONS: '',
      },
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    this.#child.stderr?.on('data', (data: Buffer) => {
      const text = data.toString();
      this.#lastWords = (this.#lastWords + text).slice(-LAST_WORDS);
      log.warn(`engine: ${text.trimEnd()}`);
    });
    this.#gone = new Promise((_, reject) => {
      const die = (sentence: string) => {
        reject(new EngineFailure(sentence, true));
        this.#die(sentence);
      };
      this.#child.on('error', (error) => die(`The engine could not start: ${error.message}.`));
      this.#child.on('exit', (code, signal) => die(deathSentence(code, signal, this.#lastWords)));
    });
    this.#gone.catch(() => undefined);

    this.#connection = createMessageConnection(new IPCMessageReader(this.#child), new IPCMessageWriter(this.#child));
    this.#connection.onNotification(notifications.log, ({ level, message }: LogParams) => log[level](message));
    this.#connection.onNotification(notifications.progress, (params) => options.onProgress(params));
    this.#connection.onNotification(notifications.partial, (params) => options.onPartial(params));
    // A message that cannot be sent or read: the process that causes it is told of by its death.
    this.#connection.onError(([error]) => log.debug(`engine connection: ${error.message}`));
    this.ready = Promise.race([this.#handshake(), this.#gone]);
    this.ready.catch(() => undefined);
    this.#connection.listen();
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  get alive(): boolean {
    return !this.#dead;
  }

  readNetworks(params: ReadNetworksParams, token: CancellationToken): Promise<ReadNetworksResult> {
    return this.#request(() => this.#connection.sendRequest(requests.readNetworks, params, token));
  }

  analyze(params: AnalyzeParams, token: CancellationToken): Promise<Report> {
    return this.#request(() => this.#connection.sendRequest(requests.analyze, params, token));
  }

  currentNetworks(params: CurrentNetworksParams, token: CancellationToken): Promise<CurrentNetworks> {
    return this.#request(() => this.#connection.sendRequest(requests.currentNetworks, params, token));
  }

  /** What becomes of a document that is followed; the process hears of it in the order in which it is told. */
  openDocument(params: OpenDocumentParams): void {
    this.#tell(this.#connection.sendNotification(documentNotifications.open, params));
  }

  changeDocument(params: ChangeDocumentParams): void {
    this.#tell(this.#connection.sendNotification(documentNotifications.change, params));
  }

  closeDocument(uri: string): void {
    this.#tell(this.#connection.sendNotification(documentNotifications.close, { uri }));
  }

  /** Ends the process softly; kills it where it does not go. Nobody is told of this death. */
  end(): void {
    this.#dead = true;
    if (this.#child.connected) this.#child.disconnect();
    const kill = setTimeout(() => this.#child.kill('SIGKILL'), END_GRACE);
    this.#child.once('exit', () => clearTimeout(kill));
  }

  /** Ends the process at once, whatever it is doing; requests under way fail. Nobody is told of this death. */
  kill(): void {
    this.#dead = true;
    this.#child.kill('SIGKILL');
  }

  /** A process that cannot be told of anything any more is told of by its death. */
  #tell(sent: Promise<void>): void {
    sent.catch((error: unknown) => this.options.log.debug(`engine connection: ${String(error)}`));
  }

  async #request<T>(send: () => Promise<T>): Promise<T> {
    await this.ready;
    return Promise.race([send(), this.#gone]);
  }

  #handshake(): Promise<void> {
    return new Promise((resolve, reject) => {
      const milliseconds = this.options.readyTimeout ?? READY_TIMEOUT;
      const fail = (sentence: string) => {
        clearTimeout(timer);
        reject(new EngineFailure(sentence, true));
        this.#die(sentence);
        this.#child.kill('SIGKILL');
      };
      const timer = setTimeout(
        () => fail(`The engine did not become ready within ${milliseconds / 1000} s.`),
        milliseconds,
      );
      this.#gone.catch(() => clearTimeout(timer));
      this.#connection.onNotification(notifications.ready, ({ protocol, engine }) => {
        if (protocol !== PROTOCOL_VERSION) {
          fail(
            `The engine speaks protocol ${protocol} and the extension ${PROTOCOL_VERSION}: reload the window, or install NormScope anew.`,
          );
          return;
        }
        clearTimeout(timer);
        this.options.log.info(`engine ${engine} is ready (process ${this.pid}, protocol ${protocol})`);
        resolve();
      });
    });
  }

  #die(sentence: string): void {
    if (this.#dead) return;
    this.#dead = true;
    this.options.onDeath(sentence);
  }
}

function deathSentence(code: number | null, signal: NodeJS.Signals | null, lastWords: string): string {
  const how = signal ? `was ended by ${signal}` : `ended with exit code ${code}`;
  const last = lastWords.trim().split('\n').at(-1);
  return `The engine ${how}${last ? ` (${last})` : ''}.`;
}
