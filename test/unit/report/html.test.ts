import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import type { MeasuredLayer } from '../../../src/engine/report';
import { gradientChart } from '../../../src/engine/report/gradientChart';
import { html } from '../../../src/engine/report/html';
import { anyModelText } from './anyText';
import { exampleReport, PLAIN } from './exampleReport';

const VOID = new Set(['meta', '!DOCTYPE']);
const TAG = /<(\/?)([!a-zA-Z][\w-]*)((?:\s+[\w:-]+(?:="[^"<>]*")?)*)\s*(\/?)>/y;

/** The page's tags with their attributes' names, in order; every `<` must begin one, and every element must close. */
function tags(page: string): string[] {
  const seen: string[] = [];
  const open: string[] = [];
  for (let at = page.indexOf('<'); at >= 0; at = page.indexOf('<', at)) {
    TAG.lastIndex = at;
    const tag = TAG.exec(page);
    assert.ok(tag, `no tag at: ${page.slice(at, at + 40)}`);
    const [whole, closing, name, attributes, empty] = tag;
    seen.push(`${closing}${name}${attributes!.replace(/="[^"]*"/g, '')}`);
    if (closing) assert.equal(name, open.pop(), `</${name}> closes another element`);
    else if (!empty && !VOID.has(name!)) open.push(name!);
    at += whole.length;
  }
  assert.deepEqual(open, []);
  return seen;
}

describe('report: HTML', () => {
  const page = html(exampleReport());

  it('is balanced, whole and says what it is about', () => {
    const seen = tags(page);
    assert.equal(seen[0], '!DOCTYPE html');
    assert.equal(seen.filter((tag) => tag === 'h1').length, 1);
    assert.match(page, /<title>NormScope: layers\.0<\/title>/);
    assert.match(page, /Add GroupNorm \(8 groups\)/);
  });

  it('needs nothing from elsewhere, and forbids it', () => {
    assert.doesNotMatch(page, /<script|<link|<img|<iframe|\bhttps?:|@import|url\(|\sstyle="/);
    const style = /<style>([\s\S]*?)<\/style>/.exec(page)![1]!;
    const hash = createHash('sha256').update(style).digest('base64');
    assert.ok(page.includes(`default-src 'none'; style-src 'sha256-${hash}'`));
    assert.match(style, /prefers-color-scheme: dark/);
  });

  it('lets nothing from a model file become more than text', () => {
    const expected = tags(page);
    fc.assert(
      fc.property(anyModelText, (model) => {
        assert.deepEqual(tags(html(exampleReport(model))), expected);
      }),
    );
  });

  it('shows what it escaped', () => {
    const hostile = html(exampleReport({ ...PLAIN, id: '<b>&"\'\x1b\u202e' }));
    assert.ok(hostile.includes('&lt;b&gt;&amp;&quot;&#39;\\x1b\\u202e'));
  });
});

describe('report: chart of the gradient along depth', () => {
  const layers = exampleReport().layers;
  const chart = gradientChart(layers).markup;
  const numbers = (pattern: RegExp): number[] => [...chart.matchAll(pattern)].map((match) => Number(match[1]));

  it('draws every positive figure, on a logarithmic scale', () => {
    assert.equal(numbers(/<circle class="norm"[^>]*cy="([\d.]+)"/g).length, 2);
    const [first, third, fourth] = numbers(/<circle class="output"[^>]*cy="([\d.]+)"/g);
    // 2e-7, 3e-3 and 0.1: the same factor is the same distance.
    const scale = (first! - third!) / Math.log10(3e-3 / 2e-7);
    assert.ok(Math.abs((third! - fourth!) / Math.log10(0.1 / 3e-3) - scale) < 0.2);
  });

  it('breaks the line at zero and NaN, and says them in the table', () => {
    assert.match(chart, /<path class="norm" d="M[\d.]+ [\d.]+M[\d.]+ [\d.]+"/);
    assert.match(chart, /<td>NaN<\/td>/);
    assert.match(chart, /<td>0<\/td>/);
    assert.equal([...chart.matchAll(/<th scope="row">/g)].length, 4);
  });

  it('stays in its frame for any figures', () => {
    const figures = fc.array(fc.double({ min: 1e-45, max: 1e38, noNaN: true }), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(figures, (norms) => {
        const any = norms.map(
          (gradientNorm): MeasuredLayer => ({ ...layers[1]!, gradientNorm, outputGradientRms: null }),
        );
        for (const [, x, y] of gradientChart(any).markup.matchAll(/cx="([^"]*)" cy="([^"]*)"/g)) {
          assert.ok(Number(x) >= 64 && Number(x) <= 748 && Number(y) >= 12 && Number(y) <= 240, `${x}, ${y}`);
        }
      }),
    );
  });

  it('says when nothing was measured', () => {
    assert.match(gradientChart([]).markup, /No gradient was measured/);
  });
});
