import assert from 'node:assert/strict';
import type { Browser } from 'playwright-core';
import type { Report } from '../../../src/engine/report/report';
import { advised } from './advised';
import { analyzed, reportMessage, statusMessage } from './messages';
import { launch, OpenPage } from './openPage';

/** Size of a PNG file in base64, from its header; its first bytes are checked. */
function pngSize(data: string): { readonly width: number; readonly height: number } {
  const bytes = Buffer.from(data, 'base64');
  assert.equal(bytes.subarray(1, 4).toString(), 'PNG');
  return { width: bytes.readUInt32BE(16), height: bytes.readUInt32BE(20) };
}

const MEASURED = Date.UTC(2026, 0, 2, 14, 32);
const EARLIER = MEASURED - 600_000;
const runs = {
  type: 'runs',
  runs: [
    { measured: MEASURED, batch: 2, seed: 0, advice: 'Add BatchNorm.', findings: 1 },
    { measured: EARLIER, batch: 2, seed: 0, advice: null, findings: 3 },
  ],
};

describe('webview: the panel with everything that advice may say', function () {
  this.timeout(60_000);
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
    report = advised(analyzed('cnn_batch2.py'));
  });
  after(() => browser?.close());
  beforeEach(async () => {
    page = await OpenPage.open(browser, 'panel');
    await page.send(statusMessage(), reportMessage(report), runs);
    await page.posted();
  });
  afterEach(async () => {
    assert.deepEqual([await page.violations(), page.errors], [[], []]);
    await page.close();
  });

  it('says things in this order: why, the batch, what was tried, where, comparing, layers, how, axes, sources', async () => {
    assert.deepEqual(await page.page.locator('h2:visible').allInnerTexts(), [
      'Why',
      'The batch',
      'What was tried',
      'Placement',
      'Places and what to do',
      'Compare with an earlier run',
      'Layers at initialization',
      'What was measured, and how',
      'What is normalized together',
      'References',
    ]);
  });

  it('tells what was measured here from what is known elsewhere, and shows that they disagree', async () => {
    const badges = await page.page.locator('.reasons .badge').allInnerTexts();
    assert.ok(badges.includes('measured here') && badges.includes('known elsewhere'), badges.join());
    assert.match(await page.page.locator('.disagreement').innerText(), /Published results were followed/);
    const links = page.page.locator('.known a');
    assert.deepEqual(await links.evaluateAll((all) => all.map((each) => each.getAttribute('href'))), [
      'https://arxiv.org/abs/1803.08494',
    ]);
  });

  it('moves all of the noise with the slider: sentence, places, published row', async () => {
    const slider = page.page.locator('#batch-slider');
    const seen = async () => ({
      sentence: await page.page.locator('#noise').innerText(),
      first: await page.page.locator('.noise-rows tbody tr').first().innerText(),
      label: await page.page.locator('.by-layer [role=img]').getAttribute('aria-label'),
    });
    const own = await seen();
    assert.match(own.sentence, /At batch 2 /);
    await slider.focus();
    await page.page.keyboard.press('End');
    const last = await seen();
    assert.match(last.sentence, /At batch 128 /);
    assert.match(last.label!, /at batch 128;/);
    // 2 values a sample at the noisiest of eight sites: m = 256 values, as the fixture has it.
    assert.match(last.first, /\b256\b/);
    assert.notEqual(last.first, own.first);
  });

  it('leads from a place and from a noisy site to its line', async () => {
    await page.page.getByRole('region', { name: 'Places and what to do' }).getByRole('button').nth(2).click();
    const noisiest = page.page.locator('.noise-rows tbody tr').first().getByRole('button');
    await noisiest.click();
    const [place, noise] = await page.posted();
    assert.deepEqual(place, { type: 'reveal', target: { kind: 'place', index: 2 } });
    assert.ok(noise?.type === 'reveal' && noise.target.kind === 'noise');
    const { sites } = report.probe.siteNoise!;
    assert.equal(sites[noise.target.index]!.layer, await noisiest.innerText());
  });

  it('compares with the run that is chosen, layer by layer, and remembers it', async () => {
    const choice = page.page.locator('vscode-dropdown[aria-label="Compare with"]');
    await choice.click();
    await choice.locator('vscode-option').nth(1).click();
    assert.deepEqual(await page.posted(), [{ type: 'compare', measured: EARLIER }]);
    const [first, ...rest] = report.layers;
    const before: Report = {
      ...report,
      layers: [
        first!,
        ...rest.map((layer) => ({
          ...layer,
          ...(layer.id === 'features.0.1' && { id: 'features.0.old', kind: 'GroupNorm' }),
          gradientNorm: typeof layer.gradientNorm === 'number' ? layer.gradientNorm / 2 : layer.gradientNorm,
        })),
      ],
    };
    await page.send({ type: 'comparison', before: { report: reportMessage(before).shown!.report, measured: EARLIER } });
    const rows = page.page.getByRole('region', { name: 'gradient norm, before and now' }).locator('tbody tr');
    const texts = (await rows.allInnerTexts()).map((row) => row.replaceAll('\t', ' '));
    assert.ok(
      texts.some((row) => /^features\.0\.0 .*× 2$/.test(row)),
      texts.join('\n'),
    );
    assert.ok(texts.some((row) => /^features\.0\.1 .*BatchNorm2d, new/.test(row)));
    assert.ok(texts.some((row) => /^features\.0\.old .*GroupNorm, gone/.test(row)));
    const state = (await page.page.evaluate(() => window.stub.state)) as { compared: number };
    assert.equal(state.compared, EARLIER);
    const again = await OpenPage.open(browser, 'panel', { state });
    await again.send(statusMessage(), reportMessage(report), runs);
    assert.ok((await again.posted()).some((message) => message.type === 'compare' && message.measured === EARLIER));
    await again.close();
  });

  it('asks to export the report in each form, and each chart as a picture of its size', async () => {
    for (const name of ['JSON', 'HTML', 'Markdown']) {
      await page.page.getByRole('button', { name: `Export as ${name}` }).click();
    }
    assert.deepEqual(
      (await page.posted()).map((message) => message.type === 'export' && message.format),
      ['json', 'html', 'markdown'],
    );
    const buttons = page.page.getByRole('button', { name: /^Save as PNG: / });
    const canvases = page.page.locator('.line-chart canvas');
    assert.equal(await buttons.count(), await canvases.count());
    assert.ok((await buttons.count()) >= 5);
    for (const button of await buttons.all()) await button.click();
    const sizes = (await page.posted()).map((message) => pngSize(message.type === 'picture' ? message.data : ''));
    const drawn = await canvases.evaluateAll((all) =>
      all.map((each) => ({ width: (each as HTMLCanvasElement).width, height: (each as HTMLCanvasElement).height })),
    );
    assert.deepEqual(
      new Set(sizes.map((each) => JSON.stringify(each))),
      new Set(drawn.map((each) => JSON.stringify(each))),
    );
  });

  it('draws what each norm that occurs normalizes, each another part of the block', async () => {
    const cubes = page.page.locator('.cube');
    const drawn = await cubes.evaluateAll((all) =>
      all.map((cube) => ({
        name: cube.getAttribute('aria-label')!.split(':')[0],
        on: [...cube.querySelectorAll('polygon')].map((face) => (face.classList.contains('on') ? 1 : 0)).join(''),
      })),
    );
    const names = drawn.map(({ name }) => name);
    for (const name of ['BatchNorm', 'GroupNorm', 'LayerNorm']) assert.ok(names.includes(name), names.join());
    assert.equal(new Set(drawn.map(({ on }) => on)).size, drawn.length);
    // Faces: 12 in front, then for each sample 4 on top and 3 at the right. BatchNorm's channel: a column of 3, one on
    // top of each sample, the whole right side.
    assert.equal([...drawn[0]!.on].filter((face) => face === '1').length, 3 + 3 + 9);
  });

  it('is read at 200 % zoom without a scroll bar at the side', async () => {
    const [reason, ...others] = report.recommendation!.reasons;
    const evidence = [
      { quantity: 'output gradient RMS, first layer over last, BatchNorm', value: 0.278, unit: 'ratio, as it is' },
    ];
    const reasons = [{ ...reason!, evidence }, ...others];
    for (const width of [450, 320]) {
      await page.page.setViewportSize({ width, height: 400 });
      await page.send(reportMessage({ ...report, recommendation: { ...report.recommendation!, reasons } }));
      const cut = await page.page.evaluate(() =>
        [...document.querySelectorAll<HTMLElement>('#root p, #root li, #root h2')]
          .filter((each) => each.getBoundingClientRect().right > innerWidth && !each.closest('.scroll'))
          .map((each) => each.innerText.slice(0, 40)),
      );
      assert.deepEqual(cut, [], `cut off at ${width} pixels`);
    }
  });

  it('is walked by the keyboard alone: everything that a pointer can press has the focus in turn', async () => {
    const reachable = new Set<string>();
    await page.page.locator('body').press('Tab');
    for (let press = 0; press < 400; press++) {
      const key = await page.page.evaluate(() => (document.activeElement as HTMLElement | null)?.dataset.key ?? '');
      if (reachable.has(key) && key !== '') break;
      reachable.add(key);
      await page.page.keyboard.press('Tab');
    }
    const all = await page.page
      .locator('[data-key]:visible')
      .evaluateAll((each) => each.map((one) => (one as HTMLElement).dataset.key!));
    assert.deepEqual(
      all.filter((key) => !reachable.has(key)),
      [],
    );
  });
});
