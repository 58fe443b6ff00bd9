import assert from 'node:assert/strict';
import fc from 'fast-check';
import { NETWORK_SCHEMA, type Report } from '../../../src/engine/report';
import { inspectRenderers, renderers } from '../../../src/engine/report/renderers';
import { anyModelText } from './anyText';
import { exampleReport, PLAIN } from './exampleReport';

const plainOptions = { columns: 100, colour: false };
const report = exampleReport();

/** Every character that a terminal obeys, but the line break. */
const OBEYED = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u;
const assertUnobeyed = (text: string): void => assert.doesNotMatch(text.replaceAll('\n', ''), OBEYED);

const records = (model = PLAIN) => {
  const { network, layers, findings } = exampleReport(model);
  return { schema: NETWORK_SCHEMA, networks: [{ ...network, layers, findings }] } as const;
};

describe('report: text', () => {
  const text = renderers.text(report, plainOptions);
  const lines = text.split('\n');

  it('says what was measured, on what, and that it is synthetic', () => {
    assert.match(text, /at initialization and over 2 training steps, on\s+synthetic data/);
    assert.match(text, /batch 64/);
    assert.match(text, /3 seeds\s+from 0/);
    assert.match(text, /1,234,567 parameters \(1,234,000 trainable\)/);
    assert.match(text, /Partial: the time budget ended first/);
  });

  it('says why it ends early where that was not the budget', () => {
    const failed = renderers.text({ ...report, failure: 'The probe process is gone.' }, plainOptions);
    assert.match(failed, /Partial: The probe process is gone\. What is\s+missing was not measured\./);
    assert.doesNotMatch(failed, /time budget/);
  });

  it('stays within the columns', () => {
    for (const columns of [80, 100, 160]) {
      for (const line of renderers.text(report, { columns, colour: false }).split('\n')) {
        assert.ok(line.length <= columns, `${line.length} > ${columns}: ${line}`);
      }
    }
  });

  it('aligns the layers under their heads, containers left out', () => {
    const head = lines.findIndex((line) => line.startsWith('layer '));
    const rows = lines.slice(head + 1, lines.indexOf('', head));
    assert.equal(rows.length, 4);
    const end = lines[head]!.indexOf('grad norm') + 'grad norm'.length;
    assert.deepEqual(
      rows.map((row) => row.slice(0, end).trim().split(/\s+/).pop()),
      ['1.3e-6', '–', 'NaN', '0.5'],
    );
    for (const row of rows) assert.match(row.slice(0, end), /\S$/);
  });

  it('defines every column that it shows', () => {
    const head = lines.find((line) => line.startsWith('layer '))!;
    for (const title of ['grad norm', 'out grad', 'mean', 'std', 'satur', 'inact', 'dead', 'update']) {
      assert.ok(head.includes(title), title);
      assert.ok(
        lines.some((line) => line.startsWith(`  ${title} `)),
        `${title} has no definition`,
      );
    }
  });

  it('lists the gravest finding first, its symptoms under it, with file:line:column', () => {
    const cause = lines.findIndex((line) => line.includes('error net.py:12:9: vanishing-gradient, layers.0'));
    const symptom = lines.findIndex((line) => line.includes('net.py:13:9  layers.0'));
    const note = lines.findIndex((line) => line.includes('note net.py:40:9: unused-layer'));
    assert.ok(cause > 0 && cause < symptom && symptom < note);
    assert.match(text, /also saturated-activation/);
    assert.match(text, /Findings: 1 error, 1 note/);
  });

  it('recommends in one sentence, with reasons, alternatives and what would change it', () => {
    assert.match(text, /Add GroupNorm \(8 groups\) before the activation at 1 site \(confidence: strong\)\./);
    assert.match(text, /Alternatives:/);
    assert.match(text, /\(at learning rate 0\.1\)/);
    assert.match(text, /InstanceNorm \(not tried\)/);
    assert.match(text, /What would change this:/);
    assert.match(text, /read 12 ms, probe 1\.8 s/);
  });

  it('puts the recommendation right for every action', () => {
    const sentence = (change: Partial<NonNullable<Report['recommendation']>>): string =>
      renderers
        .text({ ...report, recommendation: { ...report.recommendation!, ...change } }, plainOptions)
        .split('\nRecommendation\n')[1]!
        .split('\n')[0]!;
    assert.match(
      sentence({ action: 'keep', norm: 'none', groups: null, placement: 'none' }),
      /^Keep the network without normalization/,
    );
    assert.match(sentence({ action: 'keep', norm: 'BatchNorm', groups: null }), /^Keep BatchNorm as it is/);
    assert.match(
      sentence({ action: 'replace', placement: 'as-is' }),
      /^Replace the normalization by GroupNorm \(8 groups\) at 1 site/,
    );
    assert.match(sentence({ action: 'remove', norm: 'none', groups: null }), /^Remove the normalization at 1 site/);
  });

  it('leaves colour out unless asked, and changes nothing else by it', () => {
    assertUnobeyed(text);
    const coloured = renderers.text(report, { columns: 100, colour: true });
    assert.ok(coloured.includes('\x1b[31merror\x1b[0m'));
    // biome-ignore lint/suspicious/noControlCharactersInRegex: the sequences are what is taken out
    assert.equal(coloured.replace(/\x1b\[\d+m/g, ''), text);
  });

  it('lets nothing from a model file reach the terminal as more than text', () => {
    fc.assert(
      fc.property(anyModelText, (model) => {
        const hostile = renderers.text(exampleReport(model), plainOptions);
        assertUnobeyed(hostile);
        assertUnobeyed(inspectRenderers.text(records(model), plainOptions));
      }),
    );
  });
});

describe('report: inspect as text', () => {
  it('lists layers with shape, parameters and line, and what was not modelled', () => {
    const text = inspectRenderers.text(records(), plainOptions);
    assert.match(text, /^layers\.0, net\.py:3:9$/m);
    assert.match(text, /layers\.0\s+Linear\s+\[64, 256\]\s+1,000\s+12$/m);
    assert.match(text, /net\.py:30:9: The gradient vanishes here\./);
  });

  it('says how to give an input where none is known', () => {
    const { networks } = records();
    const text = inspectRenderers.text(
      { schema: NETWORK_SCHEMA, networks: [{ ...networks[0], inputs: [] }] },
      plainOptions,
    );
    assert.match(text, /--input/);
  });
});

describe('report: JSON', () => {
  it('gives every report back as it was', () => {
    fc.assert(
      fc.property(anyModelText, (model) => {
        const hostile = exampleReport(model);
        const text = renderers.json(hostile, plainOptions);
        // A lone surrogate is the one text that UTF-8 cannot hold; JSON escapes it.
        assert.deepEqual(JSON.parse(text), hostile);
        assert.doesNotMatch(text.replaceAll('\n', ''), /[\p{Cc}\p{Zl}\p{Zp}\p{Cs}\u202a-\u202e\u2066-\u2069]/u);
      }),
    );
  });

  it('has the same bytes whatever order the keys were made in', () => {
    const reversed = (value: unknown): unknown => {
      if (Array.isArray(value)) return value.map(reversed);
      if (typeof value !== 'object' || value === null) return value;
      return Object.fromEntries(
        Object.entries(value)
          .reverse()
          .map(([key, entry]) => [key, reversed(entry)]),
      );
    };
    assert.equal(renderers.json(reversed(report) as Report, plainOptions), renderers.json(report, plainOptions));
  });

  it('writes a number that JSON cannot hold as a word', () => {
    const timings = { a: Number.NaN, b: Infinity, c: -Infinity, d: 0 };
    const parsed = JSON.parse(renderers.json({ ...report, timings }, plainOptions)) as { timings: unknown };
    assert.deepEqual(parsed.timings, { a: 'NaN', b: 'Infinity', c: '-Infinity', d: 0 });
  });

  it('begins with the schema and the status', () => {
    assert.deepEqual(Object.keys(JSON.parse(renderers.json(report, plainOptions)) as object).slice(0, 2), [
      'schema',
      'status',
    ]);
    assert.equal(
      (JSON.parse(inspectRenderers.json(records(), plainOptions)) as { schema: string }).schema,
      'normscope/network@1',
    );
  });
});
