import assert from 'node:assert/strict';
import { copyFile, mkdir } from 'node:fs/promises';
import path from 'node:path';
import type { Browser } from 'playwright-core';
import { findChromium, openBrowser } from '../../../scripts/vscode/browser.mjs';
import { openWorkbench, type Workbench } from '../../../scripts/vscode/workbench.mjs';

const { NORMSCOPE_VSCODE_ADDRESS: address, NORMSCOPE_VSCODE_FOLDER: folder } = process.env;

describe('other model files with the packaged extension', function () {
  this.timeout(150_000);
  let browser: Browser;
  let workbench: Workbench;

  before(async () => {
    assert.ok(address && folder, 'run it with node scripts/vscodeEndToEnd.mjs');
    await copyFile(path.join('test', 'vscode', 'workspace', 'cells.ipynb'), path.join(folder, 'cells.ipynb'));
    await copyFile(path.join('test', 'fixtures', 'onnx', 'mlp.dynamo.onnx'), path.join(folder, 'mlp.onnx'));
    browser = await openBrowser(findChromium());
    workbench = await openWorkbench(browser, address, folder);
    workbench.page.setDefaultTimeout(20_000);
  });
  afterEach(async function () {
    if (this.currentTest?.state !== 'failed') return;
    await mkdir('.vscode-test/failed', { recursive: true });
    await workbench.page.screenshot({ path: path.join('.vscode-test/failed', 'models.png') });
  });
  after(() => browser?.close());

  /** Chooses from a file's menu in the explorer; a window that has just begun does not have every entry yet. */
  const chooseFor = async (name: string, entry: string): Promise<void> => {
    const { page } = workbench;
    const item = page.locator('.monaco-menu .action-label', { hasText: entry }).first();
    for (let attempt = 0; attempt < 8; attempt++) {
      await page
        .locator('.explorer-folders-view .monaco-list-row', { hasText: name })
        .first()
        .click({ button: 'right' });
      await page.locator('.monaco-menu').first().waitFor();
      if (await item.isVisible()) break;
      await page.keyboard.press('Escape');
      await page.waitForTimeout(2000);
    }
    // A menu takes no click in its first moment: one that opens under the pointer is not to be chosen from by accident.
    await page.waitForTimeout(500);
    await item.click();
    await item.waitFor({ state: 'hidden' });
  };

  it('analyzes an ONNX file from the explorer, says that it has no lines, and opens the report', async () => {
    const { page } = workbench;
    await chooseFor('mlp.onnx', 'Analyze Network');
    const toast = page.locator('.notification-toast', { hasText: /no lines that figures stand beside/ }).first();
    const input = page.locator('.quick-input-widget input[type=text]');
    // The file says no batch: the usual one is offered.
    const asked = input.waitFor({ timeout: 90_000 }).then(() => page.keyboard.press('Enter'));
    await Promise.race([asked.catch(() => {}), toast.waitFor({ timeout: 90_000 })]);
    await toast.waitFor({ timeout: 90_000 });
    await toast.getByRole('button', { name: 'Show Report' }).click();
    const panel = await workbench.webview('#answer, h1');
    assert.match(await panel.locator('body').innerText(), /synthetic data/);
    assert.equal(await page.locator('.tab[data-resource-name="mlp.onnx"]').count(), 0, 'the file was opened');
  });

  it('analyzes a notebook by its toolbar, with hints and squiggles in its cells', async () => {
    const { page } = workbench;
    await page.locator('.explorer-folders-view .monaco-list-row', { hasText: 'cells.ipynb' }).first().dblclick();
    await page.locator('.tab.active[data-resource-name="cells.ipynb"]').waitFor();
    const toolbar = page.locator('.notebook-toolbar-container');
    await toolbar.waitFor();
    await toolbar.locator('[aria-label^="Analyze Network"], [aria-label*="NormScope"]').first().click();
    await page
      .locator('.notification-toast', { hasText: /confidence:/ })
      .first()
      .waitFor({ timeout: 90_000 });
    await page.locator('.cell .view-lines').getByText(/∇\s\d/).first().waitFor();
    await page.locator('.cell .squiggly-error').first().waitFor();
  });
});
