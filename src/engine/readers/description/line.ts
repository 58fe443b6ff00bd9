import { type Composite, findComposite, type LayerRow } from '../../layers';
import type { Span } from '../../network';
import { expectRow, type GivenAttributes, givenAttributes, knownKinds } from './attributes';
import {
  type DescriptionNode,
  describe,
  type Entry,
  expectCount,
  expectList,
  expectMap,
  expectName,
  expectText,
  itemsOf,
  type MapNode,
  onlyKeys,
  refuse,
  suggest,
  valueAt,
} from './node';

/** More lines than this, repeats written out, are refused. */
export const MOST_LINES = 20_000;

/** A name that a line or a call refers to, and where it stands. */
export interface Reference {
  readonly name: string;
  readonly span: Span;
}

interface Common {
  readonly span: Span;
  readonly id?: Reference;
  /** Absent: the line above. */
  readonly from?: readonly Reference[];
}

/** A line that is one layer or one function. */
export interface LayerLine extends Common {
  readonly form: 'layer';
  readonly row: LayerRow;
  readonly given: GivenAttributes;
  readonly init?: MapNode;
}

/** A line that is one class made of others. */
export interface CompositeLine extends Common {
  readonly form: 'composite';
  readonly composite: Composite;
  readonly given: GivenAttributes;
}

export interface ResidualLine extends Common {
  readonly form: 'residual';
  readonly branch: readonly Line[];
  /** Absent: the identity. */
  readonly shortcut?: readonly Line[];
}

export interface ConcatLine extends Common {
  readonly form: 'concat';
  readonly branches: readonly (readonly Line[])[];
  readonly dim: number;
}

export interface RepeatLine extends Common {
  readonly form: 'repeat';
  readonly count: number;
  readonly lines: readonly Line[];
}

/** A line of `layers` as it is written: unnumbered, repeats not yet written out. */
export type Line = LayerLine | CompositeLine | ResidualLine | ConcatLine | RepeatLine;

const EXAMPLE = '- Linear: {out_features: 256}';
const FORMS = ['repeat', 'residual', 'concat'] as const;
/** An id is one step of a dotted name, and no number: numbers count the lines. */
const ID = /^[A-Za-z_][A-Za-z0-9_-]*$/;

/** The lines of a list, which must not be empty. */
export function readLines(node: DescriptionNode, subject: string): readonly Line[] {
  const { items } = expectList(node, subject, `a list: ${EXAMPLE}`);
  if (items.length === 0) refuse(node.span, `${subject} has no lines`, `write ${EXAMPLE}`);
  return items.map(readLine);
}

function readLine(node: DescriptionNode): Line {
  if (node.type === 'scalar' && typeof node.value === 'string') {
    const [given, composite] = [{ values: {} }, findComposite(node.value)];
    if (composite) return { form: 'composite', composite, given, span: node.span };
    return { form: 'layer', row: expectRow(node.value, node.span), given, span: node.span };
  }
  if (node.type !== 'map') refuse(node.span, `a line is a layer, not ${describe(node)}`, `write ${EXAMPLE}`);
  const form = FORMS.find((key) => node.entries.has(key));
  if (form === 'repeat') return readRepeat(node);
  if (form === 'residual') {
    onlyKeys(node, ['residual', 'shortcut', 'id', 'from'], 'a residual');
    const shortcut = valueAt(node, 'shortcut');
    return {
      form,
      branch: readLines(valueAt(node, 'residual')!, 'residual'),
      ...(shortcut && { shortcut: readLines(shortcut, 'shortcut') }),
      ...common(node),
    };
  }
  if (form === 'concat') {
    onlyKeys(node, ['concat', 'dim', 'id', 'from'], 'a concat');
    const branches = expectList(valueAt(node, 'concat')!, 'concat', '[[…], [Identity]]');
    if (branches.items.length === 0) refuse(branches.span, 'concat has no branches', 'write [[…], [Identity]]');
    const dim = valueAt(node, 'dim');
    return {
      form,
      branches: branches.items.map((branch) => readLines(branch, 'a branch of concat')),
      dim: dim ? expectCount(dim, 'dim', -8, 8) : 1,
      ...common(node),
    };
  }
  return readLayer(node);
}

function readRepeat(node: MapNode): RepeatLine {
  onlyKeys(node, ['repeat', 'layers'], 'a repeat');
  const layers =
    valueAt(node, 'layers') ?? refuse(node.span, 'repeat has no layers', 'write repeat: 8 and layers: […]');
  const lines = readLines(layers, "repeat's layers");
  const named = lines.flatMap(allIds)[0];
  if (named) {
    refuse(
      named.span,
      `the id '${named.name}' inside a repeat would name several lines`,
      'leave it out; the lines are numbered',
    );
  }
  return {
    form: 'repeat',
    count: expectCount(valueAt(node, 'repeat')!, 'repeat', 1, MOST_LINES),
    lines,
    span: node.span,
  };
}

function allIds(line: Line): Reference[] {
  const inner = {
    layer: () => [],
    composite: () => [],
    repeat: () => (line as RepeatLine).lines,
    residual: () => [...(line as ResidualLine).branch, ...((line as ResidualLine).shortcut ?? [])],
    concat: () => (line as ConcatLine).branches.flat(),
  }[line.form]();
  return [...(line.id ? [line.id] : []), ...inner.flatMap(allIds)];
}

function readLayer(node: MapNode): LayerLine | CompositeLine {
  const [entry, second] = [...node.entries.values()].filter(({ key }) => key !== 'id' && key !== 'from');
  if (!entry) refuse(node.span, 'a line without a layer', `write ${EXAMPLE}`);
  if (second) refuseSecond(entry, second);
  const composite = findComposite(entry.key);
  const row = composite ?? expectRow(entry.key, entry.keySpan);
  const empty = entry.value.type === 'scalar' && entry.value.value === null;
  const map = empty
    ? undefined
    : expectMap(entry.value, `${row.kind}`, `${row.kind}: {${Object.keys(row.attributes)[0] ?? ''}: …}`);
  if (composite) return { form: 'composite', composite, given: givenAttributes(map), ...common(node) };
  const init = map && valueAt(map, 'init');
  return {
    form: 'layer',
    row: row as LayerRow,
    given: givenAttributes(map, ['init']),
    ...(init && { init: expectMap(init, 'init', '{weight: {normal: {std: 0.02}}}') }),
    ...common(node),
  };
}

/** Two keys on one line: a second layer, or an attribute that slipped out of its braces, or a typing error. */
function refuseSecond(entry: Entry, second: Entry): never {
  const [kind, other] =
    knownKinds.includes(second.key) && !knownKinds.includes(entry.key) ? [second, entry] : [entry, second];
  if (knownKinds.includes(other.key))
    refuse(other.keySpan, `two layers on one line: ${kind.key} and ${other.key}`, 'begin a line with `- ` for each');
  return refuse(
    other.keySpan,
    `a line has no key '${other.key}'`,
    suggest(other.key, ['id', 'from', ...FORMS], 'beside the layer stand only'),
  );
}

function common(node: MapNode): Common {
  const [id, from] = [valueAt(node, 'id'), valueAt(node, 'from')];
  return { span: node.span, ...(id && { id: readId(id) }), ...(from && { from: references(from) }) };
}

function readId(node: DescriptionNode): Reference {
  const name = expectText(node, 'id', 'a name, such as head');
  if (!ID.test(name))
    refuse(node.span, `'${name}' cannot be an id`, 'begin with a letter; then letters, digits, _ and -');
  return { name, span: node.span };
}

function references(node: DescriptionNode): readonly Reference[] {
  const items = itemsOf(node);
  if (items.length === 0) refuse(node.span, 'from names nothing', 'name a line or an input, or leave from out');
  return items.map((item) => ({ name: expectName(item, 'from'), span: item.span }));
}
