// `NORMSCOPE_PYTHON=python node scripts/compareTimm.mjs [--every N] [--only PATTERN] [--list]`: reads timm's models from the source of
// the package and compares them with what the package itself makes (test/corpus/timm.ts).
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
  entryPoints: { timm: 'test/corpus/timm.ts' },
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
const { main } = createRequire(import.meta.url)(path.join(out, 'timm.js'));
process.exitCode = await main(process.argv.slice(2));
