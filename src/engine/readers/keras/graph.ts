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

/** The name of a value that flows. */
const idOf = (value: TensorValue): string | undefined => (value.place.kind === 'flow' ? value.place.value : undefined);

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
  /** What is called on KerasTensors, and KerasTensors' names: those of what made them. */
  readonly #trace = newTrace(this.#ids);
  readonly #tensors = new Set<string>();

  constructor(run: Evaluation) {
    this.#run = run;
  }

  /** Makes a layer known by name to what computes shapes. */
  knows(module: ModuleValue, name: string): void {
    let unique = name;
    // Models of one file may have layers of one name.
    for (let i = 2; this.#trace.taken.has(unique); i++) unique = `${name} (${i})`;
    this.#trace.taken.add(unique);
    this.#ids.set(module, unique);
  }

  input(shape: Shape, dtype: ValueType, spec: InputSpec): TensorValue {
    let id = spec.name;
    for (let i = 2; this.#trace.taken.has(id); i++) id = `${spec.name} (${i})`;
    this.#trace.taken.add(id);
    this.#tensors.add(id);
    this.inputs.set(id, spec);
    return tensor(shape, { kind: 'flow', value: id }, dtype);
  }

  inputOf(value: TensorValue): InputSpec | undefined {
    return this.inputs.get(idOf(value) ?? '');
  }

  /** Whether a call is one on KerasTensors, to be kept. */
  concerns(args: Arguments): boolean {
    if (this.#run.trace) return false;
    return [...args.positional, ...args.keywords.values()].some((value) =>
      tensorsIn(value).some((each) => this.#tensors.has(idOf(each) ?? '')),
    );
  }

  /** A record of calls that nobody keeps. */
  scratch(): Trace {
    return newTrace(this.#ids);
  }

  /** Does something where layers are called for their shapes alone. */
  trial<T>(work: () => T, trace: Trace = this.#trace): T {
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
    const result = this.trial(() => call(args));
    const at = this.#nodes.length;
    this.#nodes.push({ call, args, result, ...(module && { module }) });
    for (const each of tensorsIn(result)) {
      const id = idOf(each);
      if (id === undefined || this.#tensors.has(id)) continue;
      this.#tensors.add(id);
      this.#producers.set(id, at);
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

  /**
   * The layers of a model from inputs to outputs, in Keras's order: by how far they stand from the outputs, the furthest
   * first, and then as a walk back from the outputs meets them. An input stands for its InputLayer.
   */
  layersInOrder(inputs: Value, outputs: Value): (ModuleValue | TensorValue)[] {
    const stop = new Map(tensorsIn(inputs).map((each) => [idOf(each), each] as const));
    const places = new Map<ModuleValue | TensorValue, number>();
    const layers = new Map<Node | TensorValue, ModuleValue | TensorValue | undefined>();
    const decreasing: (Node | TensorValue)[] = [];
    const parents = new Map<Node | TensorValue, (Node | TensorValue)[]>();
    const makerOf = (each: TensorValue): Node | TensorValue | undefined => {
      const id = idOf(each);
      const input = stop.get(id);
      if (input) return input;
      const at = id === undefined ? undefined : this.#producers.get(id);
      return at === undefined ? undefined : this.#nodes[at];
    };
    const visit = (made: Node | TensorValue): void => {
      if (parents.has(made)) return;
      const layer = 'call' in made ? made.module : made;
      layers.set(made, layer);
      if (layer && !places.has(layer)) places.set(layer, places.size);
      const before =
        'call' in made
          ? [...made.args.positional, ...made.args.keywords.values()]
              .flatMap(tensorsIn)
              .flatMap((each) => makerOf(each) ?? [])
          : [];
      parents.set(made, before);
      for (const each of before) visit(each);
      decreasing.push(made);
    };
    for (const each of tensorsIn(outputs).flatMap((output) => makerOf(output) ?? [])) visit(each);
    const depths = new Map<unknown, number>();
    for (const made of decreasing.reverse()) {
      const layer = layers.get(made);
      const depth = Math.max(depths.get(made) ?? 0, layer ? (depths.get(layer) ?? 0) : 0);
      depths.set(made, depth);
      if (layer) depths.set(layer, depth);
      for (const each of parents.get(made)!) depths.set(each, Math.max(depth + 1, depths.get(each) ?? 0));
    }
    return [...places.keys()].sort((a, b) => depths.get(b)! - depths.get(a)! || places.get(a)! - places.get(b)!);
  }

  /**
   * Makes a model's graph once more on other inputs, with other layers in place of its own: what `clone_model` does.
   * Gives what its outputs become.
   */
  rebuild(
    { inputs, outputs }: { readonly inputs: Value; readonly outputs: Value },
    given: Value,
    swap: (module: ModuleValue) => Value,
    call: (module: Value, args: Arguments) => Value,
  ): Value {
    const swapped = new Map<ModuleValue, Value>();
    return this.#again(inputs, outputs, given, (node, args) => {
      if (!node.module) return this.apply(node.call, args);
      const own = swapped.get(node.module) ?? swap(node.module);
      swapped.set(node.module, own);
      return call(own, args);
    });
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
    return this.#again(inputs, outputs, given, ({ call }, args) => call(args));
  }

  #again(inputs: Value, outputs: Value, given: Value, step: (node: Node, args: Arguments) => Value): Value {
    const known = new Map<string, Value>();
    const actual = tensorsIn(given);
    tensorsIn(inputs).forEach((each, i) => {
      const id = idOf(each);
      if (id !== undefined && actual[i]) known.set(id, actual[i]!);
    });
    const now = (value: TensorValue): Value => known.get(idOf(value) ?? '') ?? value;
    for (const node of this.#between(inputs, outputs)) {
      const { args, result } = node;
      const again = step(node, mapArguments(args, now));
      const made = tensorsIn(again);
      tensorsIn(result).forEach((each, i) => {
        const id = idOf(each);
        if (id !== undefined) known.set(id, made[i] ?? again);
      });
    }
    return mapTensors(outputs, now);
  }
}
