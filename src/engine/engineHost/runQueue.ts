import { CancelledError } from '../runtime';

/** Runs work one after another, in the order asked. Work that is aborted while it waits never begins. */
export class RunQueue {
  #last: Promise<unknown> = Promise.resolve();

  /** @throws CancelledError where the signal aborts before the work's turn; else whatever the work throws. */
  run<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T> {
    const turn = this.#last;
    const result = this.#await(turn, signal).then(work);
    // Who comes next waits for the turn before as well: an aborted one gives up its own turn, not another's.
    this.#last = Promise.allSettled([turn, result]);
    return result;
  }

  #await(turn: Promise<unknown>, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const abort = () => reject(new CancelledError());
      if (signal.aborted) return abort();
      signal.addEventListener('abort', abort, { once: true });
      void turn.then(() => {
        signal.removeEventListener('abort', abort);
        resolve();
      });
    });
  }
}
