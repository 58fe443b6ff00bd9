import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { RuleHelp } from '../report/sarif';
import { catalog, structureRules } from '../rules';
import { rulePage } from '../rules/page';

/** A rule's page: of a rule on the structure its row says everything; of the others the file beside the program, or a sentence. */
export async function pageOf(id: string): Promise<string> {
  const row = structureRules.find((each) => each.id === id);
  if (row) return rulePage(row);
  const file = path.join(__dirname, '..', 'docs', 'rules', `${id}.md`);
  return readFile(file, 'utf8').catch(() => `# ${id}\n\nFinds ${catalog().find((each) => each.id === id)?.finds}.\n`);
}

/** What is known of these rules beside their findings; of one that is none, nothing. */
export async function ruleHelp(ids: readonly string[]): Promise<ReadonlyMap<string, RuleHelp>> {
  const help = new Map<string, RuleHelp>();
  for (const { id, finds, severity } of catalog()) {
    if (!ids.includes(id)) continue;
    help.set(id, { finds, page: await pageOf(id), ...(severity && { severity }) });
  }
  return help;
}
