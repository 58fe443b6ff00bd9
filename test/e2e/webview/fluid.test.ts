import assert from 'node:assert/strict';
import type { Browser } from 'playwright-core';
import type { Report } from '../../../src/engine/report/report';
import { analyzed, reportMessage, statusMessage, withLayers } from './messages';
import { launch, OpenPage } from './openPage';

const LAYERS = 2000;
const STEPS = 20;

/** Middle and worst of some times, in milliseconds. */
const summed = (times: readonly number[]) => {
  const sorted = [...times].sort((a, b) => a - b);
  return { middle: sorted[sorted.length >> 1]!, worst: sorted.at(-1)! };
};

describe('webview: 2,000 layers stay fluid', function () {
  this.timeout(120_000);
  let browser: Browser;
  let report: Report;
  let page: OpenPage;

  before(async function () {
    const launched = await launch();
    if ('missing' in launched) {
      process.stdout.write(`    skipped: ${launched.missing}\n`);
      this.skip();
    }
    browser = launched.browser;
    report = withLayers(analyzed('deep_sigmoid.py'), LAYERS);
    page = await OpenPage.open(browser, 'sidebar', { reducedMotion: false });
    await page.send(
      statusMessage(),
      reportMessage({ ...report, status: 'complete', probe: { ...report.probe, steps: STEPS } }),
    );
  });
  after(async () => {
    assert.deepEqual(page.errors, []);
    await page.close();
    await browser.close();
  });

  /** Script time of each of some actions, and of the drawing that they ask for. */
  const timed = (act: string): Promise<number[]> =>
    page.page.evaluate(async (body) => {
      const actions = new Function(`return (${body})()`)() as (() => void)[];
      const times: number[] = [];
      for (const action of actions) {
        const began = performance.now();
        action();
        // What was asked for in this frame is drawn in the next one's callbacks.
        await new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
        times.push(performance.now() - began);
      }
      return times;
    }, act);

  const judge = (what: string, times: readonly number[], most: number): void => {
    const { middle, worst } = summed(times);
    process.stdout.write(`      ${what}: ${middle.toFixed(1)} ms in the middle, ${worst.toFixed(1)} ms at worst\n`);
    // A frame that waits for the next one takes 16.7 ms whatever was drawn: a busy machine gets some of them more.
    assert.ok(middle < most, `${what}: ${middle.toFixed(1)} ms`);
  };

  it('moving the pointer along the chart', async () => {
    const times = await timed(`() => {
      const canvas = document.querySelector('canvas');
      const { left, top, width, height } = canvas.getBoundingClientRect();
      return Array.from({ length: 60 }, (_, i) => () => canvas.dispatchEvent(new MouseEvent('mousemove', {
        bubbles: true, clientX: left + width * 0.7, clientY: top + 30 + ((height - 40) * i) / 60,
      })));
    }`);
    judge('pointer', times, 50);
  });

  it('following the cursor from layer to layer', async () => {
    const times =
      await timed(`() => Array.from({ length: 40 }, (_, i) => () => window.dispatchEvent(new MessageEvent('message', {
      data: { type: 'cursor', layers: ['blocks.' + i * 50 + '.attention.projection'] },
    })))`);
    judge('cursor', times, 50);
  });

  it('moving through the training steps', async () => {
    const layers = Object.fromEntries(
      report.layers.map(({ id }, index) => [
        id,
        Array.from({ length: STEPS }, (_, step) => 10 ** (-8 + (8 * index) / LAYERS + step / STEPS)),
      ]),
    );
    const slider = page.page.getByRole('slider', { name: 'Training step' });
    await page.posted();
    await slider.focus();
    await page.page.keyboard.press('ArrowRight');
    const asked = (await page.posted()).filter((message) => message.type === 'askHistory');
    assert.ok(asked.some((message) => message.type === 'askHistory' && message.quantity === 'gradient norm'));
    await page.send({
      type: 'history',
      measured: reportMessage(report).shown!.measured,
      quantity: 'gradient norm',
      layers,
    });
    const times = await timed(`() => {
      const slider = document.querySelector('.steps input');
      return Array.from({ length: ${STEPS} }, (_, step) => () => {
        slider.value = String(step);
        slider.dispatchEvent(new Event('input'));
      });
    }`);
    judge('step', times, 150);
  });
});
