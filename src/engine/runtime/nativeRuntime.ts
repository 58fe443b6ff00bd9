import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import type { Program } from '../tensor';
import { ProbeProcess } from './childProcess';
import { CancelledError, EngineError, type Run, type Runtime, type Slot, type TensorData } from './runtime';

/**
 * From this many nodes on, onnxruntime's graph optimization costs more than a short probe wins back. Measured: 1,300
 * nodes open in 67 ms with it and 34 without, and 20 steps take 81 and 89 ms; 4,900 nodes open in 770 and 320 ms, and
 * 20 steps take 1.5 and 1.7 s.
 */
const OPTIMIZED_NODES = 2500;

/** The bundled child program, beside this bundle or, from a test's bundle, above it. */
function childModule(): string {
  for (let folder = __dirname; ; folder = path.dirname(folder)) {
    const candidate = path.join(folder, 'probeChild.js');
    if (existsSync(candidate)) return candidate;
    if (folder === path.dirname(folder)) throw new EngineError('The probe program is missing from this installation.');
  }
}

/** A leased process and the programs that it has loaded. */
class NativeSlot implements Slot {
  readonly #programs = new Map<Program, number>();
  readonly #process: ProbeProcess;
  readonly #release: () => void;
  #nextId = 0;

  constructor(process: ProbeProcess, release: () => void) {
    this.#process = process;
    this.#release = release;
  }

  async run({ program, feeds, keep = {}, fetch }: Run): Promise<Readonly<Record<string, TensorData>>> {
    let id = this.#programs.get(program);
    if (id === undefined) {
      id = this.#nextId++;
      this.#programs.set(program, id);
      const optimize = program.nodes <= OPTIMIZED_NODES;
      try {
        await this.#process.request({ method: 'load', program: id, model: program.model, optimize });
      } catch (error) {
        this.#programs.delete(program);
        throw error;
      }
    }
    return this.#process.request({ method: 'run', program: id, feeds, keep, fetch });
  }

  clear(): void {
    this.#programs.clear();
    // A process that has died says so to the next run.
    this.#process.request({ method: 'clear', sources: false }).catch(() => undefined);
  }

  release(): void {
    this.#release();
  }
}

/**
 * Programs run by onnxruntime's native build in child processes, one a slot, one thread each, at low priority, on at
 * most half the cores. One process is kept warm. Cancelling kills the process: nothing else stops a running session.
 */
export class NativeRuntime implements Runtime {
  readonly slots = Math.max(1, Math.floor(availableParallelism() / 2));
  readonly #module: string;
  readonly #idle: ProbeProcess[] = [];
  readonly #busy = new Set<ProbeProcess>();
  readonly #waiting: (() => void)[] = [];
  #name = 'onnxruntime-node';

  constructor(module = childModule()) {
    this.#module = module;
  }

  get name(): string {
    return this.#name;
  }

  /** Process ids of the children that are running something. */
  get busyPids(): readonly (number | undefined)[] {
    return [...this.#busy].map((process) => process.pid);
  }

  /** Starts a process ahead of the first lease, so that it loads while a model is read. */
  warm(): void {
    if (this.#idle.length === 0 && this.#busy.size === 0) this.#idle.push(this.#start());
  }

  async lease(signal?: AbortSignal): Promise<Slot> {
    if (signal?.aborted) throw new CancelledError();
    while (this.#busy.size >= this.slots) await this.#nextRelease(signal);
    if (signal?.aborted) {
      // Woken, and cancelled before it went on: the slot is the next one's in the queue.
      this.#waiting.shift()?.();
      throw new CancelledError();
    }
    const process = this.#warmProcess() ?? this.#start();
    this.#busy.add(process);
    process.setWaiting(false);
    const abort = () => process.kill(new CancelledError());
    signal?.addEventListener('abort', abort, { once: true });
    const release = () => {
      signal?.removeEventListener('abort', abort);
      if (!this.#busy.delete(process)) return;
      if (process.alive) {
        process.setWaiting(true);
        process.request({ method: 'clear', sources: true }).catch(() => undefined);
        this.#idle.push(process);
      } else {
        this.warm();
      }
      this.#waiting.shift()?.();
    };
    try {
      this.#name = await process.ready;
    } catch (error) {
      release();
      throw error;
    }
    return new NativeSlot(process, release);
  }

  dispose(): void {
    for (const process of [...this.#idle.splice(0), ...this.#busy]) process.kill(new CancelledError());
  }

  #start(): ProbeProcess {
    const process = new ProbeProcess(this.#module);
    process.setWaiting(true);
    return process;
  }

  /** An idle process that has not died while it waited. */
  #warmProcess(): ProbeProcess | undefined {
    for (let process = this.#idle.pop(); process; process = this.#idle.pop()) if (process.alive) return process;
    return undefined;
  }

  #nextRelease(signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const abort = () => {
        // Leave the queue, or a later release would wake nobody.
        this.#waiting.splice(this.#waiting.indexOf(wake), 1);
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
