import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, realpathSync } from 'node:fs';
import path from 'node:path';
import { countParameters, fileDocument } from '../../../src/engine/network';
import { pythonReader } from '../../../src/engine/readers/pythonFiles';

// What count_params() and the trainable weights of keras.applications.NAME(weights=None) are, in Keras 3.15.1.
const totals: Readonly<Record<string, { total: number; trainable: number }>> = JSON.parse(
  readFileSync('test/fixtures/keras/applications.json', 'utf8'),
);

describe('keras.applications, from their source', () => {
  it('have exactly the parameters that Keras makes (NORMSCOPE_KERAS names its Python)', async function () {
    const python = process.env.NORMSCOPE_KERAS;
    if (!python) return this.skip();
    this.timeout(300_000);
    const found = spawnSync(python, ['-c', 'import importlib.util as u; print(u.find_spec("keras").origin)'], {
      encoding: 'utf8',
    });
    const site = path.dirname(path.dirname(realpathSync(found.stdout.trim())));
    const folder = path.join(site, 'keras', 'src', 'applications');
    const seen: Record<string, { total: number; trainable: number }> = {};
    for (const file of readdirSync(folder).filter(
      (name) => /^[a-z0-9_]+\.py$/.test(name) && !/^__|_test|_utils/.test(name),
    )) {
      const full = path.join(folder, file);
      const imports = { workspace: [site], sitePackages: [] };
      for (const network of await pythonReader.read(fileDocument(full, readFileSync(full, 'utf8')), { imports })) {
        assert.deepEqual(network.unmodelled, [], network.name);
        seen[network.name] = countParameters(network);
      }
    }
    for (const [name, expected] of Object.entries(totals)) assert.deepEqual(seen[name], expected, name);
  });
});
