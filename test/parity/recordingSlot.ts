import { sources } from '../../src/engine/probe/data/sources';
import type { Run, Slot, TensorData } from '../../src/engine/runtime';

/** A slot that passes every run on, and remembers what was asked. */
export class RecordingSlot implements Slot {
  readonly runs: Run[] = [];
  readonly #slot: Slot;

  constructor(slot: Slot) {
    this.#slot = slot;
  }

  run(run: Run): Promise<Readonly<Record<string, TensorData>>> {
    this.runs.push(run);
    return this.#slot.run(run);
  }

  clear(): void {
    this.#slot.clear();
  }

  release(): void {
    this.#slot.release();
  }
}

/** The values that a run was given for an input: as they stand, or made here as the probe process made them there. */
export function valuesFed({ feeds }: Run, name: string): TensorData {
  const feed = feeds[name];
  if (feed && 'source' in feed) return sources[feed.source as keyof typeof sources](feed.spec as never);
  if (feed && 'values' in feed) return feed;
  throw new Error(`${name} was not given by value`);
}
