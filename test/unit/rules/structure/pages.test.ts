import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { rules, structureRules } from '../../../../src/engine/rules';
import { rulePage } from '../../../../src/engine/rules/page';

const FOLDER = 'docs/rules';
const LIST = `${FOLDER}/README.md`;

const listed = (): string =>
  [
    '| rule | severity | finds |',
    '| --- | --- | --- |',
    ...structureRules.map(({ id, severity, finds }) => `| [${id}](${id}.md) | ${severity} | ${finds} |`),
  ].join('\n');

describe('pages of the rules', () => {
  it('say what the rules’ rows say (NORMSCOPE_WRITE_RULES=1 writes them)', () => {
    const between = /(<!-- structure -->\n)[\s\S]*(<!-- end of structure -->)/;
    const readme = readFileSync(LIST, 'utf8');
    assert.match(readme, between);
    const pages = structureRules.map((rule) => [`${FOLDER}/${rule.id}.md`, rulePage(rule)] as const);
    const all = [...pages, [LIST, readme.replace(between, (_, a, b) => `${a}${listed()}\n${b}`)] as const];
    for (const [file, text] of all) {
      if (process.env.NORMSCOPE_WRITE_RULES) writeFileSync(file, text);
      assert.equal(readFileSync(file, 'utf8'), text, `${file} is not what its rule says`);
    }
  });

  it('exist for the rules on the numbers too, and are listed', () => {
    const readme = readFileSync(LIST, 'utf8');
    for (const { id } of rules) {
      assert.ok(existsSync(`${FOLDER}/${id}.md`), id);
      assert.ok(readme.includes(`[${id}](${id}.md)`), id);
    }
  });
});
