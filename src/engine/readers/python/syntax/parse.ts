import type { Parser, Tree } from 'web-tree-sitter';
import { InputError, type Position, type SourceDocument, type Span, spanOf } from '../../../network';
import { bracketProblem } from './brackets';
import { NestedTooDeeply, Part, type Standing } from './copy';
import { pythonParser } from './grammar';
import type { SyntaxNode } from './node';
import { CUTS, cutSegments, type Segment } from './segments';

/** Something that is not Python, and where. */
export interface SyntaxProblem {
  readonly what: string;
  readonly source: Span;
}

export interface ParsedPython {
  /** The statements of the file, in order; those of a part that does not parse are missing. */
  readonly statements: readonly SyntaxNode[];
  readonly problems: readonly SyntaxProblem[];
}

/** Longer files are not model code. */
const LARGEST_FILE = 2_000_000;
/** Characters of files that a parser remembers. */
const MOST_REMEMBERED = 20_000_000;
/** Characters whose trees stay in the parser's memory, for function bodies that are looked into later. */
const MOST_TREE_CHARACTERS = 1_000_000;
/** The grammar's error recovery can take its time; what takes longer is not read, in milliseconds. */
const LONGEST_PARSE = 1000;

/** A segment's syntax. Positions are its own; where it stands in its file is said anew at every parse of the file. */
interface ParsedSegment {
  readonly text: string;
  readonly standing: { -readonly [K in keyof Standing]: Standing[K] };
  readonly statements: readonly SyntaxNode[];
  readonly problems: readonly { readonly what: string; readonly at: Position }[];
}

/** A file as it was parsed last. */
interface ParsedFile {
  readonly text: string;
  readonly segments: readonly ParsedSegment[];
}

/** The first place where the parser had to skip or to invent something. */
function firstProblem(tree: Tree, { text, line }: Segment): { what: string; at: Position } {
  const bracket = bracketProblem(text, line + 1);
  if (bracket) return bracket;
  let node = tree.rootNode;
  for (;;) {
    const inner = node.children.find((child) => child?.hasError || child?.isError || child?.isMissing);
    if (!inner || node.isError) break;
    node = inner;
  }
  const at = { line: node.startPosition.row + 1 + line, column: node.startPosition.column + 1 };
  if (node.isMissing) return { what: `expected '${node.type}'`, at };
  const found = node.text
    .trim()
    .split(/\p{Cc}/u)[0]!
    .slice(0, 40);
  return { what: found ? `invalid syntax at '${found}'` : 'invalid syntax', at };
}

/** What a parser has been given to do so far. */
export interface ParserWork {
  /** Files, parsed anew or not. */
  files: number;
  /** Characters that the grammar went over. */
  characters: number;
}

/**
 * Parses Python files by their parts in column 0, and each part once: while it stands in its file as it is, it is not
 * parsed again, wherever edits above have moved it. A part with an error is cut finer, so that an open bracket or a
 * half-written class costs itself alone. The nodes of a document's last parse are those of its next, so a reading is
 * over before the next one of the same document begins.
 */
export class PythonParser {
  readonly work: ParserWork = { files: 0, characters: 0 };
  readonly #files = new Map<string, ParsedFile>();
  readonly #trees = new Map<Part, Tree>();
  #treeCharacters = 0;
  #remembered = 0;

  constructor(private readonly parser: Parser) {}

  /**
   * A file's statements, or those of a notebook's cells.
   * @throws InputError for a file that is too long, or takes too long, to read.
   */
  parse(document: SourceDocument): ParsedPython {
    if (!document.cells) return this.#parseText(document);
    const cells = document.cells.map((cell) => this.#parseText(cell));
    return {
      statements: cells.flatMap(({ statements }) => statements),
      problems: cells.flatMap(({ problems }) => problems),
    };
  }

  #parseText(document: SourceDocument): ParsedPython {
    const { text } = document;
    if (text.length > LARGEST_FILE) {
      throw new InputError(
        'the file is longer than 2 million characters',
        'give the model file alone',
        spanOf(document),
      );
    }
    this.work.files++;
    const key = `${document.uri}#${document.cell ?? ''}`;
    const before = this.#files.get(key);
    const parsed = before?.text === text ? before.segments : this.#parseAnew(document, before);
    for (const { standing } of parsed) standing.document = document;
    this.#remember(key, { text, segments: parsed });
    return {
      statements: parsed.flatMap(({ statements }) => statements),
      problems: parsed.flatMap(({ problems, standing }) =>
        problems.map(({ what, at }) => ({
          what,
          source: spanOf(document, { line: at.line + standing.line, column: at.column }),
        })),
      ),
    };
  }

  /** A file's segments: those that it had before, and those that it had not. */
  #parseAnew(document: SourceDocument, before: ParsedFile | undefined): readonly ParsedSegment[] {
    const known = new Map<string, ParsedSegment[]>();
    for (const segment of before?.segments ?? []) {
      const same = known.get(segment.text);
      if (same) same.push(segment);
      else known.set(segment.text, [segment]);
    }
    return cutSegments({ text: document.text, line: 0 }, 'groups').map(({ text, line }) => {
      const segment = known.get(text)?.pop() ?? this.#parseSegment(text, document);
      segment.standing.line = line;
      return segment;
    });
  }

  #parseSegment(text: string, document: SourceDocument): ParsedSegment {
    const standing = { document, line: 0 };
    const statements: SyntaxNode[] = [];
    const problems: { what: string; at: Position }[] = [];

    /** The statements of a part; where it does not parse as a whole, those of its own parts that do. */
    const parsePart = (part: Segment, finer: number): void => {
      const tree = this.#parse(part.text, document);
      let kept = false;
      try {
        if (!tree.rootNode.hasError) {
          const parsed = this.#part(part, standing, tree);
          kept = true;
          statements.push(...parsed.statements);
          return;
        }
        for (let level = finer; level < CUTS.length; level++) {
          const parts = cutSegments(part, CUTS[level]!);
          if (parts.length === 1) continue;
          const count = problems.length;
          for (const each of parts) parsePart(each, level + 1);
          if (problems.length > count) return;
          break;
        }
        problems.push(firstProblem(tree, part));
      } catch (error) {
        if (!(error instanceof NestedTooDeeply)) throw error;
        problems.push({ what: 'too many nested parentheses or blocks', at: { line: part.line + 1, column: 1 } });
      } finally {
        if (!kept) tree.delete();
      }
    };
    parsePart({ text, line: 0 }, 1);
    return { text, standing, statements, problems };
  }

  /** A part that can be asked for its tree, which is the parser's last or parsed again. */
  #part({ text, line }: Segment, standing: Standing, tree: Tree): Part {
    const part: Part = new Part(text, line === 0 ? standing : shifted(standing, line), () => {
      const known = this.#trees.get(part) ?? this.#parse(text, standing.document);
      this.#keep(part, known);
      return known;
    });
    this.#keep(part, tree);
    return part;
  }

  /** Keeps the trees that were asked for last, and frees the others. */
  #keep(part: Part, tree: Tree): void {
    if (!this.#trees.delete(part)) this.#treeCharacters += part.text.length;
    this.#trees.set(part, tree);
    for (const [oldest, old] of this.#trees) {
      if (this.#treeCharacters <= MOST_TREE_CHARACTERS || oldest === part) return;
      this.#trees.delete(oldest);
      this.#treeCharacters -= oldest.text.length;
      old.delete();
    }
  }

  #parse(text: string, document: SourceDocument): Tree {
    this.work.characters += text.length;
    const began = performance.now();
    const tree = this.parser.parse(text, null, { progressCallback: () => performance.now() - began > LONGEST_PARSE });
    if (tree) return tree;
    this.parser.reset();
    throw new InputError('the file takes too long to parse', 'mend its syntax errors', spanOf(document));
  }

  /** Keeps what was parsed of a file; of those not read for longest, no more than fits. */
  #remember(key: string, file: ParsedFile): void {
    this.#remembered += file.text.length - (this.#files.get(key)?.text.length ?? 0);
    this.#files.delete(key);
    this.#files.set(key, file);
    for (const [oldest, { text }] of this.#files) {
      if (this.#remembered <= MOST_REMEMBERED || oldest === key) return;
      this.#files.delete(oldest);
      this.#remembered -= text.length;
    }
  }
}

/** Where a part stands whose segment may move. */
const shifted = (of: Standing, lines: number): Standing => ({
  get document() {
    return of.document;
  },
  get line() {
    return of.line + lines;
  },
});

let made: Promise<PythonParser> | undefined;

/** The process's parser: the grammar is loaded once, and what was parsed serves the next reading. */
export function loadPythonParser(): Promise<PythonParser> {
  made ??= pythonParser().then((parser) => new PythonParser(parser));
  return made;
}

/** Parses one file. @throws InputError as `PythonParser.parse` does. */
export async function parsePython(document: SourceDocument): Promise<ParsedPython> {
  return (await loadPythonParser()).parse(document);
}
