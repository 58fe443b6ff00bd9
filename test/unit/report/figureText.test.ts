import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  countText,
  durationText,
  figure,
  figureText,
  shapeText,
  shareText,
} from '../../../src/engine/report/figureText';

describe('report: figures as text', () => {
  it('keeps three digits in the middle and an exponent outside', () => {
    const seen = [
      0,
      1,
      64,
      0.5,
      0.1234,
      999.4,
      1234.5,
      1.25e-6,
      -2e-11,
      3e20,
      'NaN',
      'Infinity',
      '-Infinity',
      null,
    ] as const;
    assert.deepEqual(seen.map(figureText), [
      ...['0', '1', '64', '0.5', '0.123', '999', '1.2e3', '1.3e-6', '-2.0e-11', '3.0e20', 'NaN', 'inf', '-inf', '–'],
    ]);
  });

  it('never says none or all of what is not quite', () => {
    assert.deepEqual([0, 1e-9, 0.0004, 0.0321, 0.5, 0.9999, 1, null].map(shareText), [
      ...['0%', '<0.1%', '<0.1%', '3.2%', '50%', '>99%', '100%', '–'],
    ]);
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1, minExcluded: true, maxExcluded: true, noNaN: true }), (share) => {
        assert.ok(!['0%', '100%', '0.0%'].includes(shareText(share)), shareText(share));
      }),
    );
  });

  it('is never wider than nine characters and within half a unit of its last digit', () => {
    fc.assert(
      fc.property(fc.double({ min: -1e307, max: 1e307, noNaN: true }), (value) => {
        const text = figureText(value);
        assert.ok(text.length <= 9, text);
        assert.ok(Math.abs(Number(text) - value) <= Math.abs(value) * 0.051, `${value} as ${text}`);
      }),
    );
  });

  it('writes NaN and infinities as words', () => {
    assert.deepEqual([1.5, Number.NaN, Infinity, -Infinity].map(figure), [1.5, 'NaN', 'Infinity', '-Infinity']);
  });

  it('writes counts, durations and shapes', () => {
    assert.deepEqual([0, 999, 1000, 1234567].map(countText), ['0', '999', '1,000', '1,234,567']);
    assert.deepEqual([3.42, 34.2, 1234].map(durationText), ['3.4 ms', '34 ms', '1.2 s']);
    assert.equal(shapeText([2, 3]), '[2, 3]');
    assert.equal(shapeText([[2, 3], [4]]), '[2, 3] [4]');
    assert.equal(shapeText([]), '[]');
    assert.equal(shapeText(null), '–');
  });
});
