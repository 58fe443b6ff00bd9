// `node scripts/adviceTable.mjs [--site FOLDER] [--write docs/advisor.md]`: what the advisor says of published networks whose norms
// were taken out, beside the norms that they have (test/corpus/advice).
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
  entryPoints: { advice: 'test/corpus/advice/main.ts', probeChild: 'src/engine/probeChild.ts' },
  outdir: out,
  bundle: true,
  platform: 'node',
  format: 'cjs',
  target: 'node20',
  external: ['onnxruntime-node', 'onnxruntime-web'],
  logLevel: 'warning',
});
for (const [folder, file] of [
  ['web-tree-sitter', 'web-tree-sitter.wasm'],
  ['tree-sitter-python', 'tree-sitter-python.wasm'],
]) {
  await copyFile(path.join(root, 'node_modules', folder, file), path.join(out, file));
}
process.chdir(root);
const { main } = createRequire(import.meta.url)(path.join(out, 'advice.js'));
process.exitCode = await main(process.argv.slice(2));
