import { InputError, type SourceDocument, spanOf } from '../../network';

/** Whatever stands between two tokens, then one: a bracket or comma, a string, a number, a word; or nothing that JSON knows. */
const TOKEN =
  /[ \t\r\n]*(?:([{}[\]:,])|("(?:[^"\\\p{Cc}]|\\(?:["\\/bfnrt]|u[\da-fA-F]{4}))*")|(-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null))/uy;

/** Where a text ceases to be JSON: the offset of the first token that may not stand where it does. */
export function brokenAt(text: string): number {
  const open: string[] = [];
  let wants: 'value' | 'valueOrEnd' | 'key' | 'keyOrEnd' | 'colon' | 'next' = 'value';
  let at = 0;
  for (;;) {
    TOKEN.lastIndex = at;
    const token = TOKEN.exec(text);
    const begins = token
      ? TOKEN.lastIndex - (token[1] ?? token[2] ?? token[3])!.length
      : at + /^[ \t\r\n]*/.exec(text.slice(at))![0].length;
    if (!token) return begins;
    const mark = token[1];
    const value = wants === 'value' || wants === 'valueOrEnd';
    if (value && (mark === '{' || mark === '[')) {
      open.push(mark);
      wants = mark === '{' ? 'keyOrEnd' : 'valueOrEnd';
    } else if (value && mark === undefined) wants = 'next';
    else if ((wants === 'key' || wants === 'keyOrEnd') && token[2] !== undefined) wants = 'colon';
    else if (wants === 'colon' && mark === ':') wants = 'value';
    else if (mark === ']' && (wants === 'valueOrEnd' || wants === 'next') && open.at(-1) === '[') {
      open.pop();
      wants = 'next';
    } else if (mark === '}' && (wants === 'keyOrEnd' || wants === 'next') && open.at(-1) === '{') {
      open.pop();
      wants = 'next';
    } else if (mark === ',' && wants === 'next' && open.length > 0) wants = open.at(-1) === '{' ? 'key' : 'value';
    else return begins;
    at = TOKEN.lastIndex;
  }
}

/** A text as JSON. @throws InputError with the place where it ceases to be that. */
export function parseJson(document: SourceDocument): unknown {
  const { text } = document;
  try {
    return JSON.parse(text);
  } catch {
    const at = brokenAt(text);
    const before = text.slice(0, at);
    const line = before.split('\n').length;
    const place = { line, column: at - before.lastIndexOf('\n') };
    const what =
      at >= text.length
        ? 'the notebook ends in the middle: it is no whole JSON'
        : 'the notebook is not valid JSON here';
    throw new InputError(what, 'save it again from the editor that wrote it', spanOf(document, place));
  }
}
