import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Figure } from '../../../src/engine/report/report';
import { axisFor, place, tickText } from '../../../webview/charts/depthScale';
import { kindGroups } from '../../../webview/charts/kindGroups';
import { shortenLeft } from '../../../webview/charts/shortenLeft';
import { wrapText } from '../../../webview/charts/wrapText';
import { depthQuantities, shareQuantities } from '../../../webview/quantities';
import { exampleReport } from '../report/exampleReport';

const anyFigure = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.constantFrom<Figure>('NaN', 'Infinity', '-Infinity', 0),
);

describe('webview: charts', () => {
  describe('the axis', () => {
    it('spans whole powers of ten and marks at most four', () => {
      assert.deepEqual(axisFor([1.8e-8, 1.39], 'logarithmic'), {
        low: 1e-8,
        high: 10,
        ticks: [1e-8, 1e-5, 0.01, 10],
      });
    });

    it('marks 1, 2, 5 within one power', () => {
      assert.deepEqual(axisFor([0.2, 0.7], 'logarithmic'), { low: 0.1, high: 1, ticks: [0.1, 0.2, 0.5, 1] });
    });

    it('holds every figure, few marks and its own ends, whatever the figures', () => {
      fc.assert(
        fc.property(fc.array(fc.option(anyFigure)), (figures) => {
          const axis = axisFor(figures, 'logarithmic');
          assert.ok(axis.low > 0 && axis.high > axis.low, JSON.stringify(axis));
          assert.ok(axis.ticks.length >= 2 && axis.ticks.length <= 4);
          for (const figure of figures) {
            const placed = place(figure, axis, 'logarithmic');
            if (figure === null) assert.equal(placed, null);
            else assert.ok(placed && placed.at >= axis.low && placed.at <= axis.high);
          }
        }),
      );
    });

    it('puts zero at the low end and NaN at the high one, marked as off the scale', () => {
      const axis = axisFor([1e-3, 1], 'logarithmic');
      assert.deepEqual(place(0, axis, 'logarithmic'), { at: 1e-3, off: 'zero' });
      assert.deepEqual(place('NaN', axis, 'logarithmic'), { at: 1, off: 'not-finite' });
      assert.deepEqual(place(0, axisFor([], 'share'), 'share'), { at: 0, off: null });
    });

    it('names its marks briefly', () => {
      assert.deepEqual(
        [1e-8, 0.01, 0.1, 1, 1000, 1e5].map((value) => tickText(value, 'logarithmic')),
        ['1e-8', '0.01', '0.1', '1', '1000', '1e5'],
      );
      assert.equal(tickText(0.25, 'share'), '25%');
    });
  });

  describe('labels', () => {
    const most = (characters: number) => (text: string) => [...text].length <= characters;

    it('keep the end of an id', () => {
      assert.equal(shortenLeft('layer3.1.bn2', most(8)), '…3.1.bn2');
      assert.equal(shortenLeft('fc', most(8)), 'fc');
    });

    it('fit where anything does, whatever the text', () => {
      fc.assert(
        fc.property(fc.string({ unit: 'grapheme', minLength: 1 }), fc.integer({ min: 2, max: 20 }), (text, width) => {
          const shortened = shortenLeft(text, most(width));
          assert.ok([...shortened].length <= width);
          assert.ok(text.endsWith(shortened.replace('…', '')));
        }),
      );
    });

    it('wrap without losing a character', () => {
      fc.assert(
        fc.property(fc.string(), fc.integer({ min: 1, max: 30 }), (text, width) => {
          const lines = wrapText(text, width);
          assert.ok(lines.every((line) => line.length <= width));
          assert.equal(lines.join('').replaceAll(' ', ''), text.replaceAll(' ', ''));
        }),
      );
    });
  });

  it('joins layers of a kind: the four commonest have lines, single ones none', () => {
    assert.deepEqual(kindGroups(['Conv2d', 'BatchNorm2d', 'Conv2d', 'BatchNorm2d', 'Conv2d', 'Linear']), [
      { kinds: ['Conv2d'], series: 0 },
      { kinds: ['BatchNorm2d'], series: 1 },
      { kinds: ['Linear'], series: null },
    ]);
    const many = ['a', 'b', 'c', 'd', 'e'].flatMap((kind) => [kind, kind]);
    assert.deepEqual(kindGroups(many).at(-1), { kinds: ['e'], series: null });
  });

  it('takes every quantity from the report: name, definition, figure and how it reads', () => {
    const [, , saturated] = exampleReport().layers;
    for (const quantity of [...depthQuantities, ...shareQuantities]) {
      assert.ok(quantity.name && quantity.definition);
      assert.equal(typeof quantity.format(0.5), 'string');
    }
    assert.deepEqual(
      shareQuantities.map(({ value, format }) => format(value(saturated!))),
      ['95%', '13%'],
    );
  });
});
