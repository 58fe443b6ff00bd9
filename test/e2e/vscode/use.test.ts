import assert from 'node:assert/strict';
import { mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Browser } from 'playwright-core';
import { findChromium, openBrowser } from '../../../scripts/vscode/browser.mjs';
import { openWorkbench, type Workbench } from '../../../scripts/vscode/workbench.mjs';

/** What scripts/vscodeEndToEnd.mjs hands over. */
const {
  NORMSCOPE_VSCODE_ADDRESS: address,
  NORMSCOPE_VSCODE_FOLDER: folder,
  NORMSCOPE_VSCODE_RUNTIME: runtime,
} = process.env;

const GRADIENT = '[role=listbox][aria-label^="Gradient along depth"]';
const SLIDER = '#batch-slider';

describe('the packaged extension in use', function () {
  this.timeout(120_000);
  let browser: Browser;
  let workbench: Workbench;

  before(async () => {
    assert.ok(address && folder, 'run it with node scripts/vscodeEndToEnd.mjs');
    browser = await openBrowser(findChromium());
    workbench = await openWorkbench(browser, address, folder);
    workbench.page.setDefaultTimeout(20_000);
  });
  afterEach(async function () {
    if (this.currentTest?.state !== 'failed') return;
    await mkdir('.vscode-test/failed', { recursive: true });
    await workbench.page.screenshot({ path: path.join('.vscode-test/failed', 'use.png') });
  });
  after(() => browser?.close());

  it('analyzes the open file by the palette, with progress that can be cancelled', async () => {
    const { page } = workbench;
    await workbench.openFile('deep_sigmoid.py');
    assert.equal(await page.getByText(/∇\s/).count(), 0);
    await workbench.command('NormScope: Analyze Network');
    const toast = page.locator('.notification-toast', { hasText: 'NormScope' });
    await toast.first().waitFor();
    assert.ok(await toast.getByRole('button', { name: 'Cancel' }).first().isVisible(), 'nothing cancels it');
    await page
      .locator('.notification-toast', { hasText: /DeepSigmoid|model.*error/i })
      .first()
      .waitFor({ timeout: 90_000 });
  });

  it('hints beside the layers, and inserts nothing', async () => {
    const { page } = workbench;
    await page.locator('.view-lines').getByText(/∇\s\d/).first().waitFor();
    await page
      .locator('.view-lines')
      .getByText(/saturated/)
      .first()
      .waitFor();
    assert.equal(await page.locator('.tab.active.dirty').count(), 0, 'the file was changed');
  });

  it('marks the line, lists the finding in Problems and goes from there to its line', async () => {
    const { page } = workbench;
    await page.locator('.squiggly-error').first().waitFor();
    await page.locator('#status\\.problems').click();
    const problem = page.locator('.markers-panel .monaco-list-row', { hasText: 'vanishing-gradient' }).first();
    await problem.waitFor();
    assert.match(await problem.innerText(), /times smaller/);
    await problem.dblclick();
    await workbench.cursorAt(22);
    await page.keyboard.press('Control+J');
  });

  it('shows the figures on hover', async () => {
    const { page } = workbench;
    await page.locator('.view-line', { hasText: 'nn.Linear' }).first().getByText('Linear').first().hover();
    const hover = page.locator('.monaco-hover-content', { hasText: 'grad norm' }).first();
    await hover.waitFor();
    assert.match(await hover.innerText(), /synthetic data/);
    await page.keyboard.press('Escape');
  });

  it('says the batch in the language status', async () => {
    const { page } = workbench;
    await page.locator('#status\\.languageStatus').hover();
    await page
      .getByText(/NormScope: batch 64/)
      .first()
      .waitFor();
    await page.mouse.move(600, 5);
  });

  it('draws the sidebar, and a click on a bar lands on its line', async () => {
    await workbench.showView('NormScope');
    const sidebar = await workbench.webview(GRADIENT);
    await sidebar.getByRole('button', { name: /vanishing-gradient/ }).waitFor();
    assert.match(await sidebar.locator('body').innerText(), /synthetic data/);
    const chart = sidebar.locator(GRADIENT);
    const rows = await chart.getByRole('option').allTextContents();
    const line = Number(/line (\d+)/.exec(rows.at(-1)!)?.[1]);
    assert.notEqual(await workbench.cursorLine(), line);
    const box = (await chart.locator('canvas').boundingBox())!;
    // The last row: the axis stands above the first.
    const row = (box.height - 24) / rows.length;
    await chart.locator('canvas').click({ position: { x: box.width / 2, y: box.height - row / 2 } });
    await workbench.cursorAt(line);
  });

  it('brings the figures back when the view was closed', async () => {
    const { page } = workbench;
    const sidebar = await workbench.webview(GRADIENT);
    const before = await sidebar.locator('h1').first().innerText();
    await workbench.showView('Explorer');
    await page.locator('.explorer-folders-view').waitFor();
    await workbench.showView('NormScope');
    const again = await workbench.webview(GRADIENT);
    assert.equal(await again.locator('h1').first().innerText(), before);
  });

  it('opens the panel with the advice; the slider says another batch, the table sorts', async () => {
    const { page } = workbench;
    const sidebar = await workbench.webview(GRADIENT);
    await sidebar.getByRole('button', { name: 'Show the reasons' }).click();
    const panel = await workbench.webview(SLIDER);
    assert.match(await panel.locator('h1').first().innerText(), /BatchNorm/);
    const slider = panel.locator(SLIDER);
    const before = await panel.locator('#noise').innerText();
    await slider.focus();
    await page.keyboard.press('Home');
    const now = await panel.locator('#noise').innerText();
    assert.notEqual(now, before);
    assert.match(now, /At batch 2\b/);
    const header = panel.getByRole('columnheader', { name: 'parameters' });
    await header.getByRole('button').click();
    assert.equal(await header.getAttribute('aria-sort'), 'ascending');
  });

  it('names the build of onnxruntime that the setting chose', async () => {
    const panel = await workbench.webview(SLIDER);
    const names = { native: /onnxruntime-node \d/, wasm: /onnxruntime-web \d\S* \(WebAssembly\)/ };
    assert.match(await panel.locator('body').innerText(), names[runtime as 'native' | 'wasm']);
  });

  /** Saves what the page asks to save, in the folder, by the editor's own dialog; gives what was written. */
  async function saved(press: () => Promise<void>, file: string): Promise<Buffer> {
    const { page } = workbench;
    await press();
    const input = page.locator('.quick-input-widget input[type=text]');
    await input.waitFor();
    // The dialog writes the name that is offered a little after it shows.
    let offered = '';
    for (let look = 0; look < 100 && !offered.endsWith(file); look++) {
      await page.waitForTimeout(100);
      offered = await input.inputValue();
    }
    assert.ok(offered.endsWith(file), `this name is offered: ${offered}`);
    await page.keyboard.press('Enter');
    await input.waitFor({ state: 'hidden' });
    await page.locator('.notification-toast', { hasText: `Saved ${file}` }).waitFor();
    await workbench.clearMessages();
    return readFile(path.join(folder!, file));
  }

  it('exports the report and a chart through the save dialog', async () => {
    const panel = await workbench.webview(SLIDER);
    const press = (name: string) => () => panel.getByRole('button', { name, exact: true }).click();
    const markdown = await saved(press('Export as Markdown'), 'deep_sigmoid-normscope.md');
    assert.match(markdown.toString(), /^## NormScope/);
    const html = await saved(press('Export as HTML'), 'deep_sigmoid-normscope.html');
    assert.match(html.toString(), /<svg/);
    const json = await saved(press('Export as JSON'), 'deep_sigmoid-normscope.json');
    assert.equal((JSON.parse(json.toString()) as { schema: string }).schema, 'normscope/report@1');
    const picture = await saved(press('Save as PNG: Training loss by step'), 'deep_sigmoid-training-loss-by-step.png');
    assert.equal(picture.subarray(1, 4).toString(), 'PNG');
  });

  it('shows the panel again when the window is reloaded, with its figures and where its slider stood', async () => {
    const { page } = workbench;
    const before = await (await workbench.webview(SLIDER)).locator('h1').first().innerText();
    // VS Code in a browser writes down what its windows hold every five seconds.
    await page.waitForTimeout(7000);
    await page.reload();
    await page.locator('.monaco-workbench .view-line').first().waitFor({ timeout: 60_000 });
    const panel = await workbench.webview(SLIDER);
    assert.equal(await panel.locator('h1').first().innerText(), before);
    assert.match(await panel.locator('#noise').innerText(), /At batch 2\b/);
  });

  it('applies the recommendation through the refactor preview, from the panel', async () => {
    const { page } = workbench;
    const panel = await workbench.webview(SLIDER);
    await panel.getByRole('button', { name: 'Apply…' }).click();
    const preview = page.locator('.bulk-edit-panel');
    await preview.waitFor();
    // What asks for confirmation is not ticked beforehand: a person says yes to it.
    const change = preview.locator('.monaco-list-row', { hasText: 'BatchNorm1d' }).first();
    await change.locator('[role=checkbox], input[type=checkbox]').first().click();
    await preview.getByRole('button', { name: /^Apply/ }).click();
    await preview.waitFor({ state: 'hidden' });
    await page.locator('.view-lines').getByText('BatchNorm1d').first().waitFor();
  });

  it('analyzes the changed file, and compares before and after, layer by layer', async () => {
    const { page } = workbench;
    await page.locator('.view-lines').first().click();
    await workbench.command('NormScope: Analyze Network');
    const panel = await workbench.webview('vscode-dropdown[aria-label="Compare with"]');
    const choice = panel.locator('vscode-dropdown[aria-label="Compare with"]');
    // Until the advice is there, what has been measured so far is drawn anew again and again.
    await panel.getByText('Keep ').first().waitFor({ timeout: 90_000 });
    await choice.click();
    await choice.locator('vscode-option').nth(1).click();
    const table = panel.getByRole('region', { name: 'gradient norm, before and now' });
    await table.getByText('BatchNorm1d, new').first().waitFor();
    assert.ok((await table.getByText(/^× /).count()) > 0, 'no layer is in both runs');
    // As it was, for what comes after.
    await page.locator('.view-lines').first().click();
    for (let undo = 0; undo < 20 && (await page.locator('.tab.active.dirty').count()) > 0; undo++)
      await page.keyboard.press('Control+Z');
  });

  it('says that the figures are old once the file is edited', async () => {
    const { page } = workbench;
    await page.locator('.view-lines').first().click();
    await page.keyboard.press('Control+Home');
    await page.keyboard.type('# edited\n');
    await page
      .locator('.view-lines')
      .getByText(/·\sstale/)
      .first()
      .waitFor();
    const sidebar = await workbench.webview(GRADIENT);
    await sidebar
      .getByText(/edited|stale|changed/i)
      .first()
      .waitFor();
    await page.keyboard.press('Control+Z');
    await page.keyboard.press('Control+Z');
  });
});
