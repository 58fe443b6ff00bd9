import { type Buffer, formatShape, type Module, type Parameter, type Span, sameShape } from '../../network';
import { container, type Declaration } from './declare';
import { type ModuleEntry, statedInitialization, type TensorEntry } from './graphEntries';
import { refuse } from './node';
import type { Structure } from './structure';

type Tensor = Buffer | Parameter;

/**
 * One of the graph's two tables (parameters, buffers) while it is put together: what the file lists, what the modules'
 * rows declare, and which ids modules name, in registration order.
 */
class TensorTable<T extends Tensor> {
  private readonly listed = new Map<string, TensorEntry>();
  private readonly declared = new Map<string, T>();
  private readonly table = new Map<string, T>();

  constructor(
    entries: readonly TensorEntry[],
    private readonly noun: string,
    private readonly make: (tensor: Tensor, entry: TensorEntry | undefined) => T,
  ) {
    for (const entry of entries) {
      if (this.listed.has(entry.id)) refuse(entry.span, `the ${noun} '${entry.id}' stands twice`, 'keep one of them');
      this.listed.set(entry.id, entry);
    }
  }

  declare(tensor: T): void {
    this.declared.set(tensor.id, tensor);
  }

  /** A module names tensor `id`; `like` is what its row declares under that local name. */
  name(id: string, like: T | undefined, place: Span): void {
    const known = this.table.get(id);
    const tensor = known ?? this.build(id, this.declared.get(id) ?? (like && { ...like, id }), place);
    if (like && !sameShape(like.shape, tensor.shape)) {
      const shapes = `${formatShape(tensor.shape)}, here ${formatShape(like.shape)}`;
      refuse(
        place,
        `the ${this.noun} '${id}' does not fit: it has the shape ${shapes}`,
        'share tensors of one shape only',
      );
    }
    this.table.set(id, tensor);
  }

  private build(id: string, declared: T | undefined, place: Span): T {
    const entry = this.listed.get(id);
    const shape = entry?.shape ?? declared?.shape;
    if (!shape)
      return refuse(
        entry?.span ?? place,
        `the ${this.noun} '${id}' has no shape`,
        `list it in graph.${this.noun}s: {id: ${id}, shape: […], init: …}`,
      );
    const initialization = statedInitialization(entry, shape) ?? declared?.initialization;
    if (!initialization)
      return refuse(entry?.span ?? place, `the ${this.noun} '${id}' has no init`, 'add init: {constant: 0}');
    return this.make(
      { id, shape, initialization, ...(declared && 'trainable' in declared && { trainable: declared.trainable }) },
      entry,
    );
  }

  /** Tensors that no module names first, then the modules' own; the file's order where it lists them all. */
  finish(): readonly T[] {
    const free = [...this.listed.values()]
      .filter(({ id }) => !this.table.has(id))
      .map((entry) => this.build(entry.id, undefined, entry.span));
    const all = new Map([...free.map((tensor) => [tensor.id, tensor] as const), ...this.table]);
    const listedAll = this.listed.size === all.size;
    return listedAll ? [...this.listed.keys()].map((id) => all.get(id)!) : [...all.values()];
  }
}

/** Puts modules and their tensors together once every module's attributes are known. */
export function assembleModules(
  entries: readonly ModuleEntry[],
  declarations: ReadonlyMap<string, Declaration>,
  parameterEntries: readonly TensorEntry[],
  bufferEntries: readonly TensorEntry[],
): Pick<Structure, 'modules' | 'parameters' | 'buffers'> {
  const parameters = new TensorTable<Parameter>(parameterEntries, 'parameter', (tensor, entry) => ({
    id: tensor.id,
    shape: tensor.shape,
    trainable: entry?.trainable ?? ('trainable' in tensor ? tensor.trainable : true),
    initialization: tensor.initialization,
  }));
  const buffers = new TensorTable<Buffer>(bufferEntries, 'buffer', ({ id, shape, initialization }, entry) => ({
    id,
    shape,
    initialization,
    ...(entry?.counted && { counted: true }),
  }));
  for (const declaration of declarations.values()) {
    for (const tensor of declaration.parameters) parameters.declare(tensor);
    for (const tensor of declaration.buffers) buffers.declare(tensor);
  }

  const modules = entries.flatMap((entry): Module[] => {
    const declaration = declarations.get(entry.id);
    const [own, ...inner] = declaration?.modules ?? [bare(entry)];
    const module: Module = {
      ...own!,
      parameters: renamed(own!.parameters, entry.parameters),
      buffers: renamed(own!.buffers, entry.buffers),
      aliases: entry.aliases,
    };
    const nameAll = <T extends Tensor>(table: TensorTable<T>, key: 'parameters' | 'buffers', specs: readonly T[]) => {
      const byId = new Map(specs.map((tensor) => [tensor.id, tensor]));
      for (const [local, id] of Object.entries(module[key]))
        table.name(id, byId.get(own![key][local] ?? ''), entry.span);
    };
    nameAll(parameters, 'parameters', declaration?.parameters ?? []);
    nameAll(buffers, 'buffers', declaration?.buffers ?? []);
    const kept = entry.submodules ? inner : [];
    for (const submodule of kept) {
      for (const id of Object.values(submodule.parameters)) parameters.name(id, undefined, entry.span);
      for (const id of Object.values(submodule.buffers)) buffers.name(id, undefined, entry.span);
    }
    return [module, ...kept];
  });
  return { modules, parameters: parameters.finish(), buffers: buffers.finish() };
}

/** A module without a row: a container, or a class that nothing here computes. */
const bare = (entry: ModuleEntry): Module => ({
  ...container(entry.id, entry.kind, entry.span),
  attributes: entry.given.values,
  container: entry.container,
});

/** The row's local names with the file's ids, those set to null left out, the file's further names last. */
function renamed(
  declared: Readonly<Record<string, string>>,
  stated: ReadonlyMap<string, string | null>,
): Record<string, string> {
  const all = new Map<string, string | null>([...Object.entries(declared), ...stated]);
  return Object.fromEntries([...all].filter((entry): entry is [string, string] => entry[1] !== null));
}
