import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import type { AxeResults } from 'axe-core';
import type { Browser } from 'playwright-core';
import type { Report } from '../../../src/engine/report/report';
import { advised } from './advised';
import { analyzed, NO_REPORT, reportMessage, statusMessage, withLayers } from './messages';
import { launch, OpenPage, type PageName, THEMES } from './openPage';

const HOSTILE = '"><img src=x onerror="document.title=1"><script>document.title=2</script>\u202e';

/** The report with every text of the model file made hostile. */
const hostile = (report: Report): Report =>
  JSON.parse(
    JSON.stringify(report, (key, value: unknown) =>
      typeof value === 'string' &&
      ['id', 'name', 'text', 'label', 'site', 'what', 'why', 'origin', 'rule'].includes(key)
        ? key === 'id'
          ? `${HOSTILE}${value}`
          : HOSTILE
        : key === 'layer' && typeof value === 'string'
          ? `${HOSTILE}${value}`
          : value,
    ),
  ).valueOf() as Report;

declare const axe: { run(): Promise<AxeResults> };

/** What axe finds that is serious, in a line each. */
async function seriousFaults({ page }: OpenPage): Promise<string[]> {
  await page.evaluate(readFileSync('node_modules/axe-core/axe.min.js', 'utf8'));
  const { violations } = await page.evaluate(() => axe.run());
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 120)).join(' | ')}`);
}

describe('webview: pages in Chromium', function () {
  this.timeout(60_000);
  let browser: Browser;
  let report: Report;
  const open: OpenPage[] = [];
  const openPage = async (name: PageName, options: Parameters<typeof OpenPage.open>[2] = {}) => {
    const page = await OpenPage.open(browser, name, options);
    open.push(page);
    return page;
  };

  before(async function () {
    const launched = await launch();
    if ('missing' in launched) {
      process.stdout.write(`    skipped: ${launched.missing}\n`);
      this.skip();
    }
    browser = launched.browser;
    report = analyzed('deep_sigmoid.py');
  });
  after(() => browser?.close());
  afterEach(async () => {
    for (const page of open.splice(0)) {
      const [violations, errors] = [await page.violations(), page.errors];
      await page.close();
      assert.deepEqual(violations, [], 'the page broke its own Content Security Policy');
      assert.deepEqual(errors, [], 'the page threw');
    }
  });

  for (const theme of THEMES) {
    for (const name of ['sidebar', 'panel'] as const) {
      it(`${name}, ${theme}: axe finds nothing serious, nothing is wider than the page`, async () => {
        const page = await openPage(name, { theme });
        await page.send(statusMessage({ stale: true, other: 'other.py' }), reportMessage(advised(report)), {
          type: 'runs',
          runs: [{ measured: 1, batch: 2, seed: 0, advice: null, findings: 0 }],
        });
        await page.page.locator('details').evaluateAll((all) => {
          for (const details of all) (details as HTMLDetailsElement).open = true;
        });
        assert.deepEqual(await seriousFaults(page), []);
        const wider = await page.page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
        assert.ok(wider <= 0, `${wider} pixels are cut off`);
      });
    }
  }

  describe('the sidebar', () => {
    it('welcomes with one button before the first figures, which analyzes', async () => {
      const page = await openPage('sidebar');
      await page.send(statusMessage(), NO_REPORT);
      await page.posted();
      await page.page.getByRole('button').click();
      assert.deepEqual(await page.posted(), [{ type: 'run', file: 'shown' }]);
      assert.deepEqual(await seriousFaults(page), []);
    });

    it('says first what its figures are', async () => {
      const page = await openPage('sidebar');
      await page.send(statusMessage(), reportMessage(report));
      assert.equal(
        await page.page
          .locator('#root')
          .innerText()
          .then((text) => text.split('\n')[0]),
        'At init, synthetic data, batch 64',
      );
    });

    it('shows progress in place, keeps the focus on Cancel, and cancels', async () => {
      const page = await openPage('sidebar');
      const run = (done: number) =>
        statusMessage({
          run: { network: 'model', batch: 64, stage: 'measuring', done, total: 8, left: ['trying norms'] },
        });
      await page.send(run(1), NO_REPORT);
      const cancel = page.page.getByRole('button', { name: 'Cancel' });
      await cancel.focus();
      await page.send(run(5), reportMessage(report));
      assert.equal(await page.page.locator('progress').evaluate((bar: HTMLProgressElement) => bar.position), 5 / 8);
      assert.match(await page.page.locator('.stage').innerText(), /Measuring, 5 of 8/);
      await page.posted();
      await page.page.keyboard.press('Enter');
      assert.deepEqual(await page.posted(), [{ type: 'cancel' }]);
      await page.send(statusMessage());
      assert.equal(await page.page.locator('progress').count(), 0);
    });

    it('says why there is no report, and leads to the line', async () => {
      const page = await openPage('sidebar');
      await page.send(
        statusMessage({ failure: { sentence: 'Linear takes 256 features, not 128.', input: true, line: 7 } }),
        NO_REPORT,
      );
      assert.match(await page.page.getByRole('alert').innerText(), /Linear takes 256 features/);
      await page.posted();
      await page.page.getByRole('button', { name: 'Go to line 7' }).click();
      assert.deepEqual(await page.posted(), [{ type: 'reveal', target: { kind: 'failure' } }]);
    });

    it('reveals the layer of the row that is clicked, on its label as on its point', async () => {
      const page = await openPage('sidebar');
      await page.send(statusMessage(), reportMessage(report));
      await page.posted();
      const chart = page.page.getByRole('listbox', { name: /Gradient along depth/ });
      const options = await chart.getByRole('option').allTextContents();
      await chart.evaluate((each) => each.scrollIntoView({ block: 'center' }));
      const box = (await chart.locator('canvas').boundingBox())!;
      const rowHeight = (box.height - 24) / options.length;
      for (const row of [0, 3, options.length - 1]) {
        for (const x of [20, box.width - 40]) {
          await page.page.mouse.click(box.x + x, box.y + 22 + rowHeight * (row + 0.5));
          assert.deepEqual(await page.posted(), [
            { type: 'reveal', target: { kind: 'layer', id: options[row]!.split(',')[0] } },
          ]);
        }
      }
    });

    it('is walked by arrow keys, says each row, and Enter reveals it', async () => {
      const page = await openPage('sidebar');
      await page.send(statusMessage(), reportMessage(report));
      await page.posted();
      const chart = page.page.getByRole('listbox', { name: /Gradient along depth/ });
      await chart.focus();
      const active = async () => {
        const id = await chart.getAttribute('aria-activedescendant');
        return page.page.locator(`[id="${id}"]`).textContent();
      };
      assert.match((await active())!, /^hidden\.0, gradient norm 1\.\de-8, Linear \[64, 256\], line 22/);
      await page.page.keyboard.press('ArrowDown');
      assert.match((await active())!, /^hidden\.2,/);
      await page.page.keyboard.press('End');
      assert.match((await active())!, /^head,/);
      await page.page.keyboard.press('ArrowUp');
      await page.page.keyboard.press('Enter');
      assert.deepEqual(await page.posted(), [{ type: 'reveal', target: { kind: 'layer', id: 'hidden.18' } }]);
    });

    it('reveals a finding and, unfolded, what it explains; stays unfolded when new figures come', async () => {
      const page = await openPage('sidebar');
      await page.send(statusMessage(), reportMessage(report));
      await page.posted();
      await page.page.getByRole('button', { name: /vanishing-gradient/ }).click();
      await page.page.getByText(/^Explains \d+ more/).click();
      await page.send(reportMessage({ ...report, timings: {} }));
      await page.page.locator('.symptoms button').first().click();
      assert.deepEqual(await page.posted(), [
        { type: 'reveal', target: { kind: 'finding', index: 0 } },
        // The page says which figures it has drawn.
        { type: 'drawn', measured: reportMessage(report).shown?.measured },
        { type: 'reveal', target: { kind: 'layer', id: 'hidden.2' } },
      ]);
    });

    it("marks the cursor's layers, for the eye and the ear", async () => {
      const page = await openPage('sidebar');
      await page.send(statusMessage(), reportMessage(report));
      const chart = page.page.getByRole('listbox', { name: /Gradient along depth/ });
      const before = await chart.locator('canvas').screenshot();
      await page.send({ type: 'cursor', layers: ['hidden.4', 'hidden.6'] });
      assert.deepEqual(
        await chart
          .locator('[aria-current=true]')
          .evaluateAll((all) => all.map((each) => each.textContent!.split(',')[0])),
        ['hidden.4', 'hidden.6'],
      );
      assert.ok(!before.equals(await chart.locator('canvas').screenshot()), 'the chart looks the same');
    });

    it('shows another quantity when asked, and again when it comes back', async () => {
      const page = await openPage('sidebar');
      await page.send(statusMessage(), reportMessage(report));
      await page.page.getByRole('combobox').click();
      await page.page.getByRole('option', { name: 'output gradient RMS', exact: true }).click();
      const name = /Gradient along depth: output gradient RMS of 21 layers/;
      await page.page.getByRole('listbox', { name }).waitFor();
      const state = await page.page.evaluate(() => window.stub.state);
      const again = await openPage('sidebar', { state });
      await again.send(statusMessage(), reportMessage(report));
      assert.equal(await again.page.getByRole('listbox', { name }).count(), 1);
    });

    it('takes the colours of another theme at once', async () => {
      const page = await openPage('sidebar');
      await page.send(statusMessage(), reportMessage(report));
      const canvas = page.page.locator('canvas').first();
      const dark = await canvas.screenshot({ omitBackground: true });
      await page.setTheme('light');
      assert.ok(!dark.equals(await canvas.screenshot({ omitBackground: true })));
    });

    it('lists the last runs, marks the one that is shown, and shows another when it is pressed', async () => {
      const page = await openPage('sidebar');
      const { measured } = reportMessage(report).shown!;
      const run = { batch: 64, seed: 0, advice: null, findings: 2 };
      await page.send(statusMessage(), reportMessage(report), { type: 'runs', runs: [{ ...run, measured }] });
      assert.equal(await page.page.getByRole('heading', { name: 'Last runs' }).count(), 0);
      const runs = [
        { ...run, measured },
        { ...run, measured: measured - 1000 },
      ];
      await page.send({ type: 'runs', runs });
      const buttons = page.page.locator('.runs button');
      assert.deepEqual(await buttons.evaluateAll((all) => all.map((each) => each.getAttribute('aria-current'))), [
        'true',
        null,
      ]);
      await page.posted();
      await buttons.nth(1).click();
      assert.deepEqual(await page.posted(), [{ type: 'showRun', measured: measured - 1000 }]);
    });

    it('plays the training step by step, asking once for what it lacks', async () => {
      const page = await openPage('sidebar', { reducedMotion: false });
      const { measured } = reportMessage(report).shown!;
      await page.send(statusMessage(), reportMessage(report));
      const steps = report.probe.steps;
      const chart = page.page.getByRole('listbox', { name: /Gradient along depth/ });
      const first = await chart.getByRole('option').first().textContent();
      await page.posted();
      const slider = page.page.getByRole('slider', { name: 'Training step' });
      await slider.focus();
      await page.page.keyboard.press('ArrowRight');
      await page.page.keyboard.press('ArrowRight');
      const asked = (await page.posted()).map((message) => message.type === 'askHistory' && message.quantity);
      assert.deepEqual(asked, ['gradient norm', 'saturation']);
      const layers = Object.fromEntries(
        report.layers.flatMap(({ id, history }) => (history?.gradientNorm ? [[id, history.gradientNorm]] : [])),
      );
      await page.send({ type: 'history', measured: 1, quantity: 'gradient norm', layers: {} });
      assert.equal(
        await chart.getByRole('option').first().textContent(),
        first,
        'the figures of another run are drawn',
      );
      await page.send({ type: 'history', measured, quantity: 'gradient norm', layers });
      const second = await chart.getByRole('option').first().textContent();
      assert.notEqual(second, first);
      assert.match((await slider.getAttribute('aria-valuetext'))!, new RegExp(`step 2 of ${steps - 1}`));
      await slider.press('Home');
      assert.equal(await chart.getByRole('option').first().textContent(), first);
      await page.page.getByRole('button', { name: 'Play' }).click();
      await page.page.waitForFunction(
        (last) => document.querySelector<HTMLInputElement>('.steps input')?.value === last,
        String(steps - 1),
      );
      await page.page.getByRole('button', { name: 'Play' }).waitFor();
    });

    it('plays nothing by itself where less motion is asked for', async () => {
      const page = await openPage('sidebar', { reducedMotion: true });
      await page.send(statusMessage(), reportMessage(report));
      assert.equal(await page.page.getByRole('button', { name: 'Play' }).count(), 0);
      assert.equal(await page.page.getByRole('slider', { name: 'Training step' }).count(), 1);
    });

    it('says what is left of a run', async () => {
      const page = await openPage('sidebar');
      const run = { network: 'model', batch: 64, stage: 'measuring', done: 1, total: 8, left: ['trying norms'] };
      await page.send(statusMessage({ run }), NO_REPORT);
      assert.equal(await page.page.locator('.stage').innerText(), 'Measuring, 1 of 8; then trying norms');
    });

    it('opens the panel', async () => {
      const page = await openPage('sidebar');
      await page.send(statusMessage(), reportMessage(report));
      await page.posted();
      await page.page.getByRole('button', { name: 'Show the reasons' }).click();
      assert.deepEqual(await page.posted(), [{ type: 'openPanel' }]);
    });
  });

  describe('the panel', () => {
    it('says the noise at the batch of the slider, measured or interpolated', async () => {
      const page = await openPage('panel');
      await page.send(statusMessage(), reportMessage(report));
      const slider = page.page.getByRole('slider', { name: 'Batch' });
      assert.equal(await slider.getAttribute('aria-valuetext'), 'batch 64');
      assert.match(await page.page.locator('#noise').innerText(), /At batch 64 .*measured here/);
      await slider.focus();
      await page.page.keyboard.press('ArrowLeft');
      assert.match(
        await page.page.locator('#noise').innerText(),
        /At batch 56 .*interpolated between the measured 32 and 64/,
      );
      await page.page.keyboard.press('Home');
      assert.match(
        await page.page.locator('section').filter({ has: slider }).innerText(),
        /Published for batch 2: .*34\.7 %/,
      );
      const state = await page.page.evaluate(() => window.stub.state);
      const again = await openPage('panel', { state });
      await again.send(statusMessage(), reportMessage(report));
      assert.equal(await again.page.getByRole('slider').getAttribute('aria-valuetext'), 'batch 2');
    });

    it('sorts the layers by any column, by keyboard, and gives the order of computation back', async () => {
      const page = await openPage('panel');
      await page.send(statusMessage(), reportMessage(report));
      const ids = () => page.page.locator('.layers tbody th').allInnerTexts();
      const inOrder = await ids();
      const header = page.page.getByRole('columnheader', { name: 'parameters' });
      await header.getByRole('button').focus();
      for (const [direction, first] of [
        ['ascending', 'hidden.1'],
        ['descending', 'hidden.0'],
        ['none', inOrder[0]],
      ] as const) {
        await page.page.keyboard.press('Enter');
        assert.equal(await header.getAttribute('aria-sort'), direction);
        assert.equal((await ids())[0], first);
      }
      assert.deepEqual(await ids(), inOrder);
    });

    it('reveals layers and sites', async () => {
      const page = await openPage('panel');
      await page.send(statusMessage(), reportMessage(report));
      await page.posted();
      await page.page.locator('.layers').getByRole('button', { name: 'hidden.4', exact: true }).click();
      await page.page.getByRole('region', { name: 'Places and what to do' }).getByRole('button').nth(1).click();
      assert.deepEqual(await page.posted(), [
        { type: 'reveal', target: { kind: 'layer', id: 'hidden.4' } },
        { type: 'reveal', target: { kind: 'place', index: 1 } },
      ]);
    });

    it('applies the recommendation where there is an edit, and says why where there is none', async () => {
      const page = await openPage('panel');
      const recommendation = report.recommendation!;
      const { edit: _, ...without } = recommendation;
      const edit = { title: 'Replace every Norm with Another (2 places)', edits: [] };
      const text = 'Line 4 loads trained weights.';
      await page.send(statusMessage(), reportMessage({ ...report, recommendation: { ...without, edit } }));
      await page.posted();
      assert.match(await page.page.locator('header').innerText(), /Replace every Norm with Another \(2 places\)/);
      await page.page.getByRole('button', { name: 'Apply…' }).click();
      assert.deepEqual(await page.posted(), [{ type: 'apply' }]);
      const noEdit = { id: 'no-edit', args: {}, text };
      await page.send(statusMessage(), reportMessage({ ...report, recommendation: { ...without, noEdit } }));
      assert.equal(await page.page.getByRole('button', { name: 'Apply…' }).count(), 0);
      assert.match(await page.page.locator('header').innerText(), /Line 4 loads trained weights\./);
    });

    it('says in its first heading what to do, or that the norms are still being tried', async () => {
      const page = await openPage('panel');
      const run = { network: 'model', batch: 64, stage: 'trying norms', done: 0, total: 0, left: [] };
      await page.send(statusMessage({ run }), reportMessage({ ...report, recommendation: null }));
      assert.equal(await page.page.locator('h1').innerText(), 'The norms are being tried.');
      await page.send(statusMessage(), reportMessage(report));
      assert.match(await page.page.locator('h1').innerText(), /^(Add|Keep|Replace) .*confidence/);
    });
  });

  for (const name of ['sidebar', 'panel'] as const) {
    it(`${name}: messages of another form are named and dropped`, async () => {
      const page = await openPage(name);
      const warnings: string[] = [];
      page.page.on('console', (message) => warnings.push(message.text()));
      await page.send(statusMessage(), reportMessage(report));
      const before = await page.page.locator('#root').innerHTML();
      await page.send(
        null,
        'report',
        { type: 'unheard-of' },
        { type: 'report', shown: { report: { ...report, layers: 'none' }, measured: 0 } },
        { ...statusMessage(), stale: '<b>' },
      );
      assert.equal(await page.page.locator('#root').innerHTML(), before);
      assert.equal(warnings.filter((warning) => warning.includes('was refused')).length, 5);
    });

    it(`${name}: text of a model file stays text`, async () => {
      const page = await openPage(name);
      await page.send(
        statusMessage({
          file: HOSTILE,
          other: HOSTILE,
          failure: { sentence: HOSTILE, input: true, line: 1 },
          run: null,
        }),
        reportMessage(hostile(report)),
      );
      await page.page.locator('details').evaluateAll((all) => {
        for (const details of all) (details as HTMLDetailsElement).open = true;
      });
      await page.send({ type: 'cursor', layers: [`${HOSTILE}head`] });
      assert.equal(await page.page.title(), 'NormScope');
      assert.equal(await page.page.locator('#root img, #root script').count(), 0);
      const shown = await page.page.locator('#root').innerText();
      assert.ok(shown.includes('<img src=x'), 'the text is not shown as it is');
      assert.ok(
        !shown.includes('\u202e') && shown.includes('\\u202e'),
        'a character that turns the text is not written out',
      );
    });

    it(`${name}: does nothing while it is hidden, and shows the newest when it is back`, async () => {
      const page = await openPage(name);
      await page.page.evaluate(() =>
        Object.defineProperty(document, 'visibilityState', { configurable: true, get: () => 'hidden' }),
      );
      const before = await page.page.locator('#root').innerHTML();
      await page.send(statusMessage(), reportMessage({ ...report, recommendation: null }), reportMessage(report));
      assert.equal(await page.page.locator('#root').innerHTML(), before);
      await page.page.evaluate(() => {
        Object.defineProperty(document, 'visibilityState', { configurable: true, get: () => 'visible' });
        document.dispatchEvent(new Event('visibilitychange'));
      });
      assert.match(await page.page.locator('#root').innerText(), /BatchNorm/);
    });

    it(`${name}: everything that is sent again looks the same`, async () => {
      const page = await openPage(name);
      await page.send(statusMessage(), reportMessage(report));
      const before = await page.page.screenshot({ fullPage: true });
      await page.send(statusMessage(), reportMessage(report));
      assert.ok(before.equals(await page.page.screenshot({ fullPage: true })));
    });

    it(`${name}: stays responsive with 2,000 layers`, async () => {
      const page = await openPage(name);
      const large = reportMessage(withLayers(report, 2000));
      const milliseconds = await page.page.evaluate(
        async (messages) => {
          const began = performance.now();
          for (const data of messages) window.dispatchEvent(new MessageEvent('message', { data }));
          await new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
          return performance.now() - began;
        },
        [statusMessage(), large],
      );
      assert.ok(milliseconds < 1500, `${milliseconds.toFixed(0)} ms to show`);
      const move = await page.page.evaluate(async () => {
        const began = performance.now();
        window.dispatchEvent(
          new MessageEvent('message', { data: { type: 'cursor', layers: ['blocks.1500.attention.projection'] } }),
        );
        await new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
        return performance.now() - began;
      });
      assert.ok(move < 300, `${move.toFixed(0)} ms to mark the cursor's layer`);
      process.stdout.write(`      ${milliseconds.toFixed(0)} ms to show, ${move.toFixed(0)} ms to mark a layer\n`);
    });
  }

  it('nothing moves where less motion is asked for, by the system or by VS Code', async () => {
    for (const asked of ['system', 'vscode'] as const) {
      const page = await openPage('sidebar', { reducedMotion: asked === 'system' });
      if (asked === 'vscode') await page.page.evaluate(() => document.body.classList.add('vscode-reduce-motion'));
      await page.send(statusMessage(), reportMessage(report));
      const canvas = page.page.locator('canvas').first();
      const first = await canvas.screenshot();
      await page.page.waitForTimeout(250);
      assert.ok(first.equals(await canvas.screenshot()), asked);
    }
  });
});
