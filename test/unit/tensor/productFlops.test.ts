import assert from 'node:assert/strict';
import { gradients, input, lower, matmul, mul, recurrence, sum } from '../../../src/engine/tensor';

describe('products of a program', () => {
  const [steps, batch, features, hidden] = [5, 4, 3, 8] as const;
  const x = input('x', [steps, batch, features]);
  const inputWeight = input('wi', [4 * hidden, features]);
  const weight = input('wh', [4 * hidden, hidden]);
  const states = [input('h', [batch, hidden]), input('c', [batch, hidden])];
  const lstm = recurrence([x, inputWeight, weight, ...states], {
    cell: 'lstm',
    reverse: false,
    biased: false,
    masked: false,
    keeps: false,
    take: 'hidden',
  });
  /** Multiplications and additions of a product with every gate's weights for one column. */
  const gates = 2 * steps * batch * 4 * hidden;

  it('are told from what is computed element by element', () => {
    const a = input('a', [6, 5]);
    const { flops, productFlops } = lower({ y: sum(mul(matmul(a, input('b', [5, 7])), 2)) });
    assert.equal(productFlops, 2 * 6 * 5 * 7);
    assert.equal(flops, productFlops + 2 * 6 * 7);
  });

  it('are those of every step of a recurrence', () => {
    const { flops, productFlops } = lower({ y: sum(lstm) });
    assert.equal(productFlops, gates * (features + hidden));
    assert.ok(flops > productFlops && flops < 1.5 * productFlops);
  });

  it('and of its gradients: back through the steps, and those of both weights', () => {
    const slopes = gradients(sum(mul(lstm, lstm)), [inputWeight, weight]);
    const { productFlops } = lower({ a: slopes[0]!, b: slopes[1]! });
    assert.equal(productFlops, gates * (features + hidden) + gates * hidden + gates * (features + hidden));
  });
});
