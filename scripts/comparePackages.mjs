// `NORMSCOPE_PYTHON=python node scripts/comparePackages.mjs PACKAGES PACKAGE… [--list]`: reads the models of packages from their
// source and compares them with what PyTorch makes of the same files (test/corpus/packages.ts).
import { copyFile, mkdir } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const out = path.join(root, 'dist', 'corpus');
await mkdir(out, { recursive: true });
await build({
  absWorkingDir: root,
  entryPoints: { packages: 'test/corpus/packages.ts' },
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
const { main } = createRequire(import.meta.url)(path.join(out, 'packages.js'));
process.exitCode = await main(process.argv.slice(2));
