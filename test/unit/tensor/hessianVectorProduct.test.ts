import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { TensorData } from '../../../src/engine/runtime';
import {
  add,
  gradients,
  hessianVectorProduct,
  input,
  matmul,
  mul,
  square,
  sub,
  sum,
  type Tensor,
  tanh,
  topological,
} from '../../../src/engine/tensor';
import { lossOf } from '../../../src/engine/training';
import { chosenRuntime } from '../../chosenRuntime';
import { execute, floats, relativeError } from '../../execute';

/** Numbers in [−1, 1] that only look random. */
const wave = (count: number, phase: number): number[] =>
  Array.from({ length: count }, (_, i) => Math.sin(phase + 2.399 * i * (1 + 0.01 * phase)));

/** a·b of row-major matrices [n, k] and [k, m], in double precision. */
const product = (a: readonly number[], b: readonly number[], [n, k, m]: readonly [number, number, number]): number[] =>
  Array.from({ length: n * m }, (_, at) => {
    const [i, j] = [Math.floor(at / m), at % m];
    let total = 0;
    for (let l = 0; l < k; l++) total += a[i * k + l]! * b[l * m + j]!;
    return total;
  });
const transposed = (a: readonly number[], [n, m]: readonly [number, number]): number[] =>
  Array.from({ length: n * m }, (_, at) => a[(at % n) * m + Math.floor(at / n)]!);

describe('hessianVectorProduct', () => {
  const runtime = chosenRuntime();
  after(() => runtime.dispose());

  /** The values of H·v, given what it depends on: a Hessian may do without the labels. */
  async function run(hv: Tensor, data: Readonly<Record<string, TensorData>>): Promise<Float32Array> {
    const needed = new Set(topological([hv]).map((node) => node.primitive === 'input' && node.attributes.name));
    const given = Object.fromEntries(Object.entries(data).filter(([name]) => needed.has(name)));
    return (await execute({ hv }, given, runtime)).hv!.values as Float32Array;
  }

  it('of ½xᵀAx is ½(A + Aᵀ)v', async () => {
    const n = 5;
    const a = wave(n * n, 1);
    const v = wave(n, 2);
    const [x, matrix, direction] = [input('x', [n, 1]), input('a', [n, n]), input('v', [n, 1])];
    const loss = mul(sum(mul(x, matmul(matrix, x))), 0.5);
    const [hv] = hessianVectorProduct(loss, [x], [direction]);
    const values = await run(hv!, { a: floats([n, n], a), v: floats([n, 1], v) });
    const there = transposed(a, [n, n]);
    const symmetric = a.map((value, i) => (value + there[i]!) / 2);
    assert.ok(relativeError(values, product(symmetric, v, [n, n, 1])) < 1e-6);
  });

  it('of logistic regression is XᵀSXv/n with S = diag σ(1 − σ)', async () => {
    const [n, k] = [7, 4];
    const x = wave(n * k, 3);
    const w = wave(k, 4);
    const v = wave(k, 5);
    const y = wave(n, 6).map((value) => Number(value > 0));
    const [data, weights, labels] = [input('x', [n, k]), input('w', [k, 1]), input('y', [n, 1])];
    const task = { kind: 'classification', loss: 'BCEWithLogitsLoss', origin: '' } as const;
    const loss = lossOf(task, matmul(data, weights), labels);
    const [hv] = hessianVectorProduct(loss, [weights], [input('v', [k, 1])]);
    const values = await run(hv!, {
      x: floats([n, k], x),
      w: floats([k, 1], w),
      v: floats([k, 1], v),
      y: floats([n, 1], y),
    });
    const slopes = product(x, v, [n, k, 1]);
    const scaled = product(x, w, [n, k, 1]).map((z, i) => {
      const p = 1 / (1 + Math.exp(-z));
      return (p * (1 - p) * slopes[i]!) / n;
    });
    const expected = product(transposed(x, [n, k]), scaled, [k, n, 1]);
    assert.ok(relativeError(values, expected) < 1e-5);
  });

  it('of softmax regression is Xᵀ[(diag p − ppᵀ)XV]/n', async () => {
    const [n, k, c] = [6, 3, 4];
    const x = wave(n * k, 7);
    const w = wave(k * c, 8);
    const v = wave(k * c, 9);
    const y = Array.from({ length: n }, (_, i) => BigInt((3 * i) % c));
    const [data, weights, labels] = [input('x', [n, k]), input('w', [k, c]), input('y', [n], 'int64')];
    const task = { kind: 'classification', loss: 'CrossEntropyLoss', origin: '' } as const;
    const loss = lossOf(task, matmul(data, weights), labels);
    const [hv] = hessianVectorProduct(loss, [weights], [input('v', [k, c])]);
    const values = await run(hv!, {
      x: floats([n, k], x),
      w: floats([k, c], w),
      v: floats([k, c], v),
      y: { dtype: 'int64', shape: [n], values: BigInt64Array.from(y) },
    });
    const [logits, slopes] = [product(x, w, [n, k, c]), product(x, v, [n, k, c])];
    const inner = Array.from({ length: n }, (_, i) => {
      const row = logits.slice(i * c, i * c + c).map(Math.exp);
      const total = row.reduce((a, b) => a + b);
      const p = row.map((value) => value / total);
      const slope = slopes.slice(i * c, i * c + c);
      const average = p.reduce((all, share, j) => all + share * slope[j]!, 0);
      return p.map((share, j) => (share * (slope[j]! - average)) / n);
    }).flat();
    const expected = product(transposed(x, [n, k]), inner, [k, n, c]);
    assert.ok(relativeError(values, expected) < 1e-5);
  });

  // y = tanh(tanh(xW₁ + b₁)W₂): three tensors at once.
  const [batch, inputs, width, outputs] = [5, 3, 6, 2];
  const shapes = [[inputs, width], [width], [width, outputs]] as const;
  const leaves = (prefix: string) => shapes.map((shape, i) => input(`${prefix}${i}`, shape));
  const net = (parameters: readonly Tensor[]): Tensor => {
    const [w1, b1, w2] = parameters as readonly [Tensor, Tensor, Tensor];
    const hidden = tanh(add(matmul(input('x', [batch, inputs]), w1), b1));
    return sum(square(sub(tanh(matmul(hidden, w2)), input('t', [batch, outputs]))));
  };
  const data = {
    x: floats([batch, inputs], wave(batch * inputs, 10)),
    t: floats([batch, outputs], wave(batch * outputs, 11)),
  };
  const count = (shape: readonly number[]) => shape.reduce((all, dim) => all * dim, 1);
  const valued = (prefix: string, phase: number, scale = 1) =>
    Object.fromEntries(
      shapes.map((shape, i) => [
        `${prefix}${i}`,
        floats(
          shape,
          wave(count(shape), phase + i).map((value) => scale * value),
        ),
      ]),
    );

  it('of a two-layer tanh network is the central difference of its gradients', async () => {
    const parameters = leaves('w');
    const loss = net(parameters);
    const exact = hessianVectorProduct(loss, parameters, leaves('v'));
    const first = gradients(loss, parameters);
    const evaluate = async (tensors: readonly Tensor[], feeds: Parameters<typeof execute>[1]) => {
      const named = Object.fromEntries(tensors.map((tensor, i) => [`o${i}`, tensor]));
      const out = await execute(named, feeds, runtime);
      return tensors.flatMap((_, i) => [...(out[`o${i}`]!.values as Float32Array)]);
    };
    const [w, v] = [valued('w', 12), valued('v', 20)];
    const hv = await evaluate(exact, { ...data, ...w, ...v });
    const step = 1e-2;
    const moved = (sign: number) =>
      Object.fromEntries(
        shapes.map((shape, i) => [
          `w${i}`,
          floats(
            shape,
            Array.from(w[`w${i}`]!.values as Float32Array, (value, k) => {
              return value + sign * step * (v[`v${i}`]!.values[k] as number);
            }),
          ),
        ]),
      );
    const [up, down] = [
      await evaluate(first, { ...data, ...moved(1) }),
      await evaluate(first, { ...data, ...moved(-1) }),
    ];
    const differences = up.map((value, i) => (value - down[i]!) / (2 * step));
    const error = relativeError(hv, differences);
    assert.ok(error < 2e-3, `${error}`);
    assert.ok(Math.max(...hv.map(Math.abs)) > 0.1);
  });

  it('is symmetric: uᵀHv = vᵀHu (property)', async () => {
    const parameters = leaves('w');
    const loss = net(parameters);
    const [u, v] = [leaves('u'), leaves('v')];
    const along = (direction: readonly Tensor[], with_: readonly Tensor[]) =>
      hessianVectorProduct(loss, parameters, direction)
        .map((hv, i) => sum(mul(hv, with_[i]!)))
        .reduce((a, b) => add(a, b));
    const outputsOf = { uHv: along(v, u), vHu: along(u, v) };
    await fc.assert(
      fc.asyncProperty(fc.nat(1000), async (phase) => {
        const feeds = { ...data, ...valued('w', phase), ...valued('u', phase + 50), ...valued('v', phase + 100) };
        const out = await execute(outputsOf, feeds, runtime);
        const [a, b] = [Number(out.uHv!.values[0]), Number(out.vHu!.values[0])];
        assert.ok(Math.abs(a - b) < 1e-4 * Math.max(1, Math.abs(a)), `${a} and ${b}`);
      }),
      { numRuns: 15 },
    );
  });

  it('of nothing is nothing', () => {
    assert.deepEqual(hessianVectorProduct(sum(input('x', [2])), [], []), []);
  });
});
