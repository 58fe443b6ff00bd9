import { isDeepStrictEqual } from 'node:util';
import { AttributeError, completeAttributes, findLayer, type LayerRow, ShapeError } from '../../layers';
import type {
  Attributes,
  Buffer,
  Call,
  Module,
  Network,
  NetworkInput,
  OptimizerChoice,
  Parameter,
  Shape,
  Task,
} from '../../network';
import { isBatchDim } from '../../network';
import type { DescriptionFormat } from '../formats';
import { declareModule } from './declare';
import { writeInitialization } from './initializations';
import { jsonText, yamlText } from './text';

type Written = Record<string, unknown>;

/** Leaves out what is undefined. */
const compact = (entries: Written): Written =>
  Object.fromEntries(Object.entries(entries).filter(([, value]) => value !== undefined));

const unlessEmpty = <T extends object>(value: T): T | undefined => (Object.keys(value).length > 0 ? value : undefined);

/**
 * The network as a description file in its `graph` form. Read again it is the same network, but for spans and
 * the list of what the first reader could not model.
 */
export function writeDescription(network: Network, format: DescriptionFormat = 'yaml'): string {
  const { size, origin } = network.batch;
  const entries: Written = {
    name: network.name,
    input: Object.fromEntries(network.inputs.map((input) => [input.name, writeInput(input)])),
    batch: { size, origin },
    task: writeTask(network.task),
    optimizer: writeOptimizer(network.optimizer),
    graph: writeGraph(network),
  };
  return format === 'json' ? jsonText(entries) : yamlText(entries);
}

function writeInput({ shape, dtype, vocabulary, role, origin }: NetworkInput): Written {
  const [first, ...rest] = shape;
  const leading = first !== undefined && isBatchDim(first) && first.batch === 1 && !rest.some(isBatchDim);
  const written: Shape = leading ? rest : shape;
  const batched = shape.some(isBatchDim) ? undefined : false;
  return compact({ shape: written, dtype, vocabulary, role, batched, origin });
}

const writeTask = (task: Task): Written =>
  compact({
    kind: task.kind,
    classes: task.kind === 'classification' ? (task.classes ?? null) : undefined,
    loss: task.lossSettings ? { [task.loss]: task.lossSettings } : task.loss,
    class_dim: task.classAxis,
    targets: task.targets,
    origin: task.origin,
  });

function writeOptimizer({ kind, settings, groups, clipping, origin }: OptimizerChoice): Written {
  return compact({
    [kind]: settings,
    groups: groups?.map((group) => ({ parameters: group.parameters, ...group.settings })),
    clip_grad_norm: clipping?.kind === 'norm' ? { max_norm: clipping.max, norm_type: clipping.type } : undefined,
    clip_grad_value: clipping?.kind === 'value' ? clipping.max : undefined,
    origin,
  });
}

function writeGraph(network: Network): Written {
  const plain = plainTensors(network);
  const byId = new Map(network.modules.map((module) => [module.id, module]));
  const entries = writeModules(network);
  return compact({
    modules: unlessEmpty(entries),
    parameters: unlessEmpty(writeTable(network, 'parameters', plain)),
    buffers: unlessEmpty(writeTable(network, 'buffers', plain)),
    calls: unlessEmpty(network.calls.map((call) => writeCall(call, byId.get(call.module ?? '')))),
    outputs: network.outputs,
  });
}

/** What the row declares for a module, at the module's own place; undefined where none does, or where its attributes are not known. */
function declarationOf(module: Module) {
  const row = module.container ? undefined : findLayer(module.kind);
  if (!row?.module || !isComplete(row, module.attributes)) return undefined;
  return declareModule(row, module.id, module.attributes, module.source);
}

function isComplete(row: LayerRow, attributes: Attributes): boolean {
  try {
    return isDeepStrictEqual(completeAttributes(row, attributes), attributes);
  } catch (error) {
    if (error instanceof AttributeError || error instanceof ShapeError) return false;
    throw error;
  }
}

const withoutSource = ({ source: _, ...module }: Module) => module;

/** Whether the modules registered inside `module` stand right behind it just as its row declares them. */
function hasDeclaredSubmodules(modules: readonly Module[], index: number, declared: readonly Module[]): boolean {
  return declared.every((submodule, i) => {
    const found = modules[index + 1 + i];
    return found !== undefined && isDeepStrictEqual(withoutSource(found), withoutSource(submodule));
  });
}

function writeModules({ modules }: Network): readonly Written[] {
  const written: Written[] = [];
  for (let index = 0; index < modules.length; index++) {
    const module = modules[index]!;
    const declaration = declarationOf(module);
    const [own, ...submodules] = declaration?.modules ?? [];
    const standard = hasDeclaredSubmodules(modules, index, submodules);
    written.push(
      compact({
        id: module.id,
        kind: module.kind,
        container: module.container || undefined,
        unmodelled: module.container || declaration ? undefined : true,
        submodules: standard ? undefined : false,
        attributes: unlessEmpty(module.attributes),
        parameters: unlessEmpty(changedNames(module.parameters, own?.parameters ?? {})),
        buffers: unlessEmpty(changedNames(module.buffers, own?.buffers ?? {})),
        aliases: unlessEmpty(module.aliases),
      }),
    );
    if (standard) index += submodules.length;
  }
  return written;
}

/** The local names whose ids differ from the row's; null for one that is missing. */
function changedNames(names: Readonly<Record<string, string>>, declared: Readonly<Record<string, string>>) {
  const changed = Object.entries(names).filter(([local, id]) => declared[local] !== id);
  const missing = Object.keys(declared).filter((local) => !(local in names));
  return Object.fromEntries([...changed, ...missing.map((local) => [local, null] as const)]);
}

/** Tensors that need no entry of their own: one module names them, and its row declares them just so. */
function plainTensors({ modules, parameters, buffers }: Network): ReadonlySet<string> {
  const declared = new Map(
    modules
      .map(declarationOf)
      .flatMap((declaration) => [...(declaration?.parameters ?? []), ...(declaration?.buffers ?? [])])
      .map((tensor) => [tensor.id, tensor]),
  );
  const uses = new Map<string, number>();
  for (const id of modules.flatMap((module) => [
    ...Object.values(module.parameters),
    ...Object.values(module.buffers),
  ])) {
    uses.set(id, (uses.get(id) ?? 0) + 1);
  }
  const plain = [...parameters, ...buffers].filter(
    (tensor) => uses.get(tensor.id) === 1 && isDeepStrictEqual({ ...tensor }, { ...declared.get(tensor.id) }),
  );
  return new Set(plain.map((tensor) => tensor.id));
}

function writeTable(network: Network, key: 'parameters' | 'buffers', plain: ReadonlySet<string>): readonly Written[] {
  const table: readonly (Parameter | Buffer)[] = network[key];
  const named = new Set(network.modules.flatMap((module) => Object.values(module[key])));
  const listed = table.filter((tensor) => !plain.has(tensor.id));
  const order = [...listed.map((tensor) => tensor.id).filter((id) => !named.has(id)), ...named];
  const natural =
    isDeepStrictEqual(
      order,
      table.map((tensor) => tensor.id),
    ) &&
    (listed.length < table.length || listed.length === 0);
  return (natural ? listed : table).map((tensor) =>
    compact({
      id: tensor.id,
      shape: tensor.shape,
      trainable: 'trainable' in tensor && !tensor.trainable ? false : undefined,
      counted: 'counted' in tensor && tensor.counted ? true : undefined,
      init: writeInitialization(tensor.initialization),
    }),
  );
}

function writeCall(call: Call, module: Module | undefined): Written {
  const inherited = module && module.kind === call.kind && isDeepStrictEqual(module.attributes, call.attributes);
  return compact({
    id: call.id,
    module: call.module,
    kind: module?.kind === call.kind ? undefined : call.kind,
    inputs: call.inputs.map((operand) => ('value' in operand ? operand.value : operand)),
    attributes: inherited ? undefined : unlessEmpty(call.attributes),
  });
}
