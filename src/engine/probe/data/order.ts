import type { TensorData } from '../../runtime';
import { fillWords, Purpose } from './philox';

/** Which samples each step takes: epochs of the whole split, each in a new order. int64 [steps, batch]. */
export function sampleOrder(seed: number, samples: number, batch: number, steps: number): TensorData {
  const values = new BigInt64Array(steps * batch);
  const order = Uint32Array.from({ length: samples }, (_, i) => i);
  const keys = new Uint32Array(samples);
  for (let at = 0, epoch = 0; at < values.length; at++) {
    const within = at % samples;
    if (within === 0) {
      // Fisher and Yates, with one word for each exchange.
      fillWords(keys, { seed, purpose: Purpose.order, index: epoch++ });
      for (let i = samples - 1; i > 0; i--) {
        const j = Math.floor((keys[i]! / 2 ** 32) * (i + 1));
        [order[i], order[j]] = [order[j]!, order[i]!];
      }
    }
    values[at] = BigInt(order[within]!);
  }
  return { dtype: 'int64', shape: [steps, batch], values };
}
