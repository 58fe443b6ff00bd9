/** A comment `# normscope: ignore[rule, …]`, and the lines (from 1) that it speaks of. */
export interface IgnoreComment {
  readonly line: number;
  readonly column: number;
  readonly first: number;
  readonly last: number;
  /** The whole line is a comment. */
  readonly alone: boolean;
  /** Undefined for every rule. */
  readonly rules?: readonly string[];
}

/** A line's code and its comment: strings of one line may hold a `#`. */
const COMMENT = /^((?:[^'"#]|'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*")*)#(.*)$/;
const IGNORE = /(?:^|#)\s*normscope:.*?\bignore\b(?:\[([^\]]*)\])?/;
/** A definition in Python: what stands on its line is of all of it. */
const DEFINITION = /^\s*(?:class|def|async\s+def)\b/;

const indentOf = (line: string): number => /^[ \t]*/.exec(line)![0].length;
const codeOf = (line: string): string => COMMENT.exec(line)?.[1] ?? line;
const isCode = (line: string | undefined): line is string => line !== undefined && codeOf(line).trim() !== '';

/** How the lines of a format belong together. */
type Extent = (lines: readonly string[], at: number) => number;

/** The last line of what stands below a line and deeper than it. */
function deeper(lines: readonly string[], at: number, from: number, belongs = (_: string): boolean => false): number {
  const indent = indentOf(lines[at]!);
  let last = from;
  for (let i = from + 1; i < lines.length; i++) {
    const line = lines[i]!;
    if (!isCode(line)) continue;
    if (indentOf(line) <= indent && !belongs(line)) break;
    last = i;
  }
  return last;
}

/** Python: a `class` or `def` with all of its body; else the line. */
const pythonExtent: Extent = (lines, at) => {
  if (!DEFINITION.test(lines[at]!)) return at;
  let depth = 0;
  let header = at;
  for (; header < lines.length; header++) {
    for (const bracket of codeOf(lines[header]!).match(/[([{]|[)\]}]/g) ?? [])
      depth += '([{'.includes(bracket) ? 1 : -1;
    if (depth <= 0) break;
  }
  return deeper(lines, at, Math.min(header, lines.length - 1));
};

/** YAML: an entry with all that stands under it; a list may stand as deep as its key. */
const yamlExtent: Extent = (lines, at) => {
  const line = codeOf(lines[at]!);
  const indent = indentOf(line);
  const isKey = /:\s*$/.test(line) && !/^\s*-/.test(line);
  return deeper(lines, at, at, (below) => isKey && indentOf(below) === indent && /^\s*-/.test(below));
};

/** The definition whose header ends at a line like `) -> Tensor:`. */
function headerOf(lines: readonly string[], at: number): number {
  if (!/^\s*\)/.test(lines[at]!)) return at;
  for (let i = at - 1; i >= 0; i--) {
    if (!isCode(lines[i]) || indentOf(lines[i]!) > indentOf(lines[at]!)) continue;
    return DEFINITION.test(lines[i]!) ? i : at;
  }
  return at;
}

/** The comments of a text that leave findings out. `yaml` says how its lines belong together. */
export function ignoreComments(text: string, format: 'python' | 'yaml'): readonly IgnoreComment[] {
  if (!text.includes('normscope:')) return [];
  const lines = text.split(/\r?\n/);
  const extent = format === 'yaml' ? yamlExtent : pythonExtent;
  return lines.flatMap((line, i): IgnoreComment[] => {
    const [, code = '', comment = ''] = COMMENT.exec(line) ?? [];
    const match = IGNORE.exec(comment);
    if (!match) return [];
    const alone = code.trim() === '';
    let first = i;
    if (alone) {
      // It speaks of what comes next: comments and decorators between belong to it.
      do first++;
      while (first < lines.length && (/^\s*#/.test(lines[first]!) || /^\s*@/.test(lines[first]!)));
      if (!isCode(lines[first])) return [];
    } else if (format === 'python') first = headerOf(lines, i);
    const rules = match[1]?.split(/[\s,]+/).filter(Boolean);
    return [
      {
        line: i + 1,
        column: code.length + 1,
        first: first + 1,
        last: extent(lines, first) + 1,
        alone,
        ...(rules && { rules }),
      },
    ];
  });
}
