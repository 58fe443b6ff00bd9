import assert from 'node:assert/strict';
import type { Uri } from 'vscode';
import { Analyses, Follower, RememberedAnswers } from '../../../extension/analysis';
import { clock } from '../../../extension/clock';
import { Configuration } from '../../../extension/configuration';
import { WrongInput } from '../../../extension/engine';
import { commands } from '../../../extension/identifiers';
import { ModelLenses } from '../../../extension/surfaces';
import type { CurrentNetworks, OfferedNetwork } from '../../../src/engine/protocol';
import { exampleReport } from '../report/exampleReport';
import { FakeDocument, FakeMemento, FakeVscode } from './fakeVscode';

const offered = (name: string, line: number, changes: Partial<OfferedNetwork> = {}): OfferedNetwork => ({
  name,
  source: { file: 'net.py', line, column: 1 },
  parameters: 34_000,
  layers: 12,
  structure: 'a',
  inputs: [],
  batch: { size: 32, origin: 'default' },
  missing: [],
  ...changes,
});

describe('extension: lenses above networks', () => {
  let fake: FakeVscode;
  let analyses: Analyses;
  let follower: Follower;
  let lenses: ModelLenses;
  let document: FakeDocument;
  let asked: number;
  let half: boolean;
  let made: readonly OfferedNetwork[] | undefined;
  beforeEach(() => {
    fake = new FakeVscode();
    analyses = new Analyses(fake.api);
    document = new FakeDocument(fake, 'file:///project/net.py', 'import torch\nclass A: ...\nclass B: ...\n');
    [asked, half, made] = [0, false, undefined];
    const currentNetworks = async ({ version }: { version: number }): Promise<CurrentNetworks> => {
      asked++;
      if (half) throw new WrongInput('half a statement', 'end it', null, []);
      const elsewhere = offered('C', 1, { source: { file: 'other.py', line: 1, column: 1 } });
      const networks = [offered('A', 2), offered('B', 3, { parameters: 1, layers: 1 }), elsewhere];
      return { version, networks: made ?? networks, unmodelled: [], findings: [] };
    };
    const nothing = () => undefined;
    follower = new Follower({
      vscode: fake.api,
      engine: { currentNetworks, changeDocument: nothing, closeDocument: nothing, pid: undefined },
      remembered: new RememberedAnswers(new FakeMemento()),
    });
    lenses = new ModelLenses(fake.api, follower, analyses, new Configuration(fake.api));
  });
  afterEach(() => {
    for (const each of [lenses, follower, analyses]) each.dispose();
  });

  const now = async () =>
    (await lenses.provideCodeLenses(document.real)).map(({ range, command }) => [range.start.line, command?.title]);

  it('are not there, and nothing is read, unless they are turned on', async () => {
    assert.deepEqual([await now(), asked], [[], 0]);
  });

  it('say layers and parameters above each network of the file, and analyze the one that is clicked', async () => {
    fake.set('normscope.codeLens.enabled', true);
    assert.deepEqual(await now(), [
      [1, 'Analyze · 12 layers, 34,000 parameters · not run yet'],
      [2, 'Analyze · 1 layer, 1 parameter · not run yet'],
    ]);
    const [, second] = await lenses.provideCodeLenses(document.real);
    assert.equal(second?.command?.command, commands.analyzeNetwork);
    const [uri, name] = second.command.arguments as [Uri, string];
    assert.deepEqual([uri.toString(), name], [document.uri.toString(), 'B']);
  });

  it('stand above the class that a line makes a network of', async () => {
    fake.set('normscope.codeLens.enabled', true);
    document = new FakeDocument(
      fake,
      'file:///project/net.py',
      'class A: ...\nclass Net(Module): ...\nmodel = Net()\n',
    );
    made = [offered('model', 3, { source: { file: 'net.py', line: 3, column: 9 } }), offered('A', 1)];
    assert.deepEqual(
      (await now()).map(([line]) => line),
      [1, 0],
    );
  });

  it('say the last run of their own network, and that it is stale', async () => {
    fake.set('normscope.codeLens.enabled', true);
    const example = exampleReport();
    const report = { ...example, network: { ...example.network, name: 'B' }, findings: [] };
    const feed = analyses.of(document.realUri).begin(document.parts, { name: 'B', batch: 32 }, () => undefined);
    assert.match(String((await now())[1]?.[1]), /· running$/);
    feed.finished(report);
    const [first, second] = await now();
    assert.match(String(first?.[1]), /not run yet$/);
    assert.match(String(second?.[1]), /· last run \d\d:\d\d, no findings$/);
    document.edit(0, 0, 0, 0, '#');
    assert.match(String((await now())[1]?.[1]), /no findings, stale$/);
  });

  it('stand where they stood while half a statement is typed', async () => {
    fake.set('normscope.codeLens.enabled', true);
    await now();
    half = true;
    document.edit(0, 0, 0, 0, 'def\n');
    assert.deepEqual(
      (await now()).map(([line]) => line),
      [2, 3],
    );
    document.edit(2, 6, 2, 7, 'Z');
    assert.deepEqual(
      (await now()).map(([line]) => line),
      [3],
    );
  });
});

describe('extension: the time of a run', () => {
  it('has the day where that is another', () => {
    const noon = new Date(2026, 0, 5, 12, 3);
    assert.equal(clock(noon, new Date(2026, 0, 5, 23)), '12:03');
    assert.equal(clock(noon, new Date(2026, 0, 6, 1)), '2026-01-05 12:03');
  });
});
