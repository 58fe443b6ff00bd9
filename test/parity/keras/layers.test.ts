import assert from 'node:assert/strict';
import path from 'node:path';
import { layers } from '../../../src/engine/layers';
import type { Slot } from '../../../src/engine/runtime';
import { chosenRuntime } from '../../chosenRuntime';
import { compareLayer } from '../compareLayer';
import { readFixture } from '../layerFixtures';
import { FIXTURE_SEED, fingerprint, prepare } from '../layerRequests';
import { runLayers } from '../runLayer';
import { kerasCases } from './cases';

const fixtures = path.resolve(__dirname, '..', '..', '..', '..', 'test', 'fixtures', 'keras');

describe('parity of layers with Keras', () => {
  const runtime = chosenRuntime();
  let slot: Slot;
  before(async () => {
    slot = await runtime.lease();
  });
  after(() => {
    slot.release();
    runtime.dispose();
  });

  it('has cases for every row of Keras; its norms are among those held against PyTorch', () => {
    const rows = layers.filter(({ library, role }) => library === 'keras' && role !== 'norm').map(({ kind }) => kind);
    assert.deepEqual(Object.keys(kerasCases).sort(), rows.sort());
  });

  for (const [kind, cases] of Object.entries(kerasCases)) {
    it(`${kind}: values, gradients, weights and shapes`, async () => {
      const prepared = cases.map((one) => prepare(kind, one, FIXTURE_SEED));
      const fixture = readFixture(fixtures, kind);
      assert.equal(fixture.fingerprint, fingerprint(prepared.map(({ request }) => request)), 'regenerate the fixture');
      const values = await runLayers(slot, prepared);
      prepared.forEach((one, i) => {
        try {
          compareLayer(one, values[i]!, fixture.answers[i]!);
        } catch (error) {
          if (error instanceof Error) error.message = `${one.request.name}: ${error.message}`;
          throw error;
        }
      });
    });
  }
});
