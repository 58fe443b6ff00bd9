// Bundles every entry into dist/. One helper, explicit entries; `--tests` adds the test bundles.
import { copyFile, mkdir, readdir } from 'node:fs/promises';
import path from 'node:path';
import { build } from 'esbuild';

/** Bundles Node entries into `outdir`, keeping their names; native and WASM packages stay outside. */
const bundle = (entryPoints, outdir, options = {}) =>
  build({
    entryPoints,
    outdir,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    sourcemap: true,
    external: ['onnxruntime-node', 'vscode'],
    logLevel: 'warning',
    ...options,
  });

await mkdir('dist', { recursive: true });
await Promise.all([
  bundle(['src/engine/cli.ts'], 'dist', { banner: { js: '#!/usr/bin/env node' } }),
  bundle(['src/engine/probeChild.ts'], 'dist'),
  bundle(['src/engine/host.ts'], 'dist'),
  bundle([{ in: 'extension/activate.ts', out: 'extension' }], 'dist'),
  copyFile('node_modules/web-tree-sitter/web-tree-sitter.wasm', 'dist/web-tree-sitter.wasm'),
  copyFile('node_modules/tree-sitter-python/tree-sitter-python.wasm', 'dist/tree-sitter-python.wasm'),
]);

if (process.argv.includes('--tests')) {
  const files = await readdir('test', { recursive: true });
  const tests = files
    // What runs inside VS Code is one bundle, with an entry of its own.
    .filter((file) => file.endsWith('.test.ts') && !file.startsWith(`vscode${path.sep}`))
    .map((file) => path.join('test', file))
    .sort();
  await bundle(tests, 'dist/test', { outbase: 'test', logLevel: 'warning' });
  await bundle(['test/vscode/index.ts', 'test/vscode/suite.ts'], 'dist/test/vscode', {
    external: ['vscode', 'mocha', 'onnxruntime-node'],
  });
  process.stdout.write(`${tests.length} test files in ${path.join('dist', 'test')}\n`);
}
