import type { TreeCursor } from 'web-tree-sitter';
import type { Position, SourceDocument } from '../../../network';
import type { SyntaxNode } from './node';

/** Where a parsed part of a file stands by now: what is above it may be edited without its being parsed again. */
export interface Standing {
  document: SourceDocument;
  /** Lines before it. */
  line: number;
}

/** Thrown for syntax deeper than CPython itself takes. */
export class NestedTooDeeply extends Error {}

const DEEPEST_NESTING = 600;

/** A node copied out of the parser's memory. */
class CopiedNode implements SyntaxNode {
  readonly tokens: SyntaxNode[] = [];
  readonly fields: Record<string, SyntaxNode[]> = {};
  children: readonly SyntaxNode[] = [];

  constructor(
    private readonly standing: Standing,
    readonly type: string,
    readonly named: boolean,
    readonly text: string,
    private readonly from: { readonly row: number; readonly column: number },
    private readonly to: { readonly row: number; readonly column: number },
  ) {}

  get document(): SourceDocument {
    return this.standing.document;
  }

  get start(): Position {
    return { line: this.standing.line + this.from.row + 1, column: this.from.column + 1 };
  }

  get end(): Position {
    return { line: this.standing.line + this.to.row + 1, column: this.to.column + 1 };
  }
}

/** Copies the node under the cursor, of a parsed `text`. @throws NestedTooDeeply. */
export function copyNode(cursor: TreeCursor, text: string, standing: Standing, depth = 0): SyntaxNode {
  if (depth > DEEPEST_NESTING) throw new NestedTooDeeply();
  const node = new CopiedNode(
    standing,
    cursor.nodeType,
    cursor.nodeIsNamed,
    text.slice(cursor.startIndex, cursor.endIndex),
    cursor.startPosition,
    cursor.endPosition,
  );
  if (!cursor.gotoFirstChild()) return node;
  let named = true;
  do {
    const type = cursor.nodeType;
    if (type === 'comment' || type === 'line_continuation') continue;
    const name = cursor.currentFieldName;
    const child = copyNode(cursor, text, standing, depth + 1);
    node.tokens.push(child);
    named &&= child.named;
    if (name) {
      node.fields[name] ??= [];
      node.fields[name].push(child);
    }
  } while (cursor.gotoNextSibling());
  cursor.gotoParent();
  node.children = named ? node.tokens : node.tokens.filter((token) => token.named);
  return node;
}
