import assert from 'node:assert/strict';
import { type Care, Tally } from '../../../src/engine/probe/instruments';
import { activation } from '../../../src/engine/probe/instruments/activation';
import type { MeasuredCall } from '../../../src/engine/probe/instruments/instrument';
import { euclideanNorm } from '../../../src/engine/probe/instruments/norm';
import { input } from '../../../src/engine/tensor';
import { execute, floats } from '../../execute';

const x = input('x', [3, 40]);
const run = { learningRate: 1 };

async function read(values: readonly number[], care: Care, what: 'norm' | 'std') {
  const tally = new Tally();
  const reading =
    what === 'norm'
      ? euclideanNorm([x], tally, care)
      : activation.measure({ forward: { outputs: [x] } } as unknown as MeasuredCall, tally, care).activationStd!;
  const wanted = Object.fromEntries(tally.sums.map((sum, i) => [`sum${i}`, sum]));
  const out = await execute(wanted, { x: floats([3, 40], values) });
  const sums = reading.from.map((sum) => (out[`sum${sum}`]!.values as Float32Array)[0]!);
  return { value: reading.finish(sums, run), trusted: reading.trusted?.(sums) ?? true };
}

const wave = (amplitude: number, offset = 0) =>
  Array.from({ length: 120 }, (_, i) => Math.fround(offset + amplitude * Math.sin(1 + i)));
const normOf = (values: readonly number[]) => Math.hypot(...values);
const stdOf = (values: readonly number[]) => {
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
};
const close = (a: number, b: number, tolerance: number) =>
  assert.ok(Math.abs(a - b) <= tolerance * Math.abs(b), `${a} against ${b}`);

describe('readings', () => {
  it('take plain norms where squares stay inside float32, and say where they do not', async () => {
    for (const amplitude of [1, 1e-12, 1e15]) {
      const { value, trusted } = await read(wave(amplitude), 'plain', 'norm');
      assert.ok(trusted);
      close(value, normOf(wave(amplitude)), 1e-6);
    }
    for (const amplitude of [1e-18, 1e-30, 1e20, 0]) {
      assert.equal((await read(wave(amplitude), 'plain', 'norm')).trusted, false, `${amplitude}`);
    }
  });

  it('with care take norms from 1e-36 to 1e36', async () => {
    for (const amplitude of [1, 1e-18, 1e-25, 1e-36, 1e20, 1e36]) {
      close((await read(wave(amplitude), 'careful', 'norm')).value, normOf(wave(amplitude)), 1e-5);
    }
    assert.equal((await read(wave(0), 'careful', 'norm')).value, 0);
  });

  it('take a spread in one pass unless the mean hides it, and in two with care', async () => {
    for (const offset of [0, 1, -5]) {
      const { value, trusted } = await read(wave(1, offset), 'plain', 'std');
      assert.ok(trusted);
      close(value, stdOf(wave(1, offset)), 1e-5);
    }
    assert.equal((await read(wave(1e-3, 1), 'plain', 'std')).trusted, false);
    close((await read(wave(1e-3, 1), 'careful', 'std')).value, stdOf(wave(1e-3, 1)), 1e-4);
    assert.deepEqual(await read(Array(120).fill(0), 'plain', 'std'), { value: 0, trusted: true });
  });

  it('pass NaN on as it is', async () => {
    const { value, trusted } = await read([...wave(1).slice(1), Number.NaN], 'plain', 'norm');
    assert.ok(Number.isNaN(value) && trusted);
  });
});
