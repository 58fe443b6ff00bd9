// Writes the variables that VS Code's own themes give a webview, as style sheets for the tests of our pages:
// `node scripts/vscode/themeVariables.mjs`. To be run again when a newer VS Code is the current one.
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { findChromium, openBrowser } from './browser.mjs';
import { installServer } from './install.mjs';
import { startServer } from './server.mjs';
import { versions } from './versions.mjs';

const folder = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../../test/fixtures/webview');

/** Our name of a theme, VS Code's, and the class that the workbench has under it. */
const themes = [
  ['dark', 'Default Dark Modern', 'vs-dark'],
  ['light', 'Default Light Modern', 'vs'],
  ['high-contrast', 'Default High Contrast', 'hc-black'],
  ['high-contrast-light', 'Default High Contrast Light', 'hc-light'],
];

/** The families that our pages and the toolkit use; the other thousands would only make the fixture long. */
const FAMILIES =
  /^--vscode-(badge|button|charts|checkbox|contrast|description|disabledForeground|dropdown|editor-(back|fore)|editorError|editorHoverWidget|editorInfo|editorRuler|editorWarning|error|focus|foreground|icon-foreground|input|list-|panel-|progressBar|scrollbar|settings-(dropdown|checkbox)|sideBar|textBlockQuote|textLink|textPreformat|toolbar|widget)/;

const readVariables = () => {
  const workbench = document.querySelector('.monaco-workbench');
  const names = new Set();
  for (const sheet of document.styleSheets) {
    let rules = [];
    try {
      rules = [...sheet.cssRules];
    } catch {
      // A sheet of another origin cannot be read and holds no theme.
    }
    for (const rule of rules) {
      for (const name of rule.style ?? []) if (name.startsWith('--vscode-')) names.add(name);
    }
  }
  const style = getComputedStyle(workbench);
  return [...names].sort().flatMap((name) => {
    const value = style.getPropertyValue(name).trim();
    return value && !value.includes('url(') ? [[name, value]] : [];
  });
};

/** What a webview is given beside colours. */
const FONTS = [
  ['--vscode-font-family', 'system-ui, "Ubuntu", "Droid Sans", sans-serif'],
  ['--vscode-font-size', '13px'],
  ['--vscode-font-weight', 'normal'],
  ['--vscode-editor-font-family', '"Droid Sans Mono", monospace'],
  ['--vscode-editor-font-size', '14px'],
];

const installed = await installServer(versions.current);
const browser = await openBrowser(findChromium());
await mkdir(folder, { recursive: true });
try {
  for (const [name, theme, workbenchClass] of themes) {
    const server = await startServer(installed, { settings: { 'workbench.colorTheme': theme } });
    try {
      const page = await browser.newPage();
      await page.goto(`http://${server.address}/`);
      await page.waitForSelector(`.monaco-workbench.${workbenchClass}`, { timeout: 60_000 });
      await page.waitForTimeout(3000);
      const variables = await page.evaluate(readVariables);
      const lines = [...variables.filter(([each]) => FAMILIES.test(each)), ...FONTS];
      await writeFile(
        path.join(folder, `${name}.css`),
        `/* ${theme}, VS Code ${versions.current.vscode}: made by scripts/vscode/themeVariables.mjs. */\n:root {\n${lines.map(([each, value]) => `  ${each}: ${value};`).join('\n')}\n}\n`,
      );
      process.stdout.write(`${name}: ${lines.length} variables\n`);
      await page.close();
    } finally {
      await server.stop();
    }
  }
} finally {
  await browser.close();
}
