import type { Node, Tree, TreeCursor } from 'web-tree-sitter';
import type { Position, SourceDocument } from '../../../network';
import type { SyntaxNode } from './node';

/** Where a parsed part of a file stands by now: what is above it may be edited without its being parsed again. */
export interface Standing {
  readonly document: SourceDocument;
  /** Lines before it. */
  readonly line: number;
}

/** Thrown for syntax deeper than CPython itself takes. */
export class NestedTooDeeply extends Error {}

const DEEPEST_NESTING = 600;

/** A text that parses. */
export class Part {
  #lineStarts: readonly number[] | undefined;

  constructor(
    readonly text: string,
    readonly standing: Standing,
    /** Gives the part's tree, parsed again where the parser has let go of it. */
    readonly tree: () => Tree,
  ) {}

  /** The statements of the part. @throws NestedTooDeeply. */
  get statements(): readonly SyntaxNode[] {
    return copied(this.tree().walk(), (cursor) => copyInside(cursor, this, 0, 'module')).children;
  }

  /** Line and column in the file of an offset into the text. */
  position(offset: number): Position {
    this.#lineStarts ??= [...this.text.matchAll(/\n/g)].map(({ index }) => index + 1);
    let [low, high] = [0, this.#lineStarts.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#lineStarts[middle]! <= offset) low = middle + 1;
      else high = middle;
    }
    const start = low === 0 ? 0 : this.#lineStarts[low - 1]!;
    return { line: this.standing.line + low + 1, column: offset - start + 1 };
  }
}

interface Inside {
  readonly tokens: readonly SyntaxNode[];
  readonly children: readonly SyntaxNode[];
  readonly fields: Readonly<Record<string, readonly SyntaxNode[]>>;
}

const NOTHING: Inside = { tokens: [], children: [], fields: {} };

/** A node copied out of the parser's memory; a function's body when someone looks inside, as most are never run. */
class CopiedNode implements SyntaxNode {
  constructor(
    readonly type: string,
    readonly named: boolean,
    private readonly part: Part,
    private readonly from: number,
    private readonly to: number,
    private readonly depth: number,
    /** Undefined until someone looks. */
    private inside: Inside | undefined,
  ) {}

  get text(): string {
    return this.part.text.slice(this.from, this.to);
  }

  get document(): SourceDocument {
    return this.part.standing.document;
  }

  get start(): Position {
    return this.part.position(this.from);
  }

  get end(): Position {
    return this.part.position(this.to);
  }

  get tokens(): Inside['tokens'] {
    this.inside ??= this.#look();
    return this.inside.tokens;
  }

  get children(): Inside['children'] {
    this.inside ??= this.#look();
    return this.inside.children;
  }

  get fields(): Inside['fields'] {
    this.inside ??= this.#look();
    return this.inside.fields;
  }

  #look(): Inside {
    // A block of one statement is as long as that: the outer node of the range is meant.
    let node: Node | null = this.part.tree().rootNode.descendantForIndex(this.from, this.to);
    while (node && node.type !== this.type) node = node.parent;
    if (!node) return NOTHING;
    try {
      return copied(node.walk(), (cursor) => copyInside(cursor, this.part, this.depth, this.type));
    } catch (error) {
      if (!(error instanceof NestedTooDeeply)) throw error;
      // A statement of a kind that nobody models, which whoever runs it says with its line.
      const code = new CopiedNode('too_deeply_nested_code', true, this.part, this.from, this.to, this.depth, NOTHING);
      return { tokens: [code], children: [code], fields: {} };
    }
  }
}

function copied<T>(cursor: TreeCursor, copy: (cursor: TreeCursor) => T): T {
  try {
    return copy(cursor);
  } finally {
    cursor.delete();
  }
}

/** Whether the grammar names a symbol, by its id: asked once for each. */
const namedTypes: boolean[] = [];

/** Copies what is below the node under the cursor. @throws NestedTooDeeply. */
function copyInside(cursor: TreeCursor, part: Part, depth: number, of: string): Inside {
  if (depth > DEEPEST_NESTING) throw new NestedTooDeeply();
  if (!cursor.gotoFirstChild()) return NOTHING;
  const tokens: SyntaxNode[] = [];
  const fields: Record<string, SyntaxNode[]> = {};
  let named = true;
  do {
    const id = cursor.nodeTypeId;
    const type = cursor.nodeType;
    if (type === 'comment' || type === 'line_continuation') continue;
    namedTypes[id] ??= cursor.nodeIsNamed;
    const { startIndex, endIndex, currentFieldName: field } = cursor;
    const later = of === 'function_definition' && type === 'block';
    const inside = later ? undefined : copyInside(cursor, part, depth + 1, type);
    const node = new CopiedNode(type, namedTypes[id]!, part, startIndex, endIndex, depth + 1, inside);
    tokens.push(node);
    named &&= node.named;
    if (field) {
      fields[field] ??= [];
      fields[field].push(node);
    }
  } while (cursor.gotoNextSibling());
  cursor.gotoParent();
  return { tokens, children: named ? tokens : tokens.filter((token) => token.named), fields };
}
