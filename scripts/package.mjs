// `npm run package [-- FILE] [--universal]`: a VSIX for this platform, or one for every platform, which runs probes as
// WebAssembly alone. What goes in is put into a folder of its own first: small bundles, the schema, the rules' pages, the
// notices of what is bundled, and onnxruntime where `require` finds it: WebAssembly, and this platform's native files.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { createVSIX } from '@vscode/vsce';
import { packageOf, thirdPartyNotices } from './notices.mjs';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const given = process.argv.slice(2);
const universal = given.includes('--universal');
const [file] = given.filter((argument) => !argument.startsWith('--'));
const target = universal ? undefined : `${process.platform}-${process.arch}`;
const native = path.join('bin', 'napi-v6', process.platform, process.arch);
if (!universal && !existsSync(path.join(root, 'node_modules', 'onnxruntime-node', native))) {
  process.stderr.write(`normscope: onnxruntime has no native build for ${target}; give --universal\n`);
  process.exit(1);
}
/** Of onnxruntime-web: what Node requires, and the one build without a graphics card. */
const wasm = ['ort.node.min.js', 'ort-wasm-simd-threaded.mjs', 'ort-wasm-simd-threaded.wasm'];

/** Copies a package's runtime files: no types, no source maps, no modules of the other kind. */
async function copyPackage(name, folders, to) {
  const from = path.join(root, 'node_modules', name);
  const filter = (file) => !/\.(d\.ts|map|md)$/.test(file);
  for (const part of ['package.json', ...folders]) {
    await cp(path.join(from, part), path.join(to, name, part), { recursive: true, filter });
  }
}

/** The native folder holds some libraries twice, under two names: only what the binding asks for by name is kept. */
async function dropUnusedLibraries(folder) {
  const binding = await readFile(path.join(folder, 'onnxruntime_binding.node'), 'latin1');
  for (const file of await readdir(folder)) {
    if (/\.dylib$/.test(file) && !binding.includes(file)) await rm(path.join(folder, file));
  }
}

const stage = await mkdtemp(path.join(tmpdir(), 'normscope-package-'));
try {
  const dist = path.join(stage, 'dist');
  const build = spawnSync(process.execPath, ['esbuild.mjs', '--package', dist], { cwd: root, stdio: 'inherit' });
  if (build.status !== 0) throw new Error('the bundles could not be built');
  await rm(path.join(dist, 'cli.js'));
  const inputs = JSON.parse(await readFile(path.join(dist, 'inputs.json'), 'utf8'));
  await rm(path.join(dist, 'inputs.json'));
  const runtimes = [...(universal ? [] : ['onnxruntime-node']), 'onnxruntime-web', 'onnxruntime-common'];
  const copied = [...runtimes, 'web-tree-sitter', 'tree-sitter-python'];
  const bundled = inputs.map(packageOf).filter((name) => name !== undefined);
  await writeFile(path.join(stage, 'ThirdPartyNotices.txt'), await thirdPartyNotices([...bundled, ...copied]));

  for (const part of [
    'README.md',
    'CHANGELOG.md',
    'LICENSE',
    'media',
    'l10n',
    'package.nls.json',
    'package.nls.zh-cn.json',
    'schema',
    path.join('docs', 'rules'),
    path.join('docs', 'settings.md'),
  ]) {
    await cp(path.join(root, part), path.join(stage, part), { recursive: true });
  }
  // Pictures are shown from the web alone, and there is no such place for these: the page goes without.
  const readme = path.join(stage, 'README.md');
  await writeFile(readme, (await readFile(readme, 'utf8')).replace(/^!\[.*\]\(docs\/images\/.*\)\n\n/gm, ''));
  const modules = path.join(dist, 'node_modules');
  await mkdir(modules, { recursive: true });
  await copyPackage('onnxruntime-common', [path.join('dist', 'cjs')], modules);
  const inDist = wasm.map((name) => path.join('dist', name));
  await copyPackage('onnxruntime-web', inDist, modules);
  if (!universal) {
    await copyPackage('onnxruntime-node', ['dist', native], modules);
    await dropUnusedLibraries(path.join(modules, 'onnxruntime-node', native));
  }

  const {
    files: _,
    bin: __,
    scripts: ___,
    dependencies: ____,
    optionalDependencies: _____,
    devDependencies: ______,
    ...manifest
  } = JSON.parse(await readFile(path.join(root, 'package.json'), 'utf8'));
  await writeFile(path.join(stage, 'package.json'), JSON.stringify(manifest, null, 2));
  await writeFile(path.join(stage, '.vscodeignore'), '# Everything in this folder goes in.\n');

  const name = `normscope-${manifest.version}-${target ?? 'universal'}.vsix`;
  const packagePath = path.resolve(file ?? path.join(root, name));
  await createVSIX({
    cwd: stage,
    packagePath,
    ...(target === undefined ? {} : { target }),
    dependencies: false,
    rewriteRelativeLinks: false,
    allowMissingRepository: true,
  });
  const { size } = await stat(packagePath);
  const { size: extension } = await stat(path.join(dist, 'extension.js'));
  process.stdout.write(
    `${packagePath}: ${(size / 1e6).toFixed(1)} MB; its extension bundle ${(extension / 1e3).toFixed(0)} kB\n`,
  );
} catch (error) {
  process.stderr.write(`normscope: ${error.message}\n`);
  process.exitCode = 1;
} finally {
  await rm(stage, { recursive: true, force: true });
}
