import { Purpose } from '../../src/engine/probe/data/philox';
import type { Feed, Slot, TensorData } from '../../src/engine/runtime';
import { input, lowerLoop, matmul, type Program } from '../../src/engine/tensor';

const SIZE = 1024;
const PRODUCTS = 8;

/** Values that keep their variance under products, made once in the child. */
const square = (index: number): Feed => ({
  source: 'initialization',
  spec: {
    shape: [SIZE, SIZE],
    initialization: { kind: 'normal', mean: 0, std: 1 / Math.sqrt(SIZE) },
    stream: { seed: 0, purpose: Purpose.weights, index },
  },
  as: `peak/${index}`,
});

/** A loop whose step multiplies a square matrix with a constant one. */
function productLoop(): Program {
  const x = input('x', [SIZE, SIZE]);
  const turn = input('turn', [SIZE, SIZE]);
  return lowerLoop({ state: [{ leaf: x, next: matmul(x, turn) }], perStep: [], scans: [] });
}

/** Floating-point operations a second of large matrix products, in the slot that the cases run in. */
export class MatmulPeak {
  readonly #program = productLoop();
  readonly #slot: Slot;
  #best = 0;

  constructor(slot: Slot) {
    this.#slot = slot;
  }

  /** Measures once more; the peak is the best so far. */
  async measure(): Promise<void> {
    await this.#time(1);
    const seconds = (await this.#time(1 + PRODUCTS)) - (await this.#time(1));
    this.#best = Math.max(this.#best, (2 * SIZE ** 3 * PRODUCTS) / seconds);
  }

  get flopsPerSecond(): number {
    return this.#best;
  }

  async #time(products: number): Promise<number> {
    const began = performance.now();
    const steps: TensorData = { dtype: 'int64', shape: [], values: BigInt64Array.of(BigInt(products)) };
    await this.#slot.run({
      program: this.#program,
      feeds: { steps, x: square(0), turn: square(1) },
      keep: { 'x@end': 'peak/end' },
      fetch: [],
    });
    return (performance.now() - began) / 1000;
  }
}
