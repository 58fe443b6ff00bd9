import assert from 'node:assert/strict';
import { dropoutMask } from '../../../src/engine/probe/programs/dropoutMask';
import { ProcessRuntime, type TensorData } from '../../../src/engine/runtime';
import { input } from '../../../src/engine/tensor';
import { execute } from '../../execute';

const int32 = (value: number): TensorData => ({ dtype: 'int32', shape: [], values: Int32Array.of(value) });
const SIDE = 200;

describe('dropoutMask', () => {
  const runtime = new ProcessRuntime();
  after(() => runtime.dispose());

  /** Masks of [200, 200] for each request. */
  async function masks(keep: number, seed: number, step: number, requests: readonly number[]) {
    const [seedLeaf, stepLeaf] = [input('seed', [], 'int32'), input('step', [], 'int32')];
    const out = await execute(
      Object.fromEntries(
        requests.map((request) => [`m${request}`, dropoutMask([SIDE, SIDE], keep, request, seedLeaf, stepLeaf)]),
      ),
      { seed: int32(seed), step: int32(step) },
      runtime,
    );
    return requests.map((request) => out[`m${request}`]!.values as Float32Array);
  }

  const correlation = (a: Float32Array, b: Float32Array, keep: number): number => {
    let sum = 0;
    for (let i = 0; i < b.length; i++) sum += (a[i]! - keep) * (b[i]! - keep);
    return sum / b.length / (keep * (1 - keep));
  };
  const spread = 5 / SIDE;

  it('keeps the asked share', async () => {
    for (const keep of [0.1, 0.5, 0.9]) {
      for (const seed of [0, -5, 2 ** 31 - 1]) {
        const [mask] = await masks(keep, seed, 1, [0]);
        assert.ok(mask!.every((value) => value === 0 || value === 1));
        const kept = mask!.reduce((sum, value) => sum + value, 0) / mask!.length;
        assert.ok(Math.abs(kept - keep) < spread * Math.sqrt(keep * (1 - keep)), `seed ${seed}: ${kept} for ${keep}`);
      }
    }
  });

  it('is the same for the same seed, step and request', async () => {
    assert.deepEqual(await masks(0.5, 3, 4, [0, 1]), await masks(0.5, 3, 4, [0, 1]));
  });

  it('is another one for another step, request or seed, and uncorrelated with it', async () => {
    const [base, otherRequest] = await masks(0.5, 3, 4, [0, 1]);
    const others = [otherRequest!, (await masks(0.5, 3, 5, [0]))[0]!, (await masks(0.5, 4, 4, [0]))[0]!];
    for (const other of others) assert.ok(Math.abs(correlation(base!, other, 0.5)) < spread);
  });

  it('neighbours in a row and in a column are uncorrelated, over many steps too', async () => {
    for (const step of [1, 2, 1000]) {
      const [mask] = await masks(0.3, 9, step, [2]);
      for (const lag of [1, 2, SIDE, SIDE + 1]) {
        const found = correlation(mask!.subarray(0, -lag), mask!.subarray(lag), 0.3);
        assert.ok(Math.abs(found) < spread, `step ${step}, lag ${lag}: ${found}`);
      }
    }
  });
});
