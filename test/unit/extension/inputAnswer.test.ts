import assert from 'node:assert/strict';
import fc from 'fast-check';
import { batchFrom, inputsFrom } from '../../../extension/analysis/inputAnswer';

describe('extension: answers', () => {
  it('reads shapes as people write them, and puts the batch in front', () => {
    const same = [{ shape: [32, 3, 224, 224] }];
    for (const typed of ['3x224x224', ' 3, 224, 224 ', '(3, 224, 224)', '[3,224,224]', '3 × 224 × 224', '3X224X224']) {
      assert.deepEqual(inputsFrom(typed, 32), same, typed);
    }
    assert.deepEqual(inputsFrom('(784,)', 2), [{ shape: [2, 784] }]);
  });

  it('reads several inputs with names and types', () => {
    assert.deepEqual(inputsFrom('image=3x32x32 tokens=64:int64', 4), [
      { name: 'image', shape: [4, 3, 32, 32] },
      { name: 'tokens', shape: [4, 64], dtype: 'int64' },
    ]);
    assert.deepEqual(inputsFrom('X=3x32, x2=5', 1), [
      { name: 'X', shape: [1, 3, 32] },
      { name: 'x2', shape: [1, 5] },
    ]);
    assert.deepEqual(inputsFrom('8; 9', 1), [{ shape: [1, 8] }, { shape: [1, 9] }]);
  });

  it('says in a sentence what cannot be read', () => {
    for (const typed of ['', ' ', 'images', '3x', '0x3', '3x-1', 'a=b=3', '64:int8', '99999999999']) {
      assert.equal(typeof inputsFrom(typed, 1), 'string', typed);
    }
    for (const typed of ['', '0', '-1', '1.5', 'many', '1e3']) assert.equal(typeof batchFrom(typed), 'string', typed);
    assert.equal(batchFrom(' 64 '), 64);
  });

  it('reads back every shape, and never throws', () => {
    const shape = fc.array(fc.integer({ min: 1, max: 4096 }), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(shape, fc.constantFrom('x', ', ', ','), (sizes, between) => {
        assert.deepEqual(inputsFrom(sizes.join(between), 7), [{ shape: [7, ...sizes] }]);
      }),
    );
    fc.assert(fc.property(fc.string(), (typed) => void inputsFrom(typed, 1)));
  });
});
