// Writes test/fixtures/parity/ anew: what PyTorch 2.13 computes for the cases in cases/ (forward values, gradients,
// updated buffers), and how it words what it refuses. Run it after changing a case, from anywhere in the checkout:
//
//     NORMSCOPE_PYTHON=/path/to/python node test/parity/regenerate.mjs [KIND …]
//
// With kinds (`Conv2d`), their files alone.
// The Python needs torch 2.13 and numpy (pip install torch==2.13.0 numpy). The drawn inputs depend on the case alone, so
// that a file changes only with its cases. One gzipped file a layer kind; tensors are float32 in base64.
import { mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const here = path.dirname(fileURLToPath(import.meta.url));
const python = process.env.NORMSCOPE_PYTHON;
if (!python) {
  process.stderr.write('NORMSCOPE_PYTHON must name a Python that has torch 2.13 and numpy.\n');
  process.exit(2);
}

// Beside the other bundles, where external packages are found.
const root = path.resolve(here, '..', '..');
const folder = await mkdtemp(path.join(root, 'node_modules', '.parity-'));
try {
  const outfile = path.join(folder, 'regenerateLayers.cjs');
  await build({
    entryPoints: [path.join(here, 'regenerateLayers.ts')],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    external: ['onnxruntime-node', 'onnxruntime-web'],
    logLevel: 'warning',
  });
  const { regenerateLayers } = createRequire(import.meta.url)(outfile);
  const script = path.join(here, 'layers_reference.py');
  await regenerateLayers(python, script, path.join(here, '..', 'fixtures', 'parity'), process.argv.slice(2));
} finally {
  await rm(folder, { recursive: true, force: true });
}
