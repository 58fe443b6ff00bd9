// `npm run screenshots`: pictures of the packaged extension in use, in docs/images: the editor with hints beside the
// sidebar, the whole sidebar, and the panel, in each of VS Code's four kinds of themes.
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { findChromium, openBrowser } from './vscode/browser.mjs';
import { startPackaged } from './vscode/packaged.mjs';
import { openWorkbench } from './vscode/workbench.mjs';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const images = path.join(root, 'docs', 'images');
const EDITOR = { width: 1280, height: 840 };
const PANEL = { width: 1600, height: 940 };
/** High enough for all of the sidebar. */
const SIDEBAR = { width: 1000, height: 1180 };
const CHART = '[role=listbox][aria-label^="Gradient along depth"]';

/** Our name of a theme, VS Code's, and the class that the workbench has under it. */
const themes = [
  ['dark', 'Default Dark Modern', 'vs-dark'],
  ['light', 'Default Light Modern', 'vs'],
  ['high-contrast', 'Default High Contrast', 'hc-black'],
  ['high-contrast-light', 'Default High Contrast Light', 'hc-light'],
];

const settings = {
  'normscope.analysis.budgetSeconds': 60,
  'workbench.colorTheme': themes[0][1],
  'window.autoDetectHighContrast': false,
};
const server = await startPackaged({ settings });
const browser = await openBrowser(findChromium());
await mkdir(images, { recursive: true });
try {
  const workbench = await openWorkbench(browser, server.address, server.folder, EDITOR);
  const { page } = workbench;
  const picture = async (name, target = page) => {
    await page.mouse.move(640, 3);
    await page.waitForTimeout(800);
    await target.screenshot({ path: path.join(images, `${name}.png`) });
    process.stdout.write(`${name}.png\n`);
  };
  const inTheme = async ([, theme, workbenchClass]) => {
    const file = path.join(server.data, 'data', 'Machine', 'settings.json');
    const others = JSON.parse(await readFile(file, 'utf8'));
    await writeFile(file, JSON.stringify({ ...others, 'workbench.colorTheme': theme }));
    await page.locator(`.monaco-workbench.${workbenchClass}`).waitFor();
  };
  /** Takes one picture in each theme. */
  const inEachTheme = async (name, take) => {
    for (const theme of themes) {
      await inTheme(theme);
      await take(`${name}-${theme[0]}`);
    }
  };

  await workbench.openFile('deep_sigmoid.py');
  await workbench.command('NormScope: Analyze Network');
  await page.locator('.notification-toast', { hasText: 'Show Problems' }).waitFor({ timeout: 180_000 });
  await workbench.clearMessages();
  await workbench.showView('NormScope');
  const sidebar = await workbench.webview(CHART);
  await page.locator('.view-line', { hasText: 'self.head = nn.Linear' }).first().click();
  await inEachTheme('editor', picture);

  await page.setViewportSize(SIDEBAR);
  await inEachTheme('sidebar', (name) => picture(name, page.locator('.part.sidebar')));

  await page.setViewportSize(PANEL);
  await sidebar.getByRole('button', { name: 'Show the reasons' }).click();
  const panel = await workbench.webview('#batch-slider');
  await page.keyboard.press('Control+B');
  await inEachTheme('panel', picture);
  await inTheme(themes[1]);
  for (const part of ['batch', 'variants', 'axes']) {
    await panel.locator(`#${part}`).evaluate((heading) => heading.scrollIntoView());
    await picture(`panel-${part}`);
  }
} finally {
  await browser.close();
  await server.stop();
}
