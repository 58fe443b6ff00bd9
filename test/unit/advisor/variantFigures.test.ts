import assert from 'node:assert/strict';
import { compare } from '../../../src/engine/advisor/compare';
import type { Variant } from '../../../src/engine/advisor/variant';
import { reachOf, variantFigures } from '../../../src/engine/advisor/variantFigures';
import type { LayerFigures, Measurements } from '../../../src/engine/probe';
import { networkOf } from '../../measure';

const network = networkOf({
  input: [8],
  layers: [{ Linear: { out_features: 6 } }, 'LayerNorm', 'ReLU', 'Tanh', { Linear: { out_features: 3 } }],
});

const run = (losses: readonly number[], recomputed: number, learningRate = 0.1): Measurements => ({
  seed: 0,
  learningRate,
  losses,
  series: new Map(),
  final: { recomputed },
});

const layer = (id: string, role: LayerFigures['role'], figures: Partial<LayerFigures>): [string, LayerFigures] => [
  id,
  { id, role, history: {}, ...figures },
];

function variant(sweep: readonly Measurements[], more: Partial<Variant> = {}): Variant {
  return {
    candidate: { norm: 'none', label: 'as it is', groups: null, changes: [] },
    network,
    runs: [sweep[0]!],
    sweep,
    initScale: [],
    layers: new Map(),
    memoryBytes: 1e6,
    stepMilliseconds: 1,
    learningRate: 0.1,
    scores: [2],
    score: 2,
    gradientRatio: 0.5,
    ...more,
  };
}

describe('the loss to reach', () => {
  it('is half of the way from the network’s first to the lowest last of any variant at any rate', () => {
    const current = variant([run([2, 1.9, 1.8], 1.8)]);
    const other = variant([run([2.4, 2.2, 3], 3), run([2.4, 1, 0.5], 0.6, 0.3)]);
    assert.equal(reachOf([current, other]), 1.25);
  });

  it('leaves out what diverged, and is NaN where nothing learned', () => {
    const diverged = run([Number.NaN, Number.NaN], Number.NaN);
    assert.equal(reachOf([variant([diverged]), variant([run([2, 1], 1)])]), 1.5);
    assert.equal(reachOf([variant([run([2, 2.1], 2)])]), Number.NaN);
    assert.equal(reachOf([variant([diverged])]), Number.NaN);
  });
});

describe('the figures of a variant', () => {
  it('tell after how many updates each learning rate reached that loss, if it did', () => {
    const { learningRates, reach } = variantFigures(
      variant([run([2, 1.4, 0.9], 0.8, 0.1), run([2, 2, 1.9], Number.NaN, 0.01), run([0.5, 2, 2], 2, 1)]),
      undefined,
      1.5,
    );
    assert.equal(reach, 1.5);
    assert.deepEqual(learningRates, [
      { rate: 0.1, loss: 0.8, reachedAt: 1 },
      { rate: 0.01, loss: 'Infinity', reachedAt: null },
      { rate: 1, loss: 2, reachedAt: 0 },
    ]);
    const [first] = variantFigures(variant([run([2, 1], 1)]), undefined, Number.NaN).learningRates;
    assert.equal(first!.reachedAt, null);
  });

  it('have the band of the losses over the seeds, where one is no number too', () => {
    const runs = [run([2, 1], 1), run([3, Number.NaN], 1), run([1, 4], 1)];
    assert.deepEqual(variantFigures(variant(runs, { runs }), undefined, 1).lossBand, {
      low: [1, 'NaN'],
      high: [3, 'NaN'],
    });
  });

  it('are taken over the layers that they are of', () => {
    const layers = new Map([
      layer('0', 'affine', { gradientNorm: 3, weightNorm: 2, effectiveRank: { value: 4, most: 8, betweenSamples: 1 } }),
      layer('1', 'norm', { gradientNorm: 9, weightNorm: 9 }),
      layer('2', 'activation', { dead: { share: 0.5, channels: 6, samples: 256 } }),
      layer('3', 'activation', {
        saturationLow: 0.1,
        saturationHigh: 0.2,
        dead: { share: 0.2, channels: 2, samples: 256 },
      }),
      // A recurrent layer's gates may stand open; an output of one value has one direction whatever it does.
      layer('4', 'affine', {
        gradientNorm: 0.5,
        weightNorm: 4,
        saturationLow: 1,
        saturationHigh: 0,
        effectiveRank: { value: 1, most: 1, betweenSamples: 1 },
      }),
    ]);
    const figures = variantFigures(variant([run([2, 1], 1)], { layers }), undefined, 1);
    assert.deepEqual(figures.gradientByDepth, [
      { layer: '0', value: 6 },
      { layer: '4', value: 2 },
    ]);
    assert.ok(Math.abs(Number(figures.saturated) - 0.3) < 1e-12);
    assert.ok(Math.abs(Number(figures.dead) - 3.4 / 8) < 1e-12);
    assert.equal(figures.effectiveRank, 0.5);
    assert.equal(figures.gradientRatio, 0.5);
    const without = variantFigures(variant([run([2, 1], 1)]), undefined, 1);
    assert.deepEqual([without.saturated, without.dead, without.effectiveRank], [null, null, null]);
  });

  it('say how it compares, and nothing of the network itself', () => {
    const [current, other] = [
      [2, 2.1, 2.2],
      [1, 1.1, 1.2],
    ];
    const { difference } = variantFigures(variant([run([2], 2)]), compare(current!, other!, 4, 0.1), 1);
    assert.ok(Math.abs(Number(difference!.median) + 1) < 1e-12 && !difference!.equal && difference!.level === 0.95);
    const unbounded = variantFigures(variant([run([2], 2)]), compare([2], [1], 4, 0.1), 1).difference!;
    assert.deepEqual([unbounded.low, unbounded.high, unbounded.equal], ['-Infinity', 'Infinity', false]);
    assert.equal(variantFigures(variant([run([2], 2)]), undefined, 1).difference, null);
  });
});
