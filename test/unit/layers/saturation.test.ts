import assert from 'node:assert/strict';
import { completeAttributes, layers } from '../../../src/engine/layers';
import type { Attributes } from '../../../src/engine/network';
import { gradients, sum, type Tensor } from '../../../src/engine/tensor';
import { evaluate, express, listOf, suiteRuntime } from './harness';

/** Φ⁻¹ by bisection on a series for erf (Abramowitz & Stegun 7.1.6); plenty for |z| < 5. */
function normalQuantile(p: number): number {
  const cumulative = (z: number) => {
    let term = z;
    let total = z;
    for (let n = 1; n < 200; n++) {
      term *= (z * z) / (2 * n + 1);
      total += term;
    }
    return 0.5 + (total * Math.exp((-z * z) / 2)) / Math.sqrt(2 * Math.PI);
  };
  let [low, high] = [-6, 6];
  for (let i = 0; i < 60; i++) {
    const middle = (low + high) / 2;
    if (cumulative(middle) < p) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

const share = (flags: readonly number[]) => flags.reduce((total, flag) => total + flag, 0) / flags.length;

describe('saturation', () => {
  const runtime = suiteRuntime();
  const COUNT = 2000;
  // The normal distribution by its quantiles, so that shares come out without sampling noise.
  const standard = Array.from({ length: COUNT }, (_, i) => normalQuantile((i + 0.5) / COUNT));

  const shares = async (kind: string, mean: number) => {
    const { forward } = express(kind, {}, [[COUNT]]);
    const x = standard.map((z) => z + mean);
    const { low, high } = forward.saturated!;
    const found = await evaluate({ low, high }, { 'input.0': [[COUNT], x] }, runtime);
    return { x, low: share(listOf(found.low)), high: share(listOf(found.high)) };
  };

  it('finds a sigmoid fed N(−6, 1) saturated: 95 % of its inputs lie within [−8, −4]', async () => {
    const { x, low, high } = await shares('Sigmoid', -6);
    assert.ok(Math.abs(share(x.map((z) => Number(z >= -8 && z <= -4))) - 0.9545) < 1e-3);
    // Φ(6 − 3.6369) = 0.9909
    assert.ok(Math.abs(low - 0.9909) < 1e-3, `low ${low}`);
    assert.equal(high, 0);
  });

  it('finds a sigmoid fed N(0, 1) not saturated', async () => {
    const { low, high } = await shares('Sigmoid', 0);
    // 2·Φ(−3.6369) = 0.00028
    assert.ok(low + high < 1e-3);
  });

  it('tells the high side from the low one', async () => {
    const { low, high } = await shares('Tanh', 3);
    assert.equal(low < 1e-3, true);
    // Φ(3 − 1.8184) = 0.8813
    assert.ok(Math.abs(high - 0.8813) < 1e-3, `high ${high}`);
  });

  // From the table: each activation's flags against its own derivative on a fine grid.
  const GRID = Array.from({ length: 6001 }, (_, i) => -15 + i * 0.005 + 0.0013);
  const GIVEN: Readonly<Record<string, Attributes>> = { Threshold: { threshold: 0.5, value: -1 } };
  for (const layer of layers) {
    // Pointwise ones: not rows of probabilities, not halves of an axis, not those that learn.
    if (layer.role !== 'activation' || /Soft(max|min)|GLU|PReLU/.test(layer.kind)) continue;
    it(`${layer.kind}: flags are where the derivative is small`, async () => {
      const { forward, inputs } = express(
        layer.kind,
        completeAttributes(layer, GIVEN[layer.kind] ?? {}),
        [[GRID.length]],
        {
          mode: 'evaluate',
        },
      );
      const [slope] = gradients(sum(forward.outputs[0]!), inputs);
      const outputs: Record<string, Tensor> = { slope: slope! };
      if (forward.saturated) Object.assign(outputs, forward.saturated);
      if (forward.inactive) outputs.inactive = forward.inactive;
      const found = await evaluate(outputs, { 'input.0': [[GRID.length], GRID] }, runtime);
      const slopes = listOf(found.slope).map(Math.abs);
      const largest = Math.max(...slopes);
      const below = (part: number) => slopes.map((value) => value < part * largest);

      if (forward.saturated) {
        const [low, high] = [listOf(found.low), listOf(found.high)];
        const flat = below(0.1);
        // Within a step of the bound the float32 derivative may decide either way.
        const wrong = GRID.filter((_, i) => Boolean(low[i] || high[i]) !== flat[i]);
        assert.ok(wrong.length <= 2, `${wrong.length} points are wrong, first ${wrong[0]}`);
        assert.ok(low.every((flag, i) => !(flag && high[i])) && low[0] === 1 && high.at(-1) === 1);
      }
      if (forward.inactive) {
        const inactive = listOf(found.inactive);
        const flat = below(0.01);
        const wrong = GRID.filter((_, i) => inactive[i] && !flat[i]);
        assert.ok(wrong.length <= 2, `inactive at ${wrong[0]}, where the derivative is not small`);
        // What is flat and not inactive is the neighbourhood of one point, where the function turns.
        const missed = GRID.filter((_, i) => !inactive[i] && flat[i]);
        assert.ok((missed.at(-1) ?? 0) - (missed[0] ?? 0) < 0.25, `flat from ${missed[0]} to ${missed.at(-1)}`);
        assert.ok(inactive.some(Boolean));
      }
      if (!forward.saturated && !forward.inactive) assert.ok(['LeakyReLU', 'RReLU'].includes(layer.kind));
    });
  }

  it('finds softmax rows saturated that are nearly one-hot', async () => {
    const { forward } = express('Softmax', { dim: 1 }, [[4, 3]]);
    const { low, high } = forward.saturated!;
    // p = (1 − 2q, q, q) has 1 − Σp² = 4q − 6q², against 0.1·2/3: saturated below q = 0.01711.
    const logits = (q: number) => [Math.log((1 - 2 * q) / q), 0, 0];
    const x = [...logits(0.0165), ...logits(0.0177), 0, 0, 0, 1000, -1000, 0];
    const found = await evaluate({ low, high, y: forward.outputs[0]! }, { 'input.0': [[4, 3], x] }, runtime);
    assert.deepEqual(listOf(found.high), [1, 0, 0, 1]);
    assert.deepEqual(listOf(found.low), [0, 0, 0, 0]);
    assert.deepEqual(listOf(found.y).slice(-3), [1, 0, 0]);
  });

  it('finds the attention of each head and query', async () => {
    const { forward } = express('MultiheadAttention', { embed_dim: 2, num_heads: 1, batch_first: true }, [[1, 2, 2]]);
    const identity = [1, 0, 0, 1];
    const strong = identity.map((value) => value * 20);
    const found = await evaluate(
      { high: forward.saturated!.high },
      {
        'input.0': [
          [1, 2, 2],
          [1, 0, 0, 1],
        ],
        in_proj_weight: [
          [6, 2],
          [...strong, ...identity, ...identity],
        ],
        in_proj_bias: [[6], [0, 0, 0, 0, 0, 0]],
      },
      runtime,
    );
    assert.deepEqual([...found.high!.shape], [1, 1, 2]);
    assert.deepEqual(listOf(found.high), [1, 1]);
  });
});
