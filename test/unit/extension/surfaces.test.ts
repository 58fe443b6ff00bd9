import assert from 'node:assert/strict';
import type { Diagnostic, InlayHint, MarkdownString, Range } from 'vscode';
import { Analyses } from '../../../extension/analysis';
import { Configuration } from '../../../extension/configuration';
import { EngineFailure, WrongInput } from '../../../extension/engine';
import { commands, contextKeys } from '../../../extension/identifiers';
import { Diagnostics, LanguageStatus, LayerHints, LayerHover, RunningContext } from '../../../extension/surfaces';
import { hintText } from '../../../extension/surfaces/hintText';
import type { MeasuredLayer, Report } from '../../../src/engine/report';
import { exampleReport } from '../report/exampleReport';
import { FakeDocument, FakeVscode } from './fakeVscode';

const [base] = exampleReport().layers;
const layer = (line: number, figures: Partial<MeasuredLayer>): MeasuredLayer => ({
  ...base!,
  type: 'module',
  gradientNorm: null,
  source: { file: 'net.py', line, column: 9 },
  ...figures,
});

/** Lines from 0: a Linear at 1, an activation at 2, two layers at 4. */
const TEXT = [
  'class Net:',
  '        one = Linear(8, 8)  ',
  '        act = Sigmoid()',
  '',
  '        for _ in range(2): Block()',
].join('\n');

const report = (changes: Partial<Report> = {}): Report => {
  const [, finding] = exampleReport().findings;
  return {
    ...exampleReport(),
    status: 'complete',
    layers: [
      layer(2, { id: 'one', gradientNorm: 1.25e-6 }),
      layer(3, { id: 'act', saturation: { low: 0.9, high: 0, total: 0.9 }, dead: 0.25 }),
      layer(5, { id: 'block', type: 'container', gradientNorm: 5 }),
      layer(5, { id: 'block.0', gradientNorm: 0.5 }),
      layer(5, { id: 'block.1', gradientNorm: 'NaN' }),
      layer(2, { id: 'elsewhere', gradientNorm: 3, source: { file: 'other.py', line: 2, column: 1 } }),
    ],
    findings: [
      {
        ...finding!,
        layer: 'one',
        severity: 'warning',
        source: { file: 'net.py', line: 2, column: 15 },
        causes: [{ ...finding!.causes[0]!, layer: 'act', source: { file: 'net.py', line: 3, column: 15 } }],
      },
    ],
    ...changes,
  };
};

describe('extension: surfaces', () => {
  let fake: FakeVscode;
  let analyses: Analyses;
  let document: FakeDocument;
  let hints: LayerHints;
  let hover: LayerHover;
  let surfaces: { dispose(): void }[];
  beforeEach(() => {
    fake = new FakeVscode();
    analyses = new Analyses(fake.api);
    document = new FakeDocument(fake, 'file:///project/net.py', TEXT);
    fake.active = document;
    const configuration = new Configuration(fake.api);
    hints = new LayerHints(fake.api, analyses, configuration);
    hover = new LayerHover(fake.api, analyses, configuration);
    surfaces = [
      hints,
      hover,
      new Diagnostics(fake.api, analyses, configuration, fake.api.Uri.parse('file:///extension')),
      new LanguageStatus(fake.api, analyses, configuration),
      new RunningContext(fake.api, analyses),
      analyses,
    ];
  });
  afterEach(() => {
    for (const surface of surfaces) surface.dispose();
  });

  const begin = (cancel: () => void = () => undefined) =>
    analyses.of(document.realUri).begin(document.parts, { name: 'Net', batch: 64 }, cancel);
  const shown = (changes: Partial<Report> = {}) => begin().finished(report(changes));
  const settled = () => new Promise((resolve) => setTimeout(resolve, 250));

  const whole = (): Range => new fake.api.Range(0, 0, document.lineCount, 0);
  const hintsNow = (): InlayHint[] => hints.provideInlayHints(document.real, whole());
  const texts = (): string[] => hintsNow().map(({ position, label }) => `${position.line}: ${label as string}`);
  const hoverNow = (line: number): MarkdownString | undefined =>
    hover.provideHover(document.real, new fake.api.Position(line, 0))?.contents as MarkdownString | undefined;
  const diagnosticsNow = (): Diagnostic[] => (fake.diagnostics.get(document.uri.toString()) ?? []) as never;
  const status = (): Record<string, unknown> | undefined => fake.statusItems[0];
  const statusCommand = (): unknown => (status()?.command as { command: string } | undefined)?.command;

  it('shows nothing before a report', () => {
    assert.deepEqual(texts(), []);
    assert.equal(hoverNow(1), undefined);
    assert.equal(status(), undefined);
    begin();
    assert.deepEqual(texts(), []);
    assert.equal(status()?.busy, true);
  });

  it('hints at the end of each line, and only at lines of this document', () => {
    shown();
    assert.deepEqual(texts(), ['1: ∇ 1.3e-6', '2: 90% saturated · 25% dead', '4: ∇ NaN']);
    const [first] = hintsNow();
    assert.equal(first?.position.character, document.lineAt(1).text.length);
    const part = hints.provideInlayHints(document.real, new fake.api.Range(2, 0, 3, 0));
    assert.equal(part.length, 1);
  });

  it('follows lines through edits, says that figures are stale, and forgets that when the text is back', async () => {
    shown();
    const before = texts();
    document.edit(0, 0, 0, 0, '# a comment\n');
    assert.deepEqual(texts(), ['2: ∇ 1.3e-6 · stale', '3: 90% saturated · 25% dead · stale', '5: ∇ NaN · stale']);
    assert.equal(diagnosticsNow()[0]?.range.start.line, 2);
    assert.match(diagnosticsNow()[0]?.message ?? '', /measured before the last edit/);
    assert.match(String(status()?.text), /stale/);
    document.edit(2, 14, 2, 15, 'X');
    assert.deepEqual(
      texts().map((text) => text[0]),
      ['3', '5'],
    );
    assert.equal(hoverNow(2), undefined);
    // The finding stood on the line that changed.
    assert.deepEqual(diagnosticsNow(), []);
    document.edit(2, 14, 2, 15, 'L');
    document.edit(0, 0, 1, 0, '');
    document.edit(1, 0, 1, document.lineAt(1).text.length, TEXT.split('\n')[1]!);
    assert.equal(document.getText(), TEXT);
    await settled();
    assert.deepEqual(texts(), before);
    assert.equal(diagnosticsNow().length, 1);
    assert.doesNotMatch(String(status()?.text), /stale/);
  });

  it('follows edits that are made while the run goes on', () => {
    const feed = begin();
    document.edit(0, 0, 0, 0, '\n\n');
    feed.finished(report());
    assert.deepEqual(
      texts().map((text) => text.slice(0, 2)),
      ['3:', '4:', '6:'],
    );
    assert.ok(texts().every((text) => text.endsWith('stale')));
  });

  it('shows no line of a file that was written while it was closed, and all of one that was not', () => {
    shown();
    document.rewrite(`\n${TEXT}`);
    assert.deepEqual(texts(), []);
    assert.deepEqual(diagnosticsNow(), []);
    document.rewrite(TEXT);
    assert.equal(texts().length, 3);
  });

  it('lists findings from their column to the end of the line, with rule, page and symptoms', () => {
    const unmodelled = [
      { what: 'a hook', why: 'it is called by name', source: { file: 'net.py', line: 5, column: 9 } },
    ];
    shown({ network: { ...exampleReport().network, unmodelled } });
    const [finding, ...more] = diagnosticsNow();
    assert.equal(more.length, 1);
    assert.equal(more[0]?.code, 'unmodelled');
    assert.equal(more[0].severity, 3);
    assert.ok(finding);
    assert.deepEqual({ ...finding.range.start }, { line: 1, character: 14 });
    assert.deepEqual({ ...finding.range.end }, { line: 1, character: '        one = Linear(8, 8)'.length });
    assert.equal(finding.severity, 1);
    assert.ok(typeof finding.code === 'object');
    assert.equal(finding.code.value, 'vanishing-gradient');
    assert.match(finding.code.target.toString(), /^file:\/\/\/extension\/docs\/rules\/vanishing-gradient\.md$/);
    assert.match(finding.relatedInformation?.[0]?.message ?? '', /^explains saturated-activation at act: .*1\.5e-9/);
    assert.equal(finding.relatedInformation?.[0]?.location.range.start.line, 2);
  });

  it('shows wrong input at its place until a report comes', () => {
    const analysis = analyses.of(document.realUri);
    const source = { file: 'net.py', line: 3, column: 9 };
    analysis.refuse(document.parts, new WrongInput('unknown layer', 'mend it', source, []));
    assert.deepEqual(
      diagnosticsNow().map(({ message, severity, range }) => [message, severity, range.start.line]),
      [['unknown layer; mend it', 0, 2]],
    );
    assert.match(String(status()?.detail), /unknown layer/);
    shown();
    assert.ok(diagnosticsNow().every(({ code }) => code !== 'wrong-input'));
  });

  it('shows the figures of a line in a table, a few of many', () => {
    const many = Array.from({ length: 40 }, (_, i) => layer(5, { id: `block.${i}`, gradientNorm: i }));
    shown({ layers: [layer(2, { id: 'one', gradientNorm: 1.25e-6 }), ...many] });
    const one = hoverNow(1);
    assert.match(one?.value ?? '', /\| one \| Linear \|/);
    assert.match(one?.value ?? '', /1\.3e-6/);
    assert.match(one?.value ?? '', /vanishing-gradient/);
    assert.match(hoverNow(4)?.value ?? '', /and 24 more layers at this line/);
    assert.equal(hoverNow(3), undefined);
    const [hint] = hintsNow();
    assert.equal(hint?.tooltip, undefined);
    assert.equal((hints.resolveInlayHint(hint as never).tooltip as MarkdownString).value, one?.value);
  });

  it('says on hover over what a norm normalizes, what explains a symptom, and what is advised at the line', () => {
    const norm = layer(5, {
      id: 'norm',
      kind: 'BatchNorm2d',
      outputShape: [32, 64, 14, 14],
      parameters: 128,
      attributes: {},
    });
    const recommendation = {
      ...exampleReport().recommendation!,
      sites: [{ layer: 'norm', source: norm.source, change: 'put GroupNorm(8, 64) in its place' }],
    };
    shown({ layers: [...report().layers.slice(0, 2), norm], recommendation });
    const text = hoverNow(4)?.value ?? '';
    assert.match(text, /\| norm \| BatchNorm2d \| .* \| 128 \|/);
    assert.match(text, /\*\*Normalizes\*\* over N, H, W for each of 64 channels/);
    assert.match(text, /depends on the others of its batch/);
    assert.match(text, /\*\*Advice:\*\* put GroupNorm\(8, 64\) in its place\. /);
    assert.match(
      hoverNow(2)?.value ?? '',
      /\*\*Why:\*\* saturated-activation here comes of vanishing-gradient at one\./,
    );
    assert.doesNotMatch(hoverNow(1)?.value ?? '', /Normalizes|Why|Advice/);
  });

  it('gives text of the model file no power in Markdown', () => {
    const nasty = '[x](command:evil) <img src=x onerror=1> $(zap) |a|\n# h `c` **b** ![i](http://e/)';
    const finding = report().findings[0]!;
    shown({
      layers: [layer(2, { id: nasty, kind: nasty, gradientNorm: 1 })],
      findings: [{ ...finding, layer: nasty, message: { id: 'x', args: {}, text: nasty } }],
    });
    const markdown = hoverNow(1);
    assert.equal(markdown?.isTrusted, false);
    assert.equal(markdown.supportHtml, false);
    assert.equal(markdown.supportThemeIcons, false);
    // What would begin a link, a tag, an icon, code, an image, a bare address or a heading.
    assert.doesNotMatch(markdown.value, /\]\(|<|\$\(|`|!\[|:\/\/|^# /m);
    assert.doesNotMatch(diagnosticsNow()[0]?.message ?? '', /\n/);
  });

  it('has a switch for each surface', () => {
    shown();
    assert.ok(texts().length > 0 && hoverNow(1) && diagnosticsNow().length > 0 && status());
    for (const key of ['inlayHints', 'hover', 'problems', 'languageStatus'])
      fake.set(`normscope.${key}.enabled`, false);
    assert.deepEqual(texts(), []);
    assert.equal(hoverNow(1), undefined);
    assert.deepEqual(diagnosticsNow(), []);
    assert.equal(status(), undefined);
    for (const key of ['inlayHints', 'hover', 'problems', 'languageStatus']) fake.set(`normscope.${key}.enabled`, true);
    assert.ok(texts().length > 0 && hoverNow(1) && diagnosticsNow().length > 0 && status());
  });

  it('takes a default where a setting is of another type', () => {
    fake.set('normscope.inlayHints.enabled', 'no');
    shown();
    assert.ok(texts().length > 0);
  });

  it('tells the language status of the batch, the run, the last report and its age', () => {
    const feed = begin();
    feed.progress({ runId: 1, stage: 'measure', done: 3, total: 20 });
    assert.deepEqual([status()?.text, status()?.detail], ['NormScope: batch 64', 'measuring, 3 of 20']);
    assert.equal(statusCommand(), commands.cancelAnalysis);
    feed.finished(report());
    assert.match(String(status()?.detail), /^measured at \d\d:\d\d by onnxruntime-node 1\.30\.0, 1 not modelled$/);
    assert.equal(statusCommand(), commands.analyzeNetwork);
    begin().failed(new EngineFailure('The engine was ended by SIGKILL.'));
    assert.equal(status()?.detail, 'The engine was ended by SIGKILL.');
    fake.active = undefined;
    fake.changedEditor.fire(undefined);
    assert.equal(status(), undefined);
  });

  it('keeps the context key true exactly while something runs', () => {
    const feed = begin();
    feed.progress({ runId: 1, stage: 'measure', done: 1, total: 2 });
    feed.finished(report());
    assert.deepEqual(fake.executed, [
      ['setContext', contextKeys.running, true],
      ['setContext', contextKeys.running, false],
    ]);
  });

  it('cancels what runs when it is disposed', () => {
    let cancelled = 0;
    begin(() => void cancelled++);
    analyses.dispose();
    assert.equal(cancelled, 1);
  });
});

describe('extension: places of a report', () => {
  it('are lines of the document whatever its URI: in a workspace folder, alone, untitled, virtual', () => {
    const cases = [
      { uri: 'file:///project/models/a%20b%23c.py', folder: 'file:///project', file: 'models/a b#c.py' },
      { uri: 'file:///elsewhere/net.py', folder: 'file:///project', file: 'net.py' },
      { uri: 'untitled:net.py', folder: undefined, file: 'untitled:net.py' },
    ];
    for (const { uri, folder, file } of cases) {
      const fake = new FakeVscode();
      fake.folder = folder === undefined ? undefined : (fake.api.Uri.parse(folder) as never);
      const analyses = new Analyses(fake.api);
      const document = new FakeDocument(fake, uri, TEXT);
      const analysis = analyses.of(document.realUri);
      analysis
        .begin(document.parts, { name: 'Net', batch: 1 }, () => undefined)
        .finished(report({ layers: [layer(2, { gradientNorm: 1, source: { file, line: 2, column: 1 } })] }));
      assert.deepEqual([...(analysis.shown?.layersByLine(document.realUri).keys() ?? [])], [1], uri);
      analyses.dispose();
    }
  });
});

describe('extension: hint text', () => {
  it('gives the range over the layers of a line, and nothing where there is nothing to say', () => {
    const of = (...layers: Partial<MeasuredLayer>[]) =>
      hintText(
        layers.map((each) => layer(1, each)),
        false,
      );
    assert.equal(of({ gradientNorm: 0.001 }, { gradientNorm: 2 }, { gradientNorm: 0.5 }), '∇ 1.0e-3 … 2');
    assert.equal(of({ gradientNorm: 0.5 }, { gradientNorm: 0.5 }), '∇ 0.5');
    assert.equal(of({ gradientNorm: 0.5 }, { gradientNorm: 'Infinity' }), '∇ inf');
    assert.equal(of({ saturation: { low: 0, high: 0, total: 0 }, dead: 0 }), '0% saturated');
    assert.equal(of({}, { dead: 0 }), undefined);
  });
});
