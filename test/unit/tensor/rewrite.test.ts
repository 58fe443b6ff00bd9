import assert from 'node:assert/strict';
import { add, input, lower, matmul, mul, type Tensor, topological } from '../../../src/engine/tensor';
import { rewrite } from '../../../src/engine/tensor/rewrite';
import { execute, floats, relativeError } from '../../execute';

const values = (shape: readonly number[], seed: number) =>
  floats(
    shape,
    Array.from({ length: shape.reduce((product, dim) => product * dim, 1) }, (_, i) => Math.sin(seed + 1.7 * i)),
  );

const primitives = (roots: readonly Tensor[]) => topological(roots).map(({ primitive }) => primitive);

describe('rewrite', () => {
  const a = input('a', [4, 3]);
  const b = input('b', [4, 5]);
  const rate = input('rate', []);
  const feeds = { a: values([4, 3], 1), b: values([4, 5], 2), rate: floats([], [0.25]), c: values([5], 3) };

  it('scales the smaller operand of a product, not the product', async () => {
    const wide = input('wide', [2, 5]);
    const tall = input('tall', [2, 7]);
    const scaled = mul(matmul(wide, tall, { transposeA: true }), rate);
    const [rewritten] = rewrite([scaled]);
    assert.equal(rewritten!.primitive, 'matmul');
    const given = { ...feeds, wide: values([2, 5], 4), tall: values([2, 7], 5) };
    const out = await execute({ y: scaled }, given);
    const product = await execute({ y: matmul(wide, tall, { transposeA: true }) }, given);
    const expected = Array.from(product.y!.values as Float32Array, (value) => 0.25 * value);
    assert.ok(relativeError(out.y!.values as Float32Array, expected) < 1e-6);
  });

  it('adds a row vector while it multiplies', async () => {
    const c = input('c', [5]);
    const sum = add(matmul(a, b, { transposeA: true }), c);
    assert.deepEqual(primitives(rewrite([sum])), ['input', 'input', 'input', 'matmulAdd']);
    assert.equal(lower({ y: sum }).nodes, 1);
    const out = await execute({ y: sum }, feeds);
    const product = await execute({ y: matmul(a, b, { transposeA: true }) }, feeds);
    const bias = feeds.c.values as Float32Array;
    const expected = Array.from(product.y!.values as Float32Array, (value, i) => value + bias[i % 5]!);
    assert.ok(relativeError(out.y!.values as Float32Array, expected) < 1e-6);
  });

  it('adds a row vector to a product whose rows were leading axes', async () => {
    const [x, weight, c] = [input('x', [2, 2, 3]), input('weight', [5, 3]), input('c', [5])];
    const sum = add(matmul(x, weight, { transposeB: true }), c);
    assert.ok(primitives(rewrite([sum])).includes('matmulAdd'));
    assert.deepEqual(rewrite([sum])[0]!.shape, [2, 2, 5]);
    const given = { x: values([2, 2, 3], 1), weight: values([5, 3], 2), c: values([5], 3) };
    const out = await execute({ y: sum }, given);
    const product = await execute({ y: matmul(x, weight, { transposeB: true }) }, given);
    const bias = given.c.values as Float32Array;
    const expected = Array.from(product.y!.values as Float32Array, (value, i) => value + bias[i % 5]!);
    assert.ok(relativeError(out.y!.values as Float32Array, expected) < 1e-6);
  });

  it('leaves a product that is wanted by itself, and one no larger than its operands', () => {
    const product = matmul(a, b, { transposeA: true });
    assert.deepEqual(rewrite([mul(product, rate), product])[1], product);
    const narrow = matmul(a, b, { transposeA: true });
    assert.equal(rewrite([mul(narrow, rate)])[0]!.primitive, 'mul');
    const column = input('column', [3, 1]);
    assert.equal(rewrite([add(matmul(a, b, { transposeA: true }), column)])[0]!.primitive, 'add');
  });
});
