import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type * as TreeSitter from 'web-tree-sitter';

// The CommonJS build, on purpose: the other one needs import.meta.url, which a CommonJS bundle does not have.
const { Language, Parser } = require('web-tree-sitter') as typeof TreeSitter;

/**
 * A WASM file that the build puts into dist/. The bundle that runs lies there too, or (a test's) in a folder below.
 * @throws Error when the file is nowhere above the bundle.
 */
function wasmFile(name: string): string {
  for (let folder = __dirname; ; folder = path.dirname(folder)) {
    const candidate = path.join(folder, name);
    if (existsSync(candidate)) return candidate;
    if (folder === path.dirname(folder)) throw new Error(`${name} is missing beside the program; build it again`);
  }
}

/** The parser's own start: two at once would each take the other's memory for its own, and parse nothing. */
let started: Promise<void> | undefined;

/** A parser for Python, of the grammar alone. */
export async function pythonParser(): Promise<TreeSitter.Parser> {
  started ??= Parser.init({ locateFile: () => wasmFile('web-tree-sitter.wasm') });
  await started;
  const parser = new Parser();
  parser.setLanguage(await Language.load(readFileSync(wasmFile('tree-sitter-python.wasm'))));
  return parser;
}
