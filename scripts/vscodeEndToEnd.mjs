// `node scripts/vscodeEndToEnd.mjs [current|floor]`: packages the extension, installs it in real VS Code servers, and uses
// it as a person would, in headless Chromium. The last line is `N passed, N failed`. Needs dist/ with the test bundles.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { findChromium } from './vscode/browser.mjs';
import { endUndone } from './vscode/missing.mjs';
import { startPackaged } from './vscode/packaged.mjs';
import { versions } from './vscode/versions.mjs';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const TESTS = path.join('dist', 'test', 'e2e', 'vscode');

/** Runs the tests in a process of their own; gives their counts. */
function runTests({ address, folder }, runtime) {
  return new Promise((resolve, reject) => {
    const mocha = path.join(root, 'node_modules', 'mocha', 'bin', 'mocha.js');
    const child = spawn(
      process.execPath,
      [mocha, '--no-color', '--bail', `${TESTS.split(path.sep).join('/')}/**/*.test.js`],
      {
        cwd: root,
        env: {
          ...process.env,
          NORMSCOPE_VSCODE_ADDRESS: address,
          NORMSCOPE_VSCODE_FOLDER: folder,
          NORMSCOPE_VSCODE_RUNTIME: runtime,
        },
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    );
    let printed = '';
    child.stdout.on('data', (data) => {
      printed += data;
      process.stdout.write(data);
    });
    child.once('error', reject);
    child.once('close', (code) => {
      const count = (word) => Number([...printed.matchAll(new RegExp(`^ +(\\d+) ${word}\\b`, 'gm'))].pop()?.[1] ?? 0);
      const [passed, failing] = [count('passing'), count('failing')];
      resolve({ passed, failed: failing > 0 || (code === 0 && passed > 0) ? failing : 1 });
    });
  });
}

let passed = 0;
let failed = 0;
try {
  if (!existsSync(path.join(root, TESTS)))
    throw new Error('the test bundles are missing: run node esbuild.mjs --tests first');
  findChromium();
  const chosen = process.argv.slice(2).filter((name) => name in versions);
  for (const name of chosen.length > 0 ? chosen : Object.keys(versions)) {
    const version = versions[name];
    // Both builds of onnxruntime are in the package: the newest VS Code runs the native one, the oldest WebAssembly.
    const runtime = version === versions.floor ? 'wasm' : 'native';
    // What is used here is the whole report: a busy machine is to have the time for it.
    const settings = { 'normscope.analysis.budgetSeconds': 30, 'normscope.runtime': runtime };
    const server = await startPackaged({ version, settings });
    process.stdout.write(`\nVS Code ${version.vscode}; ${server.packaged.split('\n').pop()}\n`);
    try {
      const counts = await runTests(server, runtime);
      passed += counts.passed;
      failed += counts.failed;
    } finally {
      await server.stop();
    }
  }
  process.stdout.write(`\n${passed} passed, ${failed} failed\n`);
  process.exitCode = failed === 0 ? 0 : 1;
} catch (error) {
  endUndone(error, { passed, failed });
}
