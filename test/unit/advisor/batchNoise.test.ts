import assert from 'node:assert/strict';
import { siteNoise, worstNoise } from '../../../src/engine/advisor/batchNoise';
import { judgeBatch, LEAST_BATCH, MOST_NOISE } from '../../../src/engine/advisor/decide';
import { publishedAt, WU_HE } from '../../../src/engine/advisor/published';
import type { SampleMoments } from '../../../src/engine/probe';
import { fillNormal, Purpose } from '../../../src/engine/probe/data/philox';

/** Moments of samples of `positions` values each, N(0, 1) about a mean of its own with the given deviation. */
function gaussianMoments(samples: number, channels: number, positions: number, sampleSpread = 0): SampleMoments {
  const values = fillNormal(new Float32Array(samples * channels * positions), {
    seed: 1,
    purpose: Purpose.samples,
    index: 0,
  });
  const offsets = fillNormal(new Float32Array(samples * channels), { seed: 1, purpose: Purpose.samples, index: 1 });
  const means = new Float32Array(samples * channels);
  const squares = new Float32Array(samples * channels);
  for (let at = 0; at < means.length; at++) {
    for (let p = 0; p < positions; p++) {
      const value = values[at * positions + p]! + sampleSpread * offsets[at]!;
      means[at]! += value / positions;
      squares[at]! += value ** 2 / positions;
    }
  }
  return { call: `${channels} channels`, channels, samples, means, squares };
}

const near = (found: number, expected: number, share: number) =>
  assert.ok(Math.abs(found / expected - 1) < share, `${found} instead of ${expected}`);

describe('batch noise', () => {
  it('of independent Gaussian values is 1/√m for the mean and √(2(m−1))/m for the variance', () => {
    for (const [positions, batch] of [
      [1, 2],
      [1, 8],
      [1, 32],
      [16, 2],
      [16, 8],
    ] as const) {
      const m = positions * batch;
      const noise = siteNoise(gaussianMoments(512, 48, positions), batch, 0);
      near(noise.mean, 1 / Math.sqrt(m), 0.08);
      near(noise.variance, Math.sqrt(2 * (m - 1)) / m, 0.08);
    }
  });

  it('approaches √(2/m), and is larger where the values of a sample go together', () => {
    const independent = siteNoise(gaussianMoments(512, 32, 16), 16, 0);
    near(independent.variance, Math.sqrt(2 / 256), 0.08);
    const correlated = siteNoise(gaussianMoments(512, 32, 16, 1), 16, 0);
    assert.ok(correlated.mean > 2 * independent.mean, `${correlated.mean} ${independent.mean}`);
    assert.ok(correlated.variance > 1.5 * independent.variance);
  });

  it('shrinks as the batch grows', () => {
    const moments = gaussianMoments(256, 16, 4);
    const spreads = worstNoise([moments], [2, 4, 8, 16, 32, 64], 0).map(({ variance }) => variance);
    assert.deepEqual(
      [...spreads].sort((a, b) => b - a),
      spreads,
    );
  });

  it('is told at the noisiest site, for every batch asked for, and by the seed', () => {
    const [quiet, noisy] = [gaussianMoments(256, 8, 32), gaussianMoments(256, 9, 1)];
    const worst = worstNoise([quiet, noisy], [4, 16], 7);
    assert.deepEqual(
      worst.map(({ batch, call }) => [batch, call]),
      [
        [4, '9 channels'],
        [16, '9 channels'],
      ],
    );
    assert.deepEqual(worstNoise([quiet, noisy], [4, 16], 7), worst);
    assert.notDeepEqual(worstNoise([quiet, noisy], [4, 16], 8), worst);
    assert.deepEqual(worstNoise([], [4], 0), []);
  });

  it('leaves out channels that never vary', () => {
    const moments = gaussianMoments(128, 4, 4);
    const still = {
      ...moments,
      channels: 5,
      means: Float32Array.from({ length: 128 * 5 }, (_, i) =>
        i % 5 === 4 ? 3 : moments.means[Math.floor(i / 5) * 4 + (i % 5)]!,
      ),
      squares: Float32Array.from({ length: 128 * 5 }, (_, i) =>
        i % 5 === 4 ? 9 : moments.squares[Math.floor(i / 5) * 4 + (i % 5)]!,
      ),
    };
    near(siteNoise(still, 8, 0).variance, siteNoise(moments, 8, 0).variance, 1e-6);
  });
});

describe('what the batch says', () => {
  it('refuses BatchNorm below 8 samples, and where its variance is mostly noise', () => {
    assert.equal(LEAST_BATCH, 8);
    for (const [batch, noise, admissible] of [
      [2, 0.1, false],
      [7, undefined, false],
      [8, undefined, true],
      [8, 0.47, true],
      [64, MOST_NOISE + 0.01, false],
      [64, 0.17, true],
    ] as const) {
      assert.equal(judgeBatch(batch, noise).admissible, admissible, `${batch} ${noise}`);
    }
  });

  it('quotes the published table at the largest batch that is not above', () => {
    assert.deepEqual(
      [1, 2, 3, 8, 12, 32, 512].map((batch) => publishedAt(batch).batch),
      [2, 2, 2, 8, 8, 32, 32],
    );
    // Wu & He 2018, table 2.
    assert.deepEqual(
      WU_HE.map(({ BatchNorm }) => BatchNorm),
      [34.7, 27.3, 24.8, 23.7, 23.6],
    );
    assert.deepEqual(
      WU_HE.map(({ GroupNorm }) => GroupNorm),
      [24.1, 24.2, 24.0, 24.2, 24.1],
    );
  });
});
