import {
  AttributeError,
  completeAttributes,
  type LayerRow,
  NotModelled,
  outputTypes,
  type Results,
  ShapeError,
} from '../../../layers';
import {
  type Attributes,
  type AttributeValue,
  type Call,
  lineText,
  outputOf,
  type Shape,
  type Span,
  type ValueType,
} from '../../../network';
import { type Incoming, shapeOrigin } from '../../shapeOrigin';
import { BudgetExceeded, type Evaluation, LIMITS } from '../evaluator';
import {
  type ModuleValue,
  NONE,
  type Recipe,
  type TensorPlace,
  type TensorValue,
  tensor,
  unknown,
  type Value,
} from '../values';
import { afterForward, beforeForward } from './hooks';
import { shapeMismatch } from './layer';
import { isKnown, materialized, recipeOf } from './recipe';
import { InputNeeded, requirementByWeight, requirementOf } from './requirement';
import { settle, viewsOf, writeTo } from './sharedMemory';
import { partOf } from './storedPart';

/** A call whose stored operands still lack their names. */
export interface TracedCall extends Omit<Call, 'inputs'> {
  readonly operands: readonly TensorPlace[];
}

/** What a forward has computed so far. */
export interface Trace {
  /** The names of the root's modules. */
  readonly ids: ReadonlyMap<ModuleValue, string>;
  readonly calls: TracedCall[];
  /** Ids in use: modules and functions. */
  readonly taken: Set<string>;
  /** The last number that a name was given, so that finding a free one takes as long for the thousandth. */
  readonly numbers: Map<string, number>;
  /** How often each module was called. */
  readonly times: Map<ModuleValue, number>;
  /** The modules whose forward is running, outermost first. */
  readonly running: ModuleValue[];
  /** Computations on known values that became calls, and the ids of these. */
  readonly made: Map<Recipe, string>;
}

export function newTrace(ids: ReadonlyMap<ModuleValue, string>): Trace {
  return {
    ids,
    calls: [],
    taken: new Set(ids.values()),
    numbers: new Map(),
    times: new Map(),
    running: [],
    made: new Map(),
  };
}

/** What a layer row is applied to. */
export interface Application {
  readonly row: LayerRow;
  readonly attributes: Attributes;
  /** A function's own defaults. */
  readonly defaults?: Attributes;
  readonly operands: readonly Value[];
  /** Where it is called. */
  readonly site: Span;
  /** The module that it is, or the function's short name. */
  readonly by: ModuleValue | string;
}

/** `<scope>.relu`, `<scope>.relu_1`: the first that nothing bears yet. */
export function functionId(trace: Trace, name: string): string {
  const scope = [...trace.running]
    .reverse()
    .map((module) => trace.ids.get(module))
    .find((id) => id !== undefined);
  const base = scope ? `${scope}.${name}` : name;
  let id = base;
  let number = trace.numbers.get(base) ?? 0;
  while (trace.taken.has(id)) id = `${base}_${++number}`;
  trace.numbers.set(base, number);
  trace.taken.add(id);
  return id;
}

/** Takes calls back from the `from`th on, and the names that they took. */
export function dropCalls(trace: Trace, from: number): void {
  const dropped = trace.calls.splice(from);
  if (dropped.length === 0) return;
  const ids = new Set<string>();
  for (const { id, module } of dropped) {
    if (module !== undefined) continue;
    ids.add(id);
    trace.taken.delete(id);
    const [, base, number] = /^(.*)_(\d+)$/.exec(id) ?? [];
    const last = base === undefined ? undefined : trace.numbers.get(base);
    if (last !== undefined) trace.numbers.set(base!, Math.min(last, Number(number) - 1));
  }
  for (const [recipe, id] of trace.made) if (ids.has(id)) trace.made.delete(recipe);
}

function moduleCallId(trace: Trace, module: ModuleValue, id: string): string {
  const times = (trace.times.get(module) ?? 0) + 1;
  trace.times.set(module, times);
  return times === 1 ? id : `${id}@${times}`;
}

/** PyTorch's class name as a function's: `LeakyReLU` → `leaky_relu`. */
const functionName = (kind: string): string => kind.replace(/([a-z0-9])([A-Z])/g, '$1_$2').toLowerCase();

const functionNameOf = ({ kind }: LayerRow, by: ModuleValue | string): string =>
  typeof by === 'string' ? by : functionName(kind);

/**
 * Applies a layer to tensors: computes the shapes of what comes out and, where values flow in a forward, records the call.
 * @throws InputError where the shapes do not fit; InputNeeded where an input's shape is being solved and the layer says it.
 */
export function applyLayer(application: Application, run: Evaluation): Value {
  const { row, operands, site, by } = application;
  const label = typeof by === 'string' ? by : (run.trace?.ids.get(by) ?? by.class.name);
  const tensors: TensorValue[] = [];
  for (const operand of operands) {
    if (operand.type === 'unknown') {
      run.note(operand, label);
      return operand;
    }
    if (operand.type !== 'tensor') return run.unmodelled(label, `its input is no tensor that the reader knows`, site);
    tensors.push(operand);
  }
  for (const each of tensors) settle(each, run);
  const unsolved = tensors.find(({ shape }) => shape === undefined);
  if (unsolved) {
    const input = unsolved.place.kind === 'flow' ? unsolved.place.value : '';
    const byWeight = typeof by === 'string' && unsolved === tensors[0];
    const requirement =
      requirementOf(row.kind, application.attributes) ??
      (byWeight ? requirementByWeight(row.kind, tensors[1]?.shape, application.attributes) : undefined);
    if (requirement)
      throw new InputNeeded(
        input,
        requirement,
        typeof by === 'string' ? by : label,
        typeof by === 'string' ? site : by.source,
      );
    // Behind what moves axes, a later layer says nothing of the input itself.
    return MOVING.has(row.kind) ? unknown("the input's shape is not known", site) : unsolved;
  }
  const shapes = tensors.map(({ shape }) => shape!);
  let attributes: Attributes;
  let outputShapes: readonly Shape[];
  let types: readonly ValueType[];
  try {
    attributes =
      typeof by === 'string'
        ? completeAttributes(row, application.attributes, shapes, application.defaults)
        : application.attributes;
    types = outputTypes(
      row,
      tensors.map(({ dtype }) => dtype),
      attributes,
    );
    outputShapes = row.outputShapes(shapes, attributes);
  } catch (error) {
    if (error instanceof NotModelled) return run.unmodelled(label, error.message, site);
    if (error instanceof AttributeError) return refuseAttribute(application, error, run);
    if (!(error instanceof ShapeError)) throw error;
    const name =
      label === row.kind || typeof by === 'string' ? label : `${label} (${row.library ? by.class.name : row.kind})`;
    const incoming = tensors.map(({ place }, i): Incoming => ({ shape: shapes[i]!, origin: originOf(place, run) }));
    throw shapeMismatch(
      error,
      name,
      incoming,
      typeof by === 'string' ? site : by.source,
      typeof by === 'string' ? undefined : site,
    );
  }
  const results = record({ ...application, attributes }, tensors, outputShapes, label, run);
  results.forEach((result, i) => {
    if (result.type === 'tensor') result.dtype = types[i] ?? types.at(-1)!;
  });
  if (row.view) viewsOf({ ...application, attributes }, tensors, results);
  if (attributes.inplace === true && results.length === 1) return writeTo(tensors[0]!, results[0]!, run, site);
  return arranged(row.results?.(results.length, attributes) ?? defaultResults(results.length), results);
}

/** Kinds behind which a layer that asks for a shape does not say the input's. */
const MOVING: ReadonlySet<string> = new Set([
  'permute',
  'transpose',
  'squeeze',
  'unsqueeze',
  'reshape',
  'Unflatten',
  'cat',
  'matmul',
  'mean',
]);

/** Where a tensor's shape was made, by the names and lines that the file gives. */
function originOf(place: TensorPlace, run: Evaluation): string {
  if (place.kind !== 'flow') return place.kind === 'fresh' ? lineText(place.source) : 'a parameter';
  const { trace } = run;
  if (!trace) return `'${place.value}'`;
  const modules = new Map([...trace.ids].map(([module, id]) => [id, module]));
  const calls = trace.calls.map(({ operands, ...call }) => ({
    ...call,
    inputs: operands.flatMap((operand) => (operand.kind === 'flow' ? [{ value: operand.value }] : [])),
    // A module's sizes stand where it is constructed.
    source: (call.module === undefined ? undefined : modules.get(call.module))?.source ?? call.source,
  }));
  return shapeOrigin(place.value, calls, ({ id }) => id);
}

/** A value that the function takes and PyTorch refuses is an error; one that the row cannot read is not modelled. */
function refuseAttribute({ row, attributes, site, by }: Application, error: AttributeError, run: Evaluation): Value {
  const given = attributes[error.attribute];
  const fits = given !== undefined && row.attributes[error.attribute]?.accept(given) !== undefined;
  return fits ? run.refuse(error, site) : run.unmodelled(typeof by === 'string' ? by : row.kind, error.message, site);
}

const defaultResults = (outputs: number): Results =>
  outputs === 1 ? 0 : { items: Array.from({ length: outputs }, (_, i) => i) };

/** The outputs as Python sees them: one alone, or in tuples. */
function arranged(results: Results, outputs: readonly Value[]): Value {
  if (results === null) return NONE;
  if (typeof results === 'number') return outputs[results]!;
  const items = results.items.map((item) => arranged(item, outputs));
  return { type: 'tuple', items, ...(results.names && { names: results.names }) };
}

function record(
  { row, attributes, site, by }: Application,
  tensors: readonly TensorValue[],
  outputShapes: readonly Shape[],
  label: string,
  run: Evaluation,
): Value[] {
  const trace = run.trace;
  const module = typeof by === 'string' ? undefined : by;
  const moduleId = module && trace?.ids.get(module);
  // Nothing flows yet: what is computed is kept, and done when something that flows takes it.
  if (tensors.every(isKnown) && !(trace && module)) {
    const recipe = recipeOf({ row, attributes, site, by: functionNameOf(row, by) }, tensors, outputShapes);
    return outputShapes.map((shape, output) =>
      tensor(shape, { kind: 'fresh', source: site, ...(recipe && { recipe, output }) }),
    );
  }
  const part =
    !trace && row.kind === 'getitem' && tensors.length === 1
      ? partOf(tensors[0]!, attributes.index as readonly AttributeValue[])
      : undefined;
  if (part) return outputShapes.map((shape) => tensor(shape, { kind: 'fresh', source: site, part }));
  // A constructor that runs a part of the network to see what shape comes out: the shape is known, the values are not.
  if (!trace) return outputShapes.map((shape) => tensor(shape, { kind: 'fresh', source: site }));
  const places = tensors.map(({ place }) => materialized(place, trace));
  const operands = places.filter((place) => place !== undefined);
  if (operands.length < places.length)
    return outputShapes.map(() =>
      run.unmodelled(label, 'a tensor of random numbers that no module owns is not modelled', site),
    );
  if (trace.calls.length >= LIMITS.rounds) throw new BudgetExceeded(`more than ${LIMITS.rounds} calls`);
  if (module && moduleId === undefined && module.parameters.size > 0) {
    const why = 'a module with parameters is made in forward or kept outside of the model';
    return outputShapes.map(() => run.unmodelled(label, why, site));
  }
  const id =
    module && moduleId !== undefined
      ? moduleCallId(trace, module, moduleId)
      : functionId(trace, functionNameOf(row, by));
  trace.calls.push({
    id,
    kind: row.kind,
    ...(moduleId !== undefined && { module: moduleId }),
    attributes,
    operands,
    outputShapes,
    source: site,
  });
  return outputShapes.map((shape, i) => tensor(shape, { kind: 'flow', value: outputOf(id, i) }));
}

/** Runs something as part of a module's forward, or of another of its methods. */
export function inside<T>(module: ModuleValue, run: Evaluation, work: () => T): T {
  run.owners.push(module);
  run.trace?.running.push(module);
  try {
    return work();
  } finally {
    run.owners.pop();
    run.trace?.running.pop();
  }
}

/** Calls a module as `module(x)` does. */
export function callModule(
  module: ModuleValue,
  args: Parameters<Evaluation['call']>[1],
  site: Span,
  run: Evaluation,
): Value {
  const given = [...args.positional, ...args.keywords.values()];
  if (!run.trace && !run.strict()) {
    run.findings.examples.push({ module, positional: args.positional, keywords: args.keywords, site });
    return unknown('what the network gives is not known before running', site);
  }
  if (module.opaque) {
    run.note(module.opaque, module.class.name);
    return module.opaque;
  }
  const open = given.find((value) => value.type === 'unknown');
  const refused = module.class.resolution.find(({ refuses }) => refuses !== undefined)?.refuses;
  // Behind the first of them nothing is known, which is said once.
  if (refused) return open ?? run.unmodelled(module.class.name, refused, site);
  const stopped = open;
  if (stopped?.type === 'unknown' && given.length === 1) {
    run.note(stopped, run.trace?.ids.get(module) ?? module.class.name);
    return stopped;
  }
  return inside(module, run, () => {
    const taken = module.hooks ? beforeForward(module, args, site, run) : args;
    const forward = run.findAttribute(module, 'forward', site);
    if (!forward)
      return run.raise(
        'NotImplementedError',
        `Module [${module.class.name}] is missing the required "forward" function`,
        site,
      );
    const result = run.call(forward, taken, site);
    return module.hooks ? afterForward(module, taken, result, site, run) : result;
  });
}
