// Writes test/fixtures/keras/ anew: what Keras 3.15 with its torch backend computes for the cases in cases.ts, and for
// the models in models/, for the lines of uses/ and the scripts in examples/. From anywhere in the checkout:
//
//     NORMSCOPE_KERAS=/path/to/python node test/parity/keras/regenerate.mjs
//
// The Python needs keras 3.15.1 and torch 2.13 (pip install keras==3.15.1 torch==2.13.0 h5py).
import { spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';

const here = path.dirname(fileURLToPath(import.meta.url));
const python = process.env.NORMSCOPE_KERAS;
if (!python) {
  process.stderr.write('NORMSCOPE_KERAS must name a Python that has keras 3.15 and torch.\n');
  process.exit(2);
}

const root = path.resolve(here, '..', '..', '..');
const fixtures = path.join(root, 'test', 'fixtures', 'keras');
const folder = await mkdtemp(path.join(root, 'node_modules', '.parity-'));
try {
  const outfile = path.join(folder, 'regenerateKeras.cjs');
  await build({
    entryPoints: [path.join(here, 'regenerateKeras.ts')],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    external: ['onnxruntime-node', 'onnxruntime-web'],
    logLevel: 'warning',
  });
  createRequire(import.meta.url)(outfile).regenerateKeras(python, here, fixtures);
} finally {
  await rm(folder, { recursive: true, force: true });
}

for (const name of ['models', 'uses', 'examples']) {
  const { status, stdout, stderr } = spawnSync(python, [path.join(here, `${name}_reference.py`)], {
    maxBuffer: 2 ** 30,
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(stderr);
  if (name === 'examples') await writeFile(path.join(fixtures, 'examples.json'), stdout.slice(stdout.indexOf('{\n')));
  else await writeFile(path.join(fixtures, `${name}.json.gz`), gzipSync(stdout, { level: 9 }));
}
