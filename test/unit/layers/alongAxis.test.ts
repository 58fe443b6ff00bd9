import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  alongAxis,
  alongAxisBack,
  pick,
  rearrangeAlong,
  type Taps,
} from '../../../src/engine/layers/spatial/alongAxis';
import { gradients, input, lower, mul, sum, type Tensor, topological } from '../../../src/engine/tensor';
import { relativeError } from '../../execute';
import { evaluate, suiteRuntime } from './harness';

const wave = (count: number, phase: number): number[] =>
  Array.from({ length: count }, (_, i) => Math.sin(phase + i * i));
const count = (shape: readonly number[]) => shape.reduce((product, size) => product * size, 1);

/** The map written out: each output value, and its transpose applied to a cotangent, one multiplication at a time. */
function byHand(
  shape: readonly number[],
  taps: readonly Taps[],
  axis: number,
  x: readonly number[],
  dy: readonly number[],
) {
  const [outer, size, inner] = [count(shape.slice(0, axis)), shape[axis]!, count(shape.slice(axis + 1))];
  const y = new Float64Array(outer * taps.length * inner);
  const dx = new Float64Array(x.length);
  for (let o = 0; o < outer; o++) {
    for (const [t, { start, weights }] of taps.entries()) {
      for (const [k, weight] of weights.entries()) {
        for (let i = 0; i < inner; i++) {
          const [to, from] = [(o * taps.length + t) * inner + i, (o * size + start + k) * inner + i];
          y[to]! += weight * x[from]!;
          dx[from]! += weight * dy[to]!;
        }
      }
    }
  }
  return { y, dx };
}

/** The primitives of an expression. */
const primitivesOf = (root: Tensor): Set<string> => new Set(topological([root]).map(({ primitive }) => primitive));

describe('a linear map along an axis', () => {
  const runtime = suiteRuntime();

  async function compare(shape: readonly number[], taps: readonly Taps[], axis: number): Promise<Set<string>> {
    const x = input('x', shape);
    const y = alongAxis(x, taps, axis);
    const dy = input('dy', y.shape);
    const [dx] = gradients(sum(mul(y, dy)), [x]);
    const [values, cotangent] = [wave(count(shape), 1), wave(count(y.shape), 2)];
    const found = await evaluate({ y, dx: dx! }, { x: [shape, values], dy: [y.shape, cotangent] }, runtime);
    const expected = byHand(shape, taps, axis, values, cotangent);
    assert.ok(relativeError(found.y!.values as Float32Array, expected.y) < 1e-5, 'values');
    assert.ok(relativeError(found.dx!.values as Float32Array, expected.dx) < 1e-5, 'gradient');
    return primitivesOf(y);
  }

  it('is that of its taps, at any axis, with its gradient', () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 3 }),
        fc.nat(2),
        fc.array(fc.tuple(fc.nat(4), fc.integer({ min: 1, max: 3 })), { minLength: 1, maxLength: 8 }),
        async (shape, at, windows) => {
          const axis = at % shape.length;
          const size = shape[axis]!;
          const taps = windows.map(([start, length], i): Taps => {
            const first = start % size;
            return { start: first, weights: wave(Math.min(length, size - first), i) };
          });
          await compare(shape, taps, axis);
        },
      ),
      { numRuns: 25 },
    ));

  it('is a product of small blocks where windows tile the axis', async () => {
    const tiles = Array.from({ length: 32 }, (_, i): Taps => ({ start: 2 * i, weights: [0.5, 0.5] }));
    await compare([2, 64, 3], tiles, 1);
    // Two matrices of 16 by 8 are multiplied for one of 64 by 32.
    const { flops } = lower({ y: alongAxis(input('x', [1, 64]), tiles, 1) });
    assert.ok(flops <= 2 * 64 * 8, `${flops} operations`);
  });

  it('is gathered where a matrix would be too large, in memory that grows with the length alone', async () => {
    const length = 6000;
    const overlapping = Array.from({ length: 2 * length - 2 }, (_, i): Taps => {
      const start = i >> 1;
      return { start, weights: [0.75, 0.25] };
    });
    assert.ok((await compare([2, length], overlapping, 1)).has('gather'));
    assert.ok((await compare([length, 2], overlapping.slice(0, length), 0)).has('gather'));
  });

  it('is put together of stretches where a long axis is padded by itself', async () => {
    const length = 5000;
    const mirrored = Array.from({ length: length + 6 }, (_, i) => {
      const at = Math.abs(i - 3);
      return pick(at < length ? at : 2 * (length - 1) - at);
    });
    const used = await compare([2, length], mirrored, 1);
    assert.ok(used.has('concat') && !used.has('gather') && !used.has('matmul'));
    const held = Array.from({ length: length + 6 }, (_, i) => pick(Math.min(Math.max(i - 3, 0), length - 1)));
    assert.ok((await compare([length, 2], held, 0)).has('concat'));
  });

  it('has a transpose, to which an axis of any length is given back', async () => {
    const taken = (length: number, size: number): Taps[] =>
      Array.from({ length }, (_, i) => (i % 5 === 3 ? { start: 0, weights: [0] } : pick((7 * i + 2) % size)));
    for (const [shape, taps, axis] of [
      [[2, 5, 3], taken(12, 5), 1],
      [[2, 6], [2, 3, 4].map(pick), 1],
      [[64, 2], Array.from({ length: 32 }, (_, i) => pick(2 * i)), 0],
      [[2, 3000], taken(2000, 3000), 1],
      [[2000, 2], taken(3000, 2000), 0],
    ] as const) {
      const [x, y] = [
        input('x', shape),
        input(
          'y',
          shape.map((size, i) => (i === axis ? taps.length : size)),
        ),
      ];
      const given = { x: [shape, wave(count(shape), 3)], y: [y.shape, wave(count(y.shape), 4)] } as const;
      const there = sum(mul(alongAxis(x, taps, axis), y));
      const back = alongAxisBack(y, taps, shape[axis]!, axis);
      assert.deepEqual(back.shape, shape);
      const found = await evaluate({ there, back: sum(mul(back, x)) }, given, runtime);
      assert.ok(
        relativeError(found.back!.values as Float32Array, found.there!.values as Float32Array) < 1e-4,
        `${shape}`,
      );
    }
  });

  it('changes nothing where every position takes itself', () => {
    const x = input('x', [3, 4]);
    assert.equal(alongAxis(x, [0, 1, 2, 3].map(pick), 1), x);
  });

  it('rearranges by few slices', async () => {
    const x = input('x', [5]);
    const { y } = await evaluate({ y: rearrangeAlong(x, [3, 4, 0, 1, 2], 0) }, { x: [[5], [0, 1, 2, 3, 4]] }, runtime);
    assert.deepEqual([...y!.values], [3, 4, 0, 1, 2]);
  });
});
