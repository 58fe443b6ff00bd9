import { InputError, type SourceDocument, type Span, spanOf } from '../../network';
import { bool, dict, float, int, list, NONE, string, type Value } from '../python/values';

/** A JSON value. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json };
export type JsonObject = { readonly [name: string]: Json };

export const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Nested deeper than this is no model. */
const DEEPEST = 200;

/** @throws InputError where the text is no JSON, or nested absurdly deep. */
export function parseJson(document: SourceDocument): Json {
  let parsed: Json;
  try {
    parsed = JSON.parse(document.text);
  } catch (error) {
    // It quotes the text around the place, with its lines.
    const what = (error instanceof Error ? error.message : String(error)).replace(/\s+/g, ' ');
    throw new InputError(`the file is no JSON: ${what}`, 'save the model again', spanOf(document));
  }
  const depth = (value: Json, at: number): void => {
    if (at > DEEPEST) throw new InputError('the file is nested too deeply', 'save the model again', spanOf(document));
    if (Array.isArray(value)) for (const item of value) depth(item, at + 1);
    else if (isObject(value)) for (const item of Object.values(value)) depth(item, at + 1);
  };
  depth(parsed, 0);
  return parsed;
}

/** A JSON value as Python has it. */
export function plainValue(value: Json): Value {
  if (value === null) return NONE;
  if (typeof value === 'boolean') return bool(value);
  if (typeof value === 'string') return string(value);
  if (typeof value === 'number') return Number.isInteger(value) ? int(value) : float(value);
  if (Array.isArray(value)) return list(value.map(plainValue));
  return dict(Object.entries(value as JsonObject).map(([name, item]) => [string(name), plainValue(item)] as const));
}

/** Finds where layers stand in the text: by `"name": "conv2d"`, each place once, in order. */
export class Places {
  readonly #document: SourceDocument;
  readonly #lines: number[];
  readonly #from = new Map<string, number>();

  constructor(document: SourceDocument) {
    this.#document = document;
    this.#lines = [0];
    for (let at = document.text.indexOf('\n'); at >= 0; at = document.text.indexOf('\n', at + 1))
      this.#lines.push(at + 1);
  }

  /** The span of a layer's name; of the file where it is not found. */
  of(name: string): Span {
    const { text } = this.#document;
    const written = JSON.stringify(name);
    const start = this.#from.get(name) ?? 0;
    for (let at = text.indexOf(written, start); at >= 0; at = text.indexOf(written, at + 1)) {
      if (!/"name"\s*:\s*$/.test(text.slice(Math.max(0, at - 20), at))) continue;
      this.#from.set(name, at);
      return spanOf(this.#document, this.#position(at), this.#position(at + written.length));
    }
    return spanOf(this.#document);
  }

  #position(at: number): { line: number; column: number } {
    let [low, high] = [0, this.#lines.length - 1];
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if (this.#lines[middle]! <= at) low = middle;
      else high = middle - 1;
    }
    return { line: low + 1, column: at - this.#lines[low]! + 1 };
  }
}
