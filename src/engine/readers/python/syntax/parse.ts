import type { Parser, Tree, TreeCursor } from 'web-tree-sitter';
import { InputError, type Position, type SourceDocument, spanOf } from '../../../network';
import { bracketProblem } from './brackets';
import { pythonParser } from './grammar';
import type { SyntaxNode } from './node';

/** Something that is not Python, and where. */
export interface SyntaxProblem {
  readonly what: string;
  readonly at: Position;
}

export interface ParsedPython {
  /** The statements of the file, in order; those of a part that does not parse are missing. */
  readonly statements: readonly SyntaxNode[];
  readonly problems: readonly SyntaxProblem[];
}

/** Longer files are not model code. */
const LARGEST_FILE = 2_000_000;
/** Deeper nesting than CPython itself takes. */
const DEEPEST_NESTING = 600;

/** A part of the file that begins in column 0, with the line that it begins on (from 0). */
interface Segment {
  readonly text: string;
  readonly line: number;
}

/** Cuts a text before every column-0 `class`, `def`, decorator or `if __name__`. */
function columnZeroSegments(text: string): Segment[] {
  const lines = text.split('\n');
  const starts = [0];
  lines.forEach((line, i) => {
    const begins = /^(class|def|async def|@|if __name__)\b/.test(line) || line.startsWith('@');
    if (i > 0 && begins && !lines[i - 1]!.startsWith('@')) starts.push(i);
  });
  return starts.map((line, i) => ({ text: lines.slice(line, starts[i + 1]).join('\n'), line }));
}

/** Copies the node under the cursor. `shift` is the number of lines before the text in its file. */
function copy(cursor: TreeCursor, document: SourceDocument, text: string, shift: number, depth: number): SyntaxNode {
  if (depth > DEEPEST_NESTING) throw new RangeError('nested too deeply');
  const tokens: SyntaxNode[] = [];
  const fields: Record<string, SyntaxNode[]> = {};
  const { startPosition, endPosition, startIndex, endIndex, nodeType, nodeIsNamed } = cursor;
  if (cursor.gotoFirstChild()) {
    do {
      const name = cursor.currentFieldName;
      if (cursor.nodeType === 'comment' || cursor.nodeType === 'line_continuation') continue;
      const child = copy(cursor, document, text, shift, depth + 1);
      tokens.push(child);
      if (name) {
        fields[name] ??= [];
        fields[name].push(child);
      }
    } while (cursor.gotoNextSibling());
    cursor.gotoParent();
  }
  return {
    type: nodeType,
    document,
    named: nodeIsNamed,
    text: text.slice(startIndex, endIndex),
    start: { line: startPosition.row + 1 + shift, column: startPosition.column + 1 },
    end: { line: endPosition.row + 1 + shift, column: endPosition.column + 1 },
    children: tokens.filter((token) => token.named),
    tokens,
    fields,
  };
}

/** The first place where the parser had to skip or to invent something. */
function firstProblem(tree: Tree, segment: Segment): SyntaxProblem {
  const bracket = bracketProblem(segment.text, segment.line + 1);
  if (bracket) return bracket;
  let node = tree.rootNode;
  for (;;) {
    const inner = node.children.find((child) => child?.hasError || child?.isError || child?.isMissing);
    if (!inner || node.isError) break;
    node = inner;
  }
  const at = { line: node.startPosition.row + 1 + segment.line, column: node.startPosition.column + 1 };
  if (node.isMissing) return { what: `expected '${node.type}'`, at };
  const found = node.text.trim().split('\n')[0]!.slice(0, 40);
  return { what: found ? `invalid syntax at '${found}'` : 'invalid syntax', at };
}

/**
 * Parses a Python file. Where it has an error, it is parsed again by its column-0 parts, so that an open bracket in
 * one class does not swallow the next; the parts that parse stand, the others are problems.
 * @throws InputError for a file that is too long or nested too deeply to read.
 */
function parseWith(parser: Parser, document: SourceDocument): ParsedPython {
  const { text } = document;
  if (text.length > LARGEST_FILE) {
    throw new InputError('the file is longer than 2 million characters', 'give the model file alone', spanOf(document));
  }
  const statementsOf = (tree: Tree, segment: Segment) => {
    const cursor = tree.walk();
    try {
      return copy(cursor, document, segment.text, segment.line, 0).children;
    } finally {
      cursor.delete();
    }
  };
  try {
    const whole: Segment = { text, line: 0 };
    const tree = parser.parse(text)!;
    if (!tree.rootNode.hasError) return { statements: statementsOf(tree, whole), problems: [] };
    const statements: SyntaxNode[] = [];
    const problems: SyntaxProblem[] = [];
    for (const segment of columnZeroSegments(text)) {
      const part = parser.parse(segment.text)!;
      if (part.rootNode.hasError) problems.push(firstProblem(part, segment));
      else statements.push(...statementsOf(part, segment));
      part.delete();
    }
    if (problems.length === 0) problems.push(firstProblem(tree, whole));
    tree.delete();
    return { statements, problems };
  } catch (error) {
    if (error instanceof RangeError) {
      throw new InputError('the file is nested too deeply to read', 'split the deepest expression', spanOf(document));
    }
    throw error;
  }
}

/** Parses Python files, one after the other. Whoever asked for it must `delete()` it. */
export interface PythonParser {
  /** @throws InputError for a file that is too long or nested too deeply to read. */
  parse(document: SourceDocument): ParsedPython;
  delete(): void;
}

export async function loadPythonParser(): Promise<PythonParser> {
  const parser = await pythonParser();
  return { parse: (document) => parseWith(parser, document), delete: () => parser.delete() };
}

/** Parses one file. @throws InputError as `PythonParser.parse` does. */
export async function parsePython(document: SourceDocument): Promise<ParsedPython> {
  const parser = await loadPythonParser();
  try {
    return parser.parse(document);
  } finally {
    parser.delete();
  }
}
