import { type ChildProcess, fork } from 'node:child_process';
import { constants, setPriority } from 'node:os';
import type { RuntimeChoice } from '../runtimeChoice';
import { probeEnvironment } from './heap';
import type { Reply, Request } from './messages';
import { type BuildDescription, EngineError, type TensorData } from './runtime';

type Outputs = Readonly<Record<string, TensorData>>;
interface Pending {
  resolve(outputs: Outputs): void;
  reject(error: Error): void;
}
type RequestBody<R = Request> = R extends Request ? Omit<R, 'id'> : never;

/** How much of a dying child's last words are kept, in characters. */
const LAST_WORDS = 2000;

/** One child process that runs programs: requests, their answers, and its death. */
export class ProbeProcess {
  /** The build of onnxruntime that it has loaded. */
  readonly ready: Promise<BuildDescription>;
  readonly #child: ChildProcess;
  readonly #pending = new Map<number, Pending>();
  #nextId = 0;
  #death: Error | undefined;
  #diedLoading: string | undefined;
  #lastWords = '';

  constructor(
    module: string,
    readonly choice: RuntimeChoice,
  ) {
    this.#child = fork(module, [choice], {
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      execArgv: ['--expose-gc'],
      env: probeEnvironment(process.env),
    });
    this.#child.stderr?.on('data', (chunk: Buffer) => {
      this.#lastWords = (this.#lastWords + chunk.toString()).slice(-LAST_WORDS);
    });
    let loaded = false;
    this.ready = new Promise((resolve, reject) => {
      this.#child.on('message', (reply: Reply) => {
        if ('ready' in reply) {
          loaded = true;
          resolve(reply.build);
        } else if ('failed' in reply) {
          this.kill(new EngineError(reply.failed));
          reject(this.#death);
        } else this.#settle(reply);
      });
      this.#child.on('error', (error) => {
        this.#die(new EngineError(`The probe process could not start: ${error.message}.`));
        reject(this.#death);
      });
      this.#child.on('exit', (code, signal) => {
        const how = endOf(code, signal, this.#lastWords);
        if (!loaded && this.alive) this.#diedLoading = `its process ${how}`;
        this.#die(new EngineError(`The probe process ${how} before it answered; run the analysis again.`));
        reject(this.#death);
      });
    });
    // Whoever waits for it sees the rejection; where nobody does, it must not end the host.
    this.ready.catch(() => undefined);
    try {
      if (this.#child.pid !== undefined) setPriority(this.#child.pid, constants.priority.PRIORITY_BELOW_NORMAL);
    } catch {
      // Some systems refuse a change of priority; the probe then competes with the editor.
    }
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  get alive(): boolean {
    return this.#death === undefined;
  }

  /** How it ended, where it ended by itself before it was ready. */
  get diedLoading(): string | undefined {
    return this.#diedLoading;
  }

  request(body: RequestBody): Promise<Outputs> {
    if (this.#death) return Promise.reject(this.#death);
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      this.#pending.set(id, { resolve, reject });
      this.#child.send({ id, ...body }, (error) => {
        if (error) this.#die(new EngineError(`The probe process cannot be reached: ${error.message}.`));
      });
    });
  }

  /** Ends the process at once, whatever it is doing; requests under way fail with `reason`. */
  kill(reason: Error): void {
    this.#die(reason);
    this.#child.kill('SIGKILL');
  }

  /** Keeps the parent from exiting while it works, not while it waits. */
  setWaiting(waiting: boolean): void {
    if (waiting) {
      this.#child.unref();
      this.#child.channel?.unref();
    } else {
      this.#child.ref();
      this.#child.channel?.ref();
    }
  }

  #settle(reply: Extract<Reply, { id: number }>): void {
    const pending = this.#pending.get(reply.id);
    this.#pending.delete(reply.id);
    if ('outputs' in reply) {
      pending?.resolve(reply.outputs);
      return;
    }
    const error = new EngineError(`The probe could not be run: ${reply.error}`);
    pending?.reject(error);
    if (reply.fatal) this.kill(error);
  }

  #die(reason: Error): void {
    if (this.#death) return;
    this.#death = reason;
    for (const { reject } of this.#pending.values()) reject(reason);
    this.#pending.clear();
  }
}

/** How a process ended, with its last words. */
function endOf(code: number | null, signal: NodeJS.Signals | null, lastWords: string): string {
  const lines = lastWords.trim().split('\n');
  // Node ends what it says of an uncaught error with its own version; the error's own line says more.
  const last = lines.findLast((line) => /^\w*Error\b/.test(line)) ?? lines.at(-1);
  return `${signal ? `was ended by ${signal}` : `ended with exit code ${code}`}${last ? ` (${last})` : ''}`;
}
