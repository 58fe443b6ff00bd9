import {
  type Buffer,
  InputError,
  type Module,
  type Network,
  type Operand,
  type Parameter,
  type Unmodelled,
  valueShapes,
} from '../../network';
import { type Evaluation, LIMITS } from '../python/evaluator';
import { classAttribute } from '../python/evaluator/classes';
import { type NamedModule, namedModules, namedTensors } from '../python/modules/named';
import type { TracedCall } from '../python/modules/trace';
import type { ModuleValue, StoredTensor, Value } from '../python/values';
import type { ReadOptions } from '../reader';
import { writtenNormsOf } from '../writtenNorms';
import { forgetInputs, materialize } from './builtins/lazy';
import type { Candidate } from './candidates';
import { type ForwardResult, inputValues, traceForward } from './forward';
import { inputsOf } from './inputs';
import { labelsOf } from './labels';
import { batchOf, type Directives, optimizerOf, taskOf } from './script';
import { trainingMethods } from './trainingMethods';

/** More modules than this are not shown to anybody. */
const MOST_MODULES = 20_000;

/** A model that is itself one layer has no name in PyTorch; here it has its class's. */
function named(root: ModuleValue): NamedModule[] {
  const modules = namedModules(root);
  if (modules.length > MOST_MODULES) {
    throw new InputError(`the network has more than ${MOST_MODULES} modules`, 'read a smaller one', root.source);
  }
  const [first, ...rest] = modules;
  return root.layer ? [{ ...first!, id: root.class.name }, ...rest] : modules;
}

function moduleOf({ id, module, aliases }: NamedModule, ids: ReadonlyMap<StoredTensor, string>): Module {
  const names = (of: ReadonlyMap<string, StoredTensor | null>) =>
    Object.fromEntries(
      [...of].flatMap(([local, stored]) => {
        const id = stored && ids.get(stored);
        return id ? [[local, id]] : [];
      }),
    );
  return {
    id,
    kind: module.class.name,
    attributes: module.layer?.attributes ?? {},
    container:
      !module.layer &&
      !module.class.path?.match(/^torch\.nn\.(?!Sequential$|Module(List|Dict)?$|Transformer)/) &&
      !module.opaque,
    parameters: names(module.parameters),
    buffers: names(module.buffers),
    aliases,
    source: module.source,
  };
}

/** A tensor's first values; what is worked out of another tensor names it. */
function initializationOf(
  { initialization, of }: StoredTensor,
  ids: ReadonlyMap<StoredTensor, string>,
): StoredTensor['initialization'] {
  const from = of && ids.get(of);
  return from !== undefined && 'of' in initialization ? { ...initialization, of: from } : initialization;
}

/** The call with its parameters and buffers by name; undefined where one belongs to no module. */
function operandsOf(call: TracedCall, ids: ReadonlyMap<StoredTensor, string>): Operand[] | undefined {
  const operands: Operand[] = [];
  for (const place of call.operands) {
    if (place.kind === 'flow') operands.push({ value: place.value });
    else {
      const id = place.kind === 'stored' ? ids.get(place.tensor) : undefined;
      if (id === undefined) return undefined;
      operands.push({ parameter: id });
    }
  }
  return operands;
}

/** What could not be modelled in this model, each reason once. */
function unmodelledOf(modules: readonly NamedModule[], run: Evaluation): Unmodelled[] {
  const own = new Set(modules.map(({ module }) => module));
  const found: Unmodelled[] = [];
  for (const { module } of modules) {
    if (module.opaque) found.push({ what: module.class.name, why: module.opaque.why, source: module.opaque.source });
  }
  for (const { owner, what, why, source } of run.findings.notes) {
    if (owner && own.has(owner)) found.push({ what, why, source });
  }
  const key = ({ why, source }: Unmodelled) => `${why}@${source.start.line}:${source.start.column}`;
  const first = new Map<string, Unmodelled>();
  for (const each of found) if (!first.has(key(each))) first.set(key(each), each);
  return [...first.values()];
}

/** The forward with labels, where it goes through with them; else as if it had not been tried. */
function withLabels(
  modules: readonly NamedModule[],
  values: ReadonlyMap<string, Value>,
  labels: ReadonlyMap<string, Value> | undefined,
  run: Evaluation,
): ForwardResult | undefined {
  if (!labels) return undefined;
  const { notes, records, assumptions } = run.findings;
  const before = { notes: notes.length, records: records.length, assumptions: assumptions.length };
  try {
    const result = traceForward(modules, new Map([...values, ...labels]), run);
    if (result.outputs.length > 0 && notes.length === before.notes) return result;
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
  }
  notes.length = before.notes;
  records.length = before.records;
  assumptions.length = before.assumptions;
  run.budget.operations = LIMITS.operations;
  return undefined;
}

/** The Network of one model of the file. @throws InputError where its shapes do not fit or its code fails. */
export function assemble(candidate: Candidate, options: ReadOptions, directives: Directives, run: Evaluation): Network {
  const root = candidate.make();
  const modules = named(root);
  run.budget.operations = LIMITS.operations;
  const runs = classAttribute(root.class, 'forward') !== undefined;
  trainingMethods(root, run);
  const { inputs, absent = [], batch: example } = runs ? inputsOf(modules, options, directives, run) : {};
  for (const name of absent)
    run.findings.assumptions.push({
      what: `${root.class.name}'s input ${name}`,
      why: 'nothing says it, and the forward goes through with None for it',
      source: root.source,
    });
  let result: ForwardResult | undefined;
  const layers = modules.map(({ module }) => module);
  forgetInputs(layers);
  if (inputs) {
    run.budget.operations = LIMITS.operations;
    const values = inputValues(inputs.values(), absent);
    result = withLabels(modules, values, labelsOf(root, inputs, absent), run) ?? traceForward(modules, values, run);
  }
  materialize(layers, run);
  const parameterIds = namedTensors(modules, 'parameters');
  const bufferIds = namedTensors(modules, 'buffers');
  const ids = new Map([...bufferIds, ...parameterIds]);
  const unmodelled = unmodelledOf(modules, run);
  const open = layers.find(({ lazy, layer }) => lazy && !layer);
  if (open)
    unmodelled.push({
      what: open.class.name,
      why: 'its sizes come with the first input, and none reaches it: its parameters are not counted',
      source: open.source,
    });
  if (!runs) unmodelled.push({ what: root.class.name, why: 'it has no forward', source: root.source });
  const calls = [];
  for (const call of result?.trace.calls ?? []) {
    const operands = operandsOf(call, ids);
    if (!operands) {
      unmodelled.push({
        what: call.id,
        why: 'it uses a parameter that belongs to no module; the calls after it are left out',
        source: call.source,
      });
      break;
    }
    const { operands: _, ...rest } = call;
    calls.push({ ...rest, inputs: operands });
  }
  const parameters = [...parameterIds].map(
    ([stored, id]): Parameter => ({
      id,
      shape: stored.shape,
      trainable: stored.trainable,
      initialization: initializationOf(stored, ids),
    }),
  );
  const buffers = [...bufferIds].map(
    ([stored, id]): Buffer => ({ id, shape: stored.shape, initialization: initializationOf(stored, ids) }),
  );
  const structure = {
    name: candidate.name,
    source: candidate.source,
    inputs: inputs ? [...inputs.values()] : [],
    modules: modules.filter(({ id }) => id !== '').map((module) => moduleOf(module, ids)),
    parameters,
    buffers,
    calls,
  };
  const complete = result && calls.length === result.trace.calls.length;
  const outputs = complete ? result!.outputs : [];
  const shapes = valueShapes(structure);
  return {
    ...structure,
    outputs,
    batch: batchOf(run, options, directives, example),
    task: taskOf(
      run,
      structure.inputs,
      outputs[0] === undefined ? undefined : shapes.get(outputs[0]),
      unmodelled,
      calls.find(({ id }) => id === outputs[0]),
    ),
    optimizer: optimizerOf(
      run,
      parameterIds,
      parameters.flatMap(({ id, trainable }) => (trainable ? [id] : [])),
      unmodelled,
    ),
    unmodelled,
    writtenNorms: writtenNormsOf(structure),
  };
}
