import type { NewLayer } from '../change';
import { findLayer } from '../layers';
import type { Call, Network } from '../network';
import { field, type SyntaxNode } from '../readers/python/syntax';
import { type Assignment, assignmentsOf, classText, mentions } from './attributes';
import { type Group, isAffine } from './group';
import { itemBehind, itemGone, standingOf, statementGone } from './items';
import { appliedBehind, argumentGone, isKerasKind, isKerasNetwork, ownerOf, writtenKerasLayers } from './keras';
import { pythonText } from './layerText';
import { writtenName } from './names';
import { normName } from './newName';
import {
  argument,
  argumentsOf,
  endOf,
  findPlace,
  functionText,
  methodAround,
  type ParsedFile,
  type Place,
  startOf,
  statementOf,
} from './place';
import type { Piece } from './text';
import { writtenLayers } from './writtenLayer';

/** What an attempt works with. */
export interface EditContext {
  readonly file: ParsedFile;
  readonly network: Network;
  /** Names that other edits give, by the text of their class. */
  readonly taken: Map<string, Set<string>>;
  /** All that is to be changed. */
  readonly groups: readonly Group[];
}

/**
 * The ways to make a group's changes in the source, the best first. Each is only a proposal: whoever takes one reads the
 * edited file and compares.
 */
export function attemptsFor(group: Group, context: EditContext): Piece[][] {
  switch (group.operation) {
    case 'insert':
      return insertions(group, context);
    case 'replace':
      return replacements(group, context);
    case 'remove':
      return removals(group, context);
    case 'set':
      return settings(group, context);
  }
}

const layersOf = ({ changes }: Group): NewLayer[] =>
  changes.flatMap((change) => ('layer' in change ? change.layer : []));

/** The layer with weights that a call's values come from. */
function upstream(network: Network, call: Call): Call | undefined {
  for (let at: Call | undefined = call; at; ) {
    if (isAffine(at) && at.module !== undefined) return at;
    const [first]: Call['inputs'] = at.inputs;
    const value: string | undefined = first && 'value' in first ? first.value : undefined;
    at = value === undefined ? undefined : network.calls.find(({ id }) => id === value);
  }
  return undefined;
}

const madeAt = ({ file, network }: EditContext, call: Call | undefined): Place | undefined => {
  const module = network.modules.find(({ id }) => id === call?.module);
  return module && findPlace(file, module.source);
};

const enclosing = ({ parents }: Place): SyntaxNode | undefined =>
  parents.find(({ type }) => type === 'function_definition');

function insertions(group: Group, context: EditContext): Piece[][] {
  const { file, network } = context;
  const { made, called, calls } = group;
  const layers = layersOf(group);
  const [call] = calls;
  if (!call || !layers[0]) return [];
  const { kind } = layers[0];
  const before = upstream(network, call);
  const source = madeAt(context, before);
  if (isKerasKind(kind)) {
    const applied = kerasInsertion(group, context, layers);
    if (applied) return applied;
  }
  if (called) return besideAttribute(group, context, called, before, source);
  if (!made) return [];
  const beside = source && enclosing(source) === enclosing(made) ? [made.node, source.node] : [made.node];
  const written = writtenLayers(file, layers, beside, made.node);
  const standing = standingOf(file, made);
  const behind = standing
    ? written.map(({ text, imports }) => [...imports, ...itemBehind(file, made, standing, text, kind)])
    : [];
  return [...behind, ...joined(context, made, written)];
}

/** A layer of Keras behind one that a container holds, or that is applied to a value; undefined where a class calls it. */
function kerasInsertion(
  { made, called, calls }: Group,
  { file, network }: EditContext,
  layers: readonly NewLayer[],
): Piece[][] | undefined {
  if (called && called.attribute !== undefined) return undefined;
  const owner = ownerOf(network, calls[0]!);
  const makes = made ?? (owner && findPlace(file, owner.source));
  const written = writtenKerasLayers(file, layers, makes?.node ?? called?.place.node);
  if (called) return written.map(({ text, imports }) => [...imports, ...appliedBehind(file, called.place, text)]);
  const standing = makes && standingOf(file, makes);
  if (!standing) return [];
  return written.map(({ text, imports }) => [...imports, ...itemBehind(file, makes, standing, text, layers[0]!.kind)]);
}

/** The layer and the norm as one Sequential, where the layer is made: what takes one module takes that. */
function joined({ file }: EditContext, made: Place, written: ReturnType<typeof writtenLayers>): Piece[][] {
  const sequential = writtenName(file, 'Sequential', made.node);
  return written.map(({ text, imports }) => [
    ...imports,
    ...sequential.imports,
    { start: made.start, end: made.start, text: `${sequential.text}(` },
    { start: made.end, end: made.end, text: `, ${text})` },
  ]);
}

/** A line `self.norm = …` behind the layer's own, and its call around the layer's call. */
function besideAttribute(
  group: Group,
  context: EditContext,
  { place, attribute }: NonNullable<Group['called']>,
  before: Call | undefined,
  source: Place | undefined,
): Piece[][] {
  const { file, taken } = context;
  const { lineEnd } = file.source;
  const self = methodAround(place)?.self;
  const anchor = attribute ?? before?.module?.split('.').at(-1);
  if (self === undefined || anchor === undefined) return [];
  const assignments = assignmentsOf(file, place, anchor);
  const layers = layersOf(group);
  if (!assignments)
    return group.made && attribute !== undefined
      ? joined(context, group.made, writtenLayers(file, layers, [group.made.node], group.made.node))
      : [];
  const own = classText(file, place);
  const names = taken.get(own) ?? new Set();
  taken.set(own, names);
  const name = normName(anchor, layers[0]!.kind, own, names);
  names.add(name);
  const beside = source?.node;
  // What is written where the layer with weights is made says its width in this class's own words: `conv3x3(planes, planes)`.
  const feeding = before?.module?.split('.').at(-1);
  const near = feeding === undefined ? [] : (assignmentsOf(file, place, feeding) ?? []).map(({ value }) => value);
  const ways = assignments.map(({ value }) =>
    isKerasKind(layers[0]!.kind)
      ? writtenKerasLayers(file, layers, value.type === 'call' ? value : beside)
      : writtenLayers(file, layers, [value, ...near, beside], value.type === 'call' ? value : beside),
  );
  const wrap: Piece[] = [
    { start: place.start, end: place.start, text: `${self}.${name}(` },
    { start: place.end, end: place.end, text: ')' },
  ];
  const most = Math.max(...ways.map(({ length }) => length));
  return Array.from({ length: most }, (_, i) => {
    const lines = assignments.flatMap((assignment, j): Piece[] => {
      const way = ways[j]![Math.min(i, ways[j]!.length - 1)];
      if (!way) return [];
      const { start, end } = assignment.statement;
      const at = file.source.lineStop(end);
      const line = `${lineEnd}${file.source.indent(start)}${assignment.self}.${name} = ${way.text}`;
      return [...way.imports, { start: at, end: at, text: line }];
    });
    return [...lines, ...wrap];
  });
}

function replacements(group: Group, { file }: EditContext): Piece[][] {
  const { made } = group;
  if (made?.node.type !== 'call') return [];
  const layers = layersOf(group);
  const ways = layers.every(({ kind }) => isKerasKind(kind))
    ? writtenKerasLayers(file, layers, made.node)
    : writtenLayers(file, layers, [made.node], made.node);
  return ways.map(({ text, imports }) => [...imports, { start: made.start, end: made.end, text }]);
}

/** The call's own text gone: what it was given stays in its place. */
function unwrapped(file: ParsedFile, { node, start, end, parents }: Place): Piece[] | undefined {
  const [first, ...others] = argumentsOf(node);
  const callee = field(node, 'function');
  if (!callee) return undefined;
  if (
    !first ||
    first.type === 'keyword_argument' ||
    (callee.type === 'attribute' && first !== undefined && isMethod(callee, others, first))
  ) {
    // A tensor's own method: `x.softmax(dim=1)`.
    const of = field(callee, 'object');
    return of ? [{ start: endOf(file, of), end, text: '' }] : undefined;
  }
  if (/splat|generator/.test(first.type)) return undefined;
  const statement = parents[0]?.type === 'assignment' ? statementOf(file, { node, start, end, parents }) : undefined;
  if (statement && field(parents[0]!, 'left')?.text === first.text && field(parents[0]!, 'right') === node) {
    const gone = statementGone(file, statement);
    if (gone) return gone;
  }
  const alone = /^(identifier|call|attribute|subscript|parenthesized_expression|string|integer)$/.test(first.type);
  const free = /^(assignment|argument_list|return_statement|expression_statement)$/.test(parents[0]?.type ?? '');
  if (alone || free) {
    return [
      { start, end: startOf(file, first), text: '' },
      { start: endOf(file, first), end, text: '' },
    ];
  }
  const last = others.at(-1);
  return [
    { start, end: endOf(file, callee), text: '' },
    ...(last ? [{ start: endOf(file, first), end: endOf(file, last), text: '' }] : []),
  ];
}

/** `x.softmax(1)`: the tensor stands before the dot, and a number in the brackets. */
const isMethod = (callee: SyntaxNode, others: readonly SyntaxNode[], first: SyntaxNode): boolean =>
  others.length === 0 && /^(integer|unary_operator)$/.test(first.type) && field(callee, 'object') !== undefined;

/** Whether another group takes away a call of the same attribute of the same class. */
const isRemoved = ({ operation, called }: Group, one: NonNullable<Group['called']>, file: ParsedFile): boolean =>
  operation === 'remove' &&
  called !== undefined &&
  called.attribute === one.attribute &&
  classText(file, called.place) === classText(file, one.place);

function removals(group: Group, context: EditContext): Piece[][] {
  const { file } = context;
  const { made, called } = group;
  const attempts: Piece[][] = [];
  if (made?.node.type === 'call' && group.calls[0] && ownerOf(context.network, group.calls[0])) {
    const gone = argumentGone(file, made.node, 'activation');
    return gone ? [gone] : [];
  }
  if (called) {
    const call = unwrapped(file, called.place);
    const { attribute } = called;
    const lines = attribute === undefined ? undefined : assignmentsOf(file, called.place, attribute);
    const all = context.groups.filter((other) => isRemoved(other, called, file)).length;
    const onlyHere = attribute !== undefined && lines && mentions(file, called.place, attribute) === lines.length + all;
    const gone = onlyHere ? lines.map(({ statement }: Assignment) => statementGone(file, statement)) : [];
    if (call && !gone.includes(undefined)) attempts.push([...call, ...gone.flatMap((pieces) => pieces ?? [])]);
    if (call && attribute !== undefined) attempts.push(call);
  } else if (made) {
    const standing = standingOf(file, made);
    const gone = standing && itemGone(file, standing);
    if (gone) attempts.push(gone);
  }
  if (made?.node.type === 'call' && !isKerasNetwork(context.network)) {
    const identity = writtenName(file, 'Identity', made.node);
    attempts.push([...identity.imports, { start: made.start, end: made.end, text: `${identity.text}()` }]);
  }
  return attempts;
}

function settings({ made, changes, calls }: Group, { file }: EditContext): Piece[][] {
  const [change] = changes;
  if (made?.node.type !== 'call' || change?.operation !== 'set') return [];
  const kind = functionText(made.node).split('.').at(-1)!;
  // Keras's arguments stand in another order than its rows' attributes: only names are sure. Sizes it takes from its input.
  const keras = calls.find((call) => isKerasKind(call.kind));
  const positions = keras ? [] : Object.keys(findLayer(kind)?.attributes ?? {});
  const row = keras && findLayer(keras.kind);
  const pieces = Object.entries(change.attributes)
    .filter(([name]) => !row?.attributes[name]?.inferred)
    .map(([name, value]) => {
      const plain = row && Array.isArray(value) && value.length === 1 ? value[0]! : value;
      return argumentSet(file, made.node, name, pythonText(plain), positions);
    });
  return pieces.includes(undefined) ? [] : [pieces.flatMap((each) => each ?? [])];
}

/** Gives a call an argument, or another value for one that it has; `positions` names those that may stand without a name. */
export function argumentSet(
  file: ParsedFile,
  call: SyntaxNode,
  name: string,
  value: string,
  positions: readonly string[] = [],
): Piece[] | undefined {
  const list = field(call, 'arguments');
  if (list?.type !== 'argument_list') return undefined;
  const all = argumentsOf(call);
  const position = positions.indexOf(name);
  const given = argument(call, name, position < 0 ? Number.POSITIVE_INFINITY : position);
  if (given) return [{ start: startOf(file, given), end: endOf(file, given), text: value }];
  if (all.some(({ type }) => type === 'dictionary_splat' || type === 'list_splat')) return undefined;
  const last = all.at(-1);
  const written = `${name}=${value}`;
  if (!last) {
    const at = startOf(file, list) + 1;
    return [{ start: at, end: at, text: written }];
  }
  const end = endOf(file, last);
  const { source } = file;
  const comma = /^\s*,/.test(source.text.slice(end));
  const indent = source.indent(startOf(file, last));
  // One argument a line, and so the new one.
  if (indent !== undefined && all.length > 1 && comma) {
    const at = end + source.text.slice(end).indexOf(',') + 1;
    const stop = source.lineStop(at);
    return [{ start: stop, end: stop, text: `${source.lineEnd}${indent}${written},` }];
  }
  return [{ start: end, end, text: `, ${written}` }];
}
