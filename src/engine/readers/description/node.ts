import { InputError, nearestName, type Span } from '../../network';

/** A value of a description file, with its place: what YAML and JSON have in common. */
export type DescriptionNode = ScalarNode | ListNode | MapNode;

export interface ScalarNode {
  readonly type: 'scalar';
  readonly value: string | number | boolean | null;
  /** As it is written: `5.0` and `5` are one number but two ids. */
  readonly raw: string;
  readonly span: Span;
}

export interface ListNode {
  readonly type: 'list';
  readonly items: readonly DescriptionNode[];
  readonly span: Span;
}

export interface MapNode {
  readonly type: 'map';
  readonly entries: ReadonlyMap<string, Entry>;
  readonly span: Span;
}

export interface Entry {
  readonly key: string;
  readonly keySpan: Span;
  readonly value: DescriptionNode;
}

const LONGEST_WHAT = 300;
const LONGEST_MEND = 1_000;

/** One line of bounded length, whatever the file's names hold. */
function oneLine(text: string, longest: number): string {
  const line = text.replace(/[\p{Cc}\u2028\u2029]+/gu, ' ');
  return line.length > longest ? `${line.slice(0, longest)}…` : line;
}

/** Refuses the file at a place. */
export function refuse(source: Span, what: string, mend: string): never {
  throw new InputError(oneLine(what, LONGEST_WHAT), oneLine(mend, LONGEST_MEND), source);
}

/** What a node is, for a message. */
export function describe(node: DescriptionNode): string {
  if (node.type === 'list') return 'a list';
  if (node.type === 'map') return 'a mapping';
  if (node.value === null) return 'nothing';
  if (typeof node.value !== 'string') return node.raw || String(node.value);
  return `'${node.value.length > 40 ? `${node.value.slice(0, 40)}…` : node.value}'`;
}

export function wrongType(node: DescriptionNode, subject: string, takes: string, example: string): never {
  refuse(node.span, `${subject} takes ${takes}, not ${describe(node)}`, `write ${example}`);
}

export function expectMap(node: DescriptionNode, subject: string, example: string): MapNode {
  return node.type === 'map' ? node : wrongType(node, subject, 'a mapping', example);
}

export function expectList(node: DescriptionNode, subject: string, example: string): ListNode {
  return node.type === 'list' ? node : wrongType(node, subject, 'a list', example);
}

export function expectText(node: DescriptionNode, subject: string, example: string): string {
  return node.type === 'scalar' && typeof node.value === 'string'
    ? node.value
    : wrongType(node, subject, 'a text', example);
}

export function expectBool(node: DescriptionNode, subject: string): boolean {
  return node.type === 'scalar' && typeof node.value === 'boolean'
    ? node.value
    : wrongType(node, subject, 'true or false', 'true or false');
}

/** What JSON has no number for, as the reports write it too. */
const BEYOND_NUMBERS: Readonly<Record<string, number>> = {
  NaN: Number.NaN,
  Infinity: Number.POSITIVE_INFINITY,
  '-Infinity': Number.NEGATIVE_INFINITY,
};

/** The scalar's value, a number where it names one that JSON cannot write: "-Infinity". */
export const numericValue = ({ value }: ScalarNode): ScalarNode['value'] =>
  typeof value === 'string' ? (BEYOND_NUMBERS[value] ?? value) : value;

export function expectNumber(node: DescriptionNode, subject: string): number {
  const value = expectValue(node, subject);
  return Number.isNaN(value) ? wrongType(node, subject, 'a number', 'a number, such as 0.1') : value;
}

/** A number that may be NaN: what a tensor holds. */
export function expectValue(node: DescriptionNode, subject: string): number {
  const value = node.type === 'scalar' ? numericValue(node) : undefined;
  return typeof value === 'number' ? value : wrongType(node, subject, 'a number', 'a number, such as 0.1');
}

/** A whole number from `least` to `most`. */
export function expectCount(node: DescriptionNode, subject: string, least = 1, most = 2 ** 31 - 1): number {
  const value = node.type === 'scalar' ? node.value : undefined;
  if (typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most) return value;
  return wrongType(node, subject, `a whole number from ${least} to ${most}`, 'a whole number, such as 32');
}

/** A name that may look like a number: `from: [0, 5.add]`. */
export function expectName(node: DescriptionNode, subject: string): string {
  if (node.type === 'scalar' && typeof node.value === 'string') return node.value;
  if (node.type === 'scalar' && typeof node.value === 'number') return node.raw;
  return wrongType(node, subject, 'a name', 'an id or the name of an input');
}

/** "did you mean 'x'?", or the known names. */
export function suggest(name: string, known: readonly string[], noun: string): string {
  const nearest = nearestName(name, known);
  if (nearest !== undefined) return `did you mean '${nearest}'?`;
  const shown = known.length > 60 ? [...known.slice(0, 60), '…'] : known;
  return shown.length > 0 ? `${noun}: ${shown.join(', ')}` : `there are no ${noun}`;
}

/** Refuses any key of `map` that is not among `known`. */
export function onlyKeys(map: MapNode, known: readonly string[], subject: string): void {
  for (const { key, keySpan } of map.entries.values()) {
    if (!known.includes(key)) refuse(keySpan, `${subject} has no key '${key}'`, suggest(key, known, 'keys'));
  }
}

export const valueAt = (map: MapNode, key: string): DescriptionNode | undefined => map.entries.get(key)?.value;

/** A list's items, or the node alone as a list of one. */
export const itemsOf = (node: DescriptionNode): readonly DescriptionNode[] =>
  node.type === 'list' ? node.items : [node];
