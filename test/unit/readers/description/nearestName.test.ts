import assert from 'node:assert/strict';
import fc from 'fast-check';
import { nearestName } from '../../../../src/engine/network';

describe('nearest name', () => {
  it('finds what was meant: a slip, a swap, other case', () => {
    const kinds = ['Linear', 'Conv2d', 'BatchNorm1d', 'BatchNorm2d', 'ReLU', 'GELU'];
    assert.equal(nearestName('Lineer', kinds), 'Linear');
    assert.equal(nearestName('Linaer', kinds), 'Linear');
    assert.equal(nearestName('relu', kinds), 'ReLU');
    assert.equal(nearestName('BatchNorm2D', kinds), 'BatchNorm2d');
    assert.equal(nearestName('Transformer', kinds), undefined);
    assert.equal(nearestName('', kinds), undefined);
    assert.equal(nearestName('q', ['a', 'b']), undefined);
    assert.equal(nearestName('A', ['a', 'b']), 'a');
  });

  it('is the name itself where it is known, and one of the candidates always', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.string({ minLength: 1 }), { minLength: 1 }), fc.string(), (names, name) => {
        const lower = new Set(names.map((candidate) => candidate.toLowerCase()));
        if (lower.size === names.length)
          for (const known of names) if (known.length <= 64) assert.equal(nearestName(known, names), known);
        const nearest = nearestName(name, names);
        assert.ok(nearest === undefined || names.includes(nearest));
      }),
    );
  });

  it('is quick on names of any length', () => {
    assert.equal(nearestName('x'.repeat(1e6), ['Linear', 'y'.repeat(1e6)]), undefined);
  });
});
