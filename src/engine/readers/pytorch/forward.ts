import { type NetworkInput, outputOf, type ValueId } from '../../network';
import { BudgetExceeded, type Evaluation, PythonError } from '../python/evaluator';
import { classAttribute } from '../python/evaluator/classes';
import type { NamedModule } from '../python/modules';
import { settle } from '../python/modules/sharedMemory';
import { newTrace, type Trace } from '../python/modules/trace';
import { type ModuleValue, NONE, string, type TensorValue, tensor, type Value } from '../python/values';
import { inputErrorOf } from './candidates';

/** An input of a model's forward. */
export interface ForwardParameter {
  readonly name: string;
  readonly required: boolean;
  /** Required only because it is what such models are for, by its name: another such may do without it. */
  readonly byName?: true;
}

/** Hugging Face's names for what a model is for. */
const MAIN_INPUTS = /^((decoder_)?input_ids|pixel_values|input_features|input_values)$/;

/** What a forward may ask for that is no input of the network. */
const KNOWN: ReadonlyMap<string, Value> = new Map([['device', string('cpu')]]);

/** Those of them that a forward asks for. */
function knownArguments(forward: Value | undefined): [string, Value][] {
  if (forward?.type !== 'function') return [];
  return forward.parameters.flatMap(({ name, fallback }) => {
    const value = fallback ? undefined : KNOWN.get(name);
    return value ? [[name, value] satisfies [string, Value]] : [];
  });
}

/** What a model's forward takes, without `self`. */
export function forwardParameters(root: ModuleValue): ForwardParameter[] {
  let forward = classAttribute(root.class, 'forward');
  // What stands before it takes what it takes.
  for (let inner = forward; inner?.type === 'function'; inner = inner.wrapped) forward = inner;
  if (forward?.type === 'function') {
    const own = forward.parameters
      .slice(1)
      .filter(({ kind, name }) => kind !== 'list' && kind !== 'dict' && !KNOWN.has(name))
      .map(({ name, fallback }) => ({ name, required: fallback === undefined }));
    // Where it takes everything by name and nothing must be there, it says itself what is missing; these are what it takes.
    return own.some(({ required }) => required)
      ? own
      : own.map(({ name }) =>
          MAIN_INPUTS.test(name) ? { name, required: true, byName: true } : { name, required: false },
        );
  }
  const [first] = root.children.values();
  if (!root.layer && first)
    return forwardParameters(first)
      .slice(0, 1)
      .map(({ name }) => ({ name, required: true }));
  const names = root.layer?.row.call?.operands ?? ['input'];
  return names.map((name) => ({ name: name.replace(/^\*/, ''), required: true }));
}

export interface ForwardResult {
  readonly trace: Trace;
  readonly outputs: readonly ValueId[];
}

/** The values that a forward returns, in order; what is no flowing tensor is left out. */
function flowing(value: Value, run: Evaluation): ValueId[] {
  switch (value.type) {
    case 'tensor':
      settle(value, run);
      return value.place.kind === 'flow' ? [value.place.value] : [];
    case 'tuple':
    case 'list':
      return value.items.flatMap((item) => flowing(item, run));
    case 'dict':
      return [...value.entries.values()].flatMap((entry) => flowing(entry.value, run));
    case 'instance': {
      // An output class of a library: a dataclass, or one below dict.
      const held = value.held ? flowing(value.held, run) : [];
      return [...new Set([...held, ...[...value.attributes.values()].flatMap((each) => flowing(each, run))])];
    }
    default:
      return [];
  }
}

/** Single numbers, which are losses, behind the values that a model gives beside them. */
function lossesLast(outputs: readonly ValueId[], trace: Trace): ValueId[] {
  const numbers = new Set(
    trace.calls.flatMap(({ id, outputShapes }) =>
      outputShapes.flatMap((shape, i) => (shape.length === 0 ? [outputOf(id, i)] : [])),
    ),
  );
  return [...outputs.filter((id) => !numbers.has(id)), ...outputs.filter((id) => numbers.has(id))];
}

export const inputTensor = ({ name, shape, dtype }: NetworkInput): TensorValue =>
  tensor(shape, { kind: 'flow', value: name }, dtype);

/** What a forward is called with: its inputs, and None for those that it does without. */
export const inputValues = (inputs: Iterable<NetworkInput>, absent: readonly string[]): Map<string, Value> =>
  new Map<string, Value>([
    ...[...inputs].map((input) => [input.name, inputTensor(input)] as const),
    ...absent.map((name) => [name, NONE] as const),
  ]);

/**
 * Runs the root's forward over symbolic inputs and records its calls. What cannot be modelled is noted; the calls up to
 * there stand, in `trace` also where it fails.
 * @throws InputError for shapes that do not fit or code that fails; InputNeeded from an input of unknown shape.
 */
export function traceForward(
  modules: readonly NamedModule[],
  inputs: ReadonlyMap<string, Value>,
  run: Evaluation,
  trace = newTrace(new Map(modules.map(({ id, module }) => [module, id]))),
): ForwardResult {
  const root = modules[0]!.module;
  for (const name of inputs.keys()) trace.taken.add(name);
  run.trace = trace;
  const noted = run.findings.notes.length;
  const parameters = forwardParameters(root);
  const forward = classAttribute(root.class, 'forward');
  const byName = forward?.type === 'function';
  try {
    const result = run.call(
      root,
      byName
        ? { positional: [], keywords: new Map([...knownArguments(forward), ...inputs]) }
        : { positional: parameters.flatMap(({ name }) => inputs.get(name) ?? []), keywords: new Map() },
      root.source,
    );
    return { trace, outputs: lossesLast(flowing(result, run), trace) };
  } catch (error) {
    if (error instanceof PythonError) {
      const own = new Set(modules.map(({ module }) => module));
      const missed =
        modules.some(({ module }) => module.opaque) ||
        run.findings.notes.slice(noted).some(({ owner }) => owner && own.has(owner));
      if (!missed) throw inputErrorOf(error, `the forward of ${root.class.name} fails`);
      // Something of the model was not modelled: that it does not run is as likely the reader's fault as the file's.
      run.owners.push(root);
      run.unmodelled(
        `the forward of ${root.class.name}`,
        `behind what is not modelled it fails: ${error.message}`,
        error.source,
      );
      return { trace, outputs: [] };
    }
    if (!(error instanceof BudgetExceeded)) throw error;
    run.owners.push(root);
    run.unmodelled(`the forward of ${root.class.name}`, `it was not read to the end: ${error.message}`, root.source);
    return { trace, outputs: [] };
  } finally {
    run.trace = undefined;
    run.owners.length = 0;
  }
}
