import assert from 'node:assert/strict';
import fc from 'fast-check';
import { type Trainings, trainVariants } from '../../../src/engine/advisor/trainVariants';
import type { Slot } from '../../../src/engine/runtime';

/** Slots by number, which say what was asked of them. */
class Slots {
  readonly cleared: number[] = [];
  readonly released: number[] = [];
  #leased = 0;

  readonly lease = async (): Promise<Slot> => {
    const id = this.#leased++;
    return {
      run: () => Promise.reject(new Error('nothing runs here')),
      clear: () => this.cleared.push(id),
      release: () => this.released.push(id),
      id,
    } as Slot;
  };

  get all(): number[] {
    return Array.from({ length: this.#leased }, (_, i) => i);
  }
}

const numberOf = (slot: Slot): number => (slot as Slot & { id: number }).id;

/** Trainings in two rounds, as of a variant: the second can begin when the first is over. Each takes so many turns of the event loop. */
class Rounds implements Trainings<string> {
  waiting: number;
  readonly slots: number[] = [];
  #unfinished: number;
  #second: number;
  #running = 0;

  constructor(
    readonly name: string,
    first: number,
    second: number,
    readonly turns: number,
    readonly fails = false,
  ) {
    this.waiting = first;
    this.#second = second;
    this.#unfinished = first + second;
  }

  get done(): boolean {
    return this.#unfinished === 0;
  }

  async trainNext(slot: Slot): Promise<void> {
    assert.ok(this.waiting > 0, 'a training was begun that does not wait');
    this.waiting--;
    this.#running++;
    this.slots.push(numberOf(slot));
    for (let i = 0; i < this.turns; i++) await new Promise(setImmediate);
    if (this.fails) throw new Error(`${this.name} failed`);
    this.#running--;
    this.#unfinished--;
    if (this.waiting + this.#running > 0) return;
    this.waiting = this.#second;
    this.#second = 0;
  }

  finished(): string {
    assert.ok(this.done);
    return this.name;
  }
}

describe('trainVariants', () => {
  it('ends every training of every variant, in any number of slots, and tells them in their order', () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.nat(4), fc.nat(4), fc.nat(3)), { minLength: 1, maxLength: 5 }),
        fc.integer({ min: 1, max: 4 }),
        async (sizes, count) => {
          const slots = new Slots();
          const variants = sizes.map(([first, second, turns], i) => {
            // A second round follows a first.
            return new Rounds(`${i}`, first, first === 0 ? 0 : second, turns);
          });
          const shown = await trainVariants(
            variants.map((variant) => () => variant),
            count,
            slots.lease,
          );
          assert.deepEqual(
            shown,
            variants.map(({ name }) => name),
          );
          variants.forEach(({ slots: used }, i) => {
            const [first, second] = sizes[i]!;
            assert.equal(used.length, first === 0 ? 0 : first + second);
          });
          assert.deepEqual(slots.released.sort(), slots.all);
        },
      ),
    ));

  it('a slot that has nothing left helps with the last variant, after it has forgotten its own', async () => {
    const slots = new Slots();
    const short = new Rounds('short', 1, 0, 1);
    const long = new Rounds('long', 3, 5, 2);
    await trainVariants([() => short, () => long], 2, slots.lease);
    assert.deepEqual([...new Set(long.slots)].sort(), [0, 1]);
    assert.deepEqual(slots.cleared, [0]);
  });

  it('leaves a single training to the slot that has its programs', async () => {
    const short = new Rounds('short', 1, 0, 1);
    const long = new Rounds('long', 1, 1, 4);
    await trainVariants([() => short, () => long], 2, new Slots().lease);
    assert.deepEqual(long.slots, [1, 1]);
  });

  it('waits for a variant that cannot begin yet', async () => {
    const late = new Rounds('late', 2, 2, 1);
    let ready = (_: Rounds) => {};
    const waiting = new Promise<Rounds>((resolve) => {
      ready = resolve;
    });
    const all = trainVariants([() => new Rounds('early', 3, 0, 0), () => waiting], 2, new Slots().lease);
    setTimeout(() => ready(late), 5);
    assert.deepEqual(await all, ['early', 'late']);
  });

  it('after a failure gives every slot back and begins nothing more', async () => {
    const slots = new Slots();
    const begun: string[] = [];
    const begin = (variant: Rounds) => () => {
      begun.push(variant.name);
      return variant;
    };
    const variants = [new Rounds('good', 2, 2, 3), new Rounds('bad', 1, 0, 1, true), new Rounds('never', 1, 0, 0)];
    await assert.rejects(trainVariants(variants.map(begin), 2, slots.lease), /bad failed/);
    for (let i = 0; i < 5; i++) await new Promise(setImmediate);
    assert.deepEqual(begun, ['good', 'bad']);
    assert.deepEqual(slots.released.sort(), [0, 1]);
  });
});
