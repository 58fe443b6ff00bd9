import assert from 'node:assert/strict';
import fc from 'fast-check';
import { gaussianVarianceNoise, noiseBySize, worstNoise } from '../../../src/engine/advisor/batchNoise';
import { judgeBatch, LEAST_BATCH, MOST_NOISE } from '../../../src/engine/advisor/decide';
import { noiseReport } from '../../../src/engine/advisor/noiseReport';
import { publishedAt, WU_HE } from '../../../src/engine/advisor/published';
import type { SampleMoments } from '../../../src/engine/probe';
import { fillBelow, fillNormal, Purpose } from '../../../src/engine/probe/data/philox';
import { networkOf } from '../../measure';

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
  return { call: `${channels} channels`, channels, samples, positions, means, squares };
}

const near = (found: number, expected: number, share: number) =>
  assert.ok(Math.abs(found / expected - 1) < share, `${found} instead of ${expected}`);

/** Spread of the mean, and of the unbiased variance over the whole variance, of batches drawn with replacement. */
function resampled({ samples, positions, means, squares }: SampleMoments, batch: number, draws: number) {
  const picks = fillBelow(new Uint32Array(draws * batch), { seed: 3, purpose: Purpose.order, index: 0 }, samples);
  const average = (values: ArrayLike<number>) =>
    Array.from(values).reduce((sum, value) => sum + value, 0) / values.length;
  const drawn = Array.from({ length: draws }, (_, draw) => {
    const own = picks.subarray(draw * batch, (draw + 1) * batch);
    const mean = average(Array.from(own, (n) => means[n]!));
    return { mean, variance: average(Array.from(own, (n) => squares[n]!)) - mean ** 2 };
  });
  const m = batch * positions;
  const center = average(means);
  const spread = (values: readonly number[]) => {
    const middle = average(values);
    return Math.sqrt(average(values.map((value) => (value - middle) ** 2)));
  };
  const ownVariance = average(means.map((mean) => (mean - center) ** 2));
  // The values' variance, freed of what the whole mean takes out of it.
  const whole = average(squares) - center ** 2 + ownVariance / (samples - 1);
  return {
    mean: spread(drawn.map(({ mean }) => mean)) / Math.sqrt(whole),
    variance: ((m / (m - 1)) * spread(drawn.map(({ variance }) => variance))) / whole,
  };
}

/** The same of batches of new values: N(0, 1) about a mean of each sample's own with the given deviation. */
function ofFreshBatches(positions: number, sampleSpread: number, batch: number, draws: number) {
  const m = batch * positions;
  const stream = { seed: 5, purpose: Purpose.samples };
  const values = fillNormal(new Float32Array(draws * m), { ...stream, index: 2 });
  const offsets = fillNormal(new Float32Array(draws * batch), { ...stream, index: 3 });
  let meanSquares = 0;
  let variances = 0;
  let varianceSquares = 0;
  for (let draw = 0; draw < draws; draw++) {
    let sum = 0;
    let squares = 0;
    for (let i = 0; i < m; i++) {
      const value = values[draw * m + i]! + sampleSpread * offsets[draw * batch + Math.floor(i / positions)]!;
      sum += value;
      squares += value ** 2;
    }
    const variance = (squares - sum ** 2 / m) / (m - 1);
    meanSquares += (sum / m) ** 2 / draws;
    variances += variance / draws;
    varianceSquares += variance ** 2 / draws;
  }
  const whole = 1 + sampleSpread ** 2;
  return { mean: Math.sqrt(meanSquares / whole), variance: Math.sqrt(varianceSquares - variances ** 2) / whole };
}

describe('batch noise', () => {
  it('of independent Gaussian values is 1/√m for the mean and √(2/(m−1)) for the variance', () => {
    for (const [positions, batch] of [
      [1, 2],
      [1, 8],
      [1, 32],
      [16, 1],
      [16, 8],
      [16, 64],
    ] as const) {
      const m = positions * batch;
      const noise = noiseBySize(gaussianMoments(512, 48, positions))(batch);
      near(noise.mean, 1 / Math.sqrt(m), 0.02);
      near(noise.variance, gaussianVarianceNoise(m), 0.02);
      near(gaussianVarianceNoise(m), Math.sqrt(2 / (m - 1)), 1e-12);
    }
  });

  it('is what resampling with replacement tends to, for any moments', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.double({ min: -2, max: 2, noNaN: true }), fc.double({ min: 0, max: 9, noNaN: true })), {
          minLength: 3,
          maxLength: 12,
        }),
        fc.integer({ min: 1, max: 6 }),
        fc.integer({ min: 2, max: 5 }),
        (samples, batch, positions) => {
          const means = Float32Array.from(samples, ([mean]) => mean);
          const squares = Float32Array.from(samples, ([mean, spread]) => mean ** 2 + spread + 0.1);
          const moments = { call: 'a', channels: 1, samples: samples.length, positions, means, squares };
          const found = noiseBySize(moments)(batch);
          const drawn = resampled(moments, batch, 20_000);
          // The split's own second moments are corrected by N/(N − 1); those of means to the fourth are not.
          const unbiased = samples.length / (samples.length - 1);
          assert.ok(Math.abs(found.mean - drawn.mean * Math.sqrt(unbiased)) < 0.03 * found.mean + 1e-6);
          const [least, most] = [drawn.variance * 0.95, drawn.variance * unbiased * 1.05];
          assert.ok(
            found.variance >= least - 1e-3 && found.variance <= most + 1e-3,
            `${found.variance} ${least} ${most}`,
          );
        },
      ),
      { numRuns: 25 },
    );
  });

  it('of 256 samples foretells the scatter of batches of new samples, correlated or not', () => {
    for (const sampleSpread of [0, 1]) {
      for (const batch of [2, 16, 128]) {
        const foretold = noiseBySize(gaussianMoments(256, 64, 9, sampleSpread))(batch);
        const fresh = ofFreshBatches(9, sampleSpread, batch, 4000);
        near(foretold.mean, fresh.mean, 0.04);
        near(foretold.variance, fresh.variance, 0.05);
      }
    }
  });

  it('is larger where the values of a sample go together', () => {
    const independent = noiseBySize(gaussianMoments(512, 32, 16))(16);
    const correlated = noiseBySize(gaussianMoments(512, 32, 16, 1))(16);
    assert.ok(correlated.mean > 2 * independent.mean, `${correlated.mean} ${independent.mean}`);
    assert.ok(correlated.variance > 1.5 * independent.variance);
  });

  it('has no figure for the variance of one value', () => {
    assert.equal(noiseBySize(gaussianMoments(64, 4, 1))(1).variance, Number.POSITIVE_INFINITY);
    assert.ok(Number.isFinite(noiseBySize(gaussianMoments(64, 4, 2))(1).variance));
  });

  it('shrinks as the batch grows', () => {
    const moments = gaussianMoments(256, 16, 4);
    const spreads = worstNoise([moments], [2, 4, 8, 16, 32, 64]).map(({ variance }) => variance);
    assert.deepEqual(
      [...spreads].sort((a, b) => b - a),
      spreads,
    );
  });

  it('is told at the noisiest site, for every batch asked for', () => {
    const [quiet, noisy] = [gaussianMoments(256, 8, 32), gaussianMoments(256, 9, 1)];
    const worst = worstNoise([quiet, noisy], [4, 16]);
    assert.deepEqual(
      worst.map(({ batch, call }) => [batch, call]),
      [
        [4, '9 channels'],
        [16, '9 channels'],
      ],
    );
    assert.deepEqual(worstNoise([], [4]), []);
  });

  it('leaves out channels that never vary, and those without a finite value', () => {
    const moments = gaussianMoments(128, 4, 4);
    for (const [mean, square] of [
      [3, 9],
      [Number.NaN, Number.NaN],
      [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY],
    ] as const) {
      const withOne = (values: Float32Array, of: number) =>
        Float32Array.from({ length: 128 * 5 }, (_, i) => (i % 5 === 4 ? of : values[Math.floor(i / 5) * 4 + (i % 5)]!));
      const still = {
        ...moments,
        channels: 5,
        means: withOne(moments.means, mean),
        squares: withOne(moments.squares, square),
      };
      near(noiseBySize(still)(8).variance, noiseBySize(moments)(8).variance, 1e-6);
    }
  });
});

describe('the report of batch noise', () => {
  const network = networkOf({
    input: [8],
    layers: [{ Linear: { out_features: 9 } }, 'ReLU', { Linear: { out_features: 3 } }],
  });

  it('tells each site as the layer of the file behind which it stands, at each batch and the network’s own', () => {
    const moments = [{ ...gaussianMoments(64, 9, 1), call: '0+norm' }];
    const { batchNoise, siteNoise } = noiseReport(network, moments, 12, (span) => ({
      file: 'net',
      line: span.start.line,
      column: 1,
    }));
    const sizes = [1, 2, 4, 8, 12, 16, 32, 64, 128];
    assert.equal(siteNoise!.samples, 64);
    const [site, ...others] = siteNoise!.sites;
    assert.deepEqual([site!.layer, site!.valuesPerSample, others.length], ['0', 1, 0]);
    assert.equal(site!.source.line, network.calls[0]!.source.start.line);
    assert.deepEqual(
      site!.noise.map(({ batch }) => batch),
      sizes,
    );
    assert.deepEqual(
      [site!.noise[0]!.variance, site!.noise[0]!.theory, site!.noise[1]!.theory],
      ['Infinity', 'Infinity', Math.SQRT2],
    );
    assert.deepEqual(
      batchNoise.map(({ batch, variance }) => [batch, variance]),
      site!.noise.map(({ batch, variance }) => [batch, variance]),
    );
  });

  it('is empty without a site', () => {
    assert.deepEqual(
      noiseReport(network, [], 12, () => ({ file: 'net', line: 1, column: 1 })),
      { batchNoise: [] },
    );
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
