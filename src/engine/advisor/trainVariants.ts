import type { Slot } from '../runtime';

/** Fewer trainings are left to the slot that has their programs loaded. */
const WORTH_LOADING = 2;

/** The trainings of one variant, and what they showed. */
export interface Trainings<Shown> {
  /** How many could be begun now. */
  readonly waiting: number;
  readonly done: boolean;
  /** Runs one of those that wait. */
  trainNext(slot: Slot): Promise<void>;
  /** To be asked when all are done. */
  finished(): Shown;
}

/** Makes a variant's trainings, once a slot is free for them. */
export type Begin<Shown> = () => Trainings<Shown> | Promise<Trainings<Shown>>;

/**
 * Trains variants in some slots at a time. Each slot takes a variant that none has begun, the first of the list first; where
 * there is none left, it helps with one that has trainings waiting, so that all end together.
 * @returns What their trainings showed, in the list's order.
 * @throws EngineError, CancelledError as the runtime does; the other slots finish what they are at, and begin nothing more.
 */
export async function trainVariants<Shown>(
  variants: readonly Begin<Shown>[],
  slots: number,
  lease: () => Promise<Slot>,
): Promise<Shown[]> {
  const begun: (Trainings<Shown> | undefined)[] = variants.map(() => undefined);
  let taken = 0;
  let failed = false;
  const asleep: (() => void)[] = [];
  const wakeAll = () => {
    for (const wake of asleep.splice(0)) wake();
  };

  /** What a slot works at next; undefined where nothing is left to do. */
  const next = async (own: Trainings<Shown> | undefined): Promise<Trainings<Shown> | undefined> => {
    while (!failed) {
      if (own && own.waiting > 0) return own;
      if (taken < variants.length) {
        const place = taken++;
        begun[place] = await variants[place]!();
        wakeAll();
        return begun[place];
      }
      const helped = begun.find((training) => training && training.waiting >= WORTH_LOADING);
      if (helped) return helped;
      if (begun.every((training) => training?.done)) return undefined;
      await new Promise<void>((wake) => asleep.push(wake));
    }
    return undefined;
  };

  const work = async () => {
    const slot = await lease();
    try {
      let own: Trainings<Shown> | undefined;
      for (let training = await next(own); training; training = await next(own)) {
        if (own && own !== training) slot.clear();
        own = training;
        // What was measured before leaves nothing to train.
        if (training.waiting > 0) await training.trainNext(slot);
        wakeAll();
      }
    } catch (error) {
      failed = true;
      throw error;
    } finally {
      wakeAll();
      slot.release();
    }
  };
  await Promise.all(Array.from({ length: slots }, work));
  return begun.map((training) => training!.finished());
}
