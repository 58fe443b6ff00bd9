// What a person does in a VS Code that is open in a browser page.

/** Opens a folder of a server in a new page, with nothing in it but the side bar. */
export async function openWorkbench(browser, address, folder, viewport = { width: 1280, height: 800 }) {
  const page = await browser.newPage({ viewport });
  await page.goto(`http://${address}/?folder=${encodeURI(folder)}`);
  await page.locator('.monaco-workbench .explorer-folders-view .monaco-list-row').first().waitFor({ timeout: 60_000 });
  return new Workbench(page);
}

export class Workbench {
  constructor(page) {
    this.page = page;
  }

  /** Opens a file of the folder from the explorer, which must be in sight. */
  async openFile(name) {
    await this.page.locator('.explorer-folders-view .monaco-list-row', { hasText: name }).first().dblclick();
    await this.page.locator(`.tab.active[data-resource-name="${name}"]`).waitFor();
    await this.page.locator('.editor-instance .view-line').first().waitFor();
  }

  /** Runs a command by its title in the palette. */
  async command(title) {
    const { page } = this;
    const input = page.locator('.quick-input-widget input[type=text]');
    const row = page.locator(`.quick-input-list .monaco-list-row[aria-label*="${title}"]`).first();
    // The palette lists what there was when it was opened: a window that has just begun does not have every command yet.
    for (let attempt = 0; attempt < 6; attempt++) {
      await page.keyboard.press('F1');
      await input.waitFor();
      await input.fill(`>${title}`);
      const listed = await row.waitFor({ timeout: 4000 }).then(
        () => true,
        () => false,
      );
      if (listed) break;
      await page.keyboard.press('Escape');
      await input.waitFor({ state: 'hidden' });
    }
    await row.click();
    await input.waitFor({ state: 'hidden' });
  }

  /** The line on which the cursor stands, as the status bar says it. */
  async cursorLine() {
    const text = await this.page.locator('#status\\.editor\\.selection').innerText();
    return Number(/\d+/.exec(text)?.[0]);
  }

  /** Shows a view container by its place in the activity bar. */
  async showView(name) {
    const tab = this.page.locator('.activitybar [role=tab]', {
      has: this.page.locator(`.action-label[aria-label^="${name}"]`),
    });
    if ((await tab.getAttribute('aria-selected')) !== 'true') await tab.click();
  }

  /** Waits until the cursor stands on a line. */
  async cursorAt(line) {
    await this.page.locator('#status\\.editor\\.selection', { hasText: `Ln ${line},` }).waitFor();
  }

  /** The page of the sidebar or the panel, found by what only it holds. */
  async webview(selector) {
    const end = Date.now() + 20_000;
    for (;;) {
      for (const frame of this.page.frames()) {
        if (frame.name() === 'active-frame' || /active-frame|fake\.html/.test(frame.url())) {
          const found = await frame
            .locator(selector)
            .first()
            .isVisible()
            .catch(() => false);
          if (found) return frame;
        }
      }
      if (Date.now() > end) throw new Error(`no webview shows ${selector}`);
      await this.page.waitForTimeout(100);
    }
  }

  /** Takes away every message that stands in the corner. */
  async clearMessages() {
    await this.command('Notifications: Clear All Notifications');
    await this.page.locator('.notification-toast').waitFor({ state: 'detached' });
  }
}
