import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { fileDocument, type Network } from '../../../src/engine/network';
import { pythonReader } from '../../../src/engine/readers/pythonFiles';
import { chosenRuntime } from '../../chosenRuntime';
import { type Answer, compareModel } from './compareModel';

const FOLDER = 'test/parity/keras/models';
const FIXTURE = 'test/fixtures/keras/models.json.gz';

async function readModel(file: string): Promise<Network> {
  const full = path.join(FOLDER, file);
  const networks = await pythonReader.read(fileDocument(full, readFileSync(full, 'utf8')), { name: 'model' });
  assert.equal(networks.length, 1);
  assert.deepEqual(networks[0]!.unmodelled, []);
  return networks[0]!;
}

describe('parity of models with Keras', () => {
  const runtime = chosenRuntime();
  after(() => runtime.dispose());

  const answers = (text: string): Readonly<Record<string, Answer>> => JSON.parse(text).models;
  const committed = () => answers(gunzipSync(readFileSync(FIXTURE)).toString());

  for (const file of readdirSync(FOLDER).filter((name) => name.endsWith('.py'))) {
    it(`${file}: weights, shapes, outputs and gradients`, async () =>
      compareModel(await readModel(file), committed()[file]!, runtime));
  }

  it('agree with the Keras at hand (NORMSCOPE_KERAS names its Python)', async function () {
    const python = process.env.NORMSCOPE_KERAS;
    if (!python) return this.skip();
    this.timeout(120_000);
    const { stdout, stderr, status } = spawnSync(python, ['test/parity/keras/models_reference.py'], {
      maxBuffer: 2 ** 30,
      encoding: 'utf8',
    });
    assert.equal(status, 0, stderr);
    for (const [file, answer] of Object.entries(answers(stdout)))
      await compareModel(await readModel(file), answer, runtime);
  });
});
