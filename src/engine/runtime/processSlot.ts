import type { Program } from '../tensor';
import type { ProbeProcess } from './childProcess';
import type { Feed, Run, SentFeed, Slot, TensorData } from './runtime';

/** From this peak on a program's memory matters more than the time to find it: an LSTM's step of 13 MB was no slower. */
const LARGE_BYTES = 4e6;

/** Outputs that are kept where an input was that only this run has, or that they replace by name. */
function replaceable(program: Program, feeds: Run['feeds'], keep: NonNullable<Run['keep']>): Record<string, string> {
  const found: Record<string, string> = {};
  for (const { name, continues } of program.outputs) {
    const feed = continues === undefined ? undefined : feeds[continues];
    if (!feed || keep[name] === undefined) continue;
    const own = 'kept' in feed ? feed.kept === keep[name] : 'source' in feed && feed.as === undefined;
    if (own) found[name] = continues!;
  }
  return found;
}

/** A leased process and the programs that it has loaded. */
export class ProcessSlot implements Slot {
  readonly #programs = new Map<Program, number>();
  readonly #process: ProbeProcess;
  readonly #threads: number;
  readonly #release: (peakBytes: number) => void;
  /** Names under which values have been sent to stay. */
  readonly #sent = new Set<string>();
  #nextId = 0;
  #peakBytes = 0;

  /** `release` is told the most memory, in bytes, that a program was estimated to take. */
  constructor(process: ProbeProcess, threads: number, release: (peakBytes: number) => void) {
    this.#process = process;
    this.#threads = threads;
    this.#release = release;
  }

  async run({ program, feeds, keep = {}, fetch }: Run): Promise<Readonly<Record<string, TensorData>>> {
    const { kind } = await this.#process.ready;
    this.#peakBytes = Math.max(this.#peakBytes, program.peakBytes);
    let id = this.#programs.get(program);
    if (id === undefined) {
      id = this.#nextId++;
      this.#programs.set(program, id);
      try {
        await this.#process.request({
          method: 'load',
          program: id,
          model: kind === 'native' ? program.model : program.portable(),
          threads: this.#threads,
          large: program.peakBytes >= LARGE_BYTES,
        });
      } catch (error) {
        this.#programs.delete(program);
        throw error;
      }
    }
    const travelling = Object.entries(feeds).map(([name, feed]) => [name, this.#sending(feed)] as const);
    return this.#process.request({
      method: 'run',
      program: id,
      feeds: Object.fromEntries(travelling),
      keep,
      replace: replaceable(program, feeds, keep),
      fetch,
    });
  }

  /** Values that are given for good travel the first time alone. */
  #sending(feed: Feed): SentFeed {
    if (!('given' in feed)) return feed;
    if (this.#sent.has(feed.as)) return { made: feed.as };
    this.#sent.add(feed.as);
    return { sent: feed.given(), as: feed.as };
  }

  clear(): void {
    this.#programs.clear();
    // A process that has died says so to the next run.
    this.#process.request({ method: 'clear', sources: false }).catch(() => undefined);
  }

  release(): void {
    this.#release(this.#peakBytes);
  }
}
