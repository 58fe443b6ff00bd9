import {
  type Attributes,
  type Call,
  type NetworkInput,
  type Operand,
  outputOf,
  type Shape,
  type Span,
  type ValueId,
} from '../../network';
import { type Incoming, incoming, shapeOrigin } from '../shapeOrigin';
import { completeAt, mostInputs, shapesAt } from './attributes';
import { formatPath, pathBetween } from './cycles';
import { type Declaration, declareModule } from './declare';
import {
  type CallEntry,
  entriesOf,
  type ModuleEntry,
  type OperandEntry,
  readCall,
  readModule,
  readTensor,
  type TensorEntry,
} from './graphEntries';
import { assembleModules } from './graphTensors';
import { type DescriptionNode, expectList, expectMap, expectName, onlyKeys, refuse, suggest, valueAt } from './node';
import type { Structure } from './structure';

type NamedCall = CallEntry & { readonly id: string };

/** Reads the `graph` form: modules, tensors and calls in tables, as the Network has them. */
export function readGraph(node: DescriptionNode, inputs: readonly NetworkInput[]): Structure {
  const graph = expectMap(node, 'graph', '{modules: […], calls: […], outputs: […]}');
  onlyKeys(graph, ['modules', 'parameters', 'buffers', 'calls', 'outputs'], 'graph');
  const modules = new Map<string, ModuleEntry>();
  for (const entry of entriesOf(graph, 'modules', readModule)) {
    if (modules.has(entry.id))
      refuse(entry.span, `the module '${entry.id}' stands twice`, 'give one of them another id');
    modules.set(entry.id, entry);
  }
  const parameters = entriesOf(graph, 'parameters', readTensor);
  const buffers = entriesOf(graph, 'buffers', readTensor);
  const calls = inOrder(nameCalls(entriesOf(graph, 'calls', readCall), inputs), inputs);
  const run = new GraphRun(inputs, modules, [...parameters, ...buffers]);
  for (const call of calls) run.call(call);
  const outputs = readOutputs(valueAt(graph, 'outputs'), run);
  return {
    ...assembleModules([...modules.values()], run.declareAll(), parameters, buffers),
    calls: run.calls,
    outputs,
  };
}

/** Gives each call its id: stated, or the module's (`id@2` for its second call), or the function's (`add`, `add_1`). */
function nameCalls(entries: readonly CallEntry[], inputs: readonly NetworkInput[]): readonly NamedCall[] {
  const taken = new Set(inputs.map((input) => input.name));
  const counts = new Map<string, number>();
  return entries.map((entry) => {
    const base = entry.module?.name ?? entry.row?.kind ?? '';
    const before = counts.get(base) ?? 0;
    counts.set(base, before + 1);
    const further = entry.module ? `${base}@${before + 1}` : `${base}_${before}`;
    const id = entry.id ?? (before === 0 ? base : further);
    if (taken.has(id)) refuse(entry.span, `the id '${id}' stands twice`, 'give one of them another id');
    taken.add(id);
    return { ...entry, id };
  });
}

/** The call or input that a value's name (`id`, `id:1`) belongs to. */
function ownerOf(name: string, has: (id: string) => boolean): string | undefined {
  if (has(name)) return name;
  const base = name.replace(/:\d+$/, '');
  return has(base) ? base : undefined;
}

/**
 * The calls in an order in which each stands after those it takes; the written order where it is one.
 * @throws InputError for a name that nothing bears, and for a cycle.
 */
function inOrder(calls: readonly NamedCall[], inputs: readonly NetworkInput[]): readonly NamedCall[] {
  const byId = new Map(calls.map((call) => [call.id, call]));
  const names = new Set(inputs.map((input) => input.name));
  const needs = new Map(
    calls.map((call) => [
      call.id,
      call.inputs.flatMap((operand) => {
        if (operand.parameter || names.has(operand.name)) return [];
        const owner = ownerOf(operand.name, (id) => byId.has(id));
        if (owner === undefined)
          refuse(
            operand.span,
            `nothing is called '${operand.name}'`,
            suggest(operand.name, [...names, ...byId.keys()], 'calls and inputs'),
          );
        return [owner];
      }),
    ]),
  );
  const ordered: NamedCall[] = [];
  const state = new Map<string, 'open' | 'done'>();
  for (const { id } of calls) {
    const open = [id];
    for (let next = open.at(-1); next !== undefined; next = open.at(-1)) {
      const missing =
        state.get(next) === 'done' ? undefined : needs.get(next)!.find((need) => state.get(need) !== 'done');
      if (missing !== undefined && state.get(missing) === 'open') refuseCycle(byId.get(missing)!, needs);
      if (missing !== undefined) {
        state.set(next, 'open');
        if (missing === next) refuseCycle(byId.get(next)!, needs);
        open.push(missing);
        continue;
      }
      if (state.get(next) !== 'done') ordered.push(byId.get(next)!);
      state.set(next, 'done');
      open.pop();
    }
  }
  return ordered;
}

function refuseCycle(call: NamedCall, needs: ReadonlyMap<string, readonly string[]>): never {
  const edges = (id: string): readonly string[] => needs.get(id) ?? [];
  const back = edges(call.id)
    .map((need) => pathBetween(need, call.id, edges))
    .find((path) => path !== undefined);
  const path = formatPath([call.id, ...(back ?? [call.id])]);
  return refuse(
    call.span,
    `the call '${call.id}' takes what depends on it: a cycle, ${path}`,
    'break it; recurrence over steps is written out',
  );
}

/** Runs the calls over shapes, completing each module's attributes at its first call. */
class GraphRun {
  readonly calls: Call[] = [];
  private readonly shapes: Map<ValueId, Shape>;
  private readonly declarations = new Map<string, Declaration>();
  private readonly listed: ReadonlyMap<string, TensorEntry>;

  constructor(
    inputs: readonly NetworkInput[],
    private readonly modules: ReadonlyMap<string, ModuleEntry>,
    tensors: readonly TensorEntry[],
  ) {
    this.shapes = new Map(inputs.map((input) => [input.name, input.shape]));
    this.listed = new Map(tensors.map((entry) => [entry.id, entry]));
  }

  call(entry: NamedCall): void {
    const shapes = entry.inputs.map((operand) =>
      incoming(this.shapeOf(operand), () =>
        operand.parameter ? `parameter '${operand.name}'` : shapeOrigin(operand.name, this.calls),
      ),
    );
    const module = entry.module && this.moduleOf(entry.module);
    const row = entry.row ?? module?.row;
    if (!row) refuse(entry.span, `the module '${module?.id}' computes nothing of its own`, 'call its children');
    const subject = `'${entry.id}' (${row.kind})`;
    // A module whose weight is computed takes it, and all that follows, as its function does.
    const computed = module && (!module.row || [...module.parameters.values()].includes(null));
    if (module && !computed && shapes.length > mostInputs(row)) {
      refuse(
        entry.inputs[mostInputs(row)]!.span,
        `${subject} takes ${mostInputs(row)} inputs at most, not ${shapes.length}`,
        'leave the rest out',
      );
    }
    const own = module?.row && this.declare(module, shapes).modules[0]!.attributes;
    const given = entry.given ?? (row === module?.row ? undefined : { values: {} });
    const attributes: Attributes = given ? completeAt(row, given, entry.span, subject, shapes) : own!;
    const outputShapes = shapesAt(row, shapes, attributes, entry.span, subject);
    for (const [i, shape] of outputShapes.entries()) this.shapes.set(outputOf(entry.id, i), shape);
    const inputs = entry.inputs.map(
      ({ name, parameter }): Operand => (parameter ? { parameter: name } : { value: name }),
    );
    this.calls.push({
      id: entry.id,
      kind: row.kind,
      ...(module && { module: module.id }),
      attributes,
      inputs,
      outputShapes,
      source: entry.span,
    });
  }

  /** Every module's declaration, those that nobody calls included. */
  declareAll(): ReadonlyMap<string, Declaration> {
    for (const module of this.modules.values()) if (module.row) this.declare(module);
    return this.declarations;
  }

  hasValue(name: string): boolean {
    return this.shapes.has(name);
  }

  get values(): readonly string[] {
    return [...this.shapes.keys()];
  }

  private moduleOf({ name, span }: { name: string; span: Span }): ModuleEntry {
    return (
      this.modules.get(name) ??
      refuse(span, `no module is called '${name}'`, suggest(name, [...this.modules.keys()], 'modules'))
    );
  }

  private declare(module: ModuleEntry, shapes?: readonly Incoming[]): Declaration {
    const before = this.declarations.get(module.id);
    if (before) return before;
    const row = module.row!;
    const attributes = completeAt(row, module.given, module.span, `'${module.id}' (${row.kind})`, shapes);
    const declaration = declareModule(row, module.id, attributes, module.span, module.init);
    this.declarations.set(module.id, declaration);
    return declaration;
  }

  private shapeOf(operand: OperandEntry): Shape {
    if (operand.parameter) return this.tensorShape(operand);
    const shape = this.shapes.get(operand.name);
    if (shape) return shape;
    return refuse(
      operand.span,
      `'${operand.name}': the call has fewer outputs`,
      `outputs are counted from 0: ${operand.name.replace(/:\d+$/, '')} is the first`,
    );
  }

  /** A tensor's shape: as the graph lists it, or as the module that its name begins with declares it. */
  private tensorShape({ name, span }: OperandEntry): Shape {
    const listed = this.listed.get(name)?.shape;
    if (listed) return listed;
    for (let end = name.lastIndexOf('.'); end > 0; end = name.lastIndexOf('.', end - 1)) {
      const module = this.modules.get(name.slice(0, end));
      const declaration = module?.row && this.declare(module);
      const tensor = declaration && [...declaration.parameters, ...declaration.buffers].find(({ id }) => id === name);
      if (tensor) return tensor.shape;
    }
    return refuse(
      span,
      `no parameter or buffer is called '${name}'`,
      suggest(name, [...this.listed.keys()], 'parameters and buffers listed'),
    );
  }
}

function readOutputs(node: DescriptionNode | undefined, run: GraphRun): readonly ValueId[] {
  if (!node) return run.calls.slice(-1).map((call) => call.id);
  return expectList(node, 'outputs', '[head]').items.map((item) => {
    const name = expectName(item, 'outputs');
    return run.hasValue(name)
      ? name
      : refuse(item.span, `nothing is called '${name}'`, suggest(name, run.values, 'calls and inputs'));
  });
}
