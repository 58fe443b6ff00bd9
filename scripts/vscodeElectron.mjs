// `npm run test:electron [-- VERSION]`: the same suite in the desktop's VS Code, which @vscode/test-electron downloads. A
// version may be named (`1.99.0`); the newest stable one is taken else. Needs dist/ with the test bundles.
import { existsSync } from 'node:fs';
import { cp, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { runTests } from '@vscode/test-electron';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const SUITE = path.join(root, 'dist', 'test', 'vscode', 'index.js');

let passed = 0;
let failed = 0;
try {
  if (!existsSync(SUITE)) throw new Error('the test bundles are missing: run node esbuild.mjs --tests first');
  for (const mode of ['trusted', 'restricted']) {
    const folder = await mkdtemp(path.join(tmpdir(), 'normscope-workspace-'));
    const results = `${folder}.json`;
    await cp(path.join(root, 'test', 'vscode', 'workspace'), folder, { recursive: true });
    await cp(path.join(root, 'examples'), path.join(folder, 'examples'), { recursive: true });
    // Its exit code says less than the results that it writes.
    await runTests({
      version: process.argv[2] ?? 'stable',
      extensionDevelopmentPath: root,
      extensionTestsPath: SUITE,
      launchArgs: [folder, '--disable-extensions', ...(mode === 'trusted' ? ['--disable-workspace-trust'] : [])],
      extensionTestsEnv: { NORMSCOPE_TEST_RESULTS: results, NORMSCOPE_TEST_MODE: mode },
    }).catch((error) => process.stderr.write(`normscope: ${mode}: ${error.message ?? error}\n`));
    const tests = existsSync(results) ? JSON.parse(await readFile(results, 'utf8')) : [];
    passed += tests.filter(({ error }) => error === null).length;
    failed += Math.max(tests.length === 0 ? 1 : 0, tests.filter(({ error }) => error !== null).length);
    for (const { title, error } of tests)
      process.stdout.write(`  ${error === null ? '✔' : '✘'} ${title}\n${error ?? ''}`);
    await rm(folder, { recursive: true, force: true });
    await rm(results, { force: true });
  }
} catch (error) {
  process.stderr.write(`normscope: ${error.message}\n`);
  failed++;
}
process.stdout.write(`\n${passed} passed, ${failed} failed\n`);
process.exitCode = failed === 0 ? 0 : 1;
