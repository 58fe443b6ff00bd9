import assert from 'node:assert/strict';
import fc from 'fast-check';
import { causesOf } from '../../../src/engine/probe/data/causes';
import type { Split } from '../../../src/engine/probe/data/generator';
import { sampleOrder } from '../../../src/engine/probe/data/order';
import { prototypeSamples, type SampleSpec } from '../../../src/engine/probe/data/samples';
import { causedTargets, labels } from '../../../src/engine/probe/data/targets';

const spec: SampleSpec = {
  seed: 1,
  split: 'training',
  shape: [64],
  axes: [],
  causes: 10,
  samples: 2000,
  input: 0,
};
/** A sequence's first axis is its positions, an image's all but the first. */
const shaped = (shape: readonly number[]) => ({
  shape,
  axes: shape.length === 2 ? [0] : shape.slice(1).map((_, axis) => axis + 1),
});

const moments = (values: Float32Array) => {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return { mean, variance: values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length };
};

/** Covariance of two runs of values with mean near 0. */
const covariance = (a: ArrayLike<number>, b: ArrayLike<number>): number => {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum / a.length;
};

describe('synthetic data', () => {
  it('has mean 0 and variance (1 + 0.2²)(0.6² + 0.8²) + 0.2² = 1.08, for vectors, sequences and images', () => {
    for (const shape of [[64], [16, 16], [3, 12, 12]]) {
      // Over seeds, because ten prototypes alone do not average out.
      const all = Array.from({ length: 12 }, (_, seed) =>
        moments(prototypeSamples({ ...spec, seed, ...shaped(shape), samples: 300 }).values as Float32Array),
      );
      const mean = all.reduce((sum, one) => sum + one.mean, 0) / all.length;
      const variance = all.reduce((sum, one) => sum + one.variance, 0) / all.length;
      assert.ok(Math.abs(mean) < 0.05, `${shape}: mean ${mean}`);
      assert.ok(Math.abs(variance - 1.08) < 0.06, `${shape}: variance ${variance}`);
    }
  });

  it('is smooth over pixels and white over features', () => {
    const neighbours = (shape: number[]) => {
      const values = prototypeSamples({ ...spec, ...shaped(shape), samples: 400 }).values as Float32Array;
      const { mean, variance } = moments(values);
      const centred = values.map((value) => value - mean);
      return covariance(centred.subarray(0, -1), centred.subarray(1)) / variance;
    };
    assert.ok(neighbours([1, 16, 16]) > 0.5);
    assert.ok(neighbours([256]) < 0.1);
  });

  it('is a pure function of its spec, more samples beginning with fewer', () => {
    fc.assert(
      fc.property(
        fc.nat(1000),
        fc.constantFrom<Split>('training', 'evaluation'),
        fc.constantFrom([5], [3, 4], [2, 5, 3]),
        fc.integer({ min: 1, max: 12 }),
        fc.nat(3),
        (seed, split, shape, samples, index) => {
          const own: SampleSpec = { seed, split, ...shaped(shape), causes: 3, samples, input: index };
          const size = shape.reduce((product: number, dim) => product * dim, 1);
          const more = prototypeSamples({ ...own, samples: 12 });
          assert.deepEqual(prototypeSamples(own).values, (more.values as Float32Array).slice(0, samples * size));
          const classes = labels({ ...own, positions: [], classes: 3 });
          assert.deepEqual(classes.values, BigInt64Array.from(causesOf(own), BigInt));
        },
      ),
      { numRuns: 25 },
    );
  });

  it('has splits, inputs and seeds that share prototypes only where they should, and samples never', () => {
    const rows = (over: Partial<SampleSpec>) => {
      const { values } = prototypeSamples({ ...spec, samples: 200, ...over });
      return new Set(Array.from({ length: 200 }, (_, n) => (values as Float32Array).slice(n * 64, n * 64 + 2).join()));
    };
    const base = rows({});
    assert.equal(base.size, 200);
    for (const other of [{ split: 'evaluation' }, { input: 1 }, { seed: 2 }] as const) {
      assert.equal([...rows(other)].filter((row) => base.has(row)).length, 0, JSON.stringify(other));
    }
    // Class means of both splits agree: what is learned on one holds on the other.
    const classMean = (over: Partial<SampleSpec>, wanted: number) => {
      const own = { ...spec, ...over };
      const values = prototypeSamples(own).values as Float32Array;
      const members = [...causesOf(own).keys()].filter((n) => causesOf(own)[n] === wanted).slice(0, 150);
      return Array.from(
        { length: 64 },
        (_, i) => members.reduce((sum, n) => sum + values[n * 64 + i]!, 0) / members.length,
      );
    };
    const here = classMean({}, 4);
    const there = classMean({ split: 'evaluation' }, 4);
    const other = classMean({ split: 'evaluation' }, 5);
    const own = covariance(here, there) / covariance(here, here);
    assert.ok(own > 0.9, `${own}`);
    assert.ok(Math.abs(covariance(here, other) / covariance(here, here)) < 0.4);
  });

  it('has every class about as often, in both splits', () => {
    for (const split of ['training', 'evaluation'] as const) {
      const counts = new Uint32Array(10);
      for (const label of causesOf({ ...spec, split, samples: 10_000 })) counts[label]!++;
      for (const count of counts) assert.ok(Math.abs(count - 1000) < 5 * Math.sqrt(1000), `${counts}`);
    }
  });

  it('gives samples of one class one regression target, of variance 1', () => {
    const own = { ...spec, shape: [32], causes: 40, samples: 400 };
    const targets = causedTargets({ ...own, form: 'values', along: 0 });
    const labels = causesOf(own);
    const row = (n: number) => [...(targets.values as Float32Array).subarray(n * 32, n * 32 + 32)];
    const byClass = new Map<number, number[]>();
    labels.forEach((label, n) => {
      const first = byClass.get(label) ?? row(n);
      byClass.set(label, first);
      assert.deepEqual(row(n), first);
    });
    assert.ok(Math.abs(moments(Float32Array.from([...byClass.values()].flat())).variance - 1) < 0.2);
    assert.deepEqual([...targets.shape], [400, 32]);
  });
});

describe('sampleOrder', () => {
  it('goes through all samples in each epoch, in another order each time (property)', () => {
    fc.assert(
      fc.property(
        fc.nat(1000),
        fc.integer({ min: 1, max: 40 }),
        fc.integer({ min: 1, max: 9 }),
        fc.integer({ min: 1, max: 30 }),
        (seed, samples, batch, steps) => {
          const order = sampleOrder(seed, samples, batch, steps);
          assert.deepEqual([...order.shape], [steps, batch]);
          const values = Array.from(order.values as BigInt64Array, Number);
          for (let at = 0; at + samples <= values.length; at += samples) {
            const epoch = values.slice(at, at + samples);
            assert.deepEqual(
              [...epoch].sort((a, b) => a - b),
              [...Array(samples).keys()],
            );
          }
          // What is asked for in fewer steps is the beginning of the same order.
          const fewer = sampleOrder(seed, samples, batch, Math.ceil(steps / 2));
          assert.deepEqual(fewer.values, order.values.slice(0, fewer.values.length));
        },
      ),
      { numRuns: 60 },
    );
    const epochs = sampleOrder(3, 100, 100, 3).values;
    assert.notDeepEqual(epochs.slice(0, 100), epochs.slice(100, 200));
    assert.notDeepEqual(sampleOrder(4, 100, 100, 1).values, epochs.slice(0, 100));
  });
});
