import assert from 'node:assert/strict';
import fc from 'fast-check';
import { fillNoise } from '../../../src/engine/probe/data/noise';
import {
  fillBelow,
  fillNormal,
  fillUniform,
  fillWords,
  Purpose,
  philox,
  type Stream,
} from '../../../src/engine/probe/data/philox';

const stream: Stream = { seed: 7, purpose: Purpose.samples, index: 3 };

const moment = (values: Float32Array, power: number, centre = 0): number =>
  values.reduce((sum, value) => sum + (value - centre) ** power, 0) / values.length;

describe('philox', () => {
  // Random123's kat_vectors (Salmon et al. 2011), philox 4x32 with 10 rounds.
  for (const [counter, key, expected] of [
    [[0, 0, 0, 0], [0, 0], '6627e8d5 e169c58d bc57ac4c 9b00dbd8'],
    [[0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff], [0xffffffff, 0xffffffff], '408f276d 41c83b0e a20bc7c6 6d5451fd'],
    [[0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344], [0xa4093822, 0x299f31d0], 'd16cfe09 94fdcceb 5001e420 24126ea1'],
  ] as const) {
    it(`gives Random123's known answer ${expected}`, () => {
      const out = new Uint32Array(4);
      philox(out, counter[0], counter[1], counter[2], counter[3], key[0], key[1]);
      assert.equal(Array.from(out, (word) => word.toString(16).padStart(8, '0')).join(' '), expected);
    });
  }

  it('a stream is a pure function of its name, and a longer one begins with a shorter', () => {
    fc.assert(
      fc.property(fc.nat(2 ** 32 - 1), fc.nat(7), fc.nat(2 ** 31), fc.nat(50), (seed, purpose, index, length) => {
        const long = fillWords(new Uint32Array(53), { seed, purpose, index });
        assert.deepEqual(fillWords(new Uint32Array(length), { seed, purpose, index }), long.slice(0, length));
      }),
      { numRuns: 50 },
    );
  });

  it('streams of another seed, purpose or index share no words', () => {
    const base = fillWords(new Uint32Array(4096), stream);
    const words = new Set(base);
    for (const other of [
      { ...stream, seed: 8 },
      { ...stream, seed: 7 + 2 ** 32 },
      { ...stream, purpose: Purpose.targets },
      { ...stream, index: 4 },
    ]) {
      const shared = fillWords(new Uint32Array(4096), other).filter((word) => words.has(word)).length;
      // Chance alone: 4096²/2³² = 0.004.
      assert.ok(shared <= 1, `${shared} words`);
    }
  });

  it('fillUniform has the moments of U(low, high) and keeps within', () => {
    const count = 200_000;
    const values = fillUniform(new Float32Array(count), stream, -2, 3);
    assert.ok(values.every((value) => value >= -2 && value < 3));
    // Within 5 standard errors.
    assert.ok(Math.abs(moment(values, 1) - 0.5) < (5 * Math.sqrt(25 / 12)) / Math.sqrt(count));
    assert.ok(Math.abs(moment(values, 2, 0.5) - 25 / 12) < 0.02);
    assert.ok(Math.abs(moment(values, 3, 0.5)) < 0.05);
  });

  it('fillNormal has the moments of N(mean, std²), and neighbours are uncorrelated', () => {
    const count = 200_000;
    const values = fillNormal(new Float32Array(count), stream, 1, 2);
    assert.ok(values.every(Number.isFinite));
    assert.ok(Math.abs(moment(values, 1) - 1) < (5 * 2) / Math.sqrt(count));
    assert.ok(Math.abs(moment(values, 2, 1) / 4 - 1) < 0.016);
    assert.ok(Math.abs(moment(values, 3, 1) / 8) < 0.03);
    assert.ok(Math.abs(moment(values, 4, 1) / 16 - 3) < 0.12);
    for (const lag of [1, 2, 4]) {
      let product = 0;
      for (let i = lag; i < count; i++) product += (values[i]! - 1) * (values[i - lag]! - 1);
      assert.ok(Math.abs(product / count / 4) < 5 / Math.sqrt(count), `lag ${lag}: ${product / count / 4}`);
    }
    assert.equal(fillNormal(new Float32Array(5), stream).length, 5);
  });

  it('fillBelow gives whole numbers below the bound, each about as often', () => {
    const counts = new Uint32Array(7);
    for (const value of fillBelow(new Uint32Array(70_000), stream, 7)) counts[value]!++;
    for (const count of counts) assert.ok(Math.abs(count - 10_000) < 5 * Math.sqrt(10_000), `${counts}`);
  });

  it('fillNoise is normal: moments, quantiles, independent neighbours', () => {
    const values = fillNoise(new Float32Array(400_001), stream);
    const mean = moment(values, 1);
    assert.ok(Math.abs(mean) < 5 / Math.sqrt(values.length), `${mean}`);
    for (const [power, expected, spread] of [
      [2, 1, Math.sqrt(2)],
      [3, 0, Math.sqrt(15)],
      [4, 3, Math.sqrt(96)],
    ] as const) {
      const found = moment(values, power, mean);
      assert.ok(Math.abs(found - expected) < (5 * spread) / Math.sqrt(values.length), `moment ${power}: ${found}`);
    }
    // Φ at some places.
    for (const [z, share] of [
      [-3, 0.001349898],
      [-1, 0.1586553],
      [0, 0.5],
      [0.5, 0.6914625],
      [2, 0.9772499],
    ] as const) {
      const below = values.filter((value) => value < z).length / values.length;
      const error = 5 * Math.sqrt((share * (1 - share)) / values.length);
      assert.ok(Math.abs(below - share) < error, `${below} below ${z}`);
    }
    let product = 0;
    for (let i = 1; i < values.length; i++) product += values[i]! * values[i - 1]!;
    assert.ok(Math.abs(product / values.length) < 5 / Math.sqrt(values.length));
    assert.deepEqual(fillNoise(new Float32Array(7), stream), values.slice(0, 7));
  });
});
