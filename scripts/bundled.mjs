// Programs in TypeScript that are run by hand: bundled afresh, then run with the command line's arguments.
import { copyFile, mkdir } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');

/**
 * Bundles `entry` (from the project's root) into dist/NAME, with the parser's WASM and what else it needs beside it, and gives
 * its `main`'s exit code.
 */
export async function runBundled(entry, name, beside = {}) {
  const out = path.join(root, 'dist', name);
  await mkdir(out, { recursive: true });
  await build({
    absWorkingDir: root,
    entryPoints: { [name]: entry, ...beside },
    outdir: out,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    external: ['onnxruntime-node', 'onnxruntime-web'],
    logLevel: 'warning',
  });
  for (const folder of ['web-tree-sitter', 'tree-sitter-python']) {
    await copyFile(path.join(root, 'node_modules', folder, `${folder}.wasm`), path.join(out, `${folder}.wasm`));
  }
  const { main } = createRequire(import.meta.url)(path.join(out, `${name}.js`));
  return main(process.argv.slice(2));
}
