import assert from 'node:assert/strict';
import type * as vscode from 'vscode';
import { Analyses } from '../../../extension/analysis';
import { Configuration } from '../../../extension/configuration';
import { CodeActions } from '../../../extension/surfaces';
import { applyRecommendation, replaceNorms } from '../../../extension/surfaces/applyEdits';
import { staleText } from '../../../extension/surfaces/sourceEdits';
import { contentHash, message } from '../../../src/engine/network';
import type { Fix, Report } from '../../../src/engine/report';
import { english } from '../../../src/engine/report/translate';
import { exampleReport } from '../report/exampleReport';
import { FakeDocument, FakeVscode, type WorkspaceEdit } from './fakeVscode';

const TEXT = ['class Net:', '    conv = Conv2d(3, 8, 3)', '    bn = BatchNorm2d(8)', '    fc = Linear(8, 2)'].join(
  '\n',
);

const fix = (title: string, line: number, newText: string, more: Partial<Fix> = {}): Fix => ({
  title,
  edits: [
    {
      file: 'net.py',
      hash: contentHash(TEXT),
      range: { start: { line, column: 5 }, end: { line, column: 7 } },
      newText,
    },
  ],
  ...more,
});

const KEYS = { removed: ['bn.running_mean'], added: [], renamed: [{ from: 'fc.weight', to: 'out.weight' }] };

function report(): Report {
  const example = exampleReport();
  const recommendation = example.recommendation!;
  const [finding] = example.findings;
  const [alternative] = recommendation.alternatives;
  const source = (line: number) => ({ file: 'net.py', line, column: 5 });
  return {
    ...example,
    network: { ...example.network, source: source(1) },
    findings: [
      { ...finding!, rule: 'a-rule', source: source(2), causes: [], fix: fix('Mend it', 2, 'cv') },
      { ...finding!, rule: 'b-rule', source: source(4), causes: [], fix: null, noFix: message('x', 'Line 4 is odd.') },
    ],
    recommendation: {
      ...recommendation,
      sites: [{ layer: 'bn', source: source(3), change: 'put GroupNorm in its place' }],
      edit: fix('Replace every BatchNorm with GroupNorm (1 place)', 3, 'gn', { also: ['other.bn'], keys: KEYS }),
      alternatives: [{ ...alternative!, edit: fix('Remove every BatchNorm (1 place)', 3, '') }],
    },
  };
}

describe('extension: code actions', () => {
  let fake: FakeVscode;
  let analyses: Analyses;
  let document: FakeDocument;
  let provider: CodeActions;
  beforeEach(() => {
    fake = new FakeVscode();
    analyses = new Analyses(fake.api);
    document = new FakeDocument(fake, 'file:///project/net.py', TEXT);
    fake.active = document;
    provider = new CodeActions(fake.api, analyses, new Configuration(fake.api));
  });
  afterEach(() => {
    provider.dispose();
    analyses.dispose();
  });

  const measure = (of: Report = report()) =>
    analyses
      .of(document.realUri)
      .begin(document.parts, { name: 'Net', batch: 32 }, () => undefined)
      .finished(of);
  const at = (line: number, diagnostics: object[] = []) =>
    provider.provideCodeActions(
      document.real,
      { start: { line, character: 0 }, end: { line, character: 0 } } as vscode.Range,
      { diagnostics } as unknown as vscode.CodeActionContext,
    );
  const pieces = ({ edit }: { edit?: unknown }) => (edit as WorkspaceEdit).replaced;

  it('offers a finding’s fix on its line alone, at once, for its diagnostic', () => {
    assert.deepEqual(at(1), []);
    measure();
    const diagnostic = { code: { value: 'a-rule' } };
    const [action, ...more] = at(1, [diagnostic, { code: { value: 'b-rule' } }, { code: 'foreign' }]);
    assert.equal(more.length, 0);
    assert.equal(action!.title, 'Mend it');
    assert.equal(String(action!.kind), 'quickfix');
    assert.deepEqual(action!.diagnostics, [diagnostic]);
    const [piece] = pieces(action!);
    assert.deepEqual([piece!.range.start.line, piece!.range.start.character, piece!.range.end.character], [1, 4, 6]);
    assert.equal(piece!.text, 'cv');
    assert.equal(piece!.metadata, undefined);
  });

  it('leaves a finding out by a comment, for the diagnostic of any rule', () => {
    const diagnostic = (line: number, rule = 'a-rule') => ({
      source: 'NormScope',
      code: { value: rule },
      range: { start: { line, character: 4 } },
    });
    const suppressed = (line: number, rule?: string) => {
      const action = at(line, [diagnostic(line, rule), { ...diagnostic(line), source: 'other' }])[0];
      if (!action) return undefined;
      assert.equal(action.title, `Suppress ${rule ?? 'a-rule'} with a comment`);
      const [piece] = pieces(action);
      const { start } = piece!.range;
      document.edit(start.line, start.character, start.line, start.character, piece!.text);
      return document.getText().split('\n')[start.line];
    };
    assert.equal(suppressed(1), '    conv = Conv2d(3, 8, 3)  # normscope: ignore[a-rule]');
    assert.equal(suppressed(1, 'b-rule'), '    conv = Conv2d(3, 8, 3)  # normscope: ignore[a-rule, b-rule]');
    document.edit(2, 0, 2, 0, `    # ${'x'.repeat(120)}\n    y = [${'1, '.repeat(40)}]\n`);
    assert.equal(suppressed(3), '    # normscope: ignore[a-rule]');
    document.edit(1, 0, 1, 0, '    text = \\\n');
    assert.equal(suppressed(1), '    # normscope: ignore[a-rule]');
    assert.equal(suppressed(0), 'class Net:  # normscope: ignore[a-rule]');
    fake.set('normscope.codeActions.enabled', false);
    assert.equal(suppressed(1), undefined);
  });

  it('says why there is no fix', () => {
    measure();
    assert.deepEqual(
      at(3).map(({ title, disabled }) => [title, disabled?.reason]),
      [['Fix b-rule', 'Line 4 is odd.']],
    );
  });

  it('offers other norms where one stands and at the class, through the preview', () => {
    measure();
    for (const line of [0, 2]) {
      const [first, second, ...more] = at(line);
      assert.equal(more.length, 0);
      assert.equal(first!.title, 'Replace every BatchNorm with GroupNorm (1 place), as recommended…');
      assert.equal(second!.title, 'Remove every BatchNorm (1 place)…');
      assert.equal(String(first!.kind), 'refactor.rewrite');
      const { metadata } = pieces(first!)[0]!;
      assert.equal(metadata!.needsConfirmation, true);
      assert.equal(
        metadata!.description,
        'Changes other.bn too, made by the same line. In saved weights it renames fc.weight to out.weight, removes bn.running_mean.',
      );
    }
  });

  it('refuses a document that is another by now, and offers again once it is as it was', () => {
    measure();
    document.edit(3, 0, 3, 0, ' ');
    const [action] = at(1);
    assert.deepEqual([action!.edit, action!.disabled], [undefined, { reason: staleText(english) }]);
    document.edit(3, 0, 3, 1, '');
    assert.equal(at(1)[0]!.disabled, undefined);
  });

  it('can be turned off', () => {
    measure();
    fake.set('normscope.codeActions.enabled', false);
    assert.deepEqual(at(1), []);
  });

  it('the commands open the preview, ask which, and say why not', async () => {
    const parts = { vscode: fake.api, analyses };
    assert.equal(await applyRecommendation(parts, undefined), false);
    measure();
    assert.equal(await applyRecommendation(parts, undefined), true);
    assert.deepEqual(fake.applied[0]!.options, { isRefactoring: true });
    assert.equal(fake.applied[0]!.edit.replaced[0]!.text, 'gn');
    fake.answers.push('Remove every BatchNorm (1 place)', undefined);
    assert.equal(await replaceNorms(parts, document.realUri), true);
    assert.equal(fake.applied[1]!.edit.replaced[0]!.text, '');
    assert.equal(await replaceNorms(parts, document.realUri), false);
    document.edit(0, 0, 0, 0, ' ');
    assert.equal(await applyRecommendation(parts, undefined), false);
    const { recommendation } = report();
    const { edit: _, ...without } = recommendation!;
    const noEdit = message('no', 'Line 2 loads trained weights.');
    measure({ ...report(), recommendation: { ...without, alternatives: [], noEdit } });
    assert.equal(await applyRecommendation(parts, undefined), false);
    const ticks = fake.said.filter((text) => text.startsWith('Tick what shall be changed'));
    assert.equal(ticks.length, 2);
    const others = fake.said.filter((text) => !ticks.includes(text));
    assert.deepEqual(others, ['Analyze the network first.', staleText(english), 'Line 2 loads trained weights.']);
    assert.equal(fake.applied.length, 2);
  });
});
