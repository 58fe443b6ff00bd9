import { field, type SyntaxNode } from '../readers/python/syntax';
import { normName } from './newName';
import { endOf, functionText, ownsLines, type ParsedFile, type Place, startOf, statementOf } from './place';
import type { Piece } from './text';

/** Where a module stands in what a container is made of. */
export type Standing =
  /** An item of a list, or an argument of Sequential; `name` where it is one of a pair. */
  | { readonly kind: 'item'; readonly item: SyntaxNode; readonly of: SyntaxNode; readonly name: SyntaxNode | undefined }
  /** The last argument of a statement that adds it: `layers.append(m)`, `self.add_module('conv', m)`. */
  | { readonly kind: 'statement'; readonly statement: Place; readonly name: SyntaxNode | undefined };

const isText = (node: SyntaxNode | undefined): node is SyntaxNode => node?.type === 'string';

/** How the module constructed at a place is put into its container; undefined where it is not, or not plainly. */
export function standingOf(file: ParsedFile, made: Place): Standing | undefined {
  const [parent, outer, ...further] = made.parents;
  if (!parent) return undefined;
  if (parent.type === 'list') return { kind: 'item', item: made.node, of: parent, name: undefined };
  if (parent.type === 'tuple' && outer?.type === 'list' && isText(parent.children[0]) && parent.children.length === 2) {
    return { kind: 'item', item: parent, of: outer, name: parent.children[0] };
  }
  if (parent.type === 'pair' && outer?.type === 'dictionary' && isText(field(parent, 'key'))) {
    return { kind: 'item', item: parent, of: outer, name: field(parent, 'key') };
  }
  if (parent.type !== 'argument_list' || outer?.type !== 'call') return undefined;
  const called = functionText(outer);
  if (/(^|\.)Sequential$/.test(called)) return { kind: 'item', item: made.node, of: parent, name: undefined };
  const statement = statementOf(file, made);
  if (!statement || further[0] !== statement.node || !ownsLines(file, statement)) return undefined;
  const names = parent.children;
  if (/\.(append|add)$/.test(called) && names.length === 1) return { kind: 'statement', statement, name: undefined };
  if (/\.(add_module|register_module)$/.test(called) && names.length === 2 && isText(names[0])) {
    return { kind: 'statement', statement, name: names[0] };
  }
  return undefined;
}

/** The text of a name's string with another name in it. */
const renamed = (name: SyntaxNode, kind: string, text: string): string =>
  name.text.replace(/(['"])(.*?)\1/s, (_, quote: string, key: string) => quote + normName(key, kind, text) + quote);

/** Puts a module behind another one of its container. */
export function itemBehind(file: ParsedFile, made: Place, standing: Standing, layer: string, kind: string): Piece[] {
  const { source } = file;
  const { text, lineEnd } = source;
  const own = (of: { start: number; end: number }, name: SyntaxNode | undefined): string => {
    const written = text.slice(of.start, made.start) + layer + text.slice(made.end, of.end);
    return name ? written.replace(name.text, renamed(name, kind, text)) : written;
  };
  if (standing.kind === 'statement') {
    const { start, end } = standing.statement;
    const at = source.lineStop(end);
    return [{ start: at, end: at, text: lineEnd + source.indent(start) + own({ start, end }, standing.name) }];
  }
  const [start, end] = [startOf(file, standing.item), endOf(file, standing.item)];
  const fresh = own({ start, end }, standing.name);
  const indent = source.indent(start);
  const behind = /^([ \t]*,)?[ \t]*(#.*)?$/.exec(text.slice(end, source.lineStop(end)));
  // A line of its own where the item has one.
  const closes = endOf(file, standing.of) - 1;
  if (indent === undefined || !behind || source.lineStop(end) > closes)
    return [{ start: end, end, text: `, ${fresh}` }];
  const stop = source.lineStop(end);
  const comma = behind[1] !== undefined;
  const line: Piece = { start: stop, end: stop, text: `${lineEnd}${indent}${fresh}${comma ? ',' : ''}` };
  if (comma) return [line];
  return stop === end ? [{ ...line, text: `,${line.text}` }] : [{ start: end, end, text: ',' }, line];
}

/** Takes a module out of its container. */
export function itemGone(file: ParsedFile, standing: Standing): Piece[] | undefined {
  const { source } = file;
  const { text } = source;
  if (standing.kind === 'statement') return statementGone(file, standing.statement);
  const [start, end] = [startOf(file, standing.item), endOf(file, standing.item)];
  const behind = /^[ \t]*,/.exec(text.slice(end));
  const stop = end + (behind?.[0].length ?? 0);
  if (
    source.indent(start) !== undefined &&
    /^[ \t]*$/.test(text.slice(stop, source.lineStop(stop))) &&
    source.lineStop(stop) < endOf(file, standing.of) - 1
  ) {
    return [{ start: source.lineStart(start), end: source.nextLine(stop), text: '' }];
  }
  if (behind) {
    const blanks = /^[ \t]*/.exec(text.slice(stop))![0].length;
    return [{ start, end: stop + blanks, text: '' }];
  }
  const before = /,[ \t]*$/.exec(text.slice(0, start));
  return [{ start: before ? start - before[0].length : start, end, text: '' }];
}

/** Takes a statement away, its line with it where nothing else stands there; undefined where its block would be empty. */
export function statementGone(file: ParsedFile, statement: Place): Piece[] | undefined {
  const { source } = file;
  const block = statement.parents[0];
  if (!ownsLines(file, statement) || (block !== undefined && block.children.length < 2)) return undefined;
  const { start, end } = statement;
  const comment = source.text.slice(end, source.lineStop(end)).trim();
  if (comment) return [{ start, end: source.lineStop(end), text: comment }];
  return [{ start: source.lineStart(start), end: source.nextLine(end), text: '' }];
}
