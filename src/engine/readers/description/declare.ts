import type { LayerRow, ParameterSpec } from '../../layers';
import type { Attributes, Buffer, Module, Parameter, Span } from '../../network';
import { readInitialization } from './initializations';
import { type DescriptionNode, type MapNode, onlyKeys, refuse } from './node';

/** A module as its row declares it: itself, the modules that PyTorch registers inside it, and their tensors. */
export interface Declaration {
  readonly modules: readonly Module[];
  readonly parameters: readonly Parameter[];
  readonly buffers: readonly Buffer[];
}

/** A container: it has children and no computation. */
export const container = (id: string, kind: string, source: Span): Module => ({
  id,
  kind,
  attributes: {},
  container: true,
  parameters: {},
  buffers: {},
  aliases: [],
  source,
});

/** The submodule that a local name belongs to: `out_proj` for `out_proj.weight`. */
const ownerOf = (row: LayerRow, local: string): string | undefined =>
  Object.keys(row.submodules ?? {}).find((name) => local.startsWith(`${name}.`));

/** The local names that belong to `owner` (undefined: to the module itself), without its prefix, each with its id. */
function namesOf(row: LayerRow, id: string, specs: Readonly<Record<string, ParameterSpec>>, owner?: string) {
  const own = Object.keys(specs).filter((local) => ownerOf(row, local) === owner);
  return Object.fromEntries(own.map((local) => [owner ? local.slice(owner.length + 1) : local, `${id}.${local}`]));
}

/**
 * Declares a module with completed attributes under `id`. `init` gives initializations by local name.
 * @throws InputError for an `init` that names no parameter or buffer, or does not fit.
 */
export function declareModule(
  row: LayerRow,
  id: string,
  attributes: Attributes,
  source: Span,
  init?: MapNode,
): Declaration {
  const parameters = row.parameters?.(attributes) ?? {};
  const buffers = row.buffers?.(attributes) ?? {};
  const initOf = initializationReader(init, { ...parameters, ...buffers }, `'${id}' (${row.kind})`);
  const module = (name: string | undefined, kind: string): Module => ({
    id: name ? `${id}.${name}` : id,
    kind,
    attributes: name ? {} : attributes,
    container: false,
    parameters: namesOf(row, id, parameters, name),
    buffers: namesOf(row, id, buffers, name),
    aliases: [],
    source,
  });
  return {
    modules: [
      module(undefined, row.kind),
      ...Object.entries(row.submodules ?? {}).map(([name, kind]) => module(name, kind)),
    ],
    parameters: Object.entries(parameters).map(([local, spec]) => ({
      id: `${id}.${local}`,
      shape: spec.shape,
      trainable: true,
      initialization: initOf(local, spec),
    })),
    buffers: Object.entries(buffers).map(([local, spec]) => ({
      id: `${id}.${local}`,
      shape: spec.shape,
      initialization: initOf(local, spec),
    })),
  };
}

function initializationReader(
  init: MapNode | undefined,
  specs: Readonly<Record<string, ParameterSpec>>,
  subject: string,
) {
  if (init) {
    const names = Object.keys(specs);
    if (names.length === 0) refuse(init.span, `${subject} has nothing to initialize`, 'leave init out');
    onlyKeys(init, names, `init of ${subject}`);
  }
  return (local: string, spec: ParameterSpec) => {
    const node: DescriptionNode | undefined = init?.entries.get(local)?.value;
    return node ? readInitialization(node, spec.shape) : spec.initialization;
  };
}
