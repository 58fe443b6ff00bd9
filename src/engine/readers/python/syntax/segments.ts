/** What comes next in a Python text, as far as its lines matter: a comment, a string (whole or cut off), a bracket, a line's end. */
export const TOKEN =
  /#[^\n]*|("""|''')(?:\\[\s\S]|(?!\1)[\s\S])*(?:\1|$)|(["'])(?:\\[\s\S]|(?!\2)[^\\\n])*\2?|\\\r?\n|[()[\]{}]|\n/g;

/** A part of a file that begins in column 0, with the number of lines before it. */
export interface Segment {
  readonly text: string;
  readonly line: number;
}

/**
 * How finely a text is cut. `groups`: every definition, and each run of other statements between two. `statements`: every
 * statement. `lines`: before every line in column 0, whatever brackets and strings are open, as nobody can leave a
 * class open on purpose.
 */
export const CUTS = ['groups', 'statements', 'lines'] as const;
export type Cut = (typeof CUTS)[number];

/** Begins a statement that holds others, which no bracket can contain. */
const DEFINITION = /(?:class|def|async[ \t]+def)\b|@|if[ \t]+__name__\b/y;
/** Goes on with the statement above it. */
const CONTINUATION = /(?:else|elif|except|finally)\b/y;
const STATEMENT = /[^\s#)\]}]/y;

const matches = (pattern: RegExp, text: string, at: number): boolean => {
  pattern.lastIndex = at;
  return pattern.test(text);
};

/** Cuts a text into segments; in order, and together the whole of it. Linear in its length. */
export function cutSegments({ text, line: firstLine }: Segment, cut: Cut): Segment[] {
  const segments: Segment[] = [];
  let [start, startLine] = [0, firstLine];
  let line = firstLine;
  let depth = 0;
  let decorated = false;
  let definition = false;

  const lineBegins = (at: number): void => {
    const defines = matches(DEFINITION, text, at);
    const inside = depth > 0 && cut !== 'lines';
    if (!defines && (inside || !matches(STATEMENT, text, at) || matches(CONTINUATION, text, at))) return;
    depth = 0;
    const begins = !decorated && (cut !== 'groups' || defines || definition);
    if (begins && at > start) {
      segments.push({ text: text.slice(start, at), line: startLine });
      [start, startLine] = [at, line];
    }
    decorated = text[at] === '@';
    definition = defines;
  };

  lineBegins(0);
  if (cut === 'lines') {
    for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) {
      line++;
      lineBegins(at + 1);
    }
  } else {
    for (const { 0: token, index } of text.matchAll(TOKEN)) {
      if (token === '\n') {
        line++;
        lineBegins(index + 1);
      } else if (token === '(' || token === '[' || token === '{') depth++;
      else if (token === ')' || token === ']' || token === '}') depth = Math.max(0, depth - 1);
      else for (let i = token.indexOf('\n'); i >= 0; i = token.indexOf('\n', i + 1)) line++;
    }
  }
  segments.push({ text: text.slice(start), line: startLine });
  return segments;
}
