import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { TensorData } from '../../../src/engine/runtime';
import { NativeRuntime } from '../../../src/engine/runtime';
import { gradients, input, mul, primitives, sum, type Tensor } from '../../../src/engine/tensor';
import type { Rule, Sample } from '../../../src/engine/tensor/rule';
import { execute } from '../../execute';

type AnyRule = Rule<'add'> & {
  infer(inputs: readonly Tensor[], attributes: object): { shape: number[]; dtype: string };
};

/** Values away from one another by at least 1e-2, so that a finite step crosses no kink or tie. */
function distinctValues(count: number, [low, high]: readonly [number, number], random: () => number): Float32Array {
  const order = Array.from({ length: count }, (_, i) => i).sort(() => random() - 0.5);
  return Float32Array.from(order, (rank) => low + ((rank + 0.25 + 0.5 * random()) / count) * (high - low));
}

describe('primitives', () => {
  const runtime = new NativeRuntime();
  after(() => runtime.dispose());

  // Generated from the table: a new primitive is tested by adding its row.
  for (const [name, row] of Object.entries(primitives)) {
    const rule = row as unknown as AnyRule;
    if (rule.grad === null) continue;
    rule.samples.forEach((sample: Sample, index) => {
      it(`${name} (sample ${index}): the gradient equals finite differences`, async () => {
        let state = 12345 + index;
        const random = () => {
          state = (Math.imul(state, 1103515245) + 12345) >>> 0;
          return state / 2 ** 32;
        };
        const data: Record<string, TensorData> = {};
        const leaves = sample.shapes.map((shape, i) => {
          const count = shape.reduce((product, dim) => product * dim, 1);
          const isIndex = sample.indices !== undefined && i === sample.shapes.length - 1;
          data[`x${i}`] = isIndex
            ? {
                dtype: 'int64',
                shape,
                values: BigInt64Array.from({ length: count }, () => BigInt(Math.floor(random() * sample.indices!))),
              }
            : { dtype: 'float32', shape, values: distinctValues(count, sample.range ?? [-2, 2], random) };
          return input(`x${i}`, shape, isIndex ? 'int64' : 'float32');
        });
        const attributes = sample.attributes ?? {};
        const node = { primitive: name, inputs: leaves, attributes, ...rule.infer(leaves, attributes) } as Tensor;
        const cotangent = input('cotangent', node.shape);
        const size = node.shape.reduce((product, dim) => product * dim, 1);
        data.cotangent = {
          dtype: 'float32',
          shape: node.shape,
          values: Float32Array.from({ length: size }, () => 2 * random() - 1),
        };
        const loss = sum(mul(node, cotangent));
        const differentiable = leaves.filter((leaf) => leaf.dtype === 'float32');
        const symbolic = gradients(loss, differentiable);

        const outputs = Object.fromEntries(symbolic.map((gradient, i) => [`g${i}`, gradient]));
        const exact = await execute({ ...outputs, y: node }, data, runtime);
        const step = 1e-2;
        for (const [i, leaf] of differentiable.entries()) {
          const leafName = (leaf as Extract<Tensor, { primitive: 'input' }>).attributes.name;
          const original = data[leafName]!.values as Float32Array;
          const gradient = exact[`g${i}`]!;
          assert.deepEqual([...gradient.shape], [...leaf.shape]);
          for (let k = 0; k < Math.min(original.length, 6); k++) {
            const shifted = async (delta: number) => {
              const values = Float32Array.from(original);
              values[k]! += delta;
              const { y } = await execute(
                { y: node },
                { ...data, [leafName]: { ...data[leafName]!, values } },
                runtime,
              );
              return (y!.values as Float32Array).reduce(
                (total, value, j) => total + value * (data.cotangent!.values[j] as number),
                0,
              );
            };
            const numeric = ((await shifted(step)) - (await shifted(-step))) / (2 * step);
            const symbolicValue = gradient.values[k] as number;
            assert.ok(
              Math.abs(numeric - symbolicValue) < 2e-3 * Math.max(1, Math.abs(numeric)),
              `${leafName}[${k}]: ${symbolicValue} by the rule, ${numeric} by differences`,
            );
          }
        }
      });
    });
  }

  it('every differentiable primitive has a sample', () => {
    const untested = Object.entries(primitives)
      .filter(([name, rule]) => rule.grad !== null && rule.samples.length === 0 && name !== 'cast' && name !== 'where')
      .map(([name]) => name);
    assert.deepEqual(untested, []);
  });

  it('infers the shape that the runtime gives', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 3 }),
        fc.constantFrom('exp', 'tanh', 'relu', 'neg'),
        async (shape, name) => {
          const x = input('x', shape);
          const node = { primitive: name, inputs: [x], attributes: {}, shape, dtype: 'float32' } as Tensor;
          const count = shape.reduce((product, dim) => product * dim, 1);
          const { y } = await execute(
            { y: node },
            { x: { dtype: 'float32', shape, values: new Float32Array(count) } },
            runtime,
          );
          assert.deepEqual([...y!.shape], shape);
        },
      ),
      { numRuns: 10 },
    );
  });
});
