import { contentHash, InputError, type SourceDocument, spanOf } from '../../network';
import { parseJson } from './json';

const MOST_CELLS = 10_000;
/** Of all cells' text together; outputs are not counted, they are never looked at. */
const MOST_CHARACTERS = 2_000_000;

type Entries = Readonly<Record<string, unknown>>;

const isEntries = (value: unknown): value is Entries =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const entry = (value: unknown, key: string): unknown => (isEntries(value) ? value[key] : undefined);

/** A cell's text: one, or a list of lines with their ends. */
function textOf(source: unknown): string | undefined {
  if (typeof source === 'string') return source;
  return Array.isArray(source) && source.every((line) => typeof line === 'string') ? source.join('') : undefined;
}

/** Notebooks of version 4 have cells; those before have worksheets of cells. */
function listOf(notebook: unknown): readonly unknown[] | undefined {
  const cells = entry(notebook, 'cells');
  if (Array.isArray(cells)) return cells;
  const worksheets = entry(notebook, 'worksheets');
  if (!Array.isArray(worksheets)) return undefined;
  return worksheets.flatMap((sheet) => {
    const inside = entry(sheet, 'cells');
    return Array.isArray(inside) ? inside : [];
  });
}

/**
 * The cells of code of a notebook's text, in order, each a document of the notebook. Outputs are ignored.
 * @throws InputError for what is no notebook, is one of another language, or is too large.
 */
export function cellsOf(document: SourceDocument): readonly SourceDocument[] {
  const refuse = (what: string, mend: string): never => {
    throw new InputError(what, mend, spanOf(document));
  };
  const notebook = parseJson(document);
  const list =
    listOf(notebook) ?? refuse('the file is JSON but no notebook: it has no list of cells', 'name a notebook');
  const metadata = entry(notebook, 'metadata');
  const language = entry(entry(metadata, 'kernelspec'), 'language') ?? entry(entry(metadata, 'language_info'), 'name');
  if (typeof language === 'string' && !/^i?python\d*$/i.test(language)) {
    refuse(`the notebook's language is ${language.slice(0, 40)}, not Python`, 'name a notebook in Python');
  }
  if (list.length > MOST_CELLS) refuse(`the notebook has more than ${MOST_CELLS} cells`, 'name a shorter one');
  let characters = 0;
  return list.flatMap((cell, index): SourceDocument[] => {
    if (entry(cell, 'cell_type') !== 'code') return [];
    const text = textOf(entry(cell, 'source') ?? entry(cell, 'input') ?? '');
    if (text === undefined) return refuse(`cell ${index + 1} has a source that is no text`, 'save the notebook again');
    characters += text.length;
    if (characters > MOST_CHARACTERS) {
      refuse('the cells hold more than 2 million characters', 'move the model into a notebook or file of its own');
    }
    return [{ uri: document.uri, text, hash: contentHash(text), cell: index }];
  });
}
