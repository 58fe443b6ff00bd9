import type { Shape, Span, ValueType } from '../../network';
import type { Evaluation } from '../python/evaluator';
import { newTrace, type Trace } from '../python/modules/trace';
import { type Arguments, type ModuleValue, type TensorValue, tensor, type Value } from '../python/values';
import { mapArguments, mapTensors, stateOf, tensorsIn } from './state';

/** An Input of a functional model. */
export interface InputSpec {
  readonly name: string;
  readonly source: Span;
  /** Axes that the file leaves open, for which a usual size stands. */
  readonly open: readonly number[];
}

/** What was called on KerasTensors: a layer or a function, with which arguments, and what it gave. */
interface Node {
  readonly call: (args: Arguments) => Value;
  readonly args: Arguments;
  readonly result: Value;
  readonly module?: ModuleValue;
}

/** A KerasTensor's name. */
const idOf = (value: TensorValue): string | undefined =>
  value.place.kind === 'flow' && value.place.value.startsWith('keras_tensor') ? value.place.value : undefined;

/**
 * What a file calls on KerasTensors, outside of any model: every call is done once, for its shapes, and kept, so that a
 * model made of the tensors can do it again on its own inputs.
 */
export class SymbolicGraph {
  readonly #run: Evaluation;
  readonly #nodes: Node[] = [];
  readonly #producers = new Map<string, number>();
  readonly inputs = new Map<string, InputSpec>();
  readonly #ids = new Map<ModuleValue, string>();
  #count = 0;

  constructor(run: Evaluation) {
    this.#run = run;
  }

  /** Makes a layer known by name to what computes shapes. */
  knows(module: ModuleValue, name: string): void {
    this.#ids.set(module, name);
  }

  #fresh(shape: Shape | undefined, dtype: ValueType): TensorValue {
    return tensor(shape, { kind: 'flow', value: `keras_tensor_${this.#count++}` }, dtype);
  }

  input(shape: Shape, dtype: ValueType, spec: InputSpec): TensorValue {
    const made = this.#fresh(shape, dtype);
    this.inputs.set(idOf(made)!, spec);
    return made;
  }

  inputOf(value: TensorValue): InputSpec | undefined {
    return this.inputs.get(idOf(value) ?? '');
  }

  /** Whether a call is one on KerasTensors, to be kept. */
  concerns(args: Arguments): boolean {
    if (this.#run.trace) return false;
    return [...args.positional, ...args.keywords.values()].some((value) =>
      tensorsIn(value).some((each) => idOf(each) !== undefined),
    );
  }

  /** A record of calls that nobody keeps. */
  scratch(): Trace {
    return newTrace(this.#ids);
  }

  /** Does something where layers are called for their shapes alone. */
  trial<T>(work: () => T, trace: Trace = newTrace(this.#ids)): T {
    const before = this.#run.trace;
    this.#run.trace = trace;
    try {
      return work();
    } finally {
      this.#run.trace = before;
    }
  }

  /** Calls something on KerasTensors; what it gives are KerasTensors. */
  apply(call: (args: Arguments) => Value, args: Arguments, module?: ModuleValue): Value {
    const given = this.trial(() => call(args));
    const result = mapTensors(given, (each) =>
      each.place.kind === 'flow' ? this.#fresh(each.shape, each.dtype) : each,
    );
    const at = this.#nodes.length;
    this.#nodes.push({ call, args, result, ...(module && { module }) });
    for (const each of tensorsIn(result)) {
      const id = idOf(each);
      if (id !== undefined) this.#producers.set(id, at);
    }
    if (module) {
      const state = stateOf(module);
      state.input = args.positional[0] ?? [...args.keywords.values()][0];
      state.output = result;
    }
    return result;
  }

  /** The nodes between inputs and outputs, in the order in which they were called. */
  #between(inputs: Value, outputs: Value): Node[] {
    const stop = new Set(tensorsIn(inputs).map(idOf));
    const needed = new Set<number>();
    const stack = tensorsIn(outputs);
    for (let value = stack.pop(); value; value = stack.pop()) {
      const id = idOf(value);
      if (id === undefined || stop.has(id)) continue;
      const at = this.#producers.get(id);
      if (at === undefined || needed.has(at)) continue;
      needed.add(at);
      const { args } = this.#nodes[at]!;
      stack.push(...[...args.positional, ...args.keywords.values()].flatMap(tensorsIn));
    }
    return [...needed].sort((a, b) => a - b).map((at) => this.#nodes[at]!);
  }

  /** The layers of a model from inputs to outputs. */
  layersBetween(inputs: Value, outputs: Value): ModuleValue[] {
    return [...new Set(this.#between(inputs, outputs).flatMap(({ module }) => module ?? []))];
  }

  /** The inputs that outputs are made of and that are not among `inputs`. */
  missingInput(inputs: Value, outputs: Value): InputSpec | undefined {
    const stop = new Set(tensorsIn(inputs).map(idOf));
    for (const { args } of this.#between(inputs, outputs)) {
      for (const each of [...args.positional, ...args.keywords.values()].flatMap(tensorsIn)) {
        const id = idOf(each);
        if (id !== undefined && this.inputs.has(id) && !stop.has(id)) return this.inputs.get(id);
      }
    }
    return undefined;
  }

  /** Does on `given` what was done on `inputs`, and gives what `outputs` becomes. */
  replay(inputs: Value, outputs: Value, given: Value): Value {
    const known = new Map<string, Value>();
    const actual = tensorsIn(given);
    tensorsIn(inputs).forEach((each, i) => {
      const id = idOf(each);
      if (id !== undefined && actual[i]) known.set(id, actual[i]!);
    });
    const now = (value: TensorValue): Value => known.get(idOf(value) ?? '') ?? value;
    for (const { call, args, result } of this.#between(inputs, outputs)) {
      const again = call(mapArguments(args, now));
      const made = tensorsIn(again);
      tensorsIn(result).forEach((each, i) => {
        const id = idOf(each);
        if (id !== undefined) known.set(id, made[i] ?? again);
      });
    }
    return mapTensors(outputs, now);
  }
}
