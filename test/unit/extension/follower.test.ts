import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { CancellationToken } from 'vscode';
import { Follower, type ModelSource, notebookSource, RememberedAnswers, sourceOf } from '../../../extension/analysis';
import { CancelledRun } from '../../../extension/engine';
import { OpenDocuments } from '../../../src/engine/engineHost/openDocuments';
import type { ChangeDocumentParams, CurrentNetworks, OpenDocumentParams } from '../../../src/engine/protocol';
import { FakeDocument, FakeMemento, FakeNotebook, FakeVscode } from './fakeVscode';

/** The engine's own memory of documents, behind what a client does: what it was told is what it has. */
class FollowingEngine {
  readonly documents = new OpenDocuments();
  readonly versions = new Map<string, number>();
  opened = 0;
  asked = 0;
  cancelled = 0;
  pid: number | undefined = 1;
  /** Set to hold answers back. */
  wait: Promise<void> = Promise.resolve();

  readonly currentNetworks = async (
    { uri, version }: { uri: string; version: number },
    open: () => OpenDocumentParams['document'],
    _: unknown,
    token: CancellationToken,
  ): Promise<CurrentNetworks> => {
    this.asked++;
    if (token.isCancellationRequested) throw new CancelledRun();
    if (this.versions.get(uri) !== version) {
      this.opened++;
      this.documents.open({ document: open(), version });
      this.versions.set(uri, version);
    }
    token.onCancellationRequested(() => this.cancelled++);
    await this.wait;
    return { version, networks: [], findings: [], unmodelled: [] };
  };
  readonly changeDocument = (params: ChangeDocumentParams): void => {
    if (!this.versions.has(params.uri)) return;
    this.documents.change(params);
    this.versions.set(params.uri, params.version);
  };
  readonly closeDocument = (uri: string): void => {
    this.versions.delete(uri);
    this.documents.close(uri);
  };
  /** What it has of a document, as the version says that it is up to date. */
  has(uri: string) {
    return this.documents.at(uri, this.versions.get(uri) ?? -1);
  }
}

describe('extension: following documents', () => {
  let fake: FakeVscode;
  let engine: FollowingEngine;
  let follower: Follower;
  beforeEach(() => {
    fake = new FakeVscode();
    engine = new FollowingEngine();
    follower = new Follower({ vscode: fake.api, engine, remembered: new RememberedAnswers(new FakeMemento()) });
  });
  afterEach(() => follower.dispose());

  const of = (document: FakeDocument): ModelSource => sourceOf(fake.api, document.real);

  it('tells the engine nothing before somebody asks, and then edits alone', async () => {
    const document = new FakeDocument(fake, 'file:///project/net.py', 'a\nb\n');
    document.edit(0, 0, 0, 1, 'x');
    assert.deepEqual([engine.asked, engine.opened, engine.versions.size], [0, 0, 0]);
    assert.ok(await follower.current(of(document)));
    document.edit(1, 0, 1, 0, 'def ');
    assert.ok(await follower.current(of(document)));
    assert.equal(engine.opened, 1);
    assert.equal(engine.has(document.uri.toString())?.text, 'x\ndef b\n');
    // What nobody has changed is not asked again.
    assert.ok(await follower.current(of(document)));
    assert.equal(engine.asked, 2);
  });

  it('has in the engine what the editor has, after any edits, several at once, with either line end', async () => {
    const place = fc.tuple(fc.nat(12), fc.nat(8));
    const pieces = fc.array(fc.constantFrom('a', '\n', '\r\n', '  ', 'é😀', 'x = 1'), { maxLength: 4 });
    const edit = fc.tuple(
      place,
      place,
      pieces.map((all) => all.join('')),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(1, 2),
        fc.array(fc.array(edit, { minLength: 1, maxLength: 3 }), { maxLength: 8 }),
        async (eol, rounds) => {
          const text = ['class Net:', '  one', '', '  two = 2', 'x'].join(eol === 2 ? '\r\n' : '\n');
          const document = new FakeDocument(fake, 'file:///project/net.py', text, eol);
          assert.ok(await follower.current(of(document)));
          for (const round of rounds) {
            document.edits(disjoint(document, round));
            assert.equal(engine.has(document.uri.toString())?.text, document.getText());
          }
          const { opened } = engine;
          assert.ok(await follower.current(of(document)));
          assert.equal(engine.opened, opened, 'it was sent as a whole');
          follower.leave(document.realUri);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('drops what is asked about a text that is another by now, and asks for the newest', async () => {
    const document = new FakeDocument(fake, 'file:///project/net.py', 'a\n');
    let answer = (): void => undefined;
    engine.wait = new Promise((resolve) => {
      answer = resolve;
    });
    const old = follower.current(of(document));
    await new Promise((resolve) => setImmediate(resolve));
    document.edit(0, 0, 0, 0, 'b');
    const fresh = follower.current(of(document));
    answer();
    assert.equal(await old, undefined);
    assert.equal(engine.cancelled, 1);
    assert.ok(await fresh);
    assert.equal(engine.has(document.uri.toString())?.text, 'ba\n');
  });

  it('says once that typing has settled', async () => {
    const document = new FakeDocument(fake, 'file:///project/net.py', 'a\n');
    let settled = 0;
    follower.onDidSettle(() => settled++);
    follower.follow(of(document));
    for (let i = 0; i < 5; i++) document.edit(0, 0, 0, 0, 'b');
    await new Promise((resolve) => setTimeout(resolve, 450));
    assert.equal(settled, 1);
    fake.closedDocument.fire(document);
    document.edit(0, 0, 0, 0, 'b');
    await new Promise((resolve) => setTimeout(resolve, 450));
    assert.equal(settled, 1, 'a document that was closed is still followed');
  });

  it('sends the whole text where an edit was missed', async () => {
    const document = new FakeDocument(fake, 'file:///project/net.py', 'a\n');
    await follower.current(of(document));
    document.rewrite('another text\n');
    document.edit(0, 0, 0, 0, '#');
    await follower.current(of(document));
    assert.equal(engine.has(document.uri.toString())?.text, '#another text\n');
    assert.equal(engine.opened, 2);
  });

  it('follows a notebook: edits in their cell, another order as a whole', async () => {
    const notebook = new FakeNotebook(fake, 'file:///project/net.ipynb', [
      'import torch',
      { text: '# words', language: 'markdown' },
      'class Net: pass',
    ]);
    const source = notebookSource(notebook.real);
    const cells = () => engine.has(notebook.uri.toString())?.cells?.map(({ text, index }) => [index, text]);
    assert.ok(await follower.current(source));
    assert.deepEqual(cells(), [
      [0, 'import torch'],
      [2, 'class Net: pass'],
    ]);
    notebook.cells[2]!.document.edit(0, 6, 0, 9, 'Other');
    assert.ok(await follower.current(source));
    assert.equal(engine.opened, 1);
    assert.deepEqual(cells()?.[1], [2, 'class Other: pass']);
    notebook.insert(1, 'x = 1');
    assert.ok(await follower.current(source));
    assert.equal(engine.opened, 2);
    assert.deepEqual(
      cells()?.map(([index]) => index),
      [0, 1, 3],
    );
  });
});

type Edit = readonly [number, number, number, number, string];

/** Edits within the document's bounds that do not touch one another. */
function disjoint(document: FakeDocument, wanted: readonly (readonly [[number, number], [number, number], string])[]) {
  const within = ([line, character]: [number, number]): [number, number] => {
    const row = Math.min(line, document.lineCount - 1);
    return [row, Math.min(character, document.lineAt(row).text.length)];
  };
  const before = (a: readonly [number, number], b: readonly [number, number]) => a[0] - b[0] || a[1] - b[1];
  const all = wanted.map(([from, to, text]): Edit => {
    const [start, end] = [within(from), within(to)].sort(before) as [[number, number], [number, number]];
    return [...start, ...end, text];
  });
  all.sort((a, b) => before([a[0], a[1]], [b[0], b[1]]));
  const kept: Edit[] = [];
  for (const edit of all) {
    const last = kept.at(-1);
    if (!last || before([last[2], last[3]], [edit[0], edit[1]]) < 0) kept.push(edit);
  }
  return kept;
}
