import assert from 'node:assert/strict';
import fc from 'fast-check';
import { markdown } from '../../../src/engine/report/markdown';
import { codeMarkdown, proseMarkdown } from '../../../src/engine/report/markdownText';
import { anyModelText, anyText } from './anyText';
import { exampleReport } from './exampleReport';

const decode = (text: string): string =>
  text.replace(/&#(\d+);/g, (_, code: string) => String.fromCodePoint(Number(code)));

describe('report: Markdown', () => {
  const lines = markdown(exampleReport()).split('\n');

  it('has tables whose rows have as many cells as their heads', () => {
    const rows = lines.filter((line) => line.startsWith('|'));
    const cells = rows.map((row) => row.split('|').length - 2);
    // Findings, variants, layers.
    assert.deepEqual(cells.slice(0, 8), [4, 4, 4, 4, 4, 4, 4, 4]);
    assert.deepEqual(cells.slice(8), [10, 10, 10, 10, 10, 10]);
  });

  it('says the recommendation, the findings and their symptoms', () => {
    assert.ok(lines.includes('### Add GroupNorm (8 groups) before the activation at 1 site (confidence: strong).'));
    assert.ok(lines.includes('**Findings: 1 error, 1 note.**'));
    assert.ok(
      lines.includes('| **error** | `net.py:12:9` `layers.0` | `vanishing-gradient` | The gradient vanishes here. |'),
    );
    assert.ok(lines.includes('- `vanishing-gradient` at `net.py:12:9` `layers.0`'));
    assert.ok(
      lines.some((line) => line.startsWith('  - explains `saturated-activation` in `layers.0` at `net.py:13:9`: ')),
    );
  });

  it('folds what is long, with a blank line on both sides so that it is Markdown still', () => {
    const text = lines.join('\n');
    const opened = text.match(/<details><summary>[^<]+<\/summary>\n\n/g) ?? [];
    assert.equal(opened.length, 6);
    assert.equal((text.match(/\n\n<\/details>\n/g) ?? []).length, opened.length);
    assert.ok(text.indexOf('| severity |') < text.indexOf('<details>'));
  });

  it('says what is left out, and by what', () => {
    const [finding] = exampleReport().findings;
    const said = markdown({
      ...exampleReport(),
      suppressed: [
        { ...finding!, suppressed: { by: 'comment', source: { file: 'net.py', line: 7, column: 3 } } },
        { ...finding!, suppressed: { by: 'baseline' } },
      ],
    });
    assert.match(said, /1 error, 1 note \(1 suppressed by a comment, 1 in the baseline\)/);
    assert.ok(said.includes('- `unused-layer` at `net.py:40:9`: by the comment at `net.py:7:3`'));
  });

  it('is never longer than a comment may be', () => {
    const report = exampleReport();
    const long = markdown({ ...report, layers: Array.from({ length: 3000 }, () => report.layers[1]!) });
    assert.ok(long.length < 65_536, String(long.length));
    assert.match(long, /\d+ more lines are too long for a comment/);
    assert.ok(long.endsWith('</details>\n'));
  });

  it('writes code that nothing can leave', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        assert.match(
          codeMarkdown(text),
          /^(?:`[^`|\\\n\s&](?:[^`|\\\n&]*[^`|\\\n\s&])?`|<code>(?:[\p{L}\p{N} ]|&#\d+;)*<\/code>)$/u,
        );
      }),
    );
    assert.equal(codeMarkdown('layers.0.conv_1'), '`layers.0.conv_1`');
    assert.equal(codeMarkdown('a|`b'), '<code>a&#124;&#96;b</code>');
  });

  it('writes prose that is nothing but text', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const written = proseMarkdown(text);
        const bare = written.replace(/&#\d+;/g, '');
        assert.doesNotMatch(bare, /[\\`*_{}[\]<>#|~&!$=+@\n\r]|:\/\/|www\./i);
        assert.doesNotMatch(written, /^\s*(?:-|\d+[.)](?:\s|$))/);
      }),
    );
    assert.equal(proseMarkdown('1. x'), '1&#46; x');
    assert.equal(proseMarkdown('- x'), '&#45; x');
    assert.equal(proseMarkdown('1.5e-9'), '1.5e-9');
    assert.equal(decode(proseMarkdown('a*b* <c> | 1')), 'a*b* <c> | 1');
  });

  it('keeps its lines and cells whatever a model file says', () => {
    const shape = (text: string): string[] => text.split('\n').map((line) => line.replace(/[^|]/g, ''));
    fc.assert(
      fc.property(anyModelText, (model) => {
        const report = exampleReport(model);
        assert.deepEqual(shape(markdown(report)), shape(markdown(exampleReport())));
      }),
    );
  });
});
