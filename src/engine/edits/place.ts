import type { Span } from '../network';
import { field, type SyntaxNode } from '../readers/python/syntax';
import type { SourceText } from './text';

/** A node of the syntax tree with its offsets and what it stands in, nearest first. */
export interface Place {
  readonly node: SyntaxNode;
  readonly start: number;
  readonly end: number;
  readonly parents: readonly SyntaxNode[];
}

/** A parsed file. */
export interface ParsedFile {
  readonly source: SourceText;
  readonly statements: readonly SyntaxNode[];
}

export const startOf = ({ source }: ParsedFile, node: SyntaxNode): number => source.offset(node.start);
export const endOf = ({ source }: ParsedFile, node: SyntaxNode): number => source.offset(node.end);

export const placeOf = (file: ParsedFile, node: SyntaxNode, parents: readonly SyntaxNode[]): Place => ({
  node,
  start: startOf(file, node),
  end: endOf(file, node),
  parents,
});

/** The expression that a span is of; undefined where the file has none there. */
export function findPlace(file: ParsedFile, span: Pick<Span, 'start' | 'end'>): Place | undefined {
  const [start, end] = [file.source.offset(span.start), file.source.offset(span.end)];
  const path: SyntaxNode[] = [];
  let level: readonly SyntaxNode[] = file.statements;
  for (;;) {
    const inner = level.find((node) => startOf(file, node) <= start && endOf(file, node) >= end && node.named);
    if (!inner) break;
    path.unshift(inner);
    level = inner.children;
  }
  const exact = path.flatMap((node, i) => (startOf(file, node) === start && endOf(file, node) === end ? i : []));
  const at = exact.find((i) => path[i]!.type === 'call') ?? exact[0];
  return at === undefined ? undefined : placeOf(file, path[at]!, path.slice(at + 1));
}

/** The statement that a place stands in, with the blocks around it. */
export function statementOf(file: ParsedFile, { node, parents }: Place): Place | undefined {
  const path = [node, ...parents];
  const at = path.findIndex(
    ({ type }, i) =>
      /_statement$/.test(type) && (path[i + 1] === undefined || /^(block|module)$/.test(path[i + 1]!.type)),
  );
  return at < 0 ? undefined : placeOf(file, path[at]!, path.slice(at + 1));
}

/** Whether a statement has its lines for itself: nothing before it, and behind it a comment at most. */
export function ownsLines({ source }: ParsedFile, { start, end }: Place): boolean {
  if (source.indent(start) === undefined) return false;
  return /^[ \t]*(#.*)?$/.test(source.text.slice(end, source.lineStop(end)));
}

/** The arguments of a call, without its brackets; a keyword's are `keyword_argument`s. */
export const argumentsOf = (call: SyntaxNode): readonly SyntaxNode[] => field(call, 'arguments')?.children ?? [];

/** The argument given by that name, or at that position. */
export function argument(call: SyntaxNode, name: string, position: number): SyntaxNode | undefined {
  const all = argumentsOf(call);
  const keyword = all.find((each) => each.type === 'keyword_argument' && field(each, 'name')?.text === name);
  if (keyword) return field(keyword, 'value');
  const positional = all.slice(0, position + 1);
  if (positional.some(({ type }) => /keyword_argument|splat/.test(type))) return undefined;
  return positional[position];
}

/** The text of a called function: `self.conv1`, `nn.Conv2d`. */
export const functionText = (call: SyntaxNode): string => field(call, 'function')?.text ?? '';

/** The method around a place, the name of its first parameter, and its class. */
export function methodAround({ parents }: Place): { readonly self: string; readonly of: SyntaxNode } | undefined {
  const at = parents.findIndex(({ type }) => type === 'function_definition');
  const of = parents.slice(at + 1).find(({ type }) => type === 'class_definition' || type === 'function_definition');
  const [self] = (at < 0 ? undefined : field(parents[at]!, 'parameters'))?.children ?? [];
  return self?.type === 'identifier' && of?.type === 'class_definition' ? { self: self.text, of } : undefined;
}
