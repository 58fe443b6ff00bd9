// A headless Chromium for the workbench: the one that NORMSCOPE_CHROMIUM names, Playwright's own, or the system's.

import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chromium } from 'playwright-core';
import { Missing } from './missing.mjs';

const SYSTEM = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
];

const known = () => [process.env.NORMSCOPE_CHROMIUM, ownChromium(), ...SYSTEM].find((file) => file && existsSync(file));

/** Where Playwright would have put its own. */
function ownChromium() {
  try {
    return chromium.executablePath();
  } catch {
    return undefined;
  }
}

/**
 * Path of a Chromium; on Debian as root it is installed where there is none.
 * @throws Missing, in one line that says what is missing.
 */
export function findChromium() {
  const found = known();
  if (found) return found;
  if (process.platform === 'linux' && process.getuid?.() === 0 && existsSync('/usr/bin/apt-get')) {
    const apt = (...args) =>
      spawnSync('apt-get', args, { stdio: 'ignore', env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } });
    apt('update');
    apt('install', '-y', '--no-install-recommends', 'chromium');
  }
  const installed = known();
  if (installed) return installed;
  throw new Missing(
    'no Chromium was found: install one (Debian: apt-get install chromium; elsewhere: npx playwright-core install chromium) or name it in NORMSCOPE_CHROMIUM',
  );
}

/** A headless browser, quiet: what it would ask of the network has nothing to do with us. */
export const openBrowser = (executablePath) =>
  chromium.launch({
    executablePath,
    headless: true,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
