import { completeAttributes, findLayer } from '../layers';
import {
  type Attributes,
  type Buffer,
  type Call,
  type Module,
  type Network,
  outputOf,
  type Parameter,
  type ValueId,
} from '../network';

/** A layer to be put somewhere. */
export interface NewLayer {
  readonly kind: string;
  readonly attributes: Attributes;
}

/**
 * One modification of a network. `site` is a call: a norm is inserted behind it, or put in its place, or it goes, or
 * its attributes are others. The same object makes a variant to probe and, applied to source text, the edit.
 */
export type Change =
  | { readonly operation: 'insert'; readonly site: string; readonly layer: NewLayer }
  | { readonly operation: 'replace'; readonly site: string; readonly layer: NewLayer }
  | { readonly operation: 'remove'; readonly site: string }
  /** The module called there with other attributes; what it holds under the same name and shape begins as it did. */
  | { readonly operation: 'set'; readonly site: string; readonly attributes: Attributes };

/** A module of a kind with its parameters and buffers, named as PyTorch would name them under `id`. */
function instantiate(id: string, layer: NewLayer, like: Module | Call): [Module, Parameter[], Buffer[]] {
  const row = findLayer(layer.kind);
  if (!row) throw new Error(`no layer row for ${layer.kind}`);
  const attributes = completeAttributes(row, layer.attributes);
  const entries = (specs: ReturnType<NonNullable<typeof row.parameters>> | undefined) =>
    Object.entries(specs ?? {}).map(([name, spec]) => ({ name, entry: { id: `${id}.${name}`, ...spec } }));
  const parameters = entries(row.parameters?.(attributes));
  const buffers = entries(row.buffers?.(attributes));
  const byName = (list: typeof parameters) => Object.fromEntries(list.map(({ name, entry }) => [name, entry.id]));
  const module: Module = {
    id,
    // A module bears its class's name, which Keras's rows have with a word before it.
    kind: row.library === 'keras' ? layer.kind.replace(/^Keras/, '') : layer.kind,
    attributes,
    container: false,
    parameters: byName(parameters),
    buffers: byName(buffers),
    aliases: [],
    source: like.source,
  };
  return [module, parameters.map(({ entry }) => ({ ...entry, trainable: true })), buffers.map(({ entry }) => entry)];
}

const rename = (call: Call, from: ValueId, to: ValueId): Call =>
  call.inputs.some((operand) => 'value' in operand && operand.value === from)
    ? {
        ...call,
        inputs: call.inputs.map((operand) => ('value' in operand && operand.value === from ? { value: to } : operand)),
      }
    : call;

function insert(network: Network, site: string, layer: NewLayer): Network {
  const at = network.calls.findIndex((call) => call.id === site);
  const before = network.calls[at];
  if (!before) throw new Error(`no call ${site} to insert ${layer.kind} behind`);
  const id = `${site}+norm`;
  const [module, parameters, buffers] = instantiate(id, layer, before);
  const call: Call = {
    id,
    kind: layer.kind,
    module: id,
    attributes: module.attributes,
    inputs: [{ value: site }],
    outputShapes: [before.outputShapes[0]!],
    source: before.source,
  };
  const after = network.calls.slice(at + 1).map((next) => rename(next, outputOf(site), id));
  return {
    ...network,
    modules: [...network.modules, module],
    parameters: [...network.parameters, ...parameters],
    buffers: [...network.buffers, ...buffers],
    calls: [...network.calls.slice(0, at + 1), call, ...after],
    outputs: network.outputs.map((output) => (output === site ? id : output)),
  };
}

/** The network without a module and what only it owned. */
function withoutModule(network: Network, id: string): Network {
  const gone = network.modules.find((module) => module.id === id);
  const modules = network.modules.filter((module) => module !== gone);
  const used = new Set(
    modules.flatMap((module) => [...Object.values(module.parameters), ...Object.values(module.buffers)]),
  );
  const owned = new Set([...Object.values(gone?.parameters ?? {}), ...Object.values(gone?.buffers ?? {})]);
  const stays = ({ id: name }: { id: string }) => !owned.has(name) || used.has(name);
  return { ...network, modules, parameters: network.parameters.filter(stays), buffers: network.buffers.filter(stays) };
}

function remove(network: Network, site: string): Network {
  const call = network.calls.find((candidate) => candidate.id === site);
  const [input] = call?.inputs ?? [];
  if (!call || !input || !('value' in input)) throw new Error(`no call ${site} to remove`);
  const calls = network.calls.filter((other) => other !== call).map((other) => rename(other, site, input.value));
  const outputs = network.outputs.map((output) => (output === site ? input.value : output));
  const shared = calls.some((other) => other.module === call.module);
  const rest = { ...network, calls, outputs };
  return call.module === undefined || shared ? rest : withoutModule(rest, call.module);
}

function replace(network: Network, site: string, layer: NewLayer): Network {
  const call = network.calls.find((candidate) => candidate.id === site);
  const module = network.modules.find(({ id }) => id === call?.module);
  if (!call || !module) throw new Error(`no module called at ${site} to replace`);
  if (module.kind === layer.kind && call.kind === layer.kind && module !== undefined && sameAttributes(module, layer))
    return network;
  const [fresh, parameters, buffers] = instantiate(module.id, layer, module);
  const rest = withoutModule(network, module.id);
  const position = network.modules.indexOf(module);
  return {
    ...rest,
    modules: [...rest.modules.slice(0, position), fresh, ...rest.modules.slice(position)],
    parameters: [...rest.parameters, ...parameters],
    buffers: [...rest.buffers, ...buffers],
    calls: rest.calls.map((other) =>
      other.module === module.id
        ? { ...other, kind: layer.kind, attributes: fresh.attributes, inputs: other.inputs.slice(0, 1) }
        : other,
    ),
  };
}

const sameAttributes = (module: Module, layer: NewLayer): boolean =>
  Object.entries(layer.attributes).every(
    ([name, value]) => JSON.stringify(module.attributes[name]) === JSON.stringify(value),
  );

function set(network: Network, site: string, attributes: Attributes): Network {
  const call = network.calls.find((candidate) => candidate.id === site);
  const module = network.modules.find(({ id }) => id === call?.module);
  const row = module && call && findLayer(call.kind);
  if (!module || !row) throw new Error(`no layer called at ${site} to set attributes of`);
  const completed = completeAttributes(row, { ...module.attributes, ...attributes });
  const held = (specs: 'parameters' | 'buffers') =>
    Object.entries(row[specs]?.(completed) ?? {}).map(([name, spec]) => {
      const id = module[specs][name] ?? `${module.id}.${name}`;
      const before = network[specs].find((entry) => entry.id === id);
      const same = before && JSON.stringify(before.shape) === JSON.stringify(spec.shape);
      return { name, entry: same ? before : { id, ...spec } };
    });
  const [parameters, buffers] = [held('parameters'), held('buffers')];
  const ids = (list: typeof parameters) => Object.fromEntries(list.map(({ name, entry }) => [name, entry.id]));
  const changed = { ...module, attributes: completed, parameters: ids(parameters), buffers: ids(buffers) };
  const modules = network.modules.map((other) => (other === module ? changed : other));
  /** The network's list with the module's own entries as they are now, where they stood. */
  const entries = <T extends { readonly id: string }>(
    all: readonly T[],
    specs: 'parameters' | 'buffers',
    own: readonly T[],
  ): T[] => {
    const used = new Set(modules.flatMap((other) => Object.values(other[specs])));
    const before = new Set(Object.values(module[specs]));
    const now = new Map(own.map((entry) => [entry.id, entry]));
    const kept = all.flatMap((entry) =>
      before.has(entry.id) && !used.has(entry.id) ? [] : (now.get(entry.id) ?? entry),
    );
    return [...kept, ...own.filter(({ id }) => !all.some((entry) => entry.id === id))];
  };
  return {
    ...network,
    modules,
    parameters: entries(
      network.parameters,
      'parameters',
      parameters.map(({ entry }) => ({ trainable: true, ...entry })),
    ),
    buffers: entries(
      network.buffers,
      'buffers',
      buffers.map(({ entry }) => entry),
    ),
    calls: network.calls.map((other) => (other.module === module.id ? { ...other, attributes: completed } : other)),
  };
}

function applyChange(network: Network, change: Change): Network {
  switch (change.operation) {
    case 'insert':
      return insert(network, change.site, change.layer);
    case 'replace':
      return replace(network, change.site, change.layer);
    case 'remove':
      return remove(network, change.site);
    case 'set':
      return set(network, change.site, change.attributes);
  }
}

/** The network with the changes made, in their order. A module called at several places changes at all of them. */
export const applyChanges = (network: Network, changes: readonly Change[]): Network =>
  changes.reduce(applyChange, network);
