import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import type { Network } from '../../src/engine/network';

/** A measured stretch of work. */
export interface Timing {
  readonly seconds: number;
  readonly cpuSeconds: number | null;
}

/** What the peer trains: the same file and settings as ours. */
export interface PeerModel {
  readonly name: string;
  readonly file: string;
  readonly model: string;
  readonly arguments?: readonly number[];
  readonly input: readonly number[];
  readonly batch: number;
  readonly samples: number;
  readonly optimizer: Network['optimizer'];
  readonly measure?: boolean;
}

/** PyTorch in a process of its own, by peer.py: one JSON object a line each way, answers in the order of requests. */
export class Peer {
  readonly #child: ChildProcessByStdio<Writable, Readable, null>;
  readonly #lines: AsyncIterator<string>;
  readonly #died: Promise<never>;

  private constructor(python: string, script: string) {
    this.#child = spawn(python, [script], { stdio: ['pipe', 'pipe', 'inherit'] });
    this.#lines = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]();
    this.#died = new Promise((_, reject) => {
      this.#child.on('error', (error) => reject(new Error(`${python} could not be started: ${error.message}`)));
    });
    this.#died.catch(() => undefined);
  }

  /** @throws Error where the Python cannot be started or lacks PyTorch. */
  static async start(python: string, script: string): Promise<{ peer: Peer; version: string }> {
    const peer = new Peer(python, script);
    const hello = await peer.#answer();
    return { peer, version: String(hello.pytorch) };
  }

  load(model: PeerModel): Promise<unknown> {
    return this.#ask({ do: 'load', ...model });
  }

  async run(name: string, steps: number, threads: number): Promise<Timing> {
    const { seconds, cpuSeconds } = await this.#ask({ do: 'run', name, steps, threads });
    return { seconds: Number(seconds), cpuSeconds: Number(cpuSeconds) };
  }

  forget(name: string): Promise<unknown> {
    return this.#ask({ do: 'forget', name });
  }

  /** Resident bytes now and at most; `reset` sets the peak back first. */
  async memory(reset = false): Promise<{ now: number; peak: number }> {
    const { now, peak } = await this.#ask({ do: 'memory', reset });
    return { now: Number(now), peak: Number(peak) };
  }

  end(): void {
    this.#child.stdin.end();
  }

  async #ask(request: object): Promise<Record<string, unknown>> {
    this.#child.stdin.write(`${JSON.stringify(request)}\n`);
    return this.#answer();
  }

  async #answer(): Promise<Record<string, unknown>> {
    const line = await Promise.race([this.#lines.next(), this.#died]);
    if (line.done) throw new Error('the PyTorch process ended before it answered');
    const answer = JSON.parse(line.value) as Record<string, unknown>;
    if (answer.error !== undefined) throw new Error(`PyTorch: ${answer.error}`);
    return answer;
  }
}
