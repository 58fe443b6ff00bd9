import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { pageHtml } from '../../../extension/webviews/pageHtml';
import { findChromium, openBrowser } from '../../../scripts/vscode/browser.mjs';
import type { FromView, ToView } from '../../../webview/protocol';

export const THEMES = ['dark', 'light', 'high-contrast', 'high-contrast-light'] as const;
export type ThemeName = (typeof THEMES)[number];

/** Whichever page the extension opens. */
export type PageName = 'sidebar' | 'panel';

const ORIGIN = 'https://webview.test';

/** A headless Chromium, or in one line why there is none. */
export async function launch(): Promise<{ browser: Browser } | { missing: string }> {
  try {
    return { browser: await openBrowser(findChromium()) };
  } catch (error) {
    return { missing: error instanceof Error ? error.message : String(error) };
  }
}

/** What a page does that a test looks at, kept by the stub of VS Code's side. */
interface Stub {
  posted: FromView[];
  state: unknown;
  violations: string[];
}

declare global {
  interface Window {
    stub: Stub;
  }
}

/** A page of ours as VS Code would show it: its real HTML, script and style sheet, and a stub of VS Code's side. */
export class OpenPage {
  /** Errors that the page threw. */
  readonly errors: string[] = [];

  private constructor(
    readonly page: Page,
    readonly theme: ThemeName,
  ) {
    page.on('pageerror', (error) => this.errors.push(error.message));
  }

  static async open(
    browser: Browser,
    name: PageName,
    {
      theme = 'dark',
      width = name === 'sidebar' ? 300 : 900,
      height = 800,
      state,
      reducedMotion,
      strings,
      language,
    }: {
      theme?: ThemeName;
      width?: number;
      height?: number;
      state?: unknown;
      reducedMotion?: boolean;
      strings?: Readonly<Record<string, string>>;
      language?: string;
    } = {},
  ): Promise<OpenPage> {
    const context = await browser.newContext({
      viewport: { width, height },
      reducedMotion: reducedMotion === false ? 'no-preference' : 'reduce',
    });
    const page = await context.newPage();
    const opened = new OpenPage(page, theme);
    await page.route(`${ORIGIN}/**`, async (route) => {
      const file = new URL(route.request().url()).pathname.slice(1);
      if (file === 'page.html') {
        const html = pageHtml({
          title: 'NormScope',
          script: `${ORIGIN}/${name}.js`,
          style: `${ORIGIN}/${name}.css`,
          ...(strings && { strings }),
          ...(language && { language }),
        });
        await route.fulfill({ contentType: 'text/html; charset=utf-8', body: html });
      } else {
        const type = file.endsWith('.js') ? 'text/javascript' : 'text/css';
        await route.fulfill({
          contentType: `${type}; charset=utf-8`,
          body: readFileSync(path.join('dist', 'webview', file)),
        });
      }
    });
    // As VS Code does it: the theme's variables on the root element, its class on the body, before the page's script.
    await page.addInitScript(
      ({ variables, bodyClass, initial, background }) => {
        const stub: Stub = { posted: [], state: initial, violations: [] };
        Object.assign(window, {
          stub,
          acquireVsCodeApi: () => ({
            postMessage: (message: FromView) => stub.posted.push(message),
            getState: () => stub.state,
            setState: (next: unknown) => {
              stub.state = next;
            },
          }),
        });
        document.addEventListener('securitypolicyviolation', (event) =>
          stub.violations.push(`${event.violatedDirective}: ${event.blockedURI} ${event.sourceFile}`),
        );
        const observer = new MutationObserver(() => {
          if (!document.body) return;
          observer.disconnect();
          document.body.classList.add(...bodyClass);
          for (const [variable, value] of variables) document.documentElement.style.setProperty(variable, value);
          // What VS Code has behind the page.
          document.documentElement.style.setProperty('background', background);
        });
        observer.observe(document, { childList: true, subtree: true });
      },
      {
        variables: variablesOf(theme),
        bodyClass: bodyClasses(theme),
        initial: state,
        background: `var(--vscode-${name === 'sidebar' ? 'sideBar' : 'editor'}-background)`,
      },
    );
    await page.goto(`${ORIGIN}/page.html`);
    await page.waitForFunction(() => window.stub.posted.some(({ type }) => type === 'ready'));
    return opened;
  }

  /** Sends what the extension would send; returns when the page has drawn. */
  async send(...messages: readonly (ToView | unknown)[]): Promise<void> {
    await this.page.evaluate(async (data) => {
      for (const each of data) window.dispatchEvent(new MessageEvent('message', { data: each }));
      await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
    }, messages);
  }

  /** What the page has posted since the last look. */
  posted(): Promise<FromView[]> {
    return this.page.evaluate(() => window.stub.posted.splice(0));
  }

  violations(): Promise<string[]> {
    return this.page.evaluate(() => window.stub.violations);
  }

  /** Changes the theme as VS Code does under a page that is open. */
  async setTheme(theme: ThemeName): Promise<void> {
    await this.page.evaluate(
      async ({ variables, bodyClass }) => {
        document.body.className = bodyClass.join(' ');
        for (const [variable, value] of variables) document.documentElement.style.setProperty(variable, value);
        await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
      },
      { variables: variablesOf(theme), bodyClass: bodyClasses(theme) },
    );
  }

  /** A picture of the whole page, or of what is in sight. */
  async screenshot(file: string, fullPage = true): Promise<void> {
    await this.page.screenshot({ path: file, fullPage });
  }

  close(): Promise<void> {
    return this.page.context().close();
  }
}

/** A theme's variables, from the style sheet that VS Code's own values were written to. */
function variablesOf(theme: ThemeName): [string, string][] {
  const sheet = readFileSync(path.join('test', 'fixtures', 'webview', `${theme}.css`), 'utf8');
  return [...sheet.matchAll(/^ {2}(--[\w-]+): (.*);$/gm)].map(([, variable, value]) => [variable!, value!]);
}

const bodyClasses = (theme: ThemeName): string[] =>
  theme === 'high-contrast-light' ? ['vscode-high-contrast-light', 'vscode-high-contrast'] : [`vscode-${theme}`];
