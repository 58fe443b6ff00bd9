import { field, type SyntaxNode } from '../readers/python/syntax';
import { methodAround, ownsLines, type ParsedFile, type Place, placeOf } from './place';

/** A line `self.name = …` of a class. */
export interface Assignment {
  readonly statement: Place;
  readonly value: SyntaxNode;
  readonly self: string;
}

/** Every node of a subtree with what it stands in. */
function* places(file: ParsedFile, node: SyntaxNode, parents: readonly SyntaxNode[]): Generator<Place> {
  yield placeOf(file, node, parents);
  for (const child of node.children) yield* places(file, child, [node, ...parents]);
}

/** Where the class around a place sets an attribute; undefined where one of these is not a line by itself, or none is there. */
export function assignmentsOf(file: ParsedFile, around: Place, attribute: string): Assignment[] | undefined {
  const of = methodAround(around)?.of;
  if (!of) return undefined;
  const found: Assignment[] = [];
  for (const place of places(file, of, [])) {
    if (place.node.type !== 'assignment') continue;
    const self = methodAround(place)?.self;
    const value = field(place.node, 'right');
    if (self === undefined || field(place.node, 'left')?.text !== `${self}.${attribute}` || !value) continue;
    const [parent, ...further] = place.parents;
    if (parent?.type !== 'expression_statement' || value.type === 'assignment') return undefined;
    const statement = placeOf(file, parent, further);
    if (!ownsLines(file, statement)) return undefined;
    found.push({ statement, value, self });
  }
  return found.length > 0 ? found : undefined;
}

/** The text of the class around a place; the whole file's where there is none. */
export const classText = (file: ParsedFile, around: Place): string => methodAround(around)?.of.text ?? file.source.text;

/** How many times a class's attribute is spoken of: by dot or in a string, but not where another class has one of its own. */
export function mentions(file: ParsedFile, around: Place, attribute: string): number {
  const own = classText(file, around);
  const count = (text: string, pattern: string) => [...text.matchAll(new RegExp(pattern, 'g'))].length;
  const all = `(?:\\.|['"])${attribute}\\b`;
  const elsewhere = file.source.text.replace(own, '');
  return count(own, all) + count(elsewhere, all) - count(elsewhere, `\\bself\\.${attribute}\\b`);
}
