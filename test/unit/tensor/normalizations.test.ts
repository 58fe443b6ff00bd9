import assert from 'node:assert/strict';
import {
  channelNorm,
  constant,
  gradients,
  input,
  lower,
  lowerLoop,
  mul,
  opaque,
  reshape,
  sum,
  type Tensor,
} from '../../../src/engine/tensor';
import { chosenRuntime } from '../../chosenRuntime';
import { execute, floats, relativeError } from '../../execute';

const numbers = (length: number, phase = 0) => Array.from({ length }, (_, i) => Math.sin(1.7 * i + phase) + 0.2 * i);

describe('primitives that normalize', () => {
  const runtime = chosenRuntime();
  after(() => runtime.dispose());

  /** Mean and biased variance of every channel of [N, C, K]. */
  const moments = (x: readonly number[], [samples, channels, positions]: readonly [number, number, number]) =>
    Array.from({ length: channels }, (_, c) => {
      const own = Array.from({ length: samples * positions }, (_, i) => {
        const [n, k] = [Math.floor(i / positions), i % positions];
        return x[(n * channels + c) * positions + k]!;
      });
      const mean = own.reduce((total, value) => total + value, 0) / own.length;
      return { mean, variance: own.reduce((total, value) => total + (value - mean) ** 2, 0) / own.length };
    });

  // onnxruntime writes a batch norm's statistics over two of its inputs: shared, they would be another norm's.
  it('gives each of several norms of one input its own statistics', async () => {
    const shape = [3, 20, 4] as const;
    const x = input('x', shape);
    const vector = (value: number) => constant(new Float32Array(20).fill(value));
    const norms = [
      channelNorm(x, vector(1), vector(0), { epsilon: 1e-5, groups: null, part: 'mean' }),
      channelNorm(x, vector(1), vector(0), { epsilon: 0.1, groups: null, part: 'mean' }),
      channelNorm(x, vector(2), vector(0), { epsilon: 1e-5, groups: null, part: 'variance' }),
      channelNorm(mul(x, 3), vector(1), vector(0), { epsilon: 1e-5, groups: null, part: 'mean' }),
      channelNorm(mul(x, 3), vector(1), vector(0), { epsilon: 1e-5, groups: null, part: 'variance' }),
    ];
    const values = numbers(240);
    const expected = moments(values, shape);
    const found = await execute(
      Object.fromEntries(norms.map((norm, i) => [`${i}`, norm])),
      { x: floats(shape, values) },
      runtime,
    );
    const near = (i: number, of: (moment: (typeof expected)[number]) => number) => {
      const error = relativeError(found[i]!.values as Float32Array, expected.map(of));
      assert.ok(error < 1e-5, `${i}: ${error}`);
    };
    near(0, ({ mean }) => mean);
    near(1, ({ mean }) => mean);
    near(2, ({ variance }) => variance);
    near(3, ({ mean }) => 3 * mean);
    near(4, ({ variance }) => 9 * variance);
  });

  it('forgets a step that was not finite', async () => {
    const shape = [2, 20, 4] as const;
    const data = input('data', shape);
    const one = constant(new Float32Array(20).fill(1));
    const zero = constant(new Float32Array(20));
    const part = (which: 'output' | 'mean' | 'variance') =>
      channelNorm(data, one, zero, { epsilon: 1e-5, groups: null, part: which });
    const program = lowerLoop({
      state: [],
      perStep: [data],
      scans: [
        { name: 'mean', value: part('mean') },
        { name: 'variance', value: part('variance') },
        { name: 'output', value: sum(part('output')) },
      ],
    });
    const values = numbers(160);
    const slot = await runtime.lease();
    try {
      const out = await slot.run({
        program,
        feeds: {
          steps: { dtype: 'int64', shape: [], values: BigInt64Array.of(2n) },
          data: floats([2, ...shape], [...values.map(() => Number.NaN), ...values]),
        },
        fetch: ['mean@end', 'variance@end', 'output@end'],
      });
      const second = (name: string) => (out[name]!.values as Float32Array).slice(20);
      const expected = moments(values, shape);
      assert.ok(Number.isNaN(out['mean@end']!.values[0]));
      assert.ok(
        relativeError(
          second('mean@end'),
          expected.map(({ mean }) => mean),
        ) < 1e-5,
      );
      assert.ok(
        relativeError(
          second('variance@end'),
          expected.map(({ variance }) => variance),
        ) < 1e-5,
      );
      assert.ok(Math.abs(out['output@end']!.values[1] as number) < 1e-3);
    } finally {
      slot.release();
    }
  });

  it('keeps its digits where the mean is a thousand deviations', async () => {
    const shape = [4, 2, 50] as const;
    const values = numbers(400).map((value) => 1000 + (value % 1));
    const x = input('x', shape);
    const [one, zero] = [constant([1, 1]), constant([0, 0])];
    const { variance } = await execute(
      { variance: channelNorm(x, one, zero, { epsilon: 1e-5, groups: null, part: 'variance' }) },
      { x: floats(shape, values.map(Math.fround)) },
      runtime,
    );
    const expected = moments(values.map(Math.fround), shape).map((moment) => moment.variance);
    assert.ok(relativeError(variance!.values as Float32Array, expected) < 1e-3);
  });
});

describe('opaque', () => {
  it('keeps a later reshape from looking through a value', () => {
    const x = input('x', [2, 3]);
    const made = (wrap: (t: Tensor) => Tensor) => {
      const value = wrap(reshape(mul(x, 2), [6]));
      return gradients(sum(mul(reshape(value, [3, 2]), 3)), [value])[0]!;
    };
    assert.notEqual(made(opaque).primitive, 'expand', 'the gradient by the value itself');
    const plain = made((t) => t);
    assert.equal(plain.primitive, 'expand');
    const x2 = mul(x, 2);
    assert.equal(opaque(x2), x2, 'nothing looks into a product');
    assert.equal(lower({ y: opaque(reshape(x, [6])) }).nodes, lower({ y: reshape(x, [6]) }).nodes);
  });
});
