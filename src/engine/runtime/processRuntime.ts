import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { arch, platform } from 'node:process';
import type { RuntimeChoice } from '../runtimeChoice';
import { ProbeProcess } from './childProcess';
import { ProcessSlot } from './processSlot';
import { type BuildDescription, CancelledError, EngineError, type Runtime, type Slot } from './runtime';

/** The bundled child program, beside this bundle or, from a test's bundle, above it. */
function childModule(): string {
  for (let folder = __dirname; ; folder = path.dirname(folder)) {
    const candidate = path.join(folder, 'probeChild.js');
    if (existsSync(candidate)) return candidate;
    if (folder === path.dirname(folder)) throw new EngineError('The probe program is missing from this installation.');
  }
}

/** What an idle process may hold. */
const KEPT_BYTES = 256e6;

/** Half the cores; both where there are two: probes run at low priority, so that the editor goes first. */
const threadsOf = (cores: number): number => Math.max(Math.min(2, cores), Math.floor(cores / 2));

/**
 * Programs run by onnxruntime in child processes, one a slot, at low priority: one thread each side by side, or a large
 * one on all threads. One process is kept warm. Cancelling kills the process: nothing else stops a
 * running session.
 */
export class ProcessRuntime implements Runtime {
  readonly slots = threadsOf(availableParallelism());
  readonly #module: string;
  readonly #idle: ProbeProcess[] = [];
  /** What runs, and on how many threads. */
  readonly #busy = new Map<ProbeProcess, number>();
  readonly #waiting: (() => void)[] = [];
  #choice: RuntimeChoice;
  #nativeMissing: string | undefined;
  #build: BuildDescription | undefined;
  #disposed = false;

  constructor({ choice = 'auto', module = childModule() }: { choice?: RuntimeChoice; module?: string } = {}) {
    this.#choice = choice;
    this.#module = module;
  }

  get name(): string {
    return this.#build?.name ?? 'onnxruntime';
  }

  async build(signal?: AbortSignal): Promise<BuildDescription> {
    if (!this.#build) (await this.lease(signal)).release();
    return this.#build!;
  }

  /** Process ids of the children that are running something. */
  get busyPids(): readonly (number | undefined)[] {
    return [...this.#busy.keys()].map((process) => process.pid);
  }

  /** Process ids of the children that wait for a lease. */
  get idlePids(): readonly (number | undefined)[] {
    return this.#idle.filter(({ alive }) => alive).map((process) => process.pid);
  }

  /** Starts processes ahead of their leases, so that they load while a model is read. */
  warm(processes = 1): void {
    const most = Math.min(processes, this.slots);
    while (!this.#disposed && this.#idle.length + this.#busy.size < most) this.#idle.push(this.#start());
  }

  async lease(signal?: AbortSignal, threads = 1): Promise<Slot> {
    // As WebAssembly a program runs on one thread.
    const taken = this.#build?.kind === 'wasm' ? 1 : Math.min(threads, this.slots);
    if (signal?.aborted) throw new CancelledError();
    while (this.#busyThreads() + taken > this.slots) await this.#nextRelease(signal);
    if (signal?.aborted) throw new CancelledError();
    const process = this.#warmProcess() ?? this.#start();
    this.#busy.set(process, taken);
    process.setWaiting(false);
    const abort = () => process.kill(new CancelledError());
    signal?.addEventListener('abort', abort, { once: true });
    const release = (peakBytes = 0) => {
      signal?.removeEventListener('abort', abort);
      if (!this.#busy.delete(process)) return;
      // What it has taken it keeps.
      if (peakBytes > KEPT_BYTES) process.kill(new CancelledError());
      if (process.alive) {
        process.setWaiting(true);
        process.request({ method: 'clear', sources: true }).catch(() => undefined);
        this.#idle.push(process);
      } else {
        this.warm();
      }
      // All look again: what is free may suit a later one in the queue only.
      for (const wake of this.#waiting.splice(0)) wake();
    };
    try {
      const build = await process.ready;
      this.#build = { ...build, nativeMissing: build.nativeMissing ?? this.#nativeMissing };
    } catch (error) {
      // A native build that does not fit the system may end its process as it is loaded.
      const another = process.choice === 'auto' && process.diedLoading !== undefined;
      if (another) {
        this.#choice = 'wasm';
        this.#nativeMissing = `${platform}-${arch}: ${process.diedLoading}`;
      }
      release();
      if (another) return this.lease(signal, threads);
      throw error;
    }
    return new ProcessSlot(process, taken, release);
  }

  dispose(): void {
    this.#disposed = true;
    for (const process of [...this.#idle.splice(0), ...this.#busy.keys()]) process.kill(new CancelledError());
  }

  #busyThreads(): number {
    return [...this.#busy.values()].reduce((sum, threads) => sum + threads, 0);
  }

  #start(): ProbeProcess {
    const process = new ProbeProcess(this.#module, this.#choice);
    process.setWaiting(true);
    return process;
  }

  /** An idle process that has not died while it waited: the one that waits longest, others may still load. */
  #warmProcess(): ProbeProcess | undefined {
    for (let process = this.#idle.shift(); process; process = this.#idle.shift()) if (process.alive) return process;
    return undefined;
  }

  #nextRelease(signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const abort = () => {
        const place = this.#waiting.indexOf(wake);
        if (place >= 0) this.#waiting.splice(place, 1);
        reject(new CancelledError());
      };
      const wake = () => {
        signal?.removeEventListener('abort', abort);
        resolve();
      };
      this.#waiting.push(wake);
      signal?.addEventListener('abort', abort, { once: true });
    });
  }
}
