import assert from 'node:assert/strict';
import { channelNorm, input, reshape, sum, sumSquare, type Tensor, topological } from '../../../src/engine/tensor';
import { sumsFromStatistics } from '../../../src/engine/tensor/normSums';
import { execute, floats } from '../../execute';

/** Values with another mean and deviation in each of `channels` channels. */
const values = (shape: readonly [number, number, number]) =>
  floats(
    shape,
    Array.from({ length: shape[0] * shape[1] * shape[2] }, (_, i) => {
      const channel = Math.floor(i / shape[2]) % shape[1];
      return 2 - channel + (1 + channel) * Math.sin(1.3 * i + channel);
    }),
  );

describe('sumsFromStatistics', () => {
  const shape = [32, 4, 512] as const;
  const x = input('x', [32, 4, 16, 32]);
  const [scale, shift] = [input('scale', [4]), input('shift', [4])];
  const feeds = {
    x: { ...values(shape), shape: [32, 4, 16, 32] },
    scale: floats([4], [1, -2, 0.5, 3]),
    shift: floats([4], [0.1, 0, -1, 2]),
  };
  const norm = (groups: number | null) => channelNorm(reshape(x, shape), scale, shift, { epsilon: 0.5, groups });
  const reads = (roots: readonly Tensor[]) => {
    const all = topological(roots);
    return all.filter(({ primitive, inputs }) => /^sum/.test(primitive) && inputs[0]!.shape.length > 2).length;
  };

  for (const groups of [null, 2]) {
    it(`gives what passes over the tensors give, ${groups === null ? 'over the batch' : 'in groups'}`, async () => {
      const y = reshape(norm(groups), x.shape);
      const totals = [sum(x), sumSquare(x, undefined, true), sum(y, undefined, true), sumSquare(y)];
      const made = sumsFromStatistics([...totals, y]);
      assert.deepEqual(
        made.map(({ shape }) => shape),
        [...totals, y].map(({ shape }) => shape),
      );
      // A group's channels have means of their own, so the sums behind it take their passes.
      assert.equal(reads(made.slice(0, 2)), 0);
      assert.equal(reads(made.slice(2, 4)), groups === null ? 0 : 2);
      const named = (roots: readonly Tensor[]) => Object.fromEntries(roots.map((root, i) => [`v${i}`, root]));
      const [expected, got] = [await execute(named(totals), feeds), await execute(named(made), feeds)];
      for (const [name, { values }] of Object.entries(expected)) {
        const [a, b] = [values[0] as number, got[name]!.values[0] as number];
        assert.ok(Math.abs(a - b) < 1e-5 * Math.abs(a), `${name}: ${a} ${b}`);
      }
    });
  }

  it('leaves sums along some axes, of small tensors, and of what no statistic tells', () => {
    const small = input('small', [2, 4, 3]);
    const y = norm(null);
    const left = [
      sum(y, [0, 2]),
      sum(channelNorm(small, scale, shift, { epsilon: 0.5, groups: null })),
      sumSquare(small),
      sum(input('other', [...x.shape])),
    ];
    assert.deepEqual(sumsFromStatistics([...left, y]), [...left, y]);
  });
});
