import type { Position, SourceDocument } from '../../../network';

/** A node of the syntax tree, copied out of the parser so that reading it costs nothing and needs no freeing. */
export interface SyntaxNode {
  /** The grammar's name for it: `call`, `identifier`, or a token itself: `+`. */
  readonly type: string;
  /** The text that it stands in. */
  readonly document: SourceDocument;
  readonly named: boolean;
  readonly text: string;
  readonly start: Position;
  readonly end: Position;
  /** Named children, without comments. */
  readonly children: readonly SyntaxNode[];
  /** All children with their tokens, without comments. */
  readonly tokens: readonly SyntaxNode[];
  /** Children by the grammar's field names. */
  readonly fields: Readonly<Record<string, readonly SyntaxNode[]>>;
}

/** The first child in a field. */
export const field = (node: SyntaxNode, name: string): SyntaxNode | undefined => node.fields[name]?.[0];

/** All nodes below (and with) this one, outermost first. */
export function* descendants(node: SyntaxNode): Generator<SyntaxNode> {
  yield node;
  for (const child of node.children) yield* descendants(child);
}
