import { emphasis, wrap } from '../report/terminal';
import type { Request } from './arguments';
import { type ExitCode, exitCodes } from './exitCode';
import { knownRule } from './knownRule';
import { pageOf } from './rulePages';
import { type Terminal, textOptions, write } from './terminal';

/** Prints a rule's page. @throws InputError for a rule that there is not, with the nearest. */
export async function explainCommand(
  { rule }: Extract<Request, { command: 'explain' }>,
  terminal: Terminal,
): Promise<ExitCode> {
  const { columns, colour } = textOptions(terminal, false);
  const lines = terminalPage(await pageOf(knownRule(rule)), Math.min(columns, 100), colour);
  await write(terminal.stdout, `${lines.join('\n')}\n`);
  return exitCodes.done;
}

/** A page in Markdown as a terminal shows it: a paragraph's bold beginning is bold here, code stands indented. */
export function terminalPage(page: string, columns: number, colour: boolean): string[] {
  const style = emphasis(colour);
  const paragraph = (block: string): string[] => {
    const [, lead = ''] = /^\*\*(.+?)\*\*/.exec(block) ?? [];
    const [first = '', ...others] = wrap(block.replace(/\s+/g, ' ').replace(/\*\*/g, ''), columns);
    // Broken by what is seen: marks take no room.
    return [first.startsWith(lead) && lead ? style.bold(lead) + first.slice(lead.length) : first, ...others];
  };
  const lines: string[] = [];
  for (const part of page.trim().split(/^(```[\s\S]*?^```)$/m)) {
    const code = /^```\w*\n([\s\S]*)\n```$/.exec(part);
    if (code) {
      lines.push(...code[1]!.split('\n').map((line) => (line === '' ? '' : `    ${line}`)), '');
      continue;
    }
    for (const block of part.trim().split(/\n{2,}/)) {
      if (block === '') continue;
      lines.push(...(block.startsWith('# ') ? [style.bold(block.slice(2))] : paragraph(block)), '');
    }
  }
  return lines.slice(0, -1);
}
