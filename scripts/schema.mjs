// Writes schema/normscope.schema.json from the layer table. A unit test fails while the file is stale.
import { execFileSync } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { build } from 'esbuild';

const { outputFiles } = await build({
  entryPoints: ['src/engine/readers/description/index.ts'],
  bundle: true,
  platform: 'node',
  format: 'cjs',
  target: 'node20',
  external: ['onnxruntime-node', 'onnxruntime-web'],
  write: false,
});
const bundled = { exports: {} };
new Function('module', 'exports', 'require', outputFiles[0].text)(
  bundled,
  bundled.exports,
  createRequire(import.meta.url),
);
await mkdir('schema', { recursive: true });
await writeFile('schema/normscope.schema.json', JSON.stringify(bundled.exports.descriptionSchema()));
execFileSync(process.execPath, [
  'node_modules/@biomejs/biome/bin/biome',
  'format',
  '--write',
  'schema/normscope.schema.json',
]);
