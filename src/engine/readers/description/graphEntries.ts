import type { LayerRow } from '../../layers';
import type { Initialization, Span } from '../../network';
import { expectRow, type GivenAttributes, givenAttributes } from './attributes';
import { readInitialization } from './initializations';
import type { Reference } from './line';
import {
  type DescriptionNode,
  expectBool,
  expectCount,
  expectList,
  expectMap,
  expectName,
  expectText,
  itemsOf,
  type MapNode,
  onlyKeys,
  refuse,
  valueAt,
} from './node';

/** A module as `graph.modules` writes it. */
export interface ModuleEntry {
  readonly id: string;
  readonly kind: string;
  /** Absent for a container and for a class that no row computes. */
  readonly row?: LayerRow;
  readonly container: boolean;
  readonly given: GivenAttributes;
  readonly init?: MapNode;
  /** Local name → id; null where the module lacks a tensor that its row would declare. */
  readonly parameters: ReadonlyMap<string, string | null>;
  readonly buffers: ReadonlyMap<string, string | null>;
  readonly aliases: readonly string[];
  /** Whether the modules that PyTorch registers inside this kind are added. */
  readonly submodules: boolean;
  readonly span: Span;
}

/** A parameter or buffer as the graph's tables write it; what is absent is said by a module's row. */
export interface TensorEntry {
  readonly id: string;
  readonly shape?: readonly number[];
  readonly trainable?: boolean;
  /** Of a buffer: it is counted with the parameters. */
  readonly counted?: boolean;
  readonly init?: DescriptionNode;
  readonly span: Span;
}

export type OperandEntry = Reference & { readonly parameter: boolean };

export interface CallEntry {
  readonly id?: string;
  /** Absent: the module's. */
  readonly row?: LayerRow;
  readonly module?: Reference;
  /** Absent: the module's attributes, or none given. */
  readonly given?: GivenAttributes;
  readonly inputs: readonly OperandEntry[];
  readonly span: Span;
}

const MODULE_KEYS = [
  'id',
  'kind',
  'attributes',
  'init',
  'container',
  'unmodelled',
  'parameters',
  'buffers',
  'aliases',
  'submodules',
];

const bool = (map: MapNode, key: string, fallback: boolean): boolean => {
  const node = valueAt(map, key);
  return node ? expectBool(node, key) : fallback;
};

const required = (map: MapNode, key: string, subject: string, example: string): DescriptionNode =>
  valueAt(map, key) ?? refuse(map.span, `${subject} has no ${key}`, `add ${key}: ${example}`);

function optionalMap(map: MapNode, key: string, example: string): MapNode | undefined {
  const node = valueAt(map, key);
  return node && expectMap(node, key, example);
}

/** The entries of one of the graph's lists; none where the list is absent. */
export function entriesOf<T>(graph: MapNode, key: string, read: (map: MapNode) => T): readonly T[] {
  const node = valueAt(graph, key);
  if (!node) return [];
  return expectList(node, key, '- {id: …}').items.map((item) => read(expectMap(item, `an entry of ${key}`, '{id: …}')));
}

export function readModule(map: MapNode): ModuleEntry {
  onlyKeys(map, MODULE_KEYS, 'a module');
  const id = expectName(required(map, 'id', 'a module', "'0'"), 'id');
  const kindNode = required(map, 'kind', `module '${id}'`, 'Linear');
  const kind = expectText(kindNode, 'kind', 'Linear');
  const isContainer = bool(map, 'container', false);
  const rowless = isContainer || bool(map, 'unmodelled', false);
  const init = optionalMap(map, 'init', '{weight: {normal: {std: 0.02}}}');
  const aliases = valueAt(map, 'aliases');
  if (rowless && init)
    refuse(init.span, `module '${id}' has no tensors of its kind to initialize`, 'give init in graph.parameters');
  return {
    id,
    kind,
    ...(!rowless && { row: expectRow(kind, kindNode.span) }),
    container: isContainer,
    given: givenAttributes(optionalMap(map, 'attributes', '{out_features: 10}')),
    ...(init && { init }),
    parameters: readNames(map, 'parameters'),
    buffers: readNames(map, 'buffers'),
    aliases: aliases ? expectList(aliases, 'aliases', '[head]').items.map((item) => expectName(item, 'aliases')) : [],
    submodules: bool(map, 'submodules', true),
    span: map.span,
  };
}

function readNames(map: MapNode, key: string): ReadonlyMap<string, string | null> {
  const entries = [...(optionalMap(map, key, '{weight: embedding.weight}')?.entries.values() ?? [])];
  return new Map(
    entries.map(({ key: local, value }) => [
      local,
      value.type === 'scalar' && value.value === null ? null : expectName(value, `${key}: ${local}`),
    ]),
  );
}

export function readTensor(map: MapNode): TensorEntry {
  onlyKeys(map, ['id', 'shape', 'trainable', 'counted', 'init'], 'a tensor');
  const id = expectName(required(map, 'id', 'a tensor', 'scale'), 'id');
  const [shape, trainable, counted, init] = ['shape', 'trainable', 'counted', 'init'].map((key) => valueAt(map, key));
  return {
    id,
    ...(shape && { shape: expectList(shape, 'shape', '[16, 16]').items.map((dim) => expectCount(dim, 'a size', 0)) }),
    ...(trainable && { trainable: expectBool(trainable, 'trainable') }),
    ...(counted && { counted: expectBool(counted, 'counted') }),
    ...(init && { init }),
    span: map.span,
  };
}

/** A tensor's stated initialization; undefined where the entry states none. */
export const statedInitialization = (
  entry: TensorEntry | undefined,
  shape: readonly number[],
): Initialization | undefined => entry?.init && readInitialization(entry.init, shape);

export function readCall(map: MapNode): CallEntry {
  onlyKeys(map, ['id', 'kind', 'module', 'inputs', 'attributes'], 'a call');
  const [id, kind, module] = [valueAt(map, 'id'), valueAt(map, 'kind'), valueAt(map, 'module')];
  if (!kind && !module) refuse(map.span, 'a call names neither a module nor a kind', 'add module: ID or kind: add');
  const attributes = optionalMap(map, 'attributes', '{dim: 1}');
  return {
    ...(id && { id: expectName(id, 'id') }),
    ...(kind && { row: expectRow(expectText(kind, 'kind', 'add'), kind.span) }),
    ...(module && { module: { name: expectName(module, 'module'), span: module.span } }),
    ...(attributes && { given: givenAttributes(attributes) }),
    inputs: itemsOf(required(map, 'inputs', 'a call', '[input]')).map(readOperand),
    span: map.span,
  };
}

function readOperand(node: DescriptionNode): OperandEntry {
  if (node.type !== 'map') return { name: expectName(node, 'inputs'), parameter: false, span: node.span };
  onlyKeys(node, ['parameter'], 'an input');
  const parameter = required(node, 'parameter', 'an input', 'scale');
  return { name: expectName(parameter, 'parameter'), parameter: true, span: node.span };
}
