// `npm run test:vscode [-- current|floor]`: the integration suite inside the extension host of a real VS Code server, its
// workbench open in headless Chromium; for each version in a trusted workspace, then in Restricted Mode. The last line is
// `N passed, N failed`. Needs dist/ with the test bundles (`node esbuild.mjs --tests`).
import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { findChromium, openBrowser } from './vscode/browser.mjs';
import { runInExtensionHost } from './vscode/extensionHost.mjs';
import { installServer } from './vscode/install.mjs';
import { endUndone } from './vscode/missing.mjs';
import { versions } from './vscode/versions.mjs';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const SUITE = path.join(root, 'dist', 'test', 'vscode', 'index.js');

let passed = 0;
let failed = 0;

/** Runs the suite in one version and prints each test. */
async function runVersion(version, browser) {
  const began = Date.now();
  const installed = await installServer(version);
  process.stdout.write(`VS Code ${version.vscode} is there after ${((Date.now() - began) / 1000).toFixed(1)} s\n`);
  for (const mode of ['trusted', 'restricted']) {
    const began = Date.now();
    process.stdout.write(`\nVS Code ${version.vscode}, ${mode} workspace\n`);
    const tests = await runInExtensionHost(installed, browser, { tests: SUITE, mode });
    for (const { title, error } of tests) {
      process.stdout.write(`  ${error === null ? '✔' : '✘'} ${title}\n${error === null ? '' : `${error}\n`}`);
      if (error === null) passed++;
      else failed++;
    }
    if (tests.length === 0) failed++;
    process.stdout.write(`  ${((Date.now() - began) / 1000).toFixed(1)} s\n`);
  }
}

const chosen = process.argv.slice(2).filter((name) => name in versions);
try {
  if (!existsSync(SUITE)) throw new Error('the test bundles are missing: run node esbuild.mjs --tests first');
  const browser = await openBrowser(findChromium());
  try {
    for (const name of chosen.length > 0 ? chosen : Object.keys(versions)) await runVersion(versions[name], browser);
  } finally {
    await browser.close();
  }
  process.stdout.write(`\n${passed} passed, ${failed} failed\n`);
  process.exitCode = failed === 0 ? 0 : 1;
} catch (error) {
  endUndone(error, { passed, failed });
}
