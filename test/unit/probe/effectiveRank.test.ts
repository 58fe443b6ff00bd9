import assert from 'node:assert/strict';
import fc from 'fast-check';
import { CompiledProbe, probeNetwork, representationOf } from '../../../src/engine/probe';
import { ProcessRuntime } from '../../../src/engine/runtime';
import { measure, networkOf } from '../../measure';
import { RecordingSlot, valuesFed } from '../../parity/recordingSlot';

/** (Σλ)²/Σλ² by the covariance itself, features against features, in double precision. */
function participation(rows: readonly (readonly number[])[]): { rank: number; between: number } {
  const features = rows[0]!.length;
  const means = Array.from({ length: features }, (_, j) => rows.reduce((sum, row) => sum + row[j]!, 0) / rows.length);
  let trace = 0;
  let squares = 0;
  for (let i = 0; i < features; i++) {
    for (let j = 0; j < features; j++) {
      const product = rows.reduce((sum, row) => sum + (row[i]! - means[i]!) * (row[j]! - means[j]!), 0);
      squares += product ** 2;
      if (i === j) trace += product;
    }
  }
  const power = rows.reduce((sum, row) => sum + row.reduce((all, x) => all + x * x, 0), 0);
  return { rank: trace ** 2 / squares, between: trace / power };
}

describe('effective rank', function () {
  this.timeout(30_000);
  const runtime = new ProcessRuntime();
  after(() => runtime.dispose());

  const gramOf = (rows: readonly (readonly number[])[]) =>
    rows.flatMap((a) => rows.map((b) => a.reduce((sum, x, i) => sum + x * b[i]!, 0)));

  it('is the number of directions of one size, and 1 where one outweighs all', () => {
    // Two samples a direction, at either end of it: mean 0, and as many eigenvalues as directions.
    const along = (sizes: readonly number[]) =>
      sizes.flatMap((size, i) => [1, -1].map((sign) => sizes.map((_, j) => (i === j ? sign * size : 0))));
    const rankOf = (rows: readonly (readonly number[])[]) =>
      representationOf({ call: 'x', features: rows[0]!.length }, gramOf(rows), 1, rows.length).effectiveRank;
    assert.ok(Math.abs(rankOf(along([1, 1, 1, 1, 1])) - 5) < 1e-12);
    // Eigenvalues 4 and 1 (in proportion): 25/17.
    assert.ok(Math.abs(rankOf(along([2, 1])) - 25 / 17) < 1e-12);
    assert.ok(rankOf(along([1, 1e-5, 1e-5])) < 1.000001);
    // Scale does not matter, down to values whose squares are no numbers of float32.
    assert.ok(Math.abs(rankOf(along([1e-18, 1e-18, 1e-18])) - 3) < 1e-12);
  });

  it('is NaN where no sample differs from another, and says that none does', () => {
    const { effectiveRank, betweenSamples } = representationOf({ call: 'x', features: 4 }, [0, 0, 0, 0], 8, 2);
    assert.ok(Number.isNaN(effectiveRank));
    assert.equal(betweenSamples, 0);
  });

  it('by samples and by features is the same, and never above the most that it can be', () => {
    const values = fc.integer({ min: -300, max: 300 }).map((hundredths) => hundredths / 100);
    const matrices = fc
      .tuple(fc.integer({ min: 2, max: 6 }), fc.integer({ min: 1, max: 6 }))
      .chain(([samples, features]) =>
        fc.array(fc.array(values, { minLength: features, maxLength: features }), {
          minLength: samples,
          maxLength: samples,
        }),
      );
    fc.assert(
      fc.property(matrices, (rows) => {
        const { rank, between } = participation(rows);
        fc.pre(between > 1e-6);
        const means = rows[0]!.map((_, j) => rows.reduce((sum, row) => sum + row[j]!, 0) / rows.length);
        const centered = rows.map((row) => row.map((x, j) => x - means[j]!));
        const power = rows.flat().reduce((sum, x) => sum + x * x, 0);
        const features = rows[0]!.length;
        const found = representationOf({ call: 'x', features }, gramOf(centered), power, rows.length);
        assert.ok(Math.abs(found.effectiveRank - rank) < 1e-6 * rank, `${found.effectiveRank} ${rank}`);
        assert.ok(Math.abs(found.betweenSamples - between) < 1e-6);
        assert.ok(found.effectiveRank <= found.most + 1e-6, `${found.effectiveRank} of ${found.most}`);
      }),
    );
  });

  it('of a layer equals that of the outputs computed from what it was fed', async () => {
    const network = networkOf({
      input: [12],
      layers: [{ Linear: { out_features: 7 } }, 'Tanh', { Linear: { out_features: 10 } }],
    });
    const probe = new CompiledProbe(network, 16, 0);
    const slot = new RecordingSlot(await runtime.lease());
    try {
      const { initial } = await probeNetwork(slot, probe, {
        seed: 2,
        learningRate: 0.1,
        steps: 0,
        firstStepApart: false,
        evaluate: 'everything',
      });
      const run = slot.runs.find(({ program }) => program === probe.representations.program)!;
      const fed = (name: string) => Array.from(valuesFed(run, name).values, Number);
      const inputs = fed('data:input');
      const weight = fed('parameter:0.weight');
      const bias = fed('parameter:0.bias');
      const outputs = Array.from({ length: probe.representations.samples }, (_, n) =>
        bias.map(
          (b, i) => b + weight.slice(i * 12, (i + 1) * 12).reduce((sum, w, j) => sum + w * inputs[n * 12 + j]!, 0),
        ),
      );
      const wanted = [outputs, outputs.map((row) => row.map(Math.tanh))].map(participation);
      for (const [i, { rank, between }] of wanted.entries()) {
        // What comes in is first.
        const found = initial!.representations[i + 1]!;
        assert.equal(found.most, 7);
        assert.ok(Math.abs(found.effectiveRank / rank - 1) < 1e-4, `${found.effectiveRank} ${rank}`);
        assert.ok(Math.abs(found.betweenSamples / between - 1) < 1e-4);
      }
    } finally {
      slot.release();
    }
  });

  it('takes all positions of a sample together, wherever the batch stands', async () => {
    const constant = { weight: { constant: 0.1 }, bias: { constant: 0 } };
    const images = networkOf({
      input: [3, 6, 6],
      layers: [
        { Conv2d: { out_channels: 8, kernel_size: 1, init: constant } },
        'Flatten',
        { Linear: { out_features: 16, init: constant } },
        { Linear: { out_features: 10 } },
      ],
    });
    const { layers } = await measure(runtime, images);
    // Its eight channels are one, but each place in the image is another direction.
    assert.ok(layers.get('0')!.effectiveRank!.value > 3);
    assert.equal(layers.get('0')!.effectiveRank!.most, 31);
    // Units that are all alike leave one.
    assert.ok(Math.abs(layers.get('2')!.effectiveRank!.value - 1) < 1e-3, `${layers.get('2')!.effectiveRank!.value}`);
  });

  it('is told of initialization and of the end', async () => {
    const network = networkOf({
      input: [8],
      layers: [{ Linear: { out_features: 8 } }, 'ReLU', { Linear: { out_features: 4 } }],
    });
    const { runs } = await measure(runtime, network, { steps: 4, learningRate: 0.3 });
    const [run] = runs;
    const calls = (all: readonly { call: string }[]) => all.map(({ call }) => call);
    assert.deepEqual(calls(run!.final!.representations!), calls(run!.initial!.representations));
    // What comes in stands first, and no training changes it.
    const [initial, final] = [run!.initial!.representations, run!.final!.representations!];
    assert.equal(final[0]!.effectiveRank, initial[0]!.effectiveRank);
    assert.notEqual(final.at(-1)!.effectiveRank, initial.at(-1)!.effectiveRank);
  });
});
