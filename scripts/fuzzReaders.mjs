// `node scripts/fuzzReaders.mjs FOLDER [--runs N] [--seed N] [--root FOLDER]`: reads mutated and cut-off copies of the model files below
// a folder, and says which of them were not survived (test/fuzz/main.ts).
import { copyFile, mkdir } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const out = path.join(root, 'dist', 'fuzz');
await mkdir(out, { recursive: true });
await build({
  absWorkingDir: root,
  entryPoints: { fuzz: 'test/fuzz/main.ts' },
  outdir: out,
  bundle: true,
  platform: 'node',
  format: 'cjs',
  target: 'node20',
  logLevel: 'warning',
});
for (const [folder, file] of [
  ['web-tree-sitter', 'web-tree-sitter.wasm'],
  ['tree-sitter-python', 'tree-sitter-python.wasm'],
]) {
  await copyFile(path.join(root, 'node_modules', folder, file), path.join(out, file));
}
const { main } = createRequire(import.meta.url)(path.join(out, 'fuzz.js'));
process.exitCode = await main(process.argv.slice(2));
