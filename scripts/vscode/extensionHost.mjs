// Runs a test module inside the extension host of a VS Code server, its workbench open in headless Chromium.
import { existsSync } from 'node:fs';
import { cp, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { startServer } from './server.mjs';
import { quietSettings, screenshotFolder } from './settings.mjs';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..', '..');

/** Where a server has put our VSIX. */
async function installedExtension(data) {
  const extensions = path.join(data, 'extensions');
  const ours = (await readdir(extensions)).find((name) => name.startsWith('normscope.normscope-'));
  if (!ours) throw new Error(`the VSIX is not in ${extensions}`);
  return path.join(extensions, ours);
}

/**
 * Opens a copy of the tests' workspace and the examples with an extension under development, and runs `tests` (a module
 * that exports `run`) in its host; with `vsix` it is that package as installed. Gives what the module wrote, as JSON, into the file NORMSCOPE_TEST_RESULTS.
 */
export async function runInExtensionHost(installed, browser, { vsix, tests, mode, mostMilliseconds = 420_000 }) {
  const folder = await mkdtemp(path.join(tmpdir(), 'normscope-workspace-'));
  const results = `${folder}.json`;
  await cp(path.join(root, 'test', 'vscode', 'workspace'), folder, { recursive: true });
  await cp(path.join(root, 'examples'), path.join(folder, 'examples'), { recursive: true });
  const server = await startServer(installed, {
    trust: mode !== 'restricted',
    driver: true,
    settings: quietSettings,
    vsix,
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
    const extension = vsix ? await installedExtension(server.data) : root;
    const remote = (file) => `vscode-remote://${server.address}${file}`;
    const payload = [
      ['extensionDevelopmentPath', remote(extension)],
      ['extensionTestsPath', remote(tests)],
      ['skipWelcome', 'true'],
      ['skipReleaseNotes', 'true'],
    ];
    const query = `folder=${remote(folder)}&payload=${encodeURIComponent(JSON.stringify(payload))}`;
    await page.goto(`http://${server.address}/?${query}`);
    let timer;
    const late = new Promise((resolve) => {
      timer = setTimeout(() => resolve('timeout'), mostMilliseconds);
    });
    const code = await Promise.race([ended, late]);
    clearTimeout(timer);
    if (!existsSync(results)) {
      const picture = path.join(await screenshotFolder(), 'extension-host.png');
      await page.screenshot({ path: picture });
      throw new Error(`the suite wrote no results (exit: ${code}); the workbench is in ${picture}`);
    }
    return JSON.parse(await readFile(results, 'utf8'));
  } finally {
    await page.close();
    await server.stop();
    await rm(folder, { recursive: true, force: true });
    await rm(results, { force: true });
  }
}
