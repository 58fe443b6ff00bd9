import assert from 'node:assert/strict';
import fc from 'fast-check';
import { anytimeHalfWidth, type Comparison, compare, LEVEL } from '../../../src/engine/advisor/compare';
import { fillNormal, Purpose } from '../../../src/engine/probe/data/philox';

const normals = (count: number, index: number): Float32Array =>
  fillNormal(new Float32Array(count), { seed: 11, purpose: Purpose.samples, index });

const finite = fc.double({ min: -50, max: 50, noNaN: true });
const pairs = fc.array(fc.tuple(finite, finite), { minLength: 1, maxLength: 9 });

describe('the anytime-valid interval', () => {
  /** The martingale of Wang & Ramdas, of values with that mean taken off, as their paper writes it. */
  const martingale = (values: readonly number[], mean: number): number => {
    const n = values.length;
    const c2 = 0.01;
    const sum = values.reduce((total, value) => total + (value - mean), 0);
    const squares = values.reduce((total, value) => total + (value - mean) ** 2, 0);
    return Math.sqrt(c2 / (n + c2)) * (((n + c2) * squares) / ((n + c2) * squares - sum ** 2)) ** (n / 2);
  };

  it('ends where the martingale reaches 1/α', () => {
    const values = [0.3, -0.2, 0.9, 0.4, 0.1, 0.35];
    const center = values.reduce((sum, value) => sum + value, 0) / values.length;
    const deviation = Math.sqrt(values.reduce((sum, value) => sum + (value - center) ** 2, 0) / values.length);
    for (const alpha of [0.05, 0.0125]) {
      const end = center + anytimeHalfWidth(values.length, alpha) * deviation;
      assert.ok(Math.abs(martingale(values, end) * alpha - 1) < 1e-9);
    }
  });

  it('bounds nothing by one or two seeds, and is narrower by more, and by less certainty', () => {
    assert.equal(anytimeHalfWidth(1, 0.05), Number.POSITIVE_INFINITY);
    assert.equal(anytimeHalfWidth(2, 0.0125), Number.POSITIVE_INFINITY);
    for (let count = 3; count < 40; count++) {
      assert.ok(anytimeHalfWidth(count + 1, 0.0125) < anytimeHalfWidth(count, 0.0125));
      assert.ok(anytimeHalfWidth(count, 0.05) < anytimeHalfWidth(count, 0.0125));
    }
    // docs/figures.md.
    assert.deepEqual(
      [3, 4, 6, 10].map((count) => Number(anytimeHalfWidth(count, 0.05 / 4).toPrecision(3))),
      [14.5, 6.58, 3.43, 1.95],
    );
  });
});

describe('compare', () => {
  const start = [2, 2.1, 1.9, 2.2, 2, 1.95];
  const less = (by: number) => start.map((score, i) => score - by + 0.01 * [1, -1, 0, 2, -2, 0][i]!);
  const verdict = (variant: readonly number[], count = 6) =>
    compare(start.slice(0, count), variant.slice(0, count), 4, 0.07).verdict;

  it('finds what is better, worse or equal, and says where it cannot tell', () => {
    assert.equal(verdict(less(0.5)), 'better');
    assert.equal(verdict(less(-0.5)), 'worse');
    assert.equal(verdict(less(0)), 'equal');
    assert.equal(verdict(start), 'equal');
    // Certain, and too small to matter.
    assert.equal(verdict(less(0.02)), 'equal');
    assert.equal(verdict([1, 1, 1, 2, 3, 3]), 'unclear');
    assert.equal(verdict(less(0.5), 1), 'unclear');
    assert.equal(verdict(less(0.5), 2), 'unclear');
  });

  it('judges divergence by the seeds that diverge', () => {
    const infinite = (count: number) => start.map((score, i) => (i < count ? Number.POSITIVE_INFINITY : score));
    assert.equal(compare(infinite(6), start, 4, 0.07).verdict, 'better');
    assert.equal(compare(start, infinite(5), 4, 0.07).verdict, 'worse');
    assert.equal(compare(start, infinite(2), 4, 0.07).verdict, 'unclear');
    assert.equal(compare(infinite(6), infinite(6), 4, 0.07).verdict, 'unclear');
  });

  it('is the same the other way round, and unmoved by what both share (property)', () => {
    const turned: Record<Comparison['verdict'], Comparison['verdict']> = {
      better: 'worse',
      worse: 'better',
      equal: 'equal',
      unclear: 'unclear',
    };
    fc.assert(
      fc.property(pairs, fc.integer({ min: 1, max: 6 }), (scores, variants) => {
        const [a, b] = [scores.map(([first]) => first), scores.map(([, second]) => second)];
        const found = compare(a, b, variants, 0.1);
        assert.equal(compare(b, a, variants, 0.1).verdict, turned[found.verdict]);
        assert.ok(found.low <= found.high && found.level === LEVEL);
        const shifted = compare(
          a.map((score) => score + 8),
          b.map((score) => score + 8),
          variants,
          0.1,
        );
        if (found.high !== Number.POSITIVE_INFINITY) assert.ok(Math.abs(found.high - shifted.high) < 1e-6);
        // More variants make no interval narrower.
        const more = compare(a, b, variants + 1, 0.1);
        assert.ok(more.high >= found.high && more.low <= found.low);
      }),
    );
  });
});

describe('of variants that differ by chance alone', () => {
  const VARIANTS = 4;
  const TRIALS = 1000;
  const MOST_SEEDS = 16;

  /** Share of trials in which, looking again after every seed, any variant ever differs from the network. */
  function everDeclared(noise: (value: number) => number): number {
    let declared = 0;
    for (let trial = 0; trial < TRIALS; trial++) {
      const drawn = normals((VARIANTS + 1) * MOST_SEEDS, trial);
      const scores = (which: number, count: number) =>
        Array.from(drawn.subarray(which * MOST_SEEDS, which * MOST_SEEDS + count), (value) => 2 + 0.2 * noise(value));
      const ever = Array.from({ length: MOST_SEEDS }, (_, i) => i + 1).some((count) => {
        const current = scores(0, count);
        return Array.from({ length: VARIANTS }, (_, i) => compare(current, scores(i + 1, count), VARIANTS, 0)).some(
          ({ verdict }) => verdict === 'better' || verdict === 'worse',
        );
      });
      if (ever) declared++;
    }
    return declared / TRIALS;
  }

  it('one is declared to differ in at most 5 %, however often one looks', () => {
    assert.ok(everDeclared((value) => value) <= 1 - LEVEL);
  });

  it('nor more often where losses are skewed or have heavy tails', () => {
    assert.ok(everDeclared((value) => Math.exp(value)) <= 1 - LEVEL);
    assert.ok(everDeclared((value) => value ** 3) <= 1 - LEVEL);
  });
});

describe('of a variant that is better', () => {
  /** Share of trials in which a difference, in standard deviations of the paired differences, is found by so many seeds. */
  function found(difference: number, seeds: number): number {
    const trials = 1000;
    let better = 0;
    for (let trial = 0; trial < trials; trial++) {
      const noise = normals(seeds, 10_000 + trial);
      const current = Array.from(noise, (_, i) => 2 + 0.3 * i);
      const variant = Array.from(noise, (value, i) => current[i]! + 0.05 * (value - difference));
      if (compare(current, variant, 4, 0.01).verdict === 'better') better++;
    }
    return better / trials;
  }

  it('the difference is found at the rates that docs/figures.md states', () => {
    for (const [difference, seeds, stated] of [
      [20, 3, 0.94],
      [10, 3, 0.5],
      [8, 4, 0.88],
      [4, 4, 0.31],
      [6, 6, 0.99],
      [4, 6, 0.84],
      [3, 10, 0.99],
      [2, 10, 0.65],
    ] as const) {
      const rate = found(difference, seeds);
      assert.ok(Math.abs(rate - stated) < 0.04, `${difference} standard deviations by ${seeds} seeds: ${rate}`);
    }
    assert.equal(found(20, 2), 0);
  });
});
