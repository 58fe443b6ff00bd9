import {
  BATCH,
  type Buffer,
  type Fact,
  InputError,
  lineText,
  type Module,
  type Network,
  type NetworkInput,
  type Operand,
  type Parameter,
  type Shape,
  type Span,
  type Unmodelled,
  type ValueId,
  valueShapes,
} from '../../network';
import { BudgetExceeded, type Evaluation, LIMITS, PythonError } from '../python/evaluator';
import { classAttribute } from '../python/evaluator/classes';
import { newTrace, type Trace } from '../python/modules/trace';
import {
  type Arguments,
  asNumber,
  list,
  type ModuleValue,
  type StoredTensor,
  type TensorValue,
  tensor,
  type Value,
} from '../python/values';
import { DEFAULT_BATCH, type InputOption, type ReadOptions, withSymbolicBatch } from '../reader';
import { contextOf } from './framework';
import { callLayer, shapeFrom } from './layerMethods';
import { leavesOut } from './masks';
import { inputIn, pipelineOf } from './pipelines';
import { named } from './plain';
import { isTrainable } from './rowLayer';
import { childrenOf, mapTensors, stateOf, type Training, tensorsIn } from './state';
import { asScores, objectiveOf, optimizerOf } from './task';

/** What a directive of the file says of inputs and batch. */
export interface Given {
  readonly inputs: readonly {
    readonly name?: string;
    readonly shape: readonly number[];
    readonly dtype: NetworkInput['dtype'];
    readonly source: Span;
  }[];
  readonly batch?: { readonly size: number; readonly source: Span };
}

interface Named {
  readonly id: string;
  readonly module: ModuleValue;
  readonly aliases: string[];
}

/** Every layer once, in the model's order, by Keras's names; those of a model in the model stand behind its name. */
function namedLayers(root: ModuleValue): Named[] {
  const seen = new Map<ModuleValue, Named>();
  const taken = new Set<string>();
  const visit = (module: ModuleValue, prefix: string): void => {
    for (const child of childrenOf(module)) {
      const own = stateOf(child).name || child.class.name.toLowerCase();
      let id = prefix ? `${prefix}.${own}` : own;
      const known = seen.get(child);
      if (known) {
        if (known.id !== id) known.aliases.push(id);
        continue;
      }
      for (let i = 1; taken.has(id); i++) id = `${prefix ? `${prefix}.` : ''}${own}_${i}`;
      taken.add(id);
      seen.set(child, { id, module: child, aliases: [] });
      visit(child, id);
    }
  };
  const leaf = root.layer && childrenOf(root).length === 0;
  const top: Named = { id: leaf ? stateOf(root).name : '', module: root, aliases: [] };
  seen.set(root, top);
  visit(root, top.id);
  return [...seen.values()];
}

/** The inputs of a model, what is handed to its call, and why they are not known where they are not. */
interface Known {
  readonly inputs: readonly NetworkInput[];
  /** As `call` takes them, given each input's tensor. */
  arrange(tensors: readonly TensorValue[]): Value;
  /** The whole call, where an example says how the model is called. */
  call?(tensors: readonly TensorValue[]): Arguments;
}

const arrangeAlone = (tensors: readonly TensorValue[]): Value =>
  tensors.length === 1 ? tensors[0]! : list([...tensors]);

/** The inputs that the model's own KerasTensors state. */
function statedInputs(root: ModuleValue, run: Evaluation): Known | undefined {
  const { graph } = contextOf(run);
  const stated = stateOf(root).input;
  const tensors = stated ? tensorsIn(stated) : [];
  if (!stated || tensors.length === 0 || tensors.some((each) => !each.shape)) return undefined;
  const names = new Set<string>();
  const inputs = tensors.map((each, i): NetworkInput => {
    const spec = graph.inputOf(each);
    let name = spec?.name ?? `input_${i + 1}`;
    while (names.has(name)) name = `${name}_1`;
    names.add(name);
    const line = `${lineText(spec?.source ?? root.source)}`;
    const open =
      spec && spec.open.length > 0
        ? `, where ${spec.open.map((axis) => `${each.shape![axis]} stands for None`).join(', ')}`
        : '';
    return {
      name,
      shape: each.shape!,
      dtype: each.dtype === 'int64' ? 'int64' : 'float32',
      origin: `Input, ${line}${open}`,
    };
  });
  return { inputs, arrange: arrangeAlone };
}

const inputNamed = (name: string, shape: Shape, dtype: NetworkInput['dtype'], origin: string): NetworkInput => ({
  name,
  shape,
  dtype,
  origin,
});

/** What a model of the file's own takes: the name of its `call`'s first argument. */
function callParameters(root: ModuleValue): string[] {
  const call = classAttribute(root.class, 'call');
  if (call?.type !== 'function') return ['inputs'];
  return call.parameters
    .slice(1)
    .filter(({ kind, name, fallback }) => kind === 'positional' && !fallback && !/^(training|mask)$/.test(name))
    .map(({ name }) => name);
}

/** Shapes that the script gives the model: `build`, an example call, the data of `fit`. */
function scriptInputs(root: ModuleValue, run: Evaluation): Known | undefined {
  const [first = 'inputs'] = callParameters(root);
  const state = stateOf(root);
  const said = state.inputShape ?? stateOf(state.layers?.[0] ?? root).inputShape;
  const shape = said && shapeFrom(said.shape, run);
  if (said && shape) {
    return {
      inputs: [inputNamed(first, shape.shape, 'float32', `input shape, ${lineText(said.source)}`)],
      arrange: arrangeAlone,
    };
  }
  const example = exampleOf(root, run);
  return example ? inputsLike(root, example) : innerInputs(root, run);
}

/** Where a model's call takes one input, the input of the first model in it whose own is known, if the call accepts it. */
function innerInputs(root: ModuleValue, run: Evaluation): Known | undefined {
  const names = callParameters(root);
  if (names.length !== 1) return undefined;
  for (const child of childrenOf(root)) {
    const inner = stateOf(child).functional || stateOf(child).layers ? statedInputs(child, run) : undefined;
    if (!inner) continue;
    const single =
      inner.inputs.length === 1 ? inner.inputs.map((input) => ({ ...input, name: names[0]! })) : inner.inputs;
    const origin = `${stateOf(child).name}'s input, as its call takes it`;
    const found: Known = { inputs: single.map((input) => ({ ...input, origin })), arrange: arrangeAlone };
    if (accepts(root, found, run)) return found;
  }
  return undefined;
}

/** Whether the call of a model on such inputs gives something. */
function accepts(root: ModuleValue, known: Known, run: Evaluation): boolean {
  const before = run.findings.notes.length;
  try {
    return runModel(root, known, contextOf(run).graph.scratch(), run).length > 0;
  } catch (error) {
    if (error instanceof InputError) return false;
    throw error;
  } finally {
    run.findings.notes.length = before;
  }
}

/** What a model is given somewhere: its call's arguments, tensors of known shapes among them. */
interface Shown {
  readonly args: Arguments;
  readonly origin: string;
}

const known = (value: Value): boolean => {
  const tensors = tensorsIn(value);
  return tensors.length > 0 && tensors.every(({ shape }) => shape !== undefined && shape.length > 0);
};

/** A call of the model in the script, else the data that it is fitted to. */
function exampleOf(root: ModuleValue, run: Evaluation): Shown | undefined {
  const called = run.findings.examples.find(
    ({ module, positional, keywords }) =>
      module === root &&
      [...positional, ...keywords.values()].some(known) &&
      positional.every((each) => each.type !== 'unknown'),
  );
  if (called) {
    const { positional, keywords, site } = called;
    return {
      args: { positional, keywords: new Map([...keywords].filter(([, value]) => known(value))) },
      origin: `example, ${lineText(site)}`,
    };
  }
  const { fitted } = stateOf(root);
  const given = fitted && named(fitted.args, 'x', 0);
  const pipeline = pipelineOf(given);
  const data = pipeline ? inputIn(pipeline) : given;
  if (!fitted || !data || !known(data)) return undefined;
  return { args: { positional: [data], keywords: new Map() }, origin: `fit, ${lineText(fitted.source)}` };
}

/** Inputs of the shapes of an example's tensors, and the example's own structure around them. */
function inputsLike(root: ModuleValue, { args, origin }: Shown): Known {
  const inputs: NetworkInput[] = [];
  const names = callParameters(root);
  const structured = (value: Value, name: string): Value => {
    const several = tensorsIn(value).length > 1;
    let i = 0;
    return mapTensors(value, (each) => {
      const own = several ? `${name}_${++i}` : name;
      const input = inputNamed(
        own,
        [BATCH, ...each.shape!.slice(1)],
        each.dtype === 'int64' ? 'int64' : 'float32',
        origin,
      );
      inputs.push(input);
      return inputTensor(input);
    });
  };
  const positional = args.positional.map((value, i) => structured(value, names[i] ?? `input_${i + 1}`));
  const keywords = new Map([...args.keywords].map(([name, value]) => [name, structured(value, name)]));
  return {
    inputs,
    arrange: (tensors) => tensors[0]!,
    call(tensors) {
      const byName = new Map(inputs.map(({ name }, i) => [name, tensors[i]!]));
      const now = (each: TensorValue): Value =>
        each.place.kind === 'flow' ? (byName.get(each.place.value) ?? each) : each;
      return {
        positional: positional.map((value) => mapTensors(value, now)),
        keywords: new Map([...keywords].map(([name, value]) => [name, mapTensors(value, now)])),
      };
    },
  };
}

/** The inputs with what the person gives in place of what the file says. */
function inputsOf(root: ModuleValue, options: ReadOptions, given: Given, run: Evaluation): Known | undefined {
  const stated = statedInputs(root, run) ?? scriptInputs(root, run);
  const asked: (InputOption & { readonly origin: string; readonly symbolic: Shape })[] = options.inputs?.length
    ? options.inputs.map((input) => ({
        ...input,
        origin: options.givenBy ?? '--input',
        symbolic: withSymbolicBatch(input.shape),
      }))
    : given.inputs.map((input) => ({
        ...input,
        origin: `directive, ${lineText(input.source)}`,
        symbolic: [BATCH, ...input.shape],
      }));
  if (asked.length === 0) return stated;
  const names = stated?.inputs.map(({ name }) => name) ?? callParameters(root);
  const placed = new Map<string, NetworkInput>(stated?.inputs.map((input) => [input.name, input]));
  for (const [i, { name, symbolic, dtype, origin }] of asked.entries()) {
    const at = name ?? names[i];
    if (at === undefined || (name !== undefined && names.length > 0 && !names.includes(name))) {
      throw new InputError(
        `${root.class.name} has no input '${at ?? i + 1}'`,
        `it takes ${names.join(', ')}`,
        root.source,
      );
    }
    placed.set(at, inputNamed(at, symbolic, dtype ?? placed.get(at)?.dtype ?? 'float32', origin));
  }
  return { ...stated, inputs: [...placed.values()], arrange: stated?.arrange ?? arrangeAlone };
}

const inputTensor = ({ name, shape, dtype }: NetworkInput): TensorValue =>
  tensor(shape, { kind: 'flow', value: name }, dtype);

/** Calls the model on its inputs. What cannot be modelled is noted. @throws InputError where it fails. */
function runModel(root: ModuleValue, known: Known, trace: Trace, run: Evaluation): readonly ValueId[] {
  for (const { name } of known.inputs) trace.taken.add(name);
  run.budget.operations = LIMITS.operations;
  const tensors = known.inputs.map(inputTensor);
  const parameters = callParameters(root);
  const several = parameters.length > 1 && !stateOf(root).functional;
  const plain = { positional: several ? tensors : [known.arrange(tensors)], keywords: new Map<string, Value>() };
  const args = known.call?.(tensors) ?? plain;
  try {
    const { graph, masks } = contextOf(run);
    const result = graph.trial(() => {
      const made = callLayer(root, args, root.source, run, contextOf(run));
      if (tensorsIn(made).some((each) => masks.of(each, run))) leavesOut('the loss', root.source, run);
      return made;
    }, trace);
    return tensorsIn(result).flatMap(({ place }) => (place.kind === 'flow' ? [place.value] : []));
  } catch (error) {
    if (error instanceof PythonError) {
      throw new InputError(
        `the call of ${root.class.name} fails: ${error.message}`,
        error.mend ?? 'mend the line',
        error.source,
      );
    }
    if (!(error instanceof BudgetExceeded)) throw error;
    run.owners.push(root);
    run.unmodelled(`the call of ${root.class.name}`, `it was not read to the end: ${error.message}`, root.source);
    run.owners.pop();
    return [];
  } finally {
    run.owners.length = 0;
  }
}

/** The weights of the layers by Keras's names, each once. */
function weightsOf(modules: readonly Named[], of: 'parameters' | 'buffers'): Map<StoredTensor, string> {
  const names = new Map<StoredTensor, string>();
  for (const { id, module } of modules) {
    for (const [name, stored] of module[of])
      if (stored && !names.has(stored)) names.set(stored, id ? `${id}.${name}` : name);
  }
  return names;
}

function batchOf(root: ModuleValue, options: ReadOptions, given: Given, run: Evaluation): Network['batch'] {
  if (options.batch !== undefined) return { size: options.batch, origin: options.givenBy ?? '--batch' };
  if (given.batch) return { size: given.batch.size, origin: `directive, ${lineText(given.batch.source)}` };
  const fitted = stateOf(root).fitted ?? stateOf(root).trainedBy?.fitted;
  const said = fitted && named(fitted.args, 'batch_size', 2);
  const size = said && asNumber(said);
  if (fitted && size !== undefined && size >= 1)
    return { size, origin: `fit(batch_size=${size}), ${lineText(fitted.source)}` };
  const piped = fitted && pipelineOf(named(fitted.args, 'x', 0))?.batch;
  if (piped?.size !== undefined && piped.size >= 1)
    return { size: piped.size, origin: `batch of the data, ${lineText(piped.source)}` };
  const first = run.findings.batchSizes.find(({ value }) => Number.isInteger(value) && value >= 1);
  if (first) return { size: first.value, origin: `${first.name}, ${lineText(first.source)}` };
  return { size: DEFAULT_BATCH, origin: fitted ? `fit's default, ${lineText(fitted.source)}` : 'default' };
}

/** How many steps `fit` takes: what it is told, or its epochs over data of a known length. */
function plannedSteps(root: ModuleValue, size: number): Fact<number> | undefined {
  const { fitted } = stateOf(root);
  if (!fitted) return undefined;
  const given = (name: string, position: number) => {
    const value = named(fitted.args, name, position);
    return value && value.type !== 'none' ? value : undefined;
  };
  const epochsGiven = given('epochs', 3);
  const epochs = epochsGiven ? asNumber(epochsGiven) : 1;
  const told = given('steps_per_epoch', 13);
  const data = given('x', 0);
  const samples = data?.type === 'tensor' ? data.shape?.[0] : pipelineOf(data)?.samples;
  const held = given('validation_split', 6);
  const share = held ? asNumber(held) : 0;
  const steps =
    told !== undefined
      ? asNumber(told)
      : typeof samples === 'number' && share !== undefined
        ? Math.ceil((samples * (1 - share)) / size)
        : undefined;
  const all = epochs === undefined || steps === undefined ? undefined : epochs * steps;
  return all !== undefined && Number.isInteger(all) && all >= 1 ? { value: all, source: fitted.source } : undefined;
}

function unmodelledOf(modules: readonly Named[], run: Evaluation): Unmodelled[] {
  const members = new Set(modules.map(({ module }) => module));
  const found = [
    ...modules.flatMap(({ module }) =>
      module.opaque ? [{ what: module.class.name, why: module.opaque.why, source: module.opaque.source }] : [],
    ),
    ...run.findings.notes.flatMap(({ owner, what, why, source }) =>
      owner && members.has(owner) ? [{ what, why, source }] : [],
    ),
  ];
  const once = new Map(
    found.map((each) => [`${each.why}@${each.source.start.line}:${each.source.start.column}`, each]),
  );
  return [...once.values()];
}

/** The Network of one Keras model of the file. @throws InputError where its shapes do not fit or its code fails. */
export function assembleKeras(
  candidate: { readonly name: string; readonly source: Span; make(): ModuleValue },
  options: ReadOptions,
  given: Given,
  run: Evaluation,
): Network {
  const root = candidate.make();
  const known = root.opaque ? undefined : inputsOf(root, options, given, run);
  // Keras makes weights at the first call; that of the trace needs their names already.
  const built = known && (stateOf(root).functional ? [] : runModel(root, known, contextOf(run).graph.scratch(), run));
  const modules = namedLayers(root);
  const trace = newTrace(new Map(modules.map(({ id, module }) => [module, id])));
  const { compiled } = stateOf(root);
  const outputs = asScores(compiled, known && built ? runModel(root, known, trace, run) : [], trace);
  const parameterIds = weightsOf(modules, 'parameters');
  const bufferIds = weightsOf(modules, 'buffers');
  const ids = new Map([...parameterIds, ...bufferIds]);
  const owners = new Map(
    modules.flatMap(({ module }) => [...module.parameters.values()].map((stored) => [stored, module] as const)),
  );
  const unmodelled = unmodelledOf(modules, run);
  if (!known) {
    unmodelled.push({
      what: root.class.name,
      why: "its input's shape is not known, and Keras makes weights at the first call",
      source: root.source,
    });
  }
  const operandsOf = (call: Trace['calls'][number]): Operand[] | undefined => {
    const operands = call.operands.map((place): Operand | undefined => {
      if (place.kind === 'flow') return { value: place.value };
      const id = place.kind === 'stored' ? ids.get(place.tensor) : undefined;
      return id === undefined ? undefined : { parameter: id };
    });
    return operands.includes(undefined) ? undefined : (operands as Operand[]);
  };
  const calls = [];
  for (const call of trace.calls) {
    const inputs = operandsOf(call);
    if (!inputs) {
      unmodelled.push({
        what: call.id,
        why: 'it uses a weight that belongs to no layer; the calls after it are left out',
        source: call.source,
      });
      break;
    }
    const { operands: _, ...rest } = call;
    calls.push({ ...rest, inputs });
  }
  const complete = calls.length === trace.calls.length;
  const structure = {
    name: candidate.name,
    source: candidate.source,
    inputs: (known?.inputs ?? []).map((input) => ({ ...input })),
    modules: modules.filter(({ id }) => id !== '').map((each) => moduleOf(each, ids)),
    parameters: [...parameterIds].map(
      ([stored, id]): Parameter => ({
        id,
        shape: stored.shape,
        trainable: stored.trainable && isTrainable(owners.get(stored)!),
        initialization: stored.initialization,
      }),
    ),
    buffers: [...bufferIds].map(
      ([stored, id]): Buffer => ({ id, shape: stored.shape, initialization: stored.initialization, counted: true }),
    ),
    calls,
  };
  const shapes = valueShapes(structure);
  const objective = objectiveOf(
    compiled,
    structure.inputs,
    complete ? outputs : [],
    (id) => shapes.get(id),
    trace.calls,
    unmodelled,
  );
  const batch = batchOf(root, options, given, run);
  const steps = plannedSteps(root, batch.size);
  return {
    ...structure,
    outputs: objective.outputs,
    batch,
    ...(steps && { plannedSteps: steps }),
    task: objective.task,
    optimizer: optimizerOf(compiled ?? optimizerAlone(root), unmodelled),
    unmodelled,
  };
}

/** The optimizer that a model is trained with by the steps of another, where that is compiled with one. */
function optimizerAlone(root: ModuleValue): Training | undefined {
  const compiled = stateOf(root).trainedBy?.compiled;
  return compiled && named(compiled.args, 'optimizer', 0) ? compiled : undefined;
}

function moduleOf({ id, module, aliases }: Named, ids: ReadonlyMap<StoredTensor, string>): Module {
  const names = (of: ReadonlyMap<string, StoredTensor | null>) =>
    Object.fromEntries(
      [...of].flatMap(([local, stored]) => (stored && ids.has(stored) ? [[local, ids.get(stored)!]] : [])),
    );
  return {
    id,
    kind: module.class.name,
    attributes: module.layer?.attributes ?? {},
    container: !module.layer && !module.opaque && (childrenOf(module).length > 0 || module.class.path === undefined),
    parameters: names(module.parameters),
    buffers: names(module.buffers),
    aliases,
    source: module.source,
  };
}
