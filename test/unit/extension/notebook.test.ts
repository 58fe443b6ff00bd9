import assert from 'node:assert/strict';
import type { Diagnostic, InlayHint, MarkdownString } from 'vscode';
import { Analyses, Comparing, Follower, notebookSource, RememberedAnswers } from '../../../extension/analysis';
import { Configuration } from '../../../extension/configuration';
import { WrongInput } from '../../../extension/engine';
import { showPlace } from '../../../extension/showPlace';
import { CodeActions, Diagnostics, LayerHints, LayerHover } from '../../../extension/surfaces';
import { activeUri, uriOf } from '../../../extension/surfaces/activeUri';
import { ActiveModel } from '../../../extension/webviews';
import { contentHash } from '../../../src/engine/network/span';
import type { CurrentNetworks } from '../../../src/engine/protocol';
import type { MeasuredLayer, Report } from '../../../src/engine/report';
import { exampleReport } from '../report/exampleReport';
import { FakeMemento, FakeNotebook, FakeVscode, type WorkspaceEdit } from './fakeVscode';

const IMPORTS = 'import torch';
const BLOCK = 'class Block:\n    one = Linear(8, 8)';
const NET = 'class Net:\n    block = Block()\n    head = Linear(8, 1)';

describe('extension: notebooks', () => {
  let fake: FakeVscode;
  let analyses: Analyses;
  let notebook: FakeNotebook;
  let hints: LayerHints;
  let hover: LayerHover;
  let actions: CodeActions;
  let parts: { dispose(): void }[];
  let structure: string;
  beforeEach(() => {
    fake = new FakeVscode();
    notebook = new FakeNotebook(fake, 'file:///project/net.ipynb', [
      IMPORTS,
      { text: '# words', language: 'markdown' },
      BLOCK,
      NET,
      { text: 'ls', language: 'shellscript' },
    ]);
    analyses = new Analyses(fake.api);
    const configuration = new Configuration(fake.api);
    hints = new LayerHints(fake.api, analyses, configuration);
    hover = new LayerHover(fake.api, analyses, configuration);
    actions = new CodeActions(fake.api, analyses, configuration);
    structure = 'a';
    const currentNetworks = async ({ version }: { version: number }): Promise<CurrentNetworks> => {
      const { name, source, parameters, batch } = { ...exampleReport().network, parameters: 1 };
      const network = { name, source, parameters, layers: 2, structure, inputs: [], batch, missing: [] };
      return { version, networks: [network], unmodelled: [], findings: [] };
    };
    const nothing = () => undefined;
    const follower = new Follower({
      vscode: fake.api,
      engine: { currentNetworks, changeDocument: nothing, closeDocument: nothing, pid: 1 },
      remembered: new RememberedAnswers(new FakeMemento()),
    });
    const comparing = new Comparing(fake.api, follower, analyses);
    const diagnostics = new Diagnostics(fake.api, analyses, configuration, fake.api.Uri.parse('file:///extension'));
    parts = [hints, hover, actions, diagnostics, comparing, follower, analyses];
  });
  afterEach(() => {
    for (const part of parts) part.dispose();
  });

  const cell = (index: number) => notebook.cells[index]!.document;
  const [blocks, nets] = [() => cell(2), () => cell(3)];
  const at = (document: { uri: { toString(): string } }, line: number) => ({
    file: document.uri.toString(),
    line,
    column: 5,
  });
  const report = (): Report => {
    const example = exampleReport();
    const [base] = example.layers;
    const [finding] = example.findings;
    const layer = (id: string, source: MeasuredLayer['source']): MeasuredLayer => ({
      ...base!,
      id,
      type: 'module',
      gradientNorm: 0.5,
      source,
    });
    const start = { line: 2, column: 5 };
    const edits = [
      {
        file: blocks().uri.toString(),
        hash: contentHash(BLOCK),
        range: { start, end: { line: 2, column: 8 } },
        newText: 'two',
      },
    ];
    return {
      ...example,
      status: 'complete',
      layers: [layer('block.one', at(blocks(), 2)), layer('head', at(nets(), 3))],
      findings: [
        {
          ...finding!,
          rule: 'a-rule',
          layer: 'block.one',
          source: at(blocks(), 2),
          causes: [],
          fix: { title: 'Mend it', edits },
        },
      ],
    };
  };
  const measure = () => {
    const source = notebookSource(notebook.real);
    const texts = source.documents().map((document) => ({ uri: document.uri, text: document.getText() }));
    analyses
      .of(notebook.realUri)
      .begin(texts, { name: report().network.name, batch: 32 }, () => undefined)
      .finished(report());
  };
  const texts = (document = blocks()): string[] =>
    hints
      .provideInlayHints(document.real, new fake.api.Range(0, 0, document.lineCount, 0))
      .map(({ position, label }: InlayHint) => `${position.line}: ${String(label)}`);
  const listed = (document = blocks()): Diagnostic[] =>
    (fake.diagnostics.get(document.uri.toString()) ?? []) as unknown as Diagnostic[];
  const settled = () => new Promise((resolve) => setTimeout(resolve, 450));

  it('hold the cells of Python alone, in their order', () => {
    assert.deepEqual(
      notebookSource(notebook.real)
        .text()
        .cells?.map(({ text, index }) => [text, index]),
      [
        [IMPORTS, 0],
        [BLOCK, 2],
        [NET, 3],
      ],
    );
  });

  it('have one analysis, found by any cell', () => {
    measure();
    assert.equal(analyses.get(blocks().realUri), analyses.get(notebook.realUri));
    assert.equal(analyses.all().length, 1);
  });

  it('show each layer and finding in its cell, and nowhere else', () => {
    measure();
    assert.deepEqual(texts(), ['1: ∇ 0.5']);
    assert.deepEqual(texts(nets()), ['2: ∇ 0.5']);
    assert.deepEqual(texts(cell(0)), []);
    assert.equal(listed().length, 1);
    assert.equal(listed()[0]?.range.start.line, 1);
    assert.deepEqual(listed(nets()), []);
    assert.equal(hover.provideHover(blocks().real, new fake.api.Position(2, 0)), undefined);
    const shown = hover.provideHover(nets().real, new fake.api.Position(2, 0));
    assert.match((shown!.contents as unknown as MarkdownString).value, /\| head \|/);
  });

  it('offer a fix in its cell, and not once that is another', () => {
    measure();
    const range = new fake.api.Range(1, 0, 1, 1);
    const of = () =>
      actions.provideCodeActions(blocks().real, range, { diagnostics: [], only: undefined, triggerKind: 1 });
    const [fix] = of();
    const [piece] = (fix!.edit as unknown as WorkspaceEdit).replaced;
    assert.deepEqual([piece?.uri.toString(), piece?.text], [blocks().uri.toString(), 'two']);
    nets().edit(0, 0, 0, 0, '#');
    assert.ok(of()[0]?.edit, 'another cell was edited');
    blocks().edit(0, 0, 0, 0, '#');
    assert.equal(of()[0]?.edit, undefined);
  });

  it('mark what an edit makes old in its cell, and elsewhere where it made another network', async () => {
    measure();
    await settled();
    blocks().edit(0, 0, 0, 0, '# one\n');
    assert.deepEqual([texts(), texts(nets())], [['2: ∇ 0.5 · stale'], ['2: ∇ 0.5']]);
    assert.match(listed()[0]?.message ?? '', /before the last edit/);
    await settled();
    assert.deepEqual([analyses.get(notebook.realUri)?.another, texts(nets())], [false, ['2: ∇ 0.5']]);
    structure = 'b';
    blocks().edit(0, 0, 0, 0, '# two\n');
    await settled();
    assert.deepEqual([analyses.get(notebook.realUri)?.another, texts(nets())], [true, ['2: ∇ 0.5 · stale']]);
    blocks().edit(0, 0, 2, 0, '');
    await settled();
    assert.deepEqual([texts(), texts(nets())], [['1: ∇ 0.5'], ['2: ∇ 0.5']]);
    assert.equal(analyses.get(notebook.realUri)?.another, undefined);
  });

  it('are stale when a cell comes, goes or moves, and fresh when that is taken back', () => {
    measure();
    const stale = () => analyses.get(notebook.realUri)?.shown?.stale;
    notebook.insert(1, 'x = 1');
    assert.equal(stale(), true);
    assert.deepEqual(texts(notebook.cells[3]!.document), ['1: ∇ 0.5']);
    notebook.remove(1);
    assert.equal(stale(), false);
  });

  it('list wrong input in its cell', () => {
    const source = notebookSource(notebook.real);
    const written = source.documents().map((document) => ({ uri: document.uri, text: document.getText() }));
    const wrong = new WrongInput('no such layer', 'mend it', at(nets(), 3), []);
    analyses.of(notebook.realUri).refuse(written, wrong);
    assert.deepEqual(
      listed(nets()).map(({ message, range }) => [message, range.start.line]),
      [['no such layer; mend it', 2]],
    );
    measure();
    assert.deepEqual(listed(nets()), []);
  });

  it('are what is in front, by a cell that is edited or by the notebook alone', () => {
    const model = new ActiveModel(fake.api, analyses);
    fake.active = nets();
    assert.equal(activeUri(fake.api)?.toString(), nets().uri.toString());
    assert.equal(model.active?.toString(), notebook.uri.toString());
    fake.active = undefined;
    fake.activeNotebook = notebook;
    assert.equal(activeUri(fake.api)?.toString(), notebook.uri.toString());
    assert.equal(model.active?.toString(), notebook.uri.toString());
    model.dispose();
  });

  it('are named by what menus give: a cell, a toolbar, a URI', () => {
    const { api } = fake;
    const uri = (argument: unknown) => uriOf(api, argument)?.toString();
    assert.equal(uri(notebook.cells[2]), blocks().uri.toString());
    assert.equal(uri({ notebookEditor: { notebookUri: notebook.uri } }), notebook.uri.toString());
    assert.equal(uri(notebook.uri), notebook.uri.toString());
    for (const nothing of [undefined, null, 3, 'x', {}, { document: 3 }]) assert.equal(uri(nothing), undefined);
  });

  it('show a place in its cell', async () => {
    const shown: unknown[] = [];
    const editor = { selections: [] as unknown[], revealRange: (range: unknown) => void shown.push(['reveal', range]) };
    const { api } = fake;
    Object.assign(api, {
      NotebookRange: class {
        constructor(
          readonly start: number,
          readonly end: number,
        ) {}
      },
    });
    Object.assign(api.window, {
      showNotebookDocument: async (which: FakeNotebook) => {
        shown.push(['notebook', which.uri.toString()]);
        return editor;
      },
      showTextDocument: async (
        document: { uri: { toString(): string } },
        { selection }: { selection: { start: object } },
      ) => void shown.push(['cell', document.uri.toString(), { ...selection.start }]),
    });
    await showPlace(api, { uri: nets().realUri, line: 2, column: 5 });
    assert.deepEqual(JSON.parse(JSON.stringify(shown)), [
      ['notebook', notebook.uri.toString()],
      ['reveal', { start: 3, end: 4 }],
      ['cell', nets().uri.toString(), { line: 2, character: 4 }],
    ]);
    assert.equal(editor.selections.length, 1);
  });
});
