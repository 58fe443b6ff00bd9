// Bundles every entry into dist/. One helper, explicit entries; `--tests` adds the test bundles, `--package FOLDER` puts
// small bundles without source maps into another folder.
import { copyFile, mkdir, readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { build } from 'esbuild';

const at = process.argv.indexOf('--package');
const packaged = at >= 0;
const out = packaged ? process.argv[at + 1] : 'dist';

/** Bundles Node entries into `outdir`, keeping their names; native and WASM packages stay outside. */
const bundle = (entryPoints, outdir, options = {}) =>
  build({
    entryPoints,
    outdir,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    sourcemap: !packaged,
    minify: packaged,
    external: ['onnxruntime-node', 'onnxruntime-web', 'vscode'],
    logLevel: 'warning',
    metafile: packaged,
    ...options,
  });

/** Bundles the pages: a script and a style sheet each, always small. */
const bundlePages = (entryPoints, outdir) =>
  build({
    entryPoints,
    outdir,
    bundle: true,
    platform: 'browser',
    format: 'iife',
    target: 'es2022',
    minify: true,
    legalComments: 'none',
    logLevel: 'warning',
    metafile: packaged,
  });

await mkdir(out, { recursive: true });
const built = await Promise.all([
  bundle(['src/engine/cli.ts'], out, { banner: { js: '#!/usr/bin/env node' } }),
  bundle(['src/engine/probeChild.ts'], out),
  bundle(['src/engine/host.ts'], out),
  bundle([{ in: 'extension/activate.ts', out: 'extension' }], out),
  bundlePages(['webview/sidebar.ts', 'webview/panel.ts'], path.join(out, 'webview')),
  copyFile('node_modules/web-tree-sitter/web-tree-sitter.wasm', path.join(out, 'web-tree-sitter.wasm')),
  copyFile('node_modules/tree-sitter-python/tree-sitter-python.wasm', path.join(out, 'tree-sitter-python.wasm')),
]);
if (packaged) {
  // Every file that a bundle holds, for the notices.
  const files = built.flatMap((result) => Object.keys(result?.metafile?.inputs ?? {}));
  await writeFile(path.join(out, 'inputs.json'), JSON.stringify(files));
}

if (process.argv.includes('--tests')) {
  const files = await readdir('test', { recursive: true });
  const tests = files
    // What runs inside VS Code is one bundle, with an entry of its own.
    .filter((file) => file.endsWith('.test.ts') && !file.startsWith(`vscode${path.sep}`))
    .map((file) => path.join('test', file))
    .sort();
  await bundle(tests, 'dist/test', {
    outbase: 'test',
    // fast-check too, so that all bundles share the one that test/propertySeed.cjs sets.
    external: ['onnxruntime-node', 'onnxruntime-web', 'vscode', 'playwright-core', 'fast-check'],
  });
  await bundle(['test/vscode/index.ts', 'test/vscode/suite.ts', 'test/vscode/measure.ts'], 'dist/test/vscode', {
    external: ['vscode', 'mocha', 'onnxruntime-node', 'onnxruntime-web'],
  });
  process.stdout.write(`${tests.length} test files in ${path.join('dist', 'test')}\n`);
}
