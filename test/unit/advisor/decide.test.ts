import assert from 'node:assert/strict';
import { BAND, type Decision, decide, judgeBatch } from '../../../src/engine/advisor/decide';
import type { Family } from '../../../src/engine/advisor/sites';
import type { Variant } from '../../../src/engine/advisor/variant';
import { median } from '../../../src/engine/probe';
import { fillNormal, Purpose } from '../../../src/engine/probe/data/philox';
import { networkOf } from '../../measure';

const START = 2.3;

/** A trained variant as the probe would leave it: a network with the norm, losses by seed, its gradient ratio. */
function variant(norm: string, scores: readonly number[], gradientRatio = 1): Variant {
  const norms: Record<string, unknown[]> = {
    none: [],
    BatchNorm: ['BatchNorm1d'],
    LayerNorm: ['LayerNorm'],
    GroupNorm: [{ GroupNorm: { num_groups: 2, num_channels: 8 } }],
    RMSNorm: ['RMSNorm'],
  };
  return {
    candidate: { norm, label: norm, groups: null, changes: [] },
    network: networkOf({ input: [8], layers: [{ Linear: { out_features: 8 } }, ...norms[norm]!, 'ReLU'] }),
    runs: [],
    learningRate: 0.1,
    scores,
    sweep: [],
    initScale: [],
    layers: new Map(),
    memoryBytes: 0,
    stepMilliseconds: 1,
    score: median(scores),
    gradientRatio,
  };
}

const BROKEN = 1e-9;
const better = [1, 1.05, 0.95];
const same = [2, 2.05, 1.95];

describe('decide', () => {
  const choose = (
    current: Variant,
    others: readonly Variant[],
    { batch = 32, noise, family = 'vector' }: { batch?: number; noise?: number; family?: Family } = {},
  ): Decision => decide(current, others, family, judgeBatch(batch, noise), START);
  const chosen = (decision: Decision) => (decision.keep ? 'keep' : decision.chosen.candidate.norm);

  it('keeps the network where nothing is better, BatchNorm or none', () => {
    for (const norm of ['none', 'BatchNorm', 'LayerNorm']) {
      const others = ['BatchNorm', 'LayerNorm', 'RMSNorm'].filter((other) => other !== norm);
      const decision = choose(
        variant(norm, same),
        others.map((other) => variant(other, same)),
      );
      assert.equal(chosen(decision), 'keep');
      assert.equal(decision.because, 'no-difference');
      assert.equal(decision.chosen.candidate.norm, norm);
    }
  });

  it('keeps it within the band of practical equality, and where one seed disagrees', () => {
    const current = variant('none', same);
    const slightly = same.map((score) => score - 0.9 * BAND * START);
    assert.equal(chosen(choose(current, [variant('LayerNorm', slightly)])), 'keep');
    assert.equal(chosen(choose(current, [variant('LayerNorm', [0.5, 0.5, 2])])), 'keep');
  });

  it('adds what is better in every seed, the usual one of several that are alike', () => {
    const decision = choose(variant('none', same), [
      variant(
        'RMSNorm',
        better.map((score) => score - 0.01),
      ),
      variant('LayerNorm', better),
      variant(
        'BatchNorm',
        better.map((score) => score + 0.01),
      ),
    ]);
    assert.equal(chosen(decision), 'BatchNorm');
    assert.equal(decision.because, 'loss');
  });

  it('mends a gradient that is out of order even where the loss shows nothing yet', () => {
    const decision = choose(variant('none', same, BROKEN), [
      variant('LayerNorm', same),
      variant('RMSNorm', same, BROKEN),
    ]);
    assert.equal(chosen(decision), 'LayerNorm');
    assert.equal(decision.because, 'gradient');
  });

  it('is sure where loss and gradient agree', () => {
    const decision = choose(variant('none', same, BROKEN), [variant('BatchNorm', [0.5, 0.5, 0.5])]);
    assert.deepEqual([chosen(decision), decision.confidence], ['BatchNorm', 'strong']);
  });

  it('never chooses BatchNorm at a small batch, however well it trained here', () => {
    for (const batch of [1, 2, 4, 7]) {
      for (const gradientRatio of [1, BROKEN]) {
        for (const currentNorm of ['none', 'BatchNorm', 'GroupNorm']) {
          const decision = choose(
            variant(currentNorm, same, gradientRatio),
            [variant('BatchNorm', [0.01, 0.01, 0.01]), variant('LayerNorm', same), variant('GroupNorm', same)].filter(
              ({ candidate }) => candidate.norm !== currentNorm,
            ),
            { batch, family: 'image' },
          );
          assert.notEqual(decision.chosen.candidate.norm, 'BatchNorm', `${batch} ${currentNorm}`);
          assert.notEqual(decision.rival?.candidate.norm, 'BatchNorm');
        }
      }
    }
  });

  it('replaces BatchNorm at a small batch by what its family uses', () => {
    const others = [variant('LayerNorm', same), variant('GroupNorm', same)];
    const image = choose(variant('BatchNorm', better), others, { batch: 2, family: 'image' });
    assert.deepEqual([chosen(image), image.because, image.confidence], ['GroupNorm', 'batch', 'strong']);
    assert.equal(chosen(choose(variant('BatchNorm', better), others, { batch: 2 })), 'LayerNorm');
    assert.equal(choose(variant('BatchNorm', better), others, { batch: 6 }).confidence, 'moderate');
  });

  it('hears noisy statistics at a batch that is large enough otherwise', () => {
    const decision = choose(variant('none', same), [variant('BatchNorm', better)], { batch: 64, noise: 0.8 });
    assert.equal(chosen(decision), 'keep');
  });

  it('leaves diverged variants alone, and leaves a diverged network for one that trains', () => {
    const infinite = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
    assert.equal(chosen(choose(variant('none', same), [variant('LayerNorm', infinite)])), 'keep');
    assert.equal(chosen(choose(variant('none', infinite), [variant('LayerNorm', same)])), 'LayerNorm');
    const nothing = choose(variant('none', infinite), [variant('LayerNorm', infinite)]);
    assert.deepEqual([chosen(nothing), nothing.confidence], ['keep', 'weak']);
  });

  it('leaves a network without any loss, at the start too, for one that trains', () => {
    const none = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
    const from = (...others: Variant[]) =>
      decide(variant('none', none, Number.NaN), others, 'vector', judgeBatch(32, undefined), Number.NaN);
    const decision = from(variant('RMSNorm', [2.29, 2.29, 2.29]), variant('LayerNorm', [2.3, 2.3, 2.3]));
    assert.deepEqual([chosen(decision), decision.because], ['LayerNorm', 'loss']);
    assert.equal(from(variant('LayerNorm', none, Number.NaN)).because, 'diverged');
  });

  it('takes norms away only where they do clear harm, and never from a sequence model', () => {
    const current = variant('LayerNorm', same);
    assert.equal(
      chosen(
        choose(current, [
          variant(
            'none',
            same.map((score) => score - 2 * BAND * START),
          ),
        ]),
      ),
      'keep',
    );
    assert.equal(chosen(choose(current, [variant('none', better)])), 'none');
    assert.equal(chosen(choose(current, [variant('none', better)], { family: 'sequence' })), 'keep');
    // Two seeds are no reason to take anything away.
    assert.equal(chosen(choose(variant('LayerNorm', [2, 2]), [variant('none', [1, 1])])), 'keep');
  });

  it('declares a winner among variants that differ by chance alone in at most 5 % of 400 trials', () => {
    const seeds = 6;
    const current = variant('none', same);
    const others = ['BatchNorm', 'LayerNorm', 'GroupNorm', 'RMSNorm'].map((norm) => variant(norm, same));
    // Noise from far below the band of practical equality to far above it.
    for (const deviation of [0.02, 0.1, 0.5]) {
      let declared = 0;
      for (let trial = 0; trial < 400; trial++) {
        const drawn = fillNormal(
          new Float32Array(5 * seeds),
          { seed: 3, purpose: Purpose.samples, index: trial },
          2,
          deviation,
        );
        const scores = (which: number) => Array.from(drawn.subarray(which * seeds, (which + 1) * seeds));
        const decision = choose(
          { ...current, scores: scores(0), score: median(scores(0)) },
          others.map((other, i) => ({ ...other, scores: scores(i + 1), score: median(scores(i + 1)) })),
        );
        if (!decision.keep) declared++;
      }
      assert.ok(declared <= 0.05 * 400, `${declared} of 400 at ${deviation}`);
    }
  });

  it('has an answer for every pair of figures, and never a worse network without a reason', () => {
    for (const scores of [better, same, [3, 3, 3]]) {
      for (const ratio of [0, BROKEN, 1, 1e6]) {
        const current = variant('none', same);
        const decision = choose(current, [variant('BatchNorm', scores, ratio)]);
        if (!decision.keep) assert.ok(decision.chosen.score < current.score);
      }
    }
  });
});
