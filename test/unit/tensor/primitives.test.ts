import assert from 'node:assert/strict';
import {
  add,
  constant,
  gradients,
  input,
  mul,
  type Primitive,
  primitives,
  sum,
  type Tensor,
} from '../../../src/engine/tensor';
import { chosenRuntime } from '../../chosenRuntime';
import { execute, floats, relativeError } from '../../execute';
import { evaluate, reference } from './reference';
import { sampleCase, uniform } from './sampleCase';

/** Leaves are given, not computed. */
const LEAVES: readonly Primitive[] = ['input', 'constant'];
/** Its gradient is none by intent, whatever differences show. */
const STOPS: Primitive = 'stopGradient';

/** A step that binary numbers hold exactly. */
const STEP = 1 / 128;
/** (8(f(h) − f(−h)) − (f(2h) − f(−2h))) / 12h: the fourth-order central difference. */
const STENCIL: readonly (readonly [steps: number, weight: number])[] = [
  [1, 8],
  [-1, -8],
  [2, -1],
  [-2, 1],
];
/** Differences are taken by so many elements of every input. */
const ELEMENTS = 8;
const TOLERANCE = 2e-3;

const count = (shape: readonly number[]) => shape.reduce((product, dim) => product * dim, 1);
const isFloat = ({ dtype }: Tensor) => dtype === 'float32';

// Generated from the table: a new primitive is tested by adding its row.
const rows = (Object.keys(primitives) as Primitive[]).flatMap((name) =>
  primitives[name].samples.map((_, index) => ({ name, index, title: `${name} (sample ${index})` })),
);

describe('primitives', () => {
  const runtime = chosenRuntime();
  after(() => runtime.dispose());

  it('have samples, every one', () => {
    const without = (Object.keys(primitives) as Primitive[]).filter((name) => primitives[name].samples.length === 0);
    assert.deepEqual(without, LEAVES);
  });

  it('have a definition of their values beside the row, every one', () => {
    const without = (Object.keys(primitives) as Primitive[]).filter((name) => !reference[name]);
    assert.deepEqual(without, LEAVES);
  });

  describe('give the values of their definition, in the shape and type that they infer', () => {
    for (const { name, index, title } of rows) {
      it(title, async () => {
        const { leaves, data, node } = sampleCase(name, index);
        const y = node(leaves);
        const found = (await execute({ y }, data, runtime)).y!;
        const inputs = leaves.map(({ shape }, i) => ({ shape, values: Array.from(data[`x${i}`]!.values, Number) }));
        const expected = evaluate(y, inputs)!;
        assert.deepEqual([...found.shape], [...y.shape]);
        assert.equal(found.dtype, y.dtype);
        const values = Array.from(found.values, Number);
        assert.equal(values.length, expected.length);
        if (y.dtype === 'float32') assert.ok(relativeError(values, expected) < 2e-6, `${values} for ${expected}`);
        else assert.deepEqual(values, expected);
      });
    }
  });

  const differentiable = rows.filter(({ name, index }) => {
    if (primitives[name].grad === null || name === STOPS) return false;
    const { leaves, node } = sampleCase(name, index);
    return leaves.some(isFloat) && isFloat(node(leaves));
  });

  it('refuse to be differentiated where their row says that they cannot be', () => {
    for (const { name, index } of rows) {
      if (primitives[name].grad !== null) continue;
      const { leaves, node } = sampleCase(name, index);
      if (leaves.length === 0) continue;
      const y = node(leaves);
      assert.throws(() => gradients(sum(y), leaves), new RegExp(`${name} has no gradient`));
    }
  });

  it('hand no gradient to what is kept from it', () => {
    const { leaves, node } = sampleCase(STOPS, 0);
    const [slope] = gradients(sum(node(leaves)), leaves);
    assert.equal(slope!.primitive, 'expand');
    assert.deepEqual(slope!.inputs[0]!.attributes, { values: Float32Array.of(0) });
  });

  describe('have the gradients, first and second, that finite differences show', () => {
    for (const { name, index, title } of differentiable) {
      it(title, async () => {
        const { leaves, data, node } = sampleCase(name, index);
        const random = uniform(99 + index);
        const weights = (shape: readonly number[]) =>
          constant(
            Float32Array.from({ length: count(shape) }, () => 2 * random() - 1),
            shape,
          );
        const shape = node(leaves).shape;
        // The cotangent is a leaf of its own: the second derivative by it is asked for too.
        const cotangent = input('cotangent', shape);
        const feeds = {
          ...data,
          cotangent: floats(
            shape,
            Array.from({ length: count(shape) }, () => 2 * random() - 1),
          ),
        };
        const points = [...leaves, cotangent];
        const wanted = points.flatMap((leaf, i) => (isFloat(leaf) ? [i] : []));
        const directions = new Map(wanted.map((i) => [i, weights(points[i]!.shape)]));

        /** L = ⟨y, cotangent⟩, and the sum of its gradients by the inputs along fixed directions, at some points. */
        const express = (at: readonly Tensor[]) => {
          const loss = sum(mul(node(at.slice(0, -1)), at.at(-1)!));
          const inputs = wanted.filter((i) => i < leaves.length);
          const slopes = gradients(
            loss,
            inputs.map((i) => at[i]!),
          );
          const along = slopes.reduce(
            (total, slope, k) => add(total, sum(mul(slope, directions.get(inputs[k]!)!))),
            constant(0),
          );
          return { loss, along };
        };

        const here = express(points);
        const outputs: Record<string, Tensor> = {};
        const differences: {
          readonly name: string;
          readonly what: string;
          readonly leaf: number;
          readonly k: number;
        }[] = [];
        for (const what of ['loss', 'along'] as const) {
          gradients(
            here[what],
            wanted.map((i) => points[i]!),
          ).forEach((slope, j) => {
            const leaf = wanted[j]!;
            outputs[`${what} by ${leaf}`] = slope;
            assert.deepEqual(slope.shape, points[leaf]!.shape);
          });
        }
        for (const leaf of wanted) {
          const size = count(points[leaf]!.shape);
          for (let k = 0; k < Math.min(size, ELEMENTS); k++) {
            for (const [steps] of STENCIL) {
              const shift = new Float32Array(size);
              shift[k] = steps * STEP;
              const moved = points.with(leaf, add(points[leaf]!, constant(shift, points[leaf]!.shape)));
              const { loss, along } = express(moved);
              outputs[`loss ${leaf} ${k} ${steps}`] = loss;
              outputs[`along ${leaf} ${k} ${steps}`] = along;
            }
            for (const what of ['loss', 'along']) differences.push({ name: `${what} by ${leaf}`, what, leaf, k });
          }
        }
        const found = await execute(outputs, feeds, runtime);
        assert.ok(differences.length > 0);
        for (const { name: gradient, what, leaf, k } of differences) {
          const numeric =
            STENCIL.reduce(
              (total, [steps, weight]) => total + weight * Number(found[`${what} ${leaf} ${k} ${steps}`]!.values[0]),
              0,
            ) /
            (12 * STEP);
          const symbolic = Number(found[gradient]!.values[k]);
          assert.ok(
            Math.abs(numeric - symbolic) < TOLERANCE * Math.max(1, Math.abs(numeric)),
            `${what === 'loss' ? 'first' : 'second'} derivative by element ${k} of input ${leaf}: ` +
              `${symbolic} by the rule, ${numeric} by differences`,
          );
        }
      });
    }
  });
});
