// `npm run test:vscode [-- current|floor]`: the integration suite inside the extension host of a real VS Code server, its
// workbench open in headless Chromium; for each version in a trusted workspace, then in Restricted Mode. The last line is
// `N passed, N failed`. Needs dist/ with the test bundles (`node esbuild.mjs --tests`).
import { existsSync } from 'node:fs';
import { cp, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { findChromium, openBrowser } from './vscode/browser.mjs';
import { installServer } from './vscode/install.mjs';
import { startServer } from './vscode/server.mjs';
import { versions } from './vscode/versions.mjs';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const SUITE = path.join(root, 'dist', 'test', 'vscode', 'index.js');
/** A run of the suite takes under a minute. */
const MOST_MILLISECONDS = 240_000;

/** Settings of the workbench that keep everything else out of the way. */
const SETTINGS = {
  'security.workspace.trust.startupPrompt': 'never',
  'security.workspace.trust.banner': 'never',
  'workbench.startupEditor': 'none',
  'extensions.autoCheckUpdates': false,
  'update.mode': 'none',
  // The server's workbench saves by itself; the desktop's does not.
  'files.autoSave': 'off',
};

/** Opens the suite in one VS Code; gives the tests' results as the suite wrote them. */
async function runSuite(installed, browser, mode) {
  const folder = await mkdtemp(path.join(tmpdir(), 'normscope-workspace-'));
  await cp(path.join(root, 'test', 'vscode', 'workspace'), folder, { recursive: true });
  await cp(path.join(root, 'examples'), path.join(folder, 'examples'), { recursive: true });
  const results = path.join(folder, '..', `${path.basename(folder)}.json`);
  const server = await startServer(installed, {
    trust: mode === 'trusted',
    driver: true,
    settings: SETTINGS,
    environment: { NORMSCOPE_TEST_RESULTS: results, NORMSCOPE_TEST_MODE: mode },
  });
  const page = await browser.newPage({ viewport: { width: 1400, height: 900 } });
  try {
    const ended = new Promise((resolve) => {
      void page.exposeFunction('codeAutomationExit', resolve);
    });
    await page.exposeFunction('codeAutomationLog', (type, args) => {
      if (process.env.NORMSCOPE_TEST_LOG) process.stdout.write(`${type}: ${args.map(String).join(' ')}\n`);
    });
    const remote = (file) => `vscode-remote://${server.address}${file}`;
    const payload = [
      ['extensionDevelopmentPath', remote(root)],
      ['extensionTestsPath', remote(SUITE)],
      ['skipWelcome', 'true'],
      ['skipReleaseNotes', 'true'],
    ];
    const query = `folder=${remote(folder)}&payload=${encodeURIComponent(JSON.stringify(payload))}`;
    await page.goto(`http://${server.address}/?${query}`);
    let timer;
    const late = new Promise((resolve) => {
      timer = setTimeout(() => resolve('timeout'), MOST_MILLISECONDS);
    });
    const code = await Promise.race([ended, late]);
    clearTimeout(timer);
    if (!existsSync(results)) {
      await page.screenshot({ path: path.join(tmpdir(), 'normscope-vscode-failed.png') });
      throw new Error(`the suite wrote no results (exit: ${code}); the workbench is in normscope-vscode-failed.png`);
    }
    return JSON.parse(await readFile(results, 'utf8'));
  } finally {
    await page.close();
    await server.stop();
    await rm(folder, { recursive: true, force: true });
    await rm(results, { force: true });
  }
}

let passed = 0;
let failed = 0;
const chosen = process.argv.slice(2).filter((name) => name in versions);
try {
  if (!existsSync(SUITE)) throw new Error('the test bundles are missing: run node esbuild.mjs --tests first');
  const browser = await openBrowser(findChromium());
  try {
    for (const name of chosen.length > 0 ? chosen : Object.keys(versions)) {
      const version = versions[name];
      const installed = await installServer(version);
      for (const mode of ['trusted', 'restricted']) {
        const began = Date.now();
        process.stdout.write(`\nVS Code ${version.vscode}, ${mode} workspace\n`);
        const tests = await runSuite(installed, browser, mode);
        for (const { title, error } of tests) {
          process.stdout.write(`  ${error === null ? '✔' : '✘'} ${title}\n${error === null ? '' : `${error}\n`}`);
          if (error === null) passed++;
          else failed++;
        }
        if (tests.length === 0) failed++;
        process.stdout.write(`  ${((Date.now() - began) / 1000).toFixed(1)} s\n`);
      }
    }
  } finally {
    await browser.close();
  }
} catch (error) {
  process.stderr.write(`normscope: ${error.message}\n`);
  failed++;
}
process.stdout.write(`\n${passed} passed, ${failed} failed\n`);
process.exitCode = failed === 0 ? 0 : 1;
