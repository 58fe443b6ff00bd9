import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { SETTINGS } from '../../extension/identifiers';
import { analyze, edit, extension, hints, hoverText, open, problems, revert, until } from './helpers';

/** Lines (from 0) of deep.normscope.yaml. */
const [FIRST, SIGMOID, REPEATED, HEAD] = [5, 6, 8, 9];

describe('surfaces', () => {
  let document: vscode.TextDocument;
  before(async () => {
    document = await open('deep.normscope.yaml');
    await analyze();
  });
  beforeEach(async () => {
    await revert(document);
    await until('the hints are fresh', async () => {
      const found = await hints(document);
      return (found.length > 0 && found.every((hint) => !hint.endsWith('stale'))) || undefined;
    });
  });
  after(() => revert(document));

  it('hints at each layer its gradient and saturation, a range where a loop makes several', async () => {
    const found = await hints(document);
    const at = (line: number) => found.find((hint) => hint.startsWith(`${line}: `)) ?? '';
    assert.match(at(FIRST), /: ∇ [\d.e-]+$/);
    assert.match(at(SIGMOID), /: [\d.<]+% saturated$/);
    assert.match(at(REPEATED), /: ∇ [\d.e-]+ … [\d.e-]+ · .*% saturated$/);
    assert.match(at(HEAD), /: ∇ [\d.e-]+$/);
    assert.equal(found.length, 4);
    const report = extension().exports.reportOf(document.uri);
    const first = report?.layers.find(({ id }) => id === 'first');
    const norm = Number(/∇ ([\d.e-]+)$/.exec(at(FIRST))?.[1]);
    assert.ok(Math.abs(norm / Number(first?.gradientNorm) - 1) < 0.05, `${norm} is not ${first?.gradientNorm}`);
  });

  it('lists findings with their rule, its page, and the symptoms', async () => {
    const vanishing = problems(document).find(
      ({ code }) => typeof code === 'object' && code.value === 'vanishing-gradient',
    );
    assert.ok(vanishing, 'no vanishing gradient');
    assert.equal(vanishing.range.start.line, FIRST);
    assert.ok(typeof vanishing.code === 'object');
    const page = await vscode.workspace.openTextDocument(vanishing.code.target);
    assert.match(page.getText(), /^# vanishing-gradient/);
    assert.ok((vanishing.relatedInformation?.length ?? 0) > 0, 'no symptoms');
    assert.equal(vanishing.relatedInformation?.[0]?.location.uri.toString(), document.uri.toString());
  });

  it('shows the figures of a line on hover', async () => {
    const text = await hoverText(document, FIRST);
    assert.match(text, /first \| Linear/);
    assert.match(text, /grad norm/);
    assert.match(text, /vanishing-gradient/);
    assert.match(text, /synthetic data/);
    assert.equal(await hoverText(document, 0), '');
  });

  it('moves hints with their lines, and marks what was measured before the edit', async () => {
    const before = await hints(document);
    await edit((edits) => edits.insert(document.uri, new vscode.Position(0, 0), '# one\n# two\n'));
    const after = await hints(document);
    assert.deepEqual(
      after,
      before.map((hint) => hint.replace(/^\d+/, (line) => String(Number(line) + 2)).concat(' · stale')),
    );
    assert.equal(problems(document)[0]?.range.start.line, FIRST + 2);
    assert.match(problems(document)[0]?.message ?? '', /before the last edit/);
  });

  it('drops the hint of a line that changes, and brings all back when it is again what was measured', async () => {
    const before = await hints(document);
    const end = document.lineAt(FIRST).text.length;
    await edit((edits) => edits.insert(document.uri, new vscode.Position(FIRST, end), '  # wider'));
    const after = await hints(document);
    assert.equal(after.length, before.length - 1);
    assert.ok(after.every((hint) => !hint.startsWith(`${FIRST}: `) && hint.endsWith('stale')));
    assert.equal(await hoverText(document, FIRST), '');
    const typed = new vscode.Range(FIRST, end, FIRST, document.lineAt(FIRST).text.length);
    await edit((edits) => edits.delete(document.uri, typed));
    await until('the hints are what they were', async () => {
      const now = await hints(document);
      return JSON.stringify(now) === JSON.stringify(before) || undefined;
    });
  });

  it('goes away by its own setting each', async () => {
    const configuration = vscode.workspace.getConfiguration(SETTINGS);
    const set = (key: string, value: boolean | undefined) =>
      configuration.update(key, value, vscode.ConfigurationTarget.Workspace);
    try {
      await set('inlayHints.enabled', false);
      assert.deepEqual(await hints(document), []);
      assert.notEqual(await hoverText(document, FIRST), '');
      await set('hover.enabled', false);
      assert.equal(await hoverText(document, FIRST), '');
      assert.ok(problems(document).length > 0);
      await set('problems.enabled', false);
      assert.deepEqual(problems(document), []);
    } finally {
      for (const key of ['inlayHints.enabled', 'hover.enabled', 'problems.enabled']) await set(key, undefined);
    }
    assert.equal((await hints(document)).length, 4);
    assert.ok(problems(document).length > 0);
  });
});
