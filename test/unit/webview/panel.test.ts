import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { BatchNoise, PublishedErrors, Recommendation } from '../../../src/engine/report/report';
import { noiseSentence, publishedSentence } from '../../../webview/panel/batchSentences';
import { measuredNoise, noiseAt, publishedRow, sliderBatches } from '../../../webview/panel/noise';
import { sorted } from '../../../webview/panel/sorting';
import { lossLines, variantRows } from '../../../webview/panel/variants';
import { exampleReport } from '../report/exampleReport';

/** Independent values: the mean scatters by 1/√B. */
const noise: readonly BatchNoise[] = [1, 2, 8, 32].map((batch) => ({
  batch,
  site: 'bn1',
  mean: 1 / Math.sqrt(batch),
  variance: Math.sqrt(2 / Math.max(1, batch - 1)),
}));

const published: PublishedErrors = {
  quantity: 'validation error',
  unit: '%',
  source: 'Wu & He 2018',
  rows: [
    { batch: 2, errors: { BatchNorm: 34.7, GroupNorm: 24.1 } },
    { batch: 32, errors: { BatchNorm: 23.6, GroupNorm: 24.1 } },
  ],
};

describe('webview: panel', () => {
  describe('the noise at a batch size', () => {
    const measured = measuredNoise(noise);

    it('is what was measured where it was, from two samples on', () => {
      assert.deepEqual(
        measured.map(({ batch }) => batch),
        [2, 8, 32],
      );
      const at = noiseAt(measured, 8)!;
      assert.equal(at.between, null);
      assert.equal(at.mean, 1 / Math.sqrt(8));
    });

    it('lies on a straight line in log2 between: 1/√B is met exactly', () => {
      for (const batch of [3, 4, 12, 24]) {
        const at = noiseAt(measured, batch)!;
        assert.ok(Math.abs(at.mean - 1 / Math.sqrt(batch)) < 1e-12, String(batch));
      }
      assert.deepEqual(noiseAt(measured, 16)!.between, [8, 32]);
    });

    it('is not guessed beyond what was measured', () => {
      assert.equal(noiseAt(measured, 1), null);
      assert.equal(noiseAt(measured, 64), null);
      assert.equal(noiseAt([], 8), null);
    });

    it('leaves out what is not finite', () => {
      assert.deepEqual(measuredNoise([{ batch: 4, site: 'bn', mean: 'NaN', variance: 1 }]), []);
    });

    it('is said with how it is known', () => {
      assert.match(noiseSentence(noiseAt(measured, 8)!), /At batch 8 .*53\.5 %.*35\.4 %.*at bn1 \(measured here/);
      assert.match(noiseSentence(noiseAt(measured, 16)!), /interpolated between the measured 8 and 32/);
    });

    it('stands beside the published row, and says when that is another batch', () => {
      assert.equal(publishedRow(published, 64)?.batch, 32);
      assert.equal(publishedRow(published, 1)?.batch, 2);
      assert.match(publishedSentence(published, 2), /^Published for batch 2: .*34\.7 % with BatchNorm/);
      assert.match(publishedSentence(published, 8), /^Published for batch 2, the nearest row:/);
    });
  });

  it('lets the slider stop at every batch that counts, each once and in order', () => {
    assert.deepEqual(sliderBatches(2, 16, 5), [2, 3, 4, 5, 6, 7, 8, 10, 12, 14, 16]);
    fc.assert(
      fc.property(
        fc.integer({ min: 2, max: 64 }),
        fc.integer({ min: 65, max: 4096 }),
        fc.nat(5000),
        (low, high, own) => {
          const batches = sliderBatches(low, high, own);
          assert.deepEqual(
            batches,
            [...new Set(batches)].sort((a, b) => a - b),
          );
          assert.equal(batches[0], low);
          assert.equal(batches.at(-1), high);
          assert.equal(batches.includes(own), own >= low && own <= high);
          assert.ok(batches.length < 120 && batches.every(Number.isInteger));
        },
      ),
    );
  });

  describe('sorting', () => {
    const by = <K extends number | string | null>(keys: readonly K[], direction: 'ascending' | 'descending') =>
      sorted(keys, (key) => key, direction);

    it('puts NaN and infinities at the high end and nothing last, both ways', () => {
      assert.deepEqual(by([2, 'NaN', null, 1e-9], 'ascending'), [1e-9, 2, 'NaN', null]);
      assert.deepEqual(by([2, 'NaN', null, 1e-9], 'descending'), ['NaN', 2, 1e-9, null]);
    });

    it('reads the numbers in names', () => {
      assert.deepEqual(by(['hidden.10', 'hidden.2'], 'ascending'), ['hidden.2', 'hidden.10']);
    });

    it('keeps the order of equals', () => {
      const rows = [
        { key: 1, name: 'a' },
        { key: 0, name: 'b' },
        { key: 1, name: 'c' },
      ];
      const names = (direction: 'ascending' | 'descending') =>
        sorted(rows, ({ key }) => key, direction).map(({ name }) => name);
      assert.deepEqual(names('ascending'), ['b', 'a', 'c']);
      assert.deepEqual(names('descending'), ['a', 'c', 'b']);
    });
  });

  describe('variants', () => {
    const { recommendation } = exampleReport();
    const scored: Recommendation = {
      ...recommendation!,
      reasons: [
        {
          ...recommendation!.reasons[0]!,
          evidence: [
            { quantity: 'spread', value: 9, unit: 'ratio' },
            { quantity: 'evaluation loss, GroupNorm', value: 0.25, unit: 'loss' },
          ],
        },
      ],
    };

    it('begin with what is recommended and its loss', () => {
      const [first, ...rest] = variantRows(scored);
      assert.equal(first?.name, 'GroupNorm (8 groups)');
      assert.equal(first?.loss, 0.25);
      assert.ok(first?.recommended && rest.every(({ recommended }) => !recommended));
      assert.equal(rest.at(-1)?.tried, false);
    });

    it('are called "as it is" where the answer is to keep', () => {
      assert.equal(variantRows({ ...scored, action: 'keep' })[0]?.name, 'as it is');
    });

    it('have a line each where they were trained, and the network its own', () => {
      const lines = lossLines({ ...exampleReport(), recommendation: scored });
      assert.deepEqual(
        lines.map(({ recommended, own }) => [recommended, own]),
        [
          [true, false],
          [false, false],
          [false, true],
        ],
      );
    });
  });
});
