import type { Position } from '../../../network';
import { TOKEN } from './segments';

const CLOSING: Readonly<Record<string, string>> = { '(': ')', '[': ']', '{': '}' };

export interface BracketProblem {
  readonly what: string;
  readonly at: Position;
}

/** The bracket that is never closed, or that another kind of bracket closes; in CPython's words. Undefined where all match. */
export function bracketProblem(text: string, firstLine: number): BracketProblem | undefined {
  const open: { bracket: string; at: Position }[] = [];
  let line = firstLine;
  let lineStart = 0;
  for (const match of text.matchAll(TOKEN)) {
    const token = match[0];
    const at = { line, column: match.index - lineStart + 1 };
    if (token in CLOSING) open.push({ bracket: token, at });
    else if (/^[)\]}]$/.test(token)) {
      const last = open.pop();
      if (!last) return { what: `unmatched '${token}'`, at };
      if (CLOSING[last.bracket] !== token) {
        return { what: `closing '${token}' does not match opening '${last.bracket}' on line ${last.at.line}`, at };
      }
    }
    for (let i = token.indexOf('\n'); i >= 0; i = token.indexOf('\n', i + 1)) {
      line++;
      lineStart = match.index + i + 1;
    }
  }
  const last = open.at(-1);
  return last && { what: `'${last.bracket}' was never closed`, at: last.at };
}
