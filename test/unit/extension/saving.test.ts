import assert from 'node:assert/strict';
import type * as vscode from 'vscode';
import { Analyses, ReportStore } from '../../../extension/analysis';
import { save } from '../../../extension/surfaces';
import type { Vscode } from '../../../extension/vscodeApi';
import { exampleReport } from '../report/exampleReport';
import { FakeDocument, FakeLog, FakeNotebook, FakeUri, FakeVscode } from './fakeVscode';

const TEXT = 'one\ntwo\nthree\n';
const run = { name: 'Net', batch: 4 };

/** Files that are written, by URI. */
const disk = (files: Map<string, Uint8Array>) => ({
  createDirectory: async () => undefined,
  writeFile: async (uri: vscode.Uri, bytes: Uint8Array) => void files.set(uri.toString(), bytes),
  readFile: async (uri: vscode.Uri) => {
    const bytes = files.get(uri.toString());
    if (!bytes) throw new Error('not there');
    return bytes;
  },
});

describe('extension: what is saved', () => {
  let files: Map<string, Uint8Array>;
  beforeEach(() => {
    files = new Map();
  });

  /** A window: its documents and what is known of them. */
  function window(): { fake: FakeVscode; document: FakeDocument; analyses: Analyses; api: Vscode; log: FakeLog } {
    const fake = new FakeVscode();
    const document = new FakeDocument(fake, 'file:///project/net.py', TEXT);
    const api = fake.api;
    Object.assign(api.workspace, { fs: disk(files) });
    return { fake, document, analyses: new Analyses(api), api, log: new FakeLog() };
  }

  const folder = FakeUri.parse('file:///storage/reports') as unknown as vscode.Uri;

  it('keeps runs over a reload, and follows the text that they are of', async () => {
    const before = window();
    const store = new ReportStore(before.api, before.analyses, folder, before.log);
    await store.restore(before.document.realUri);
    before.analyses
      .of(before.document.realUri)
      .begin(before.document.parts, run, () => undefined)
      .finished(exampleReport());
    await store.written();
    assert.equal(files.size, 1);

    const after = window();
    after.document.rewrite(`zero\n${TEXT}`);
    const again = new ReportStore(after.api, after.analyses, folder, after.log);
    await again.restore(after.document.realUri);
    await new Promise((resolve) => setTimeout(resolve));
    const { shown, runs } = after.analyses.get(after.document.realUri)!;
    assert.deepEqual(JSON.parse(JSON.stringify(shown?.report)), JSON.parse(JSON.stringify(exampleReport())));
    assert.equal(runs.length, 1);
    assert.equal(shown?.stale, true);
    const written = files.size;
    await again.written();
    assert.equal(files.size, written);
    for (const each of [store, again, before.analyses, after.analyses]) each.dispose();
  });

  it('keeps the run of a notebook by its cells', async () => {
    const opened = () => {
      const made = window();
      return { ...made, notebook: new FakeNotebook(made.fake, 'file:///project/net.ipynb', ['import torch', TEXT]) };
    };
    const before = opened();
    const store = new ReportStore(before.api, before.analyses, folder, before.log);
    await store.restore(before.notebook.realUri);
    const cell = before.notebook.cells[1]!.document;
    const source = { file: cell.uri.toString(), line: 1, column: 1 };
    before.analyses
      .of(before.notebook.realUri)
      .begin(
        before.notebook.cells.flatMap(({ document }) => document.parts),
        run,
        () => undefined,
      )
      .finished(exampleReport());
    await store.written();

    const after = opened();
    const again = new ReportStore(after.api, after.analyses, folder, after.log);
    await again.restore(after.notebook.cells[0]!.document.realUri);
    await new Promise((resolve) => setTimeout(resolve));
    const { shown } = after.analyses.get(after.notebook.realUri)!;
    assert.equal(shown?.stale, false);
    const place = shown?.place(source);
    assert.deepEqual([place?.uri.toString(), place?.line], [cell.uri.toString(), 0]);

    const changed = opened();
    changed.notebook.insert(0, 'x = 1');
    const third = new ReportStore(changed.api, changed.analyses, folder, changed.log);
    await third.restore(changed.notebook.realUri);
    await new Promise((resolve) => setTimeout(resolve));
    assert.equal(changed.analyses.get(changed.notebook.realUri)?.shown?.stale, true);
    for (const each of [store, again, third, before.analyses, after.analyses, changed.analyses]) each.dispose();
  });

  it('takes what cannot be read for nothing', async () => {
    const { api, analyses, document, log } = window();
    const store = new ReportStore(api, analyses, folder, log);
    analyses
      .of(document.realUri)
      .begin(document.parts, run, () => undefined)
      .finished(exampleReport());
    await store.written();
    for (const uri of files.keys()) files.set(uri, new TextEncoder().encode('[{"report": '));
    const after = window();
    const again = new ReportStore(after.api, after.analyses, folder, after.log);
    await again.restore(after.document.realUri);
    assert.equal(after.analyses.get(after.document.realUri)?.shown, undefined);
    for (const each of [store, again, analyses, after.analyses]) each.dispose();
  });

  it('writes a report in each form, and a picture, where the person says', async () => {
    const { api, analyses, document } = window();
    analyses
      .of(document.realUri)
      .begin(document.parts, run, () => undefined)
      .finished(exampleReport());
    const shown = analyses.get(document.realUri)!.shown!;
    const offered: string[] = [];
    let answer: vscode.Uri | undefined;
    Object.assign(api.window, {
      showSaveDialog: async ({ defaultUri }: vscode.SaveDialogOptions) => {
        offered.push(defaultUri!.path);
        return answer;
      },
    });
    await save(api, document.realUri, { shown, format: 'json' });
    assert.equal(files.size, 0, 'it was saved though nobody said where');
    for (const [name, what] of [
      ['a.json', { shown, format: 'json' }],
      ['a.html', { shown, format: 'html' }],
      ['a.md', { shown, format: 'markdown' }],
      ['a.png', { name: 'BatchNorm’s noise', png: Buffer.from('PNG') }],
    ] as const) {
      answer = FakeUri.parse(`file:///out/${name}`) as unknown as vscode.Uri;
      await save(api, document.realUri, what);
    }
    const text = (name: string) => new TextDecoder().decode(files.get(`file:///out/${name}`));
    assert.equal((JSON.parse(text('a.json')) as { schema: string }).schema, 'normscope/report@1');
    assert.match(text('a.html'), /^<!doctype html>/i);
    assert.match(text('a.md'), /^## NormScope/);
    assert.equal(text('a.png'), 'PNG');
    assert.deepEqual(offered.slice(1), [
      '/project/net-normscope.json',
      '/project/net-normscope.html',
      '/project/net-normscope.md',
      '/project/net-batchnorm-s-noise.png',
    ]);
    analyses.dispose();
  });
});
