import type { Browser, Frame, Page } from 'playwright-core';

export function openWorkbench(
  browser: Browser,
  address: string,
  folder: string,
  viewport?: { width: number; height: number },
): Promise<Workbench>;

export class Workbench {
  constructor(page: Page);
  readonly page: Page;
  openFile(name: string): Promise<void>;
  command(title: string): Promise<void>;
  cursorLine(): Promise<number>;
  cursorAt(line: number): Promise<void>;
  showView(name: string): Promise<void>;
  webview(selector: string): Promise<Frame>;
  clearMessages(): Promise<void>;
}
