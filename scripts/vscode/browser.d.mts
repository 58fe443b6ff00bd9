import type { Browser } from 'playwright-core';

export function findChromium(): string;
export function openBrowser(executablePath: string): Promise<Browser>;
