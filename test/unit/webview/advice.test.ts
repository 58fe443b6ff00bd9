import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { SiteNoiseTable } from '../../../src/engine/report/advice';
import type { MeasuredLayer, Report } from '../../../src/engine/report/report';
import { cubeFaces } from '../../../webview/charts/cubeFaces';
import { thinned } from '../../../webview/charts/thinned';
import { historyOf } from '../../../webview/histories';
import { familyOf, occurringNorms } from '../../../webview/panel/axes';
import { comparedLayers } from '../../../webview/panel/comparison';
import { independentSpread, measuredAround, sitesAt, worstFirst } from '../../../webview/panel/siteNoise';
import { exampleReport } from '../report/exampleReport';

const layer = (id: string, kind: string, figures: Partial<MeasuredLayer> = {}): MeasuredLayer => ({
  ...exampleReport().layers[1]!,
  id,
  kind,
  inputs: [],
  ...figures,
});

describe('webview: what the advice rests on', () => {
  describe('noise by site', () => {
    const table: SiteNoiseTable = {
      samples: 256,
      sites: [
        { layer: 'a', source: { file: 'net.py', line: 3, column: 1 }, valuesPerSample: 16, noise: [] },
        {
          layer: 'b',
          source: { file: 'net.py', line: 4, column: 1 },
          valuesPerSample: 1,
          noise: [1, 2, 8, 32].map((batch) => ({
            batch,
            mean: 1 / Math.sqrt(batch),
            variance: batch === 1 ? ('NaN' as const) : independentSpread(batch),
            theory: batch === 1 ? ('Infinity' as const) : independentSpread(batch),
          })),
        },
        {
          layer: 'c',
          source: { file: 'net.py', line: 5, column: 1 },
          valuesPerSample: 4,
          noise: [2, 32].map((batch) => ({ batch, mean: 0.5, variance: 2, theory: independentSpread(4 * batch) })),
        },
      ],
    };

    it('is told where it was measured, with m values a channel and what independent ones would scatter by', () => {
      const [b, c] = sitesAt(table, 8);
      assert.deepEqual([b?.layer, b?.index, b?.values], ['b', 1, 8]);
      assert.equal(b?.variance, Math.sqrt(2 / 7));
      assert.equal(c?.theory, Math.sqrt(2 / 31));
      assert.deepEqual(
        worstFirst([b!, c!]).map(({ layer: name }) => name),
        ['c', 'b'],
      );
    });

    it('is not guessed beyond what was measured, and says what it lies between', () => {
      assert.deepEqual(sitesAt(table, 64), []);
      assert.deepEqual(measuredAround(table, 1, 16), [8, 32]);
      assert.equal(measuredAround(table, 1, 8), null);
    });
  });

  describe('axes', () => {
    it('know a norm by its class, in PyTorch and Keras, and nothing else', () => {
      assert.deepEqual(
        [
          'BatchNorm2d',
          'SyncBatchNorm',
          'LazyBatchNorm1d',
          'GroupNormalization',
          'RMSNorm',
          'Linear',
          'WeightNorm',
        ].map(familyOf),
        ['BatchNorm', 'BatchNorm', 'BatchNorm', 'GroupNorm', 'RMSNorm', undefined, undefined],
      );
    });

    it('tell LayerNorm of an image from that of a sequence, and list each norm once', () => {
      const norms = (shape: readonly number[]) =>
        occurringNorms([layer('a', 'LayerNorm', { outputShape: shape }), layer('b', 'LayerNorm')], null);
      assert.deepEqual(
        norms([2, 16, 8, 8]).map(({ positions }) => positions),
        ['all'],
      );
      assert.deepEqual(
        norms([2, 5, 16]).map(({ positions }) => positions),
        ['one'],
      );
    });

    it('fill the faces of one channel of all samples for BatchNorm, of one sample for the others', () => {
      const all = occurringNorms(
        ['BatchNorm2d', 'InstanceNorm2d', 'GroupNorm', 'LayerNorm'].map((kind, index) =>
          layer(String(index), kind, { outputShape: [2, 16, 8, 8] }),
        ),
        null,
      );
      // Front, top and right side of 3 samples, 4 channels, 3 positions.
      const filled = all.map((axes) => cubeFaces(axes).filter(({ on }) => on).length);
      assert.deepEqual(filled, [3 + 3 + 9, 3 + 1 + 3, 6 + 2 + 3, 12 + 4 + 3]);
      assert.ok(all.every((axes) => cubeFaces(axes).length === 12 + 12 + 9));
    });
  });

  it('compares runs layer by layer: those that are gone stay where they stood, those that are new are said to be', () => {
    const run = (layers: MeasuredLayer[]): Report => ({ ...exampleReport(), layers });
    const before = run([
      layer('one', 'Linear', { gradientNorm: 2 }),
      layer('norm', 'BatchNorm1d', { gradientNorm: 1, inputs: ['one'] }),
      layer('two', 'Linear', { gradientNorm: 0, inputs: ['norm'] }),
    ]);
    const now = run([
      layer('one', 'Linear', { gradientNorm: 4 }),
      layer('act', 'ReLU', { gradientNorm: null, inputs: ['one'] }),
      layer('two', 'Linear', { gradientNorm: 3, inputs: ['act'] }),
    ]);
    const rows = comparedLayers(before, now, { value: ({ gradientNorm }) => gradientNorm });
    assert.deepEqual(
      rows.map(({ id, kindBefore, kindNow, ratio }) => [id, kindBefore, kindNow, ratio]),
      [
        ['one', 'Linear', 'Linear', 2],
        ['norm', 'BatchNorm1d', null, null],
        ['act', null, 'ReLU', null],
        ['two', 'Linear', 'Linear', null],
      ],
    );
  });

  it('thins rows out without losing the least, the greatest or one that must stay, of any pixel', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ noNaN: true, min: -1e6, max: 1e6 }), { maxLength: 400 }),
        fc.double({ min: 0.01, max: 2, noNaN: true }),
        fc.nat(400),
        (figures, rowHeight, stays) => {
          const dots = figures.map((x, y) => ({ x, y }));
          const kept = thinned(dots, rowHeight, (row) => row === stays);
          if (rowHeight >= 1) assert.deepEqual(kept, dots);
          assert.deepEqual(
            kept,
            dots.filter((dot) => kept.includes(dot)),
          );
          assert.ok(stays >= dots.length || kept.some(({ y }) => y === stays));
          const pixel = ({ y }: { y: number }) => Math.floor(y * rowHeight);
          for (const dot of dots) {
            const same = kept.filter((each) => pixel(each) === pixel(dot));
            assert.ok(same.some(({ x }) => x <= dot.x) && same.some(({ x }) => x >= dot.x));
          }
        },
      ),
    );
  });

  it('gives a quantity by step where it is kept, and nothing for names that mean something else', () => {
    const { layers } = exampleReport();
    assert.deepEqual(Object.values(historyOf(layers, 'gradient norm')), [[1e-6, 'NaN']]);
    assert.deepEqual(historyOf(layers, 'update ratio'), {});
    assert.deepEqual(historyOf(layers, 'toString'), {});
  });
});
