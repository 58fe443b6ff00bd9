/** Where a comment that leaves a rule's finding out is written: line and character from 0, nothing replaced. */
export interface SuppressingComment {
  readonly line: number;
  readonly character: number;
  readonly text: string;
}

/** Lines longer than this get no comment behind them: it stands above. */
const LONGEST = 100;

const indentOf = (line: string): string => /^[ \t]*/.exec(line)![0];
/** Whether what is written behind a line would be no comment: it goes on, or a string of several lines begins or ends. */
const goesOn = (line: string | undefined): boolean =>
  line !== undefined && (/\\\s*$/.test(line) || (line.match(/"""|'''/g) ?? []).length % 2 !== 0);

/**
 * The comment `# normscope: ignore[rule]` for a finding at a line: in one that is there already, behind the line, or above
 * it. Undefined where none can be written (JSON has no comments), or one leaves every rule out.
 */
export function suppressingComment(
  lines: readonly string[],
  line: number,
  rule: string,
  fileName: string,
): SuppressingComment | undefined {
  const text = lines[line];
  if (text === undefined || !/\.(py|ya?ml|ipynb)$/i.test(fileName)) return undefined;
  const present = /#\s*normscope:.*?\bignore\b(\[[^\]]*)?/.exec(text);
  if (present) {
    if (!present[1]) return undefined;
    const inside = present[1].slice(1).trim();
    const character = present.index + present[0].length;
    return { line, character, text: inside === '' ? rule : `, ${rule}` };
  }
  const comment = `# normscope: ignore[${rule}]`;
  const written = text.trimEnd();
  if (!goesOn(text) && written.length <= LONGEST) {
    return { line, character: written.length, text: `  ${comment}` };
  }
  return goesOn(lines[line - 1]) ? undefined : { line, character: 0, text: `${indentOf(text)}${comment}\n` };
}
