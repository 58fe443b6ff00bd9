import assert from 'node:assert/strict';
import path from 'node:path';
import { layers } from '../../src/engine/layers';
import { bindShape } from '../../src/engine/network';
import type { Slot } from '../../src/engine/runtime';
import { chosenRuntime } from '../chosenRuntime';
import { layerCases, mergeFamilies } from './cases';
import { compareLayer, ourRefusal } from './compareLayer';
import { Draw } from './draw';
import { type LayerFixture, readFixture } from './layerFixtures';
import { completedAttributes, FIXTURE_SEED, fingerprint, preparedCases, refusedRequests, rowOf } from './layerRequests';
import { runLayers } from './runLayer';

const fixtures = path.resolve(__dirname, '..', '..', '..', 'test', 'fixtures', 'parity');

describe('parity of layers with PyTorch', () => {
  const runtime = chosenRuntime();
  let slot: Slot;
  before(async () => {
    slot = await runtime.lease();
  });
  after(() => {
    slot.release();
    runtime.dispose();
  });

  it('has cases for every row, and for every function form of every row', () => {
    // What is drawn at every step has no value to compare. Keras's rows are held against Keras, in ./keras, but for its
    // norms, which are written out in PyTorch.
    for (const row of layers.filter(
      ({ role, library }) => role !== 'noise' && (library !== 'keras' || role === 'norm'),
    )) {
      const cases = layerCases[row.kind]?.fixed ?? [];
      assert.ok(cases.length > 0, `${row.kind} has no parity case`);
      if (row.module)
        assert.ok(
          cases.some((one) => one.function === undefined),
          `${row.kind} has no case as a module`,
        );
      for (const form of row.functions ?? []) {
        const covered = cases.some((one) => one.function !== undefined && form.names.includes(one.function));
        assert.ok(covered, `${form.names[0]} has no parity case`);
      }
    }
    for (const kind of Object.keys(layerCases)) rowOf(kind);
  });

  it('refuses a kind in two families', () => {
    const family = { Linear: layerCases.Linear! };
    assert.deepEqual(Object.keys(mergeFamilies([family, { Conv2d: layerCases.Conv2d! }])), ['Linear', 'Conv2d']);
    assert.throws(() => mergeFamilies([family, family]), /two families have cases for Linear/);
  });

  it('notices a value that is a little off, anywhere', async () => {
    const [one] = preparedCases('BatchNorm2d', FIXTURE_SEED);
    const answer = readFixture(fixtures, 'BatchNorm2d').answers[0]!;
    const [values] = await runLayers(slot, [one!]);
    compareLayer(one!, values!, answer);
    const tensors = [
      values!.outputs[0]!,
      values!.inputGradients[0]!,
      values!.parameterGradients.weight!,
      values!.buffers.running_var!,
    ];
    for (const tensor of tensors) {
      const array = tensor.values as Float32Array;
      const largest = array.reduce((best, value, i) => (Math.abs(value) > Math.abs(array[best]!) ? i : best), 0);
      const kept = array[largest]!;
      array[largest] = kept * 1.0002;
      assert.throws(() => compareLayer(one!, values!, answer), /differs by 0\.000/);
      array[largest] = kept;
    }
  });

  it('draws random cases of every row, the same from the same seed, and not all alike', () => {
    for (const [kind, { random }] of Object.entries(layerCases)) {
      const drawn = Array.from({ length: 20 }, (_, i) => JSON.stringify(random(new Draw(1, kind, i))));
      assert.equal(drawn[7], JSON.stringify(random(new Draw(1, kind, 7))), kind);
      assert.ok(new Set(drawn).size > 5, `${kind} draws the same case again and again`);
    }
  });

  it('foretells shapes with the batch as a symbol', () => {
    for (const [kind, { fixed }] of Object.entries(layerCases)) {
      const prepared = preparedCases(kind, FIXTURE_SEED);
      for (const [i, one] of fixed.entries()) {
        const batch = one.batch ?? 2;
        const completed = completedAttributes(kind, one);
        const symbolic = rowOf(kind).outputShapes(one.inputs, completed);
        assert.deepEqual(
          symbolic.map((shape) => bindShape(shape, batch)),
          rowOf(kind).outputShapes(
            one.inputs.map((shape) => bindShape(shape, batch)),
            prepared[i]!.completed,
          ),
        );
      }
    }
  });

  describe('committed answers', () => {
    for (const [kind, { refused = [] }] of Object.entries(layerCases)) {
      describe(kind, () => {
        const prepared = preparedCases(kind, FIXTURE_SEED);
        const refusals = refusedRequests(kind);
        let fixture: LayerFixture;
        before(() => {
          fixture = readFixture(fixtures, kind);
          assert.equal(
            fixture.fingerprint,
            fingerprint([...prepared.map(({ request }) => request), ...refusals]),
            `the cases of ${kind} changed: run test/parity/regenerate.mjs ${kind}`,
          );
        });
        prepared.forEach((one, i) => {
          it(one.request.name, async () => {
            const [values] = await runLayers(slot, [one]);
            compareLayer(one, values!, fixture.answers[i]!);
          });
        });
        refused.forEach((one, i) => {
          it(`refuses, in the same words, ${refusals[i]!.name}`, () => {
            const answer = fixture.refusals[i]!;
            assert.ok('error' in answer);
            assert.equal(ourRefusal(kind, one), answer.error);
          });
        });
      });
    }
  });
});
