import type { SyntaxNode } from '../syntax';

const ESCAPES: Readonly<Record<string, string>> = {
  '\\': '\\',
  "'": "'",
  '"': '"',
  n: '\n',
  r: '\r',
  t: '\t',
  b: '\b',
  f: '\f',
  a: '\x07',
  v: '\v',
  '0': '\0',
};

/** The characters that an escape sequence stands for; one that Python does not know stands for itself. */
export function escapedCharacter(sequence: string): string {
  const body = sequence.slice(1);
  if (body === '\n' || body === '\r\n') return '';
  const code = /^(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8}))$/.exec(body);
  if (code) {
    const point = Number.parseInt(code[1] ?? code[2] ?? code[3]!, 16);
    return point <= 0x10ffff ? String.fromCodePoint(point) : sequence;
  }
  if (/^[0-7]{1,3}$/.test(body)) return String.fromCharCode(Number.parseInt(body, 8));
  return ESCAPES[body] ?? sequence;
}

/** The value of an integer literal, digits grouped or not, in any of Python's bases. */
export function integerValue(text: string): number {
  const digits = text.replaceAll('_', '').toLowerCase();
  return Number(/^0\d/.test(digits) ? digits.replace(/^0+(?=\d)/, '') : digits);
}

/** The prefix letters of a string node, in lower case: `f`, `r`, `b`. */
export const stringPrefix = (node: SyntaxNode): string =>
  (/^[a-zA-Z]*/.exec(node.tokens[0]?.text ?? '')?.[0] ?? '').toLowerCase();

/** The text of a `string_content` node with its escapes resolved. */
export function contentText(node: SyntaxNode, raw: boolean): string {
  if (raw) return node.text;
  return node.text.replace(
    /\\(?:x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|[0-7]{1,3}|\r\n|[\s\S])/g,
    escapedCharacter,
  );
}
