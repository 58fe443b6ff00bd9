import assert from 'node:assert/strict';
import { Remembered } from '../../../src/engine/probe/data/remembered';
import { sources } from '../../../src/engine/probe/data/sources';
import type { TensorData } from '../../../src/engine/runtime';

/** A source that counts, and `size` values that say what they were asked for. */
function counted() {
  const asked: unknown[] = [];
  const source = (spec: unknown): TensorData => {
    asked.push(spec);
    const { size, value } = spec as { size: number; value: number };
    return { dtype: 'float32', shape: [size], values: new Float32Array(size).fill(value) };
  };
  return { asked, source };
}

describe('values that were drawn of late', () => {
  it('are not drawn again, and belong to who asked', () => {
    const { asked, source } = counted();
    const again = new Remembered().of('samples', source);
    const first = again({ size: 3, value: 7 });
    (first.values as Float32Array).fill(0);
    assert.deepEqual(again({ size: 3, value: 7 }).values, Float32Array.of(7, 7, 7));
    assert.deepEqual(again({ size: 3, value: 8 }).values, Float32Array.of(8, 8, 8));
    assert.equal(asked.length, 2);
  });

  it('are told apart by their source', () => {
    const remembered = new Remembered();
    const one = counted();
    const other = counted();
    remembered.of('one', one.source)({ size: 1, value: 1 });
    remembered.of('other', other.source)({ size: 1, value: 1 });
    assert.deepEqual([one.asked.length, other.asked.length], [1, 1]);
  });

  it('go where they take too much: those that were not asked for longest first, large ones at once', () => {
    const { asked, source } = counted();
    const again = new Remembered({ total: 24, each: 12 }).of('samples', source);
    const ask = (value: number, size = 3) => again({ size, value });
    ask(1);
    ask(2);
    ask(1);
    ask(3);
    assert.equal(asked.length, 3);
    ask(1);
    assert.equal(asked.length, 3, 'asked for of late');
    ask(2);
    assert.equal(asked.length, 4, 'not asked for longest');
    ask(9, 4);
    ask(9, 4);
    assert.equal(asked.length, 6, 'too large');
  });

  it('are the same weights as were drawn', () => {
    const spec = {
      shape: [5, 4],
      initialization: { kind: 'uniform', low: -1, high: 1 },
      stream: { seed: 3, purpose: 1, index: 2 },
    };
    const first = sources.initialization(spec);
    assert.deepEqual(sources.initialization(spec), first);
    assert.notEqual(sources.initialization(spec).values, first.values);
  });
});
