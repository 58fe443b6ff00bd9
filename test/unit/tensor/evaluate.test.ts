import assert from 'node:assert/strict';
import { add, constant, evaluate, input, type Primitive, primitives } from '../../../src/engine/tensor';
import { chosenRuntime } from '../../chosenRuntime';
import { execute, relativeError } from '../../execute';
import { sampleCase } from './sampleCase';

const EVERYTHING = 1e6;

describe('known numbers', () => {
  const runtime = chosenRuntime();
  after(() => runtime.dispose());

  it('are what the runtime computes, for every primitive that is computed so', async () => {
    const computed: string[] = [];
    for (const name of Object.keys(primitives) as Primitive[]) {
      for (const index of primitives[name].samples.keys()) {
        const { leaves, data, node } = sampleCase(name, index);
        const constants = leaves.map(({ shape, dtype }, i) =>
          constant(Array.from(data[`x${i}`]!.values, Number), shape, dtype),
        );
        const found = evaluate(node(constants), EVERYTHING);
        if (!found) continue;
        const expected = (await execute({ y: node(leaves) }, data, runtime)).y!;
        assert.deepEqual([...found.shape], [...expected.shape], name);
        assert.equal(found.dtype, expected.dtype, name);
        const values = Array.from(expected.values, Number);
        if (found.dtype === 'float32') assert.ok(relativeError(found.values, values) < 2e-6, `${name} ${index}`);
        else assert.deepEqual([...found.values], values, name);
        computed.push(name);
      }
    }
    assert.ok(new Set(computed).size >= 50, `${new Set(computed).size} primitives`);
  });

  it('are none where something is given later, is not among them, or is too much', () => {
    assert.equal(evaluate(add(input('x', [2]), constant([1, 2])), EVERYTHING), undefined);
    assert.deepEqual(evaluate(add(constant([1, 2]), constant([1, 2])), 6)?.values, [2, 4]);
    assert.equal(evaluate(add(constant([1, 2]), constant([1, 2])), 5), undefined);
  });

  it('are rounded to float32 after every step', () => {
    const third = evaluate(add(constant([0.1]), constant([0.2])), EVERYTHING);
    assert.deepEqual(third?.values, [Math.fround(Math.fround(0.1) + Math.fround(0.2))]);
  });
});
