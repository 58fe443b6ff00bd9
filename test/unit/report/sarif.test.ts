import assert from 'node:assert/strict';
import fc from 'fast-check';
import { sarif } from '../../../src/engine/report/sarif';
import { anyModelText } from './anyText';
import { exampleReport, PLAIN } from './exampleReport';
import { assertSarif } from './sarifSchema';

interface Location {
  readonly physicalLocation: {
    readonly artifactLocation: { readonly uri: string };
    readonly region: { readonly startLine: number; readonly startColumn: number };
  };
}
interface Log {
  readonly version: string;
  readonly $schema: string;
  readonly runs: readonly [
    {
      readonly columnKind: string;
      readonly tool: { readonly driver: { readonly name: string; readonly rules: readonly { readonly id: string }[] } };
      readonly invocations: readonly [{ readonly executionSuccessful: boolean }];
      readonly results: readonly {
        readonly ruleId: string;
        readonly ruleIndex: number;
        readonly level: string;
        readonly message: { readonly text: string };
        readonly locations: readonly Location[];
        readonly relatedLocations: readonly (Location & {
          readonly id: number;
          readonly message: { readonly text: string };
        })[];
        readonly suppressions?: readonly { readonly kind: string; readonly location?: Location }[];
        readonly fixes?: readonly {
          readonly artifactChanges: readonly { readonly replacements: readonly { readonly deletedRegion: object }[] }[];
        }[];
      }[];
    },
  ];
}

/** Reads a log and holds it against the schema of SARIF 2.1.0, and against what its standard says beside that. */
function readLog(text: string): Log {
  const log = JSON.parse(text) as Log;
  assertSarif(log);
  assert.equal(log.version, '2.1.0');
  assert.match(log.$schema, /sarif-2\.1\.0\.json$/);
  const [run] = log.runs;
  assert.equal(run.columnKind, 'utf16CodeUnits');
  const ids = run.tool.driver.rules.map(({ id }) => id);
  assert.equal(new Set(ids).size, ids.length);
  for (const result of run.results) {
    assert.equal(ids[result.ruleIndex], result.ruleId);
    assert.ok(['error', 'warning', 'note', 'none'].includes(result.level));
    assert.ok(result.message.text.length > 0);
    assert.equal(new Set(result.relatedLocations.map(({ id }) => id)).size, result.relatedLocations.length);
    for (const { physicalLocation } of [...result.locations, ...result.relatedLocations]) {
      assert.ok(physicalLocation.region.startLine >= 1 && physicalLocation.region.startColumn >= 1);
      // A relative URI reference of RFC 3986's own characters.
      assert.match(physicalLocation.artifactLocation.uri, /^(?:[\w.~!$&'()*+,;=:@/-]|%[\dA-F]{2})+$/);
    }
  }
  return log;
}

describe('report: SARIF', () => {
  const [run] = readLog(sarif(exampleReport())).runs;

  it('has a result for a finding, at its place, with its rule', () => {
    assert.deepEqual(
      run.results.map(({ ruleId, level }) => `${ruleId} ${level}`),
      ['unused-layer note', 'vanishing-gradient error'],
    );
    assert.deepEqual(run.results[1]!.locations[0]!.physicalLocation, {
      artifactLocation: { uri: 'net.py' },
      region: { startLine: 12, startColumn: 9 },
    });
    assert.match(run.results[1]!.message.text, /The gradient vanishes here\. 1\.5e-9/);
  });

  it('lists symptoms as related locations, their rules among the rules', () => {
    assert.match(run.results[1]!.relatedLocations[0]!.message.text, /^saturated-activation: /);
    assert.ok(run.tool.driver.rules.some(({ id }) => id === 'saturated-activation'));
  });

  it('carries the fix as an edit', () => {
    assert.deepEqual(run.results[1]!.fixes![0]!.artifactChanges[0]!.replacements[0]!.deletedRegion, {
      startLine: 12,
      startColumn: 9,
      endLine: 12,
      endColumn: 9,
    });
  });

  it('says of findings that are left out by what, and of the others that they are not', () => {
    const report = exampleReport();
    const [first, second] = report.findings;
    const [suppressing] = readLog(
      sarif({
        ...report,
        findings: [first!],
        suppressed: [
          { ...second!, suppressed: { by: 'comment', source: { file: 'net.py', line: 11, column: 5 } } },
          { ...second!, suppressed: { by: 'baseline' } },
        ],
      }),
    ).runs;
    assert.deepEqual(
      suppressing.results.map(({ suppressions }) => suppressions?.map(({ kind }) => kind)),
      [[], ['inSource'], ['external']],
    );
    const { region } = suppressing.results[1]!.suppressions![0]!.location!.physicalLocation;
    assert.deepEqual(region, { startLine: 11, startColumn: 5 });
    assert.ok(run.results.every(({ suppressions }) => suppressions === undefined));
  });

  it('explains the rules', () => {
    const help = {
      finds: 'what is **meant**',
      page: '# a\n\n**Why.** So.',
      severity: 'warning',
      uri: 'https://a.org/b',
    } as const;
    const text = sarif(exampleReport(), { ruleHelp: new Map([['unused-layer', help]]) });
    readLog(text);
    const described = JSON.parse(text).runs[0].tool.driver.rules.find(
      ({ id }: { id: string }) => id === 'unused-layer',
    );
    assert.deepEqual(described, {
      id: 'unused-layer',
      name: 'UnusedLayer',
      shortDescription: { text: 'Unused layer' },
      fullDescription: { text: 'Finds what is **meant**.' },
      help: { text: '# a\n\nWhy. So.', markdown: '# a\n\n**Why.** So.' },
      helpUri: 'https://a.org/b',
      defaultConfiguration: { level: 'warning' },
    });
  });

  it('says that a cancelled run did not succeed', () => {
    assert.equal(run.invocations[0].executionSuccessful, true);
    const cancelled = readLog(sarif({ ...exampleReport(), status: 'cancelled' }));
    assert.equal(cancelled.runs[0].invocations[0].executionSuccessful, false);
  });

  it('keeps any text of a model file from being a link or a placeholder', () => {
    const { runs } = readLog(sarif(exampleReport({ ...PLAIN, sentence: '[x](y) {0} [2, 3]' })));
    assert.ok(runs[0].results[0]!.message.text.startsWith('\\[x](y) {{0}} [2, 3]'));
    fc.assert(
      fc.property(
        anyModelText.filter(({ sentence }) => sentence !== ''),
        (model) => void readLog(sarif(exampleReport(model))),
      ),
    );
  });
});
