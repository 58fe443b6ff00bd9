import { jsonText } from '../report/json';
import { emphasis, wrap } from '../report/terminal';
import { catalog } from '../rules';
import type { Request } from './arguments';
import { type ExitCode, exitCodes } from './exitCode';
import { type Terminal, textOptions, write } from './terminal';

/** Lists every rule: its id, the gravest severity that it gives, and what it finds. */
export async function rulesCommand(
  { json }: Extract<Request, { command: 'rules' }>,
  terminal: Terminal,
): Promise<ExitCode> {
  const rules = catalog();
  const { columns, colour } = textOptions(terminal, false);
  const style = emphasis(colour);
  const group = (looksAt: string) =>
    rules
      .filter((rule) => rule.looksAt === looksAt)
      .flatMap(({ id, severity, finds }) => [
        `  ${style.bold(id)}${severity ? `  ${style.severity(severity, severity)}` : ''}`,
        ...wrap(`      ${finds}`, columns, '      '),
      ]);
  const text = json
    ? jsonText({ schema: 'normscope/rules@1', rules })
    : [
        'On the structure, seen in the model file alone:',
        ...group('structure'),
        '',
        'On the numbers, measured by a probe:',
        ...group('numbers'),
        '',
        ...wrap(
          "'normscope explain RULE' says why, by which figures, what helps, and when to let it be. --rule ID=SEVERITY changes a severity, --rule ID=off leaves a rule out; # normscope: ignore[ID] in the source leaves one finding out.",
          columns,
        ),
        '',
      ].join('\n');
  await write(terminal.stdout, text);
  return exitCodes.done;
}
