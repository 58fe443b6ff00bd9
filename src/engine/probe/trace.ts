import { AttributeError, type Forward, findLayer, type LayerRow, type Mode, type Role, ShapeError } from '../layers';
import {
  type Attributes,
  type AttributeValue,
  bindDim,
  type Call,
  type Dim,
  formatShape,
  InputError,
  isBatchDim,
  type Module,
  type Network,
  outputOf,
  type ValueId,
} from '../network';
import { label, opaque, type Tensor } from '../tensor';
import { Layouts } from './layouts';

/** Where a traced network takes its values from. */
export interface TraceBindings {
  readonly batch: number;
  readonly mode: Mode;
  /** A network input by its name, [batch, …]. */
  input(name: string): Tensor;
  /** A parameter or buffer by its id. */
  parameter(id: string): Tensor;
  buffer(id: string): Tensor;
  /** A mask of zeros and ones for the n-th request of a call. */
  bernoulli(shape: readonly number[], keep: number, call: Call, request: number): Tensor;
  /** Numbers uniform on [0, 1) for the n-th request of a call. */
  uniform(shape: readonly number[], call: Call, request: number): Tensor;
  /** Attributes to use instead of the file's (statistics recomputed by a cumulative average). */
  attributes?(call: Call): Attributes;
}

/** One call, its layer row, and the tensors it works on. */
export interface TracedCall {
  readonly call: Call;
  readonly row: LayerRow;
  readonly inputs: readonly Tensor[];
  readonly forward: Forward;
  /** Which axis of the first output holds channels, where one does. */
  readonly channelAxis: number | undefined;
  /** It depends on no input, parameter, buffer or draw: the same at every step. */
  readonly constant: boolean;
}

export interface Trace {
  readonly values: ReadonlyMap<ValueId, Tensor>;
  readonly calls: readonly TracedCall[];
  readonly outputs: readonly Tensor[];
  /** New values of buffers by id, where the mode changes them. */
  readonly buffers: ReadonlyMap<string, Tensor>;
}

/** Attributes with the batch as a number. */
function bindAttributes(attributes: Attributes, batch: number): Attributes {
  const bind = (value: AttributeValue): AttributeValue => {
    if (Array.isArray(value)) return value.map(bind);
    const isDim = typeof value === 'object' && value !== null && isBatchDim(value as Dim);
    return isDim ? bindDim(value as Dim, batch) : value;
  };
  return Object.fromEntries(Object.entries(attributes).map(([name, value]) => [name, bind(value)]));
}

/** The parameter or buffer that a module knows by a local name; `out_proj.weight` is its submodule's `weight`. */
function localId(
  kind: 'parameters' | 'buffers',
  module: Module | undefined,
  modules: ReadonlyMap<string, Module>,
  name: string,
  call: string,
): string {
  const dot = name.lastIndexOf('.');
  const owner = dot < 0 ? module : modules.get(`${module?.id}.${name.slice(0, dot)}`);
  const id = owner?.[kind][name.slice(dot + 1)];
  if (id !== undefined) return id;
  // A function's state, asked for by an overridden attribute.
  if (module === undefined && kind === 'buffers') return `${call}.${name}`;
  if (owner === undefined || kind === 'parameters') throw new Error(`${module?.id ?? 'a function'} has no ${name}`);
  // A buffer that only an overridden attribute asks for: who overrides it provides it.
  return `${owner.id}.${name.slice(dot + 1)}`;
}

/** What computes with weights or statistics of floats; merging, moving and looking up take whole numbers too. */
const ofFloats: ReadonlySet<Role> = new Set([
  'affine',
  'norm',
  'activation',
  'dropout',
  'pooling',
  'attention',
  'recurrent',
]);

/** @throws InputError where token indices reach a layer that takes floats. */
function refuseWholeNumbers(call: Call, row: LayerRow, inputs: readonly Tensor[]): void {
  const dtype = inputs[0]?.dtype;
  if (dtype === undefined || dtype === 'float32' || !ofFloats.has(row.role) || 'num_embeddings' in row.attributes)
    return;
  throw new InputError(
    `${call.id} (${call.kind}) takes float32, but gets ${dtype}`,
    'look whole numbers up first, as nn.Embedding does, or give the input as float32',
    call.source,
  );
}

/** A call that a layer refuses only now that the batch is a number: its place, and the framework's words. */
export class CallRefused extends InputError {
  constructor(
    readonly call: Call,
    readonly row: LayerRow,
    inputs: readonly Tensor[],
    batch: number,
    refusal: ShapeError | AttributeError,
  ) {
    const shapes = inputs.map(({ shape }) => formatShape(shape)).join(' and ');
    super(
      `${call.id} (${call.kind}) cannot be computed on ${shapes} at batch ${batch}: ${refusal.message}`,
      refusal.mend ?? 'take another batch, or change the layer or what feeds it',
      call.source,
    );
  }
}

/** What a call makes. @throws CallRefused naming it. */
function placed<T>(call: Call, row: LayerRow, inputs: readonly Tensor[], batch: number, express: () => T): T {
  try {
    return express();
  } catch (error) {
    if (!(error instanceof ShapeError || error instanceof AttributeError)) throw error;
    throw new CallRefused(call, row, inputs, batch, error);
  }
}

/**
 * The network as expressions at one batch size. Every expression bears the id of the call that it belongs to.
 * @throws InputError where a layer does not take what it gets; Error for a call of a kind without a row, which a reader must
 * not make.
 */
export function traceNetwork(network: Network, bindings: TraceBindings): Trace {
  const { batch, mode } = bindings;
  const modules = new Map(network.modules.map((module) => [module.id, module]));
  const values = new Map<ValueId, Tensor>();
  const layouts = new Layouts(values);
  const axes = new Map<ValueId, number | undefined>();
  const buffers = new Map<string, Tensor>();
  const calls: TracedCall[] = [];
  const bufferIds = new Set(network.buffers.map(({ id }) => id));
  /** A parameter or buffer that a function takes, as the calls before left it. */
  const stored = (id: string): Tensor =>
    bufferIds.has(id) ? (buffers.get(id) ?? bindings.buffer(id)) : bindings.parameter(id);
  const constants = new Set<string>();
  for (const { name, shape } of network.inputs) {
    values.set(name, bindings.input(name));
    // [N, C, …] for images; vectors and sequences [N, …, features].
    axes.set(name, shape.length >= 4 ? 1 : shape.length - 1);
  }

  for (const call of network.calls) {
    const row = findLayer(call.kind);
    if (!row) throw new Error(`no layer row for ${call.kind}`);
    const module = call.module === undefined ? undefined : modules.get(call.module);
    const attributes = bindAttributes(bindings.attributes?.(call) ?? call.attributes, batch);
    const { inputs, channelsFirst } = layouts.taken(call, row, attributes, stored);
    refuseWholeNumbers(call, row, inputs);
    let requests = 0;
    const expressed = placed(call, row, inputs, batch, () =>
      row.forward(inputs, attributes, {
        mode,
        batch,
        channelsFirst,
        parameter: (name) => bindings.parameter(localId('parameters', module, modules, name, call.id)),
        // A module called twice in one pass goes on from the statistics that its first call left.
        buffer: (name) => {
          const id = localId('buffers', module, modules, name, call.id);
          return buffers.get(id) ?? bindings.buffer(id);
        },
        bernoulli: (shape, keep) => bindings.bernoulli(shape, keep, call, requests++),
        uniform: (shape) => bindings.uniform(shape, call, requests++),
      }),
    );
    // What is measured has its own gradient; what only moves elements may be looked through.
    const forward = row.role === 'shape' ? expressed : { ...expressed, outputs: expressed.outputs.map(opaque) };
    label(
      [...forward.outputs, ...Object.values(forward.buffers ?? {}), ...Object.values(forward.operands ?? {})],
      call.id,
    );
    for (const [name, next] of Object.entries(forward.buffers ?? {})) {
      buffers.set(localId('buffers', module, modules, name, call.id), next);
    }
    for (const [position, next] of Object.entries(forward.operands ?? {})) {
      const operand = call.inputs[Number(position)]!;
      if ('parameter' in operand) buffers.set(operand.parameter, next);
    }
    const first = call.inputs.find((operand) => 'value' in operand);
    const inputAxis = first && 'value' in first ? axes.get(first.value) : undefined;
    forward.outputs.forEach((output, i) => {
      values.set(outputOf(call.id, i), output);
      const axis = row.channelAxis ? row.channelAxis(inputAxis, output.shape.length, attributes) : inputAxis;
      axes.set(outputOf(call.id, i), axis !== undefined && axis < output.shape.length ? axis : undefined);
      if (channelsFirst) layouts.gives(outputOf(call.id, i), output);
    });
    const constant =
      requests === 0 &&
      module === undefined &&
      call.inputs.every((operand) => 'value' in operand && constants.has(operand.value));
    if (constant) for (const i of forward.outputs.keys()) constants.add(outputOf(call.id, i));
    const channelAxis = layouts.isMoved(call.id) ? 1 : axes.get(call.id);
    calls.push({ call, row, inputs, forward, channelAxis, constant });
  }
  return { values, calls, outputs: network.outputs.map((id) => layouts.asIs(id)), buffers };
}
