import {
  AttributeError,
  completeAttributes,
  findLayer,
  type LayerRow,
  outputTypes,
  type ParameterSpec,
  ShapeError,
} from '../../layers';
import {
  type Attributes,
  type Buffer,
  type Call,
  constant,
  type Initialization,
  isBatchDim,
  type Module,
  normal,
  type Operand,
  outputOf,
  type Parameter,
  type Shape,
  type Span,
  sameShape,
  type ValueType,
} from '../../network';
import type { ModelNode } from '../../onnx';
import type { Naming } from './naming';
import { NotRead } from './notRead';
import type { Stored } from './stored';
import { type Flow, shapeOf, typeOf, type Unknown, type Value, valueTypeOf } from './values';

/** The parameters and buffers of a module, by their local names. */
export type ModuleTensors = Readonly<Record<string, Stored>>;

/** More whole numbers than this are not written into a call. */
const MOST_LISTED = 100_000;
const MOST_CALLS = 100_000;

interface ModuleEntry extends Module {
  /** How often it is called so far. */
  times: number;
  readonly tensors: string;
}

/** Puts the network together, call by call. */
export class Build {
  readonly calls: Call[] = [];
  readonly modules = new Map<string, ModuleEntry>();
  readonly parameters = new Map<string, Parameter>();
  readonly buffers = new Map<string, Buffer>();
  /** Rows of the embedding that looks an input up, by the input's name. */
  readonly vocabularies = new Map<string, number>();
  private readonly callsById = new Map<string, Call>();
  /** Parameters by the file's tensor. */
  private readonly claimed = new Map<string, string>();
  private readonly listed = new Map<Value, Flow>();
  private readonly lostValues = new Set<string>();
  private readonly shapes = new Map<string, Shape>();

  constructor(
    readonly naming: Naming,
    private readonly source: Span,
    /** Whether parameters begin as the file has them. */
    private readonly withWeights: boolean,
  ) {}

  /** The call that made a value. */
  maker(flow: Flow): Call | undefined {
    return this.callsById.get(flow.id) ?? this.callsById.get(flow.id.replace(/:\d+$/, ''));
  }

  /** The shape of an input or of what a call gives. */
  shapeOf(id: string): Shape | undefined {
    return this.shapes.get(id);
  }

  /** A network's input, as what flows from it. */
  input(name: string, shape: Shape, type: ValueType): Flow {
    this.shapes.set(name, shape);
    return { kind: 'flow', id: name, shape, type };
  }

  /** What could not be modelled, though its shape is known: modules behind it are listed, and what is computed of it is left out. */
  lost(name: string, shape: Shape, type: ValueType): Flow {
    const flow = this.input(`unmodelled ${name}`, shape, type);
    this.lostValues.add(flow.id);
    return flow;
  }

  /** Whether a value hangs on what could not be modelled. */
  isLost(id: string): boolean {
    return this.lostValues.has(id);
  }

  /** One call without parameters of its own: a module of that scope where the row is one, else a function. */
  apply(node: ModelNode, kind: string, given: Attributes, operands: readonly Value[]): readonly Flow[] {
    const row = rowOf(kind);
    const inputs = operands.map((operand) => this.flowing(node, operand));
    const { attributes, shapes, types } = shaped(row, given, inputs);
    const plain = row.module && inputs.length === 1 && !row.parameters?.(attributes as never);
    const id = plain ? this.naming.plainModuleId(node, kind) : undefined;
    if (id === undefined) {
      const call = this.add(this.naming.functionId(node, kind), kind, undefined, attributes, inputs, shapes, node);
      return flows(call, types);
    }
    const module = this.plainModule(node, id, kind, attributes);
    return flows(this.add(this.nextCall(module), kind, module.id, attributes, inputs, shapes, node), types);
  }

  /** The same, for a layer with one output. */
  one(node: ModelNode, kind: string, given: Attributes, operands: readonly Value[]): Flow {
    return this.apply(node, kind, given, operands)[0]!;
  }

  /** A module with parameters and buffers that are tensors of the file's. */
  module(
    node: ModelNode,
    kind: string,
    given: Attributes,
    operands: readonly Value[],
    tensors: ModuleTensors,
  ): readonly Flow[] {
    const row = rowOf(kind);
    const inputs = operands.map((operand) => this.flowing(node, operand));
    const { attributes, shapes, types } = shaped(row, given, inputs);
    const module = this.moduleOf(node, row, attributes, tensors);
    return flows(this.add(this.nextCall(module), kind, module.id, attributes, inputs, shapes, node), types);
  }

  /** A value as a call's input: what the file holds becomes a parameter, a buffer, or a call that lists it. */
  private flowing(node: ModelNode, value: Value): Flow | { readonly parameter: string; shape: Shape; type: ValueType } {
    if (value.kind === 'unknown') throw new NotRead('it takes what could not be modelled');
    if (value.kind === 'flow') return value;
    if (value.kind === 'stored') {
      const { stored } = value;
      const type = valueTypeOf(stored.type);
      if (type === undefined) throw new NotRead(`tensors of ${stored.type} are not modelled`);
      if (type === 'float32') return { parameter: this.free(node, stored, value.constant), shape: stored.shape, type };
    }
    const before = this.listed.get(value);
    if (before) return before;
    const flow = this.list(node, value);
    this.listed.set(value, flow);
    return flow;
  }

  /** Known numbers as a call that lists them. */
  private list(node: ModelNode, value: Exclude<Value, Flow | Unknown>): Flow {
    const dtype = typeOf(value);
    if (value.kind === 'filled') {
      return this.one(node, 'full', { size: value.shape, fill_value: value.value, dtype }, []);
    }
    const shape = shapeOf(value);
    const numbers = value.kind === 'stored' ? [...this.few(value.stored)] : value.elements;
    if (numbers.some((each) => isBatchDim(each))) throw new NotRead('a size that hangs on the batch is computed with');
    return this.one(node, 'tensor', { shape, values: numbers as readonly number[], dtype }, []);
  }

  private few(stored: Stored): Iterable<number> {
    if (stored.size > MOST_LISTED) throw new NotRead(`a constant of ${stored.size} whole numbers is not modelled`);
    return stored.numbers();
  }

  /** A tensor of the file's that no layer row has as its own: learned, unless it looks like state. */
  private free(node: ModelNode, stored: Stored, isConstant: boolean): string {
    const before = this.claimed.get(stored.key);
    if (before !== undefined && sameShape(this.stored(before)!.shape, stored.shape)) return before;
    const { path } = this.naming.scope(node);
    const base = stored.name?.replaceAll('/', '.') ?? (path === '' ? 'constant' : `${path}.constant`);
    const id = this.naming.unique(base);
    this.claimed.set(stored.key, id);
    const { shape } = stored;
    if (isConstant || looksLikeState(stored)) {
      this.buffers.set(id, { id, shape, initialization: valuesIn(stored) });
    } else {
      const initialization = this.withWeights ? valuesIn(stored) : spreadOf(stored);
      this.parameters.set(id, { id, shape, trainable: true, initialization });
    }
    return id;
  }

  private stored(id: string): Parameter | Buffer | undefined {
    return this.parameters.get(id) ?? this.buffers.get(id);
  }

  private moduleOf(node: ModelNode, row: LayerRow, attributes: Attributes, tensors: ModuleTensors): ModuleEntry {
    const stated = this.naming.moduleId(node, Object.values(tensors), row.kind);
    const key = JSON.stringify([row.kind, attributes, Object.entries(tensors).map(([name, { key }]) => [name, key])]);
    const before = this.modules.get(stated);
    if (before?.tensors === key) return before;
    const parameters = row.parameters?.(attributes as never) ?? {};
    const buffers = row.buffers?.(attributes as never) ?? {};
    for (const [name, spec] of Object.entries({ ...parameters, ...buffers }))
      checkTensor(row, name, spec, tensors[name]);
    const id = this.naming.unique(stated);
    this.containers(node, id);
    const names = (specs: Readonly<Record<string, ParameterSpec>>, kind: 'parameters' | 'buffers') =>
      Object.fromEntries(
        Object.entries(specs).map(([name, spec]) => [name, this.own(kind, `${id}.${name}`, spec, tensors[name])]),
      );
    const entry: ModuleEntry = {
      id,
      kind: row.kind,
      attributes,
      container: false,
      parameters: names(parameters, 'parameters'),
      buffers: names(buffers, 'buffers'),
      aliases: [],
      source: this.source,
      times: 0,
      tensors: key,
    };
    this.modules.set(id, entry);
    return entry;
  }

  /** A module's parameter or buffer; a learned tensor that another module has already is tied to it. */
  private own(kind: 'parameters' | 'buffers', id: string, spec: ParameterSpec, stored: Stored | undefined): string {
    const initialization = this.withWeights && stored ? valuesIn(stored) : spec.initialization;
    if (kind === 'buffers') {
      this.buffers.set(id, { id, shape: spec.shape, initialization });
      return id;
    }
    const before = stored && this.claimed.get(stored.key);
    // Exporters write equal tensors once: ones and zeros are equal by chance.
    if (before !== undefined && this.parameters.has(before) && !isUniform(stored!)) return before;
    if (stored) this.claimed.set(stored.key, id);
    this.parameters.set(id, { id, shape: spec.shape, trainable: true, initialization });
    return id;
  }

  private plainModule(node: ModelNode, path: string, kind: string, attributes: Attributes): ModuleEntry {
    const key = JSON.stringify([kind, attributes]);
    // The exporter numbers a module's further calls: relu, relu_1.
    const base = path.replace(/_\d+$/, '');
    for (const id of [path, base]) {
      const before = this.modules.get(id);
      if (before?.tensors === key) return before;
    }
    const id = this.naming.unique(path);
    this.containers(node, id);
    const entry: ModuleEntry = {
      id,
      kind,
      attributes,
      container: false,
      parameters: {},
      buffers: {},
      aliases: [],
      source: this.source,
      times: 0,
      tensors: key,
    };
    this.modules.set(id, entry);
    return entry;
  }

  /** The modules around one, where they are not listed yet. */
  private containers(node: ModelNode, id: string): void {
    const { classes } = this.naming.scope(node);
    for (let dot = id.indexOf('.'); dot > 0; dot = id.indexOf('.', dot + 1)) {
      const path = id.slice(0, dot);
      if (this.modules.has(path) || this.naming.isTaken(path)) continue;
      this.naming.unique(path);
      const kind = classes.get(path)?.split('.').at(-1) || 'Module';
      this.modules.set(path, {
        id: path,
        kind,
        attributes: {},
        container: true,
        parameters: {},
        buffers: {},
        aliases: [],
        source: this.source,
        times: 0,
        tensors: '',
      });
    }
  }

  private nextCall(module: ModuleEntry): string {
    module.times++;
    return module.times === 1 ? module.id : `${module.id}@${module.times}`;
  }

  private add(
    id: string,
    kind: string,
    module: string | undefined,
    attributes: Attributes,
    inputs: readonly (Flow | { readonly parameter: string })[],
    outputShapes: readonly Shape[],
    _node: ModelNode,
  ): Call {
    if (this.calls.length >= MOST_CALLS) throw new NotRead(`the network has more than ${MOST_CALLS} calls`);
    const call: Call = {
      id,
      kind,
      ...(module !== undefined && { module }),
      attributes,
      inputs: inputs.map(
        (input): Operand => ('parameter' in input ? { parameter: input.parameter } : { value: input.id }),
      ),
      outputShapes,
      source: this.source,
    };
    const isLost = inputs.some((input) => !('parameter' in input) && this.lostValues.has(input.id));
    if (isLost) for (const i of outputShapes.keys()) this.lostValues.add(outputOf(id, i));
    else this.calls.push(call);
    this.callsById.set(id, call);
    for (const [i, shape] of outputShapes.entries()) this.shapes.set(outputOf(id, i), shape);
    return call;
  }
}

function rowOf(kind: string): LayerRow {
  const row = findLayer(kind);
  if (!row) throw new NotRead(`no layer computes ${kind}`);
  return row;
}

/** Attributes completed, shapes and types of what comes out. @throws NotRead in the row's words. */
function shaped(row: LayerRow, given: Attributes, inputs: readonly { shape: Shape; type: ValueType }[]) {
  try {
    const shapes = inputs.map(({ shape }) => shape);
    const attributes = completeAttributes(row, given, shapes);
    const types = outputTypes(
      row,
      inputs.map(({ type }) => type),
      attributes,
    );
    return { attributes, shapes: row.outputShapes(shapes, attributes as never), types };
  } catch (error) {
    if (error instanceof ShapeError || error instanceof AttributeError) throw new NotRead(error.message);
    throw error;
  }
}

const flows = ({ id, outputShapes }: Call, types: readonly ValueType[]): Flow[] =>
  outputShapes.map((shape, i) => ({ kind: 'flow', id: outputOf(id, i), shape, type: types[i] ?? types.at(-1)! }));

function checkTensor(row: LayerRow, name: string, { shape }: ParameterSpec, stored: Stored | undefined): void {
  if (!stored || sameShape(stored.shape, shape)) return;
  throw new NotRead(`${row.kind}'s ${name} has the shape [${stored.shape.join(', ')}], not [${shape.join(', ')}]`);
}

const isUniform = (stored: Stored): boolean => {
  if (stored.uniform !== undefined) return true;
  const few = stored.few();
  return few?.every((value) => value === few[0]) ?? false;
};

/** The file's own numbers. */
function valuesIn(stored: Stored): Initialization {
  if (stored.uniform !== undefined) return constant(stored.uniform);
  const numbers = stored.numbers();
  const first = numbers[0] ?? 0;
  return numbers.every((value) => value === first)
    ? constant(first)
    : { kind: 'values', values: Float32Array.from(numbers) };
}

/** Names of what is worked out once and not learned. */
const STATE = /(mask|buffer|running_|inv_freq|freqs|sinusoid|(^|[._])(cos|sin|pe|grid|anchors?)(_cached)?$)/i;

/** Masks and tables are state; other floats are taken to be learned. */
function looksLikeState(stored: Stored): boolean {
  if (stored.name === undefined || STATE.test(stored.name)) return true;
  const few = stored.few();
  return few !== undefined && !isUniform(stored) && few.every((value) => value === 0 || value === 1 || value <= -1e4);
}

/** Fresh values for a tensor whose first values no layer says: with the mean and deviation that it has in the file. */
function spreadOf(stored: Stored): Initialization {
  let numbers: Iterable<number> & { readonly length: number };
  try {
    numbers = stored.numbers();
  } catch {
    // Weights beside the file may be missing, and nothing but --weights needs them.
    return normal(0, 0.02);
  }
  let sum = 0;
  let squares = 0;
  for (const value of numbers) {
    sum += value;
    squares += value * value;
  }
  const mean = sum / Math.max(1, numbers.length);
  const std = Math.sqrt(Math.max(0, squares / Math.max(1, numbers.length) - mean * mean));
  return std <= 1e-12 * Math.abs(mean) ? constant(mean) : normal(mean, std);
}
