// `node scripts/evidence.mjs null|differences|noise`: bundles the engine and the advisor's evidence into dist/evidence/ and runs
// a part of it. docs/advisor-evidence.md says what the figures mean, and quotes them.

import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const out = path.join(root, 'dist', 'evidence');
await build({
  absWorkingDir: root,
  entryPoints: { probeChild: 'src/engine/probeChild.ts', evidence: 'test/bench/evidence/index.ts' },
  outdir: out,
  bundle: true,
  platform: 'node',
  format: 'cjs',
  target: 'node20',
  sourcemap: true,
  external: ['onnxruntime-node', 'onnxruntime-web'],
  logLevel: 'warning',
});
const { main } = createRequire(import.meta.url)(path.join(out, 'evidence.js'));
process.exitCode = await main(root);
