import assert from 'node:assert/strict';
import { fromBinary } from '@bufbuild/protobuf';
import fc from 'fast-check';
import { ModelProtoSchema } from '../../../src/engine/onnx/onnx_pb';
import type { Slot } from '../../../src/engine/runtime';
import {
  add,
  amax,
  cast,
  gradients,
  greater,
  input,
  type Loop,
  lowerLoop,
  matmul,
  mul,
  relu,
  reshape,
  sub,
  sum,
  sumSquare,
  type Tensor,
} from '../../../src/engine/tensor';
import { chosenRuntime } from '../../chosenRuntime';
import { floats } from '../../execute';

/** How many nodes of each kind stand in a program's loop. */
function nodesOf(loop: Loop): Map<string, number> {
  const { graph } = fromBinary(ModelProtoSchema, lowerLoop(loop).model);
  const { node } = graph!.node.find(({ opType }) => opType === 'Loop')!.attribute[0]!.g!;
  const counts = new Map<string, number>();
  for (const { opType } of node) counts.set(opType, (counts.get(opType) ?? 0) + 1);
  return counts;
}

/** Layers of relu trained by momentum, with a sum of squares of every activation and weight, and the share above zero. */
function chain(depth: number, width: number): Loop & { readonly activations: readonly Tensor[] } {
  const weights = Array.from({ length: depth }, (_, i) => input(`w:${i}`, [width, width]));
  const averages = weights.map((_, i) => input(`v:${i}`, [width, width]));
  const rate = input('rate', []);
  let x: Tensor = input('x', [2, width]);
  const activations = weights.map((weight) => {
    x = relu(matmul(x, weight));
    return x;
  });
  const loss = sum(mul(x, x));
  const slopes = gradients(loss, weights);
  const moved = averages.map((average, i) => add(mul(average, 0.9), slopes[i]!));
  return {
    activations,
    state: [
      ...weights.map((leaf, i) => ({ leaf, next: sub(leaf, mul(rate, moved[i]!)) })),
      ...averages.map((leaf, i) => ({ leaf, next: moved[i]! })),
    ],
    perStep: [],
    scans: [{ name: 'loss', value: loss }],
    numbers: [
      {
        name: 'numbers',
        values: weights.flatMap((weight, i) => [
          sumSquare(activations[i]!, undefined, true),
          sumSquare(weight, undefined, true),
          sum(cast(greater(activations[i]!, 0), 'float32')),
        ]),
      },
    ],
  };
}

describe('side by side', () => {
  it('an optimizer’s step and the numbers of many layers take the nodes of one', () => {
    const few = nodesOf(chain(4, 3));
    const many = nodesOf(chain(20, 3));
    for (const kind of ['Add', 'Sub', 'ReduceSum', 'ReduceSumSquare']) {
      assert.equal(many.get(kind), few.get(kind), kind);
    }
    // What one layer needs of another is computed layer by layer.
    assert.ok(many.get('Relu') === 20 && few.get('Relu') === 4);
  });

  it('large values are left where they are', () => {
    const nodes = nodesOf(chain(4, 128));
    assert.equal(nodes.get('Sub'), 4);
    assert.equal(nodes.get('Split'), undefined);
  });

  it('what the step computes for other reasons is not computed again', () => {
    const nodes = nodesOf(chain(6, 3));
    // Five masks of the backward pass stand already, and the sixth; the shares are summed of them.
    assert.equal(nodes.get('Greater'), 6);
  });

  describe('run', () => {
    const runtime = chosenRuntime();
    let slot: Slot;
    before(async () => {
      slot = await runtime.lease();
    });
    after(() => runtime.dispose());

    it('gives each value what it would be by itself (property)', async () => {
      const values = fc.array(fc.double({ min: -2, max: 2, noNaN: true }), { minLength: 2, maxLength: 2 });
      await fc.assert(
        fc.asyncProperty(fc.array(values, { minLength: 1, maxLength: 70 }), fc.boolean(), async (starts, keepDims) => {
          const leaves = starts.map((_, i) => input(`s:${i}`, [2]));
          const factor = input('factor', []);
          const next = leaves.map((leaf) => sub(mul(leaf, factor), mul(leaf, leaf)));
          const products = leaves.map((leaf) => mul(reshape(leaf, [2, 1]), reshape(leaf, [1, 2])));
          const numbers = leaves.flatMap((leaf, i) => [
            sumSquare(add(leaf, 1), undefined, keepDims),
            mul(leaf, 3),
            sum(products[i]!, undefined, keepDims),
            sumSquare(leaf, undefined, keepDims),
            amax(products[i]!, [1], keepDims),
          ]);
          const program = lowerLoop({
            state: leaves.map((leaf, i) => ({ leaf, next: next[i]! })),
            perStep: [],
            scans: [],
            numbers: [{ name: 'numbers', values: numbers }],
          });
          const rounded = starts.map((start) => start.map(Math.fround));
          const out = await slot.run({
            program,
            feeds: {
              steps: { dtype: 'int64', shape: [], values: BigInt64Array.of(1n) },
              factor: floats([], [0.5]),
              ...Object.fromEntries(rounded.map((start, i) => [`s:${i}`, floats([2], start)])),
            },
            fetch: ['numbers@end', ...leaves.map((_, i) => `s:${i}@end`)],
          });
          slot.clear();
          const close = (got: ArrayLike<number>, wanted: readonly number[]) =>
            wanted.forEach((value, i) => {
              assert.ok(Math.abs(got[i]! - value) <= 1e-5 * (1 + Math.abs(value)), `${got[i]} for ${value}`);
            });
          close(
            out['numbers@end']!.values as Float32Array,
            rounded.flatMap(([a, b]) => [
              (a! + 1) ** 2 + (b! + 1) ** 2,
              ...[3 * a!, 3 * b!],
              (a! + b!) ** 2,
              a! ** 2 + b! ** 2,
              ...[Math.max(a! * a!, a! * b!), Math.max(a! * b!, b! * b!)],
            ]),
          );
          rounded.forEach((start, i) => {
            close(
              out[`s:${i}@end`]!.values as Float32Array,
              start.map((value) => 0.5 * value - value * value),
            );
          });
        }),
        { numRuns: 20 },
      );
    });
  });
});
