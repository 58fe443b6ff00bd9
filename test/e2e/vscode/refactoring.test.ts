import assert from 'node:assert/strict';
import { mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Browser } from 'playwright-core';
import { findChromium, openBrowser } from '../../../scripts/vscode/browser.mjs';
import { openWorkbench, type Workbench } from '../../../scripts/vscode/workbench.mjs';

const { NORMSCOPE_VSCODE_ADDRESS: address, NORMSCOPE_VSCODE_FOLDER: folder } = process.env;

const NAME = 'cnn_batch2.py';
/** A row of the refactor preview. */
const ROW = '.bulk-edit-panel .monaco-list-row';
const BATCH_NORM = 'nn.BatchNorm2d(out_channels)';

describe('a refactoring by the packaged extension', function () {
  this.timeout(240_000);
  let browser: Browser;
  let workbench: Workbench;
  let original: string;

  before(async () => {
    assert.ok(address && folder, 'run it with node scripts/vscodeEndToEnd.mjs');
    original = await readFile(path.join(folder, NAME), 'utf8');
    browser = await openBrowser(findChromium());
    workbench = await openWorkbench(browser, address, folder);
    workbench.page.setDefaultTimeout(20_000);
  });
  afterEach(async function () {
    if (this.currentTest?.state !== 'failed') return;
    await mkdir('.vscode-test/failed', { recursive: true });
    await workbench.page.screenshot({ path: path.join('.vscode-test/failed', 'refactoring.png') });
  });
  after(() => browser?.close());

  const onDisk = () => readFile(path.join(folder!, NAME), 'utf8');
  /** The file on disk, once it is as it should be; as it is after some seconds where it never is. */
  const saved = async (isRight: (text: string) => boolean): Promise<string> => {
    for (let i = 0; i < 50 && !isRight(await onDisk()); i++) await workbench.page.waitForTimeout(100);
    return onDisk();
  };

  it('opens a preview that says what becomes of saved weights, and changes nothing by itself', async () => {
    const { page } = workbench;
    await workbench.openFile(NAME);
    await workbench.command('NormScope: Analyze Network');
    await page
      .locator('.notification-toast', { hasText: /confidence:/ })
      .first()
      .waitFor({ timeout: 180_000 });
    await workbench.clearMessages();
    await workbench.command('NormScope: Normalize This Network as Recommended');
    await page
      .locator('.notification-toast', { hasText: /In saved weights it removes .*running_mean/ })
      .first()
      .waitFor();
    await page.locator(ROW, { hasText: 'GroupNorm(out_channels // 4, out_channels)' }).first().waitFor();
    await page.waitForTimeout(500);
    assert.equal(await onDisk(), original);
  });

  it('makes the edit when it is confirmed, and that alone', async () => {
    const { page } = workbench;
    // What asks for confirmation is not ticked beforehand: a person says yes to it.
    await page.locator(ROW, { hasText: 'GroupNorm(' }).first().locator('[role=checkbox], input[type=checkbox]').click();
    await page.locator('.bulk-edit-panel').getByRole('button', { name: 'Apply' }).click();
    await page.locator('.bulk-edit-panel').waitFor({ state: 'hidden' });
    await page.locator('.view-lines').getByText('GroupNorm').first().waitFor();
    if ((await page.locator('.tab.active.dirty').count()) > 0) await page.keyboard.press('Control+S');
    const mended = original.replace(BATCH_NORM, 'nn.GroupNorm(out_channels // 4, out_channels)');
    assert.notEqual(mended, original);
    assert.equal(await saved((text) => text === mended), mended);
  });

  it('is undone in one step, byte for byte', async () => {
    const { page } = workbench;
    await page.locator('.view-lines').first().click();
    await page.keyboard.press('Control+Z');
    await page.locator('.view-lines').getByText('BatchNorm2d(out_channels)').first().waitFor();
    await page.keyboard.press('Control+S');
    assert.equal(await saved((text) => text === original), original);
  });
});
