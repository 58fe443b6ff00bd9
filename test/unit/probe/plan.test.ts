import assert from 'node:assert/strict';
import fc from 'fast-check';
import { CompiledProbe, planProbe, probeBytes, probesThatFit, refuseHuge } from '../../../src/engine/probe';
import type { StepWork } from '../../../src/engine/probe/cost';
import type { PlanOptions } from '../../../src/engine/probe/plan';
import { networkOf } from '../../measure';

const options: PlanOptions = {
  batch: 32,
  trainingBatch: 32,
  budgetSeconds: 10,
  variants: 5,
  sampleValues: 3 * 224 * 224,
  slots: 2,
  narrowable: () => true,
};
/** About ResNet-50's at 224×224, batch 32, made `size` times as large. */
const work = (size: number): StepWork => ({
  productFlops: 800e9 * size,
  elements: 10e9 * size,
  nodes: 9000 * Math.min(1, size),
  expressions: 9000 * Math.min(1, size),
  parameters: 25e6 * Math.min(1, size),
  copied: 0,
});

const ORDER = [
  'reduced-steps',
  'reduced-evaluation',
  'reduced-seeds',
  'reduced-rates',
  'reduced-variants',
  'reduced-width',
];
const idsOf = (plan: ReturnType<typeof planProbe>) => plan.reduced.map(({ id }) => id);

describe('planProbe', () => {
  it('takes a small network as it is, and says nothing', () => {
    const plan = planProbe(work(1e-6), { ...options, sampleValues: 64 });
    assert.deepEqual(plan, {
      steps: 20,
      seeds: 6,
      evaluated: 256,
      noiseSamples: 256,
      rateFactors: [0.1, 0.3, 1, 3],
      initScales: [0.5, 2],
      variants: 5,
      narrow: 1,
      reduced: [],
    });
  });

  it('scales down in one order, and each to its end before the next begins (property)', () => {
    fc.assert(
      fc.property(fc.double({ min: -7, max: 0, noNaN: true }), (magnitude) => {
        const plan = planProbe(work(10 ** magnitude), options);
        const ids = idsOf(plan);
        // Whoever is reduced, all before it are.
        assert.deepEqual(ids, ORDER.slice(0, ids.length));
        if (plan.narrow > 1) assert.deepEqual([plan.steps > 5, plan.evaluated, plan.seeds], [false, 64, 1]);
        for (const { text } of plan.reduced) assert.doesNotMatch(text, /[{}]|undefined|NaN/);
      }),
    );
  });

  it('gives less to a larger network, and more to a larger budget (property)', () => {
    const amount = (plan: ReturnType<typeof planProbe>) =>
      [
        1 / plan.narrow,
        plan.variants,
        plan.rateFactors.length,
        // More than the usual seeds are given up before everything else.
        Math.min(3, plan.seeds),
        plan.evaluated,
        plan.steps,
        plan.seeds,
        plan.initScales.length,
      ] as const;
    const atLeast = (a: readonly number[], b: readonly number[]) => {
      const place = a.findIndex((value, i) => value !== b[i]);
      return place < 0 || a[place]! > b[place]!;
    };
    fc.assert(
      fc.property(
        fc.double({ min: -7, max: 0, noNaN: true }),
        fc.double({ min: 1, max: 8, noNaN: true }),
        (magnitude, times) => {
          const size = 10 ** magnitude;
          const plan = amount(planProbe(work(size), options));
          assert.ok(atLeast(plan, amount(planProbe(work(size * times), options))));
          assert.ok(atLeast(amount(planProbe(work(size), { ...options, budgetSeconds: 10 * times })), plan));
        },
      ),
    );
  });

  it('measures BatchNorm’s noise over 256 samples where a pass over them takes little, and says where it does not', () => {
    const middle = planProbe(work(5e-3), { ...options, sampleValues: 64 });
    assert.deepEqual([middle.evaluated < 256, middle.noiseSamples], [true, 256]);
    assert.doesNotMatch(middle.reduced.map(({ text }) => text).join(' '), /batch noise/);
    const large = planProbe(work(1), options);
    assert.ok(large.noiseSamples < 256 && large.noiseSamples >= large.evaluated);
    assert.match(large.reduced.map(({ text }) => text).join(' '), /batch noise/);
  });

  it('narrows ResNet-50, and still tries a norm beside its own', () => {
    const plan = planProbe(work(1), options);
    assert.deepEqual(idsOf(plan), ORDER);
    assert.equal(plan.variants, 2);
    assert.match(plan.reduced.at(-1)!.text, new RegExp(`1/${plan.narrow} of its channels`));
  });

  it('gives up variants and steps where the width cannot be', () => {
    const plan = planProbe(work(1), { ...options, narrowable: () => false });
    assert.deepEqual([plan.narrow, plan.variants, plan.steps], [1, 0, 1]);
    assert.match(plan.reduced.at(-1)!.text, /No norm is recommended/);
  });

  it('judges on a few samples where nothing else is left, and never on less than a batch', () => {
    const huge = { ...work(4), nodes: 9000 };
    const fewest = (batch: number) =>
      planProbe(huge, { ...options, batch, trainingBatch: batch, narrowable: () => false });
    assert.deepEqual(
      [2, 16].map((batch) => fewest(batch).evaluated),
      [4, 16],
    );
  });

  it('leaves the width alone where nodes take the time, not channels', () => {
    const deep = { productFlops: 1e9, elements: 1e8, nodes: 200_000, expressions: 200_000, parameters: 4e6, copied: 0 };
    assert.equal(planProbe(deep, options).narrow, 1);
  });

  it('keeps the steps and seeds that were asked for, and makes no network narrower for their sake', () => {
    const plan = planProbe(work(1e-3), { ...options, steps: 100_000, seeds: 9 });
    assert.deepEqual([plan.steps, plan.seeds, plan.narrow, plan.variants], [100_000, 9, 1, 5]);
    const large = planProbe(work(1), { ...options, steps: 40 });
    assert.equal(large.steps, 40);
    assert.ok(large.narrow > 1);
  });
});

describe('probesThatFit', () => {
  const network = networkOf({ input: [8], batch: 4, layers: [{ Linear: { out_features: 8 } }] });
  const program = new CompiledProbe(network, 4, 5).training.program;

  it('counts what the process takes beside its tensors', () => {
    const bytes = probeBytes(program, 5);
    assert.ok(bytes > 36e6 + program.peakBytes + 5 * program.bytesPerStep);
    assert.ok(Math.abs(probeBytes({ ...program, peakBytes: program.peakBytes + 1e6 }, 5) - bytes - 1.2e6) < 1);
    const more = { name: 'data:more', dtype: 'float32', shape: [1000, 250] } as const;
    assert.ok(Math.abs(probeBytes({ ...program, inputs: [...program.inputs, more] }, 5) - bytes - 1.5e6) < 1);
    assert.equal(probeBytes(program, 6) - bytes, program.bytesPerStep);
    const wider = { ...program, peakBytes: program.peakBytes + 2e6 };
    assert.ok(Math.abs(probeBytes(program, 5, [wider]) - bytes - 2.4e6 - 1e4 * program.nodes) < 1);
  });

  it('tells how many fit at a time, and refuses where none does', () => {
    const bytes = probeBytes(program, 5);
    assert.equal(probesThatFit(network, program, 5, [], 3.5 * bytes), 3);
    assert.throws(() => probesThatFit(network, program, 5, [], 0.9 * bytes), /is estimated to take/);
    assert.throws(() => probesThatFit(network, program, 5, [], 9 * bytes, 0.9 * bytes), /is estimated to take/);
  });
});

describe('refuseHuge', () => {
  it('refuses what could not even hold its weights and their gradients', () => {
    const network = networkOf({ input: [1000], batch: 1, layers: [{ Linear: { out_features: 1000, bias: false } }] });
    assert.doesNotThrow(() => refuseHuge(network, 8e6));
    assert.throws(() => refuseHuge(network, 7e6), /1,000,000 parameters\) is estimated to take 0\.008 GB/);
  });
});
