// `npm run bench [-- --json --only PART --case SUBSTRING --repeats N]`: bundles the engine and the benchmark into dist/bench/ and runs it.
// NORMSCOPE_PYTHON names a Python with PyTorch. docs/benchmark.md says how each figure is made.
import { copyFile, mkdir } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
// A folder of its own: another build, of tests say, may then run at the same time.
const out = path.join(root, 'dist', 'bench');
await mkdir(out, { recursive: true });
await build({
  absWorkingDir: root,
  entryPoints: {
    cli: 'src/engine/cli.ts',
    probeChild: 'src/engine/probeChild.ts',
    bench: 'test/bench/index.ts',
  },
  outdir: out,
  bundle: true,
  platform: 'node',
  format: 'cjs',
  target: 'node20',
  // As it is packaged.
  minify: true,
  external: ['onnxruntime-node'],
  logLevel: 'warning',
});
for (const [folder, file] of [
  ['web-tree-sitter', 'web-tree-sitter.wasm'],
  ['tree-sitter-python', 'tree-sitter-python.wasm'],
]) {
  await copyFile(path.join(root, 'node_modules', folder, file), path.join(out, file));
}
const { main } = createRequire(import.meta.url)(path.join(out, 'bench.js'));
process.exitCode = await main(root, path.join(out, 'cli.js'));
