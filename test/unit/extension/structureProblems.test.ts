import assert from 'node:assert/strict';
import { Analyses, Follower, RememberedAnswers } from '../../../extension/analysis';
import { Configuration } from '../../../extension/configuration';
import { EngineFailure, WrongInput } from '../../../extension/engine';
import { StructureProblems } from '../../../extension/surfaces';
import type { CurrentNetworks } from '../../../src/engine/protocol';
import type { Finding } from '../../../src/engine/report';
import { exampleReport } from '../report/exampleReport';
import { FakeDocument, FakeMemento, FakeVscode } from './fakeVscode';

const TYPED = 'normscope.problems.whileTyping';

const finding = (line: number, changes: Partial<Finding> = {}): Finding => ({
  ...exampleReport().findings[0]!,
  rule: 'double-softmax',
  severity: 'warning',
  layer: 'softmax',
  message: { id: 'x', args: {}, text: 'softmax twice' },
  source: { file: 'net.py', line, column: 5 },
  ...changes,
});

describe('extension: what the structure shows, in Problems', () => {
  let fake: FakeVscode;
  let analyses: Analyses;
  let document: FakeDocument;
  let problems: StructureProblems;
  let found: readonly Finding[];
  let looks: number;
  let half: boolean;
  let follower: Follower;
  beforeEach(() => {
    fake = new FakeVscode();
    analyses = new Analyses(fake.api);
    document = new FakeDocument(fake, 'file:///project/net.py', 'class Net:\n    softmax = Softmax()\n');
    found = [finding(2), finding(1, { source: { file: 'other.py', line: 1, column: 1 } })];
    looks = 0;
    half = false;
    const currentNetworks = async ({ version }: { version: number }): Promise<CurrentNetworks> => {
      looks++;
      if (half) throw new WrongInput('half a statement', 'end it', null, []);
      return { version, networks: [], unmodelled: [], findings: found };
    };
    const nothing = () => undefined;
    follower = new Follower({
      vscode: fake.api,
      engine: { currentNetworks, changeDocument: nothing, closeDocument: nothing, pid: undefined },
      remembered: new RememberedAnswers(new FakeMemento()),
    });
    const configuration = new Configuration(fake.api);
    problems = new StructureProblems(
      fake.api,
      follower,
      analyses,
      configuration,
      fake.api.Uri.parse('file:///extension'),
    );
  });
  afterEach(() => {
    problems.dispose();
    follower.dispose();
    analyses.dispose();
  });

  const settled = () => new Promise((resolve) => setTimeout(resolve, 500));
  const now = () => fake.structureDiagnostics.get(document.uri.toString()) ?? [];
  const begin = () => analyses.of(document.realUri).begin(document.parts, { name: 'Net', batch: 1 }, () => undefined);

  it('says nothing while someone types, unless it is turned on', async () => {
    document.edit(0, 0, 0, 0, '# a\n');
    await settled();
    assert.equal(looks, 0);
    fake.set(TYPED, true);
    await settled();
    assert.deepEqual([looks, now().length], [1, 1]);
    const [first] = now();
    assert.deepEqual([first?.range.start.line, first?.severity, first?.source], [1, 1, 'NormScope']);
    assert.match(JSON.stringify(first?.code), /double-softmax\.md/);
    fake.set(TYPED, false);
    assert.deepEqual(now(), []);
  });

  it('looks once when the typing has settled, and forgets what is gone', async () => {
    fake.set(TYPED, true);
    await settled();
    for (let i = 0; i < 5; i++) document.edit(0, 0, 0, 0, '#');
    found = [];
    await settled();
    assert.deepEqual([looks, now()], [2, []]);
  });

  it('leaves what it said while half a statement is typed', async () => {
    fake.set(TYPED, true);
    await settled();
    half = true;
    document.edit(2, 0, 2, 0, 'def');
    await settled();
    assert.deepEqual([looks, now().length], [2, 1]);
  });

  it('starts no engine for an edit of what was analysed, while it is not turned on', async () => {
    begin().finished({ ...exampleReport(), findings: [] });
    document.edit(0, 0, 0, 0, '# a\n');
    await settled();
    assert.equal(looks, 0);
  });

  it('says what the structure shows where an analysis has failed', async () => {
    begin().failed(new EngineFailure('more memory than there is'));
    await settled();
    assert.deepEqual(
      now().map(({ message }) => message),
      ['softmax twice'],
    );
  });

  it('leaves it to a report of the present text', async () => {
    fake.set(TYPED, true);
    await settled();
    assert.equal(now().length, 1);
    begin().finished(exampleReport());
    assert.deepEqual(now(), []);
  });
});
