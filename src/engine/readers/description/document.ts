import { Composer, type CST, isAlias, isMap, isScalar, isSeq, LineCounter, type Node, Parser } from 'yaml';
import { type SourceDocument, type Span, spanOf } from '../../network';
import { type DescriptionNode, type Entry, refuse } from './node';

/** A longer text is refused: parsing takes up to a second for a million characters. */
export const LONGEST_TEXT = 4_000_000;
/** Lists and mappings in each other. The parser's composer recurses, and runs out of stack some thousands deep. */
export const DEEPEST_NESTING = 200;
/** Values after aliases are followed: an alias of aliases of aliases multiplies. */
export const MOST_VALUES = 500_000;

interface Token {
  readonly offset?: number;
  readonly value?: unknown;
  readonly items?: readonly { readonly key?: unknown; readonly value?: unknown }[];
}

/** The offset of the first token nested deeper than allowed; walks without recursion. */
function tooDeep(tokens: readonly CST.Token[]): number | undefined {
  const open: [token: Token, depth: number][] = tokens.map((token) => [token as Token, 0]);
  for (let next = open.pop(); next; next = open.pop()) {
    const [token, depth] = next;
    if (depth > DEEPEST_NESTING) return token.offset ?? 0;
    const children = token.items?.flatMap((item) => [item.key, item.value]) ?? [token.value];
    for (const child of children) {
      if (typeof child === 'object' && child !== null) open.push([child as Token, depth + 1]);
    }
  }
  return undefined;
}

/** A block's own range reaches into the next line; it ends where its last value ends. */
function endingWith(span: Span, last: DescriptionNode | undefined): Span {
  const end = last?.span.end;
  const inside =
    end && (end.line > span.start.line || (end.line === span.start.line && end.column > span.start.column));
  return inside ? { ...span, end } : span;
}

/** Turns YAML nodes into ours, following aliases, within the budget. */
class Conversion {
  private values = 0;
  private readonly anchors = new Map<string, Node>();
  private readonly open = new Set<Node>();

  constructor(private readonly span: (range: readonly number[] | null | undefined) => Span) {}

  convert(node: Node | null | undefined, place: Span): DescriptionNode {
    if (!node) return { type: 'scalar', value: null, raw: '', span: place };
    const span = this.span(node.range);
    if (++this.values > MOST_VALUES) {
      refuse(span, `more than ${MOST_VALUES} values once the aliases are followed`, 'write fewer aliases of aliases');
    }
    if (isAlias(node)) {
      const target = this.anchors.get(node.source);
      if (!target) refuse(span, `*${node.source} names no anchor above it`, `define &${node.source} first`);
      if (this.open.has(target)) refuse(span, `*${node.source} contains itself: a cycle`, 'write the value out');
      return this.convert(target, span);
    }
    if (this.open.size > DEEPEST_NESTING) refuse(span, NESTED_TOO_DEEPLY, 'write it flatter');
    if ((isScalar(node) || isMap(node) || isSeq(node)) && node.anchor) this.anchors.set(node.anchor, node);
    if (isScalar(node)) return this.scalar(node.value, node.source, span);
    this.open.add(node);
    const converted = this.collection(node, span);
    this.open.delete(node);
    return converted;
  }

  private scalar(value: unknown, raw: string | undefined, span: Span): DescriptionNode {
    if (value !== null && typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean') {
      refuse(span, `a value of an unknown type`, 'write a text, a number, true, false or null');
    }
    return { type: 'scalar', value, raw: raw ?? String(value), span };
  }

  private collection(node: Node, span: Span): DescriptionNode {
    if (isSeq(node)) {
      const items = node.items.map((item) => this.convert(item as Node | null, span));
      return { type: 'list', items, span: node.flow ? span : endingWith(span, items.at(-1)) };
    }
    const entries = new Map<string, Entry>();
    for (const pair of isMap(node) ? node.items : []) {
      const key = this.convert(pair.key as Node | null, span);
      if (key.type !== 'scalar' || key.value === null) refuse(key.span, 'a key must be a name', 'write `name: value`');
      const name = typeof key.value === 'string' ? key.value : key.raw;
      if (entries.has(name)) refuse(key.span, `the key '${name}' stands twice`, 'keep one of them');
      entries.set(name, { key: name, keySpan: key.span, value: this.convert(pair.value as Node | null, key.span) });
    }
    const last = [...entries.values()].at(-1)?.value;
    return { type: 'map', entries, span: isMap(node) && node.flow ? span : endingWith(span, last) };
  }
}

const NESTED_TOO_DEEPLY = `lists and mappings are nested more than ${DEEPEST_NESTING} deep`;

/**
 * Reads a YAML 1.2 or JSON text into nodes that know their places.
 * @throws InputError for what is not YAML, more than one document, and texts beyond the budgets above.
 */
export function parseDescription(document: SourceDocument): DescriptionNode {
  const { text } = document;
  const start = spanOf(document);
  if (text.length > LONGEST_TEXT) {
    refuse(start, `${text.length} characters; description files have at most ${LONGEST_TEXT}`, 'use `repeat`');
  }
  const lines = new LineCounter();
  const position = (offset: number) => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(1, line), column: Math.max(1, col) };
  };
  const span = (range: readonly number[] | null | undefined): Span =>
    range ? spanOf(document, position(range[0]!), position(range[1]!)) : start;

  const tokens = [...new Parser(lines.addNewLine).parse(text)];
  const deep = tooDeep(tokens);
  if (deep !== undefined) refuse(span([deep, deep + 1]), NESTED_TOO_DEEPLY, 'write it flatter');

  // Keys are compared in Conversion: the composer's own check takes quadratic time.
  const composer = new Composer({ lineCounter: lines, prettyErrors: false, uniqueKeys: false });
  const documents = [...composer.compose(tokens, true, text.length)];
  const [first, second] = documents;
  const problem = first?.errors[0] ?? first?.warnings[0];
  if (problem) refuse(span(problem.pos), `not valid YAML: ${problem.message}`, yamlAdvice(problem.code));
  if (second) refuse(span(second.range), 'a second document begins here', 'keep one network a file');
  if (!first?.contents) refuse(start, 'the file is empty', 'begin with `input: [784]` and `layers:`');
  return new Conversion(span).convert(first.contents, start);
}

function yamlAdvice(code: string): string {
  if (code === 'TAB_AS_INDENT') return 'indent with spaces';
  if (code === 'TAG_RESOLVE_FAILED') return 'leave tags out';
  return 'mend the brackets, quotes and indentation here';
}
