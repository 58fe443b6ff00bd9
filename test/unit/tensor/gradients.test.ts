import assert from 'node:assert/strict';
import {
  add,
  cast,
  constant,
  exp,
  expand,
  gradients,
  greater,
  input,
  label,
  logSoftmax,
  matmul,
  mul,
  neg,
  slice,
  square,
  sum,
  type Tensor,
  tanh,
  topological,
  xor,
} from '../../../src/engine/tensor';
import { chosenRuntime } from '../../chosenRuntime';
import { execute, floats, relativeError } from '../../execute';

/** Nodes made by differentiating: those that the gradient depends on and the loss does not. */
const backwardOf = (gradient: Tensor, loss: Tensor): Tensor[] => {
  const forward = new Set(topological([loss]));
  return topological([gradient]).filter((node) => !forward.has(node));
};

describe('gradients', () => {
  const runtime = chosenRuntime();
  after(() => runtime.dispose());

  it('are zeros of its shape for what the loss does not depend on', async () => {
    const [x, other] = [input('x', [2]), input('other', [2, 3])];
    const [, byOther] = gradients(sum(exp(x)), [x, other]);
    const { zeros } = await execute({ zeros: byOther! }, {}, runtime);
    assert.deepEqual([...zeros!.shape], [2, 3]);
    assert.deepEqual([...zeros!.values], [0, 0, 0, 0, 0, 0]);
  });

  it('are zero through a comparison', async () => {
    const x = input('x', [2]);
    const [byX] = gradients(sum(cast(greater(x, 0), 'float32')), [x]);
    const { dx } = await execute({ dx: byX! }, { x: floats([2], [1, -1]) }, runtime);
    assert.deepEqual([...dx!.values], [0, 0]);
  });

  it('refuse a loss that is not one number', () => {
    const x = input('x', [2]);
    assert.throws(() => gradients(exp(x), [x]), /one number, not \[2\]/);
  });

  it('name the primitive that has no gradient where one would have to pass it', () => {
    const [a, b] = [input('a', [2], 'int32'), input('b', [2], 'int32')];
    assert.throws(() => gradients(sum(xor(a, b)), [a]), /xor/);
    // Beside the way to what is asked for it stands in nobody's way.
    const x = input('x', [2]);
    assert.doesNotThrow(() => gradients(sum(mul(x, cast(xor(a, b), 'float32'))), [x]));
  });

  it('sum over all uses of a tensor', async () => {
    const x = input('x', [3]);
    // Σ x² + 3x: 2x + 3, x used three times.
    const [byX] = gradients(sum(add(mul(x, x), mul(x, 3))), [x]);
    const { dx } = await execute({ dx: byX! }, { x: floats([3], [1, -2, 0.5]) }, runtime);
    assert.deepEqual([...dx!.values], [5, -1, 4]);
  });

  it('bear the layer of the forward node that they come from', () => {
    const [x, w1, w2] = [input('x', [2, 3]), input('w1', [3, 4]), input('w2', [4, 5])];
    const hidden = tanh(matmul(x, w1));
    label([hidden], 'first');
    const output = matmul(hidden, w2);
    label([output], 'second');
    const loss = sum(square(output));
    label([loss], 'loss');
    const [byW1, byW2] = gradients(loss, [w1, w2]);
    assert.equal(byW1!.layer, 'first');
    assert.equal(byW2!.layer, 'second');
    const nodes = backwardOf(byW1!, loss);
    assert.ok(nodes.every((node) => node.primitive === 'input' || node.layer !== undefined));
    assert.deepEqual(new Set(nodes.map((node) => node.layer)), new Set(['first', 'second', 'loss']));
    // Differentiating relabels nothing: the activation is still its own layer's.
    assert.equal(hidden.layer, 'first');
  });

  it('of gradients: the Hessian of Σx⁴ times v is 12x²v', async () => {
    const [x, v] = [input('x', [4]), input('v', [4])];
    const [first] = gradients(sum(square(square(x))), [x]);
    const [product] = gradients(sum(mul(first!, v)), [x]);
    const values = [0.5, -1, 2, 0];
    const direction = [1, 2, -1, 3];
    const { hv } = await execute({ hv: product! }, { x: floats([4], values), v: floats([4], direction) }, runtime);
    assert.ok(
      relativeError(
        hv!.values as Float32Array,
        values.map((x, i) => 12 * x * x * direction[i]!),
      ) < 1e-6,
    );
  });

  it('of gradients: the Hessian of cross-entropy by the logits is diag(p) − ppᵀ', async () => {
    const [z, v] = [input('z', [1, 4]), input('v', [1, 4])];
    const loss = sum(neg(slice(logSoftmax(z, 1), [0, 2], [1, 3])));
    const [first] = gradients(loss, [z]);
    const [product] = gradients(sum(mul(first!, v)), [z]);
    const logits = [0.3, -1.2, 2, 0.7];
    const direction = [1, -2, 0.5, 3];
    const { hv } = await execute(
      { hv: product! },
      { z: floats([1, 4], logits), v: floats([1, 4], direction) },
      runtime,
    );
    const exponentials = logits.map(Math.exp);
    const total = exponentials.reduce((a, b) => a + b);
    const p = exponentials.map((e) => e / total);
    const weighted = p.reduce((sum, share, i) => sum + share * direction[i]!, 0);
    const expected = p.map((share, i) => share * (direction[i]! - weighted));
    assert.ok(relativeError(hv!.values as Float32Array, expected) < 1e-5);
  });

  it('of gradients: the curvature of a small MLP along a direction', async () => {
    // L(w) = Σ tanh(x·W₁)·w₂ over the samples, squared; vᵀHv by second differences in double precision.
    const [inputs, width] = [3, 4];
    const x = [0.5, -1, 0.25, 1, 0.75, -0.5];
    const w = Array.from({ length: inputs * width + width }, (_, i) => Math.sin(1 + 2 * i));
    const v = w.map((_, i) => Math.cos(3 * i));
    const lossAt = (weights: readonly number[]): number => {
      let total = 0;
      for (let n = 0; n < 2; n++) {
        let y = 0;
        for (let j = 0; j < width; j++) {
          let z = 0;
          for (let i = 0; i < inputs; i++) z += x[n * inputs + i]! * weights[i * width + j]!;
          y += Math.tanh(z) * weights[inputs * width + j]!;
        }
        total += y * y;
      }
      return total;
    };
    const along = (t: number) => lossAt(w.map((value, i) => value + t * v[i]!));
    const step = 1e-3;
    const expected = (along(step) - 2 * along(0) + along(-step)) / step ** 2;

    const [data, w1, w2] = [input('x', [2, inputs]), input('w1', [inputs, width]), input('w2', [width, 1])];
    const [v1, v2] = [input('v1', [inputs, width]), input('v2', [width, 1])];
    const loss = sum(square(matmul(tanh(matmul(data, w1)), w2)));
    const [g1, g2] = gradients(loss, [w1, w2]);
    const slope = add(sum(mul(g1!, v1)), sum(mul(g2!, v2)));
    const [h1, h2] = gradients(slope, [w1, w2]);
    const split = inputs * width;
    const { curvature } = await execute(
      { curvature: add(sum(mul(h1!, v1)), sum(mul(h2!, v2))) },
      {
        x: floats([2, inputs], x),
        w1: floats([inputs, width], w.slice(0, split)),
        w2: floats([width, 1], w.slice(split)),
        v1: floats([inputs, width], v.slice(0, split)),
        v2: floats([width, 1], v.slice(split)),
      },
      runtime,
    );
    assert.ok(relativeError(curvature!.values as Float32Array, [expected]) < 1e-4, `${curvature!.values} ${expected}`);
  });

  it('a chain of 3,000 nodes takes neither the stack nor seconds', async () => {
    const x = input('x', [2]);
    let y: Tensor = x;
    for (let i = 0; i < 1500; i++) y = add(mul(y, 1.0001), constant(0.001));
    const began = performance.now();
    const [byX] = gradients(sum(y), [x]);
    assert.ok(topological([y]).length >= 3000);
    const built = performance.now() - began;
    const { dx } = await execute({ dx: byX! }, { x: floats([2], [1, 1]) }, runtime);
    assert.ok(relativeError(dx!.values as Float32Array, [1.0001 ** 1500, 1.0001 ** 1500]) < 1e-3);
    assert.ok(built < 1000, `differentiating took ${built} ms`);
    assert.ok(performance.now() - began < 5000, `${performance.now() - began} ms in all`);
  });

  it('are of a 100,000-node chain too, without a stack overflow', () => {
    const x = input('x', []);
    let y: Tensor = x;
    for (let i = 0; i < 100_000; i++) y = neg(y);
    const [byX] = gradients(y, [x]);
    assert.equal(byX!.shape.length, 0);
  });

  it('keeps the size of what was expanded on both sides', async () => {
    const x = input('x', [1, 3]);
    const wide = expand(x, [2, 3]);
    const square = mul(wide, wide);
    assert.deepEqual(square.shape, [2, 3]);
    const [slope] = gradients(sum(square), [x]);
    const { found } = await execute({ found: slope! }, { x: floats([1, 3], [1, -2, 3]) }, runtime);
    // Two rows of 2x each.
    assert.deepEqual(Array.from(found!.values, Number), [4, -8, 12]);
  });
});
