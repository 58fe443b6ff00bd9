import { AttributeError, completeAttributes, findLayer, type LayerRow, ShapeError } from '../layers';
import {
  type Attributes,
  type AttributeValue,
  type Call,
  type Module,
  type Network,
  outputOf,
  type Shape,
  type ValueId,
} from '../network';
import { keepsPlaces, sizeAttempts } from './functionSizes';
import { countsOf, headsOf, makesChannels, narrowed } from './widths';

// A narrower network: every layer makes a share of its channels, so that one training step fits into a budget. Its batch,
// resolution, length and depth are the network's own, and so are the names of its modules, calls and parameters.

/** What gives the same elements another shape. */
const RESHAPING: ReadonlySet<string> = new Set(['view', 'reshape', 'Unflatten']);

/** Something in the network has a width that does not follow from the others. */
class NotNarrow extends Error {}

/**
 * The network with every layer's channels divided by `factor`; what it takes and gives stays as it is, but a sequence whose
 * features are added to (a residual stream from the input on) is narrowed with it, where `inputs` allows. Undefined where
 * some layer's width does not follow: a tensor written out, or sizes that no longer fit.
 */
export function narrow(network: Network, factor: number, inputs: 'kept' | 'may-narrow'): Network | undefined {
  for (const ofInputs of inputs === 'kept' ? [false] : [false, true]) {
    try {
      return new Narrowing(network, factor, ofInputs).result();
    } catch (error) {
      if (!(error instanceof NotNarrow || error instanceof ShapeError || error instanceof AttributeError)) throw error;
    }
  }
  return undefined;
}

/** The largest number up to `most` that divides all. */
function divisorUpTo(most: number, all: readonly number[]): number {
  for (let groups = Math.max(1, most); groups > 1; groups--) if (all.every((n) => n % groups === 0)) return groups;
  return 1;
}

class Narrowing {
  readonly #network: Network;
  readonly #factor: number;
  readonly #heads: ReadonlySet<string>;
  readonly #shapes = new Map<ValueId, Shape>();
  readonly #before = new Map<ValueId, Shape>();
  readonly #modules = new Map<string, Module>();
  /** New attributes of modules, and new shapes of parameters and buffers, as they are decided. */
  readonly #attributes = new Map<string, Attributes>();
  readonly #stored = new Map<
    string,
    { shape: readonly number[]; initialization?: Network['parameters'][number]['initialization'] }
  >();
  /** Numbers of channels that some layer made before, and does not make any more. */
  readonly #widths = new Set<number>();
  readonly #ofInputs: boolean;

  constructor(network: Network, factor: number, ofInputs: boolean) {
    this.#network = network;
    this.#factor = factor;
    this.#ofInputs = ofInputs;
    this.#heads = headsOf(network);
    for (const module of network.modules) this.#modules.set(module.id, module);
    for (const call of network.calls) {
      const row = findLayer(call.kind);
      if (!row || !makesChannels(row) || this.#heads.has(call.id)) continue;
      for (const name of countsOf(row, 'channels')) {
        const width = call.attributes[name];
        if (typeof width === 'number' && narrowed(width, factor) < width) this.#widths.add(width);
      }
    }
  }

  /** @throws NotNarrow, ShapeError, AttributeError where it cannot be. */
  result(): Network {
    const { inputs, modules, parameters, buffers } = this.#network;
    const given = inputs.map((input) => {
      const shape = this.#ofInputs && input.dtype === 'float32' ? this.#withLast(input.shape) : input.shape;
      this.#before.set(input.name, input.shape);
      this.#shapes.set(input.name, shape);
      return { ...input, shape };
    });
    const calls = this.#network.calls.map((call) => this.#call(call));
    const stored = <T extends { readonly id: string }>(entry: T): T => ({ ...entry, ...this.#stored.get(entry.id) });
    return {
      ...this.#network,
      inputs: given,
      calls,
      modules: modules.map((module) => ({
        ...module,
        attributes: this.#attributes.get(module.id) ?? module.attributes,
      })),
      parameters: parameters.map(stored),
      buffers: buffers.map(stored),
    };
  }

  /** A shape whose last dimension is narrowed where it is the width of some layer. */
  #withLast(shape: Shape): Shape {
    const last = shape.at(-1);
    if (shape.length < 2 || typeof last !== 'number' || !this.#widths.has(last)) return shape;
    return [...shape.slice(0, -1), narrowed(last, this.#factor)];
  }

  #call(call: Call): Call {
    const row = findLayer(call.kind);
    if (!row) throw new NotNarrow(`no layer row for ${call.kind}`);
    const inputs = call.inputs.map((operand) => {
      if ('value' in operand) return this.#shapes.get(operand.value)!;
      return this.#free(operand.parameter);
    });
    const attributes =
      call.module === undefined ? this.#ofFunction(row, call, inputs) : this.#ofModule(row, call, inputs);
    const outputShapes = row.outputShapes(inputs, attributes);
    outputShapes.forEach((shape, i) => {
      this.#before.set(outputOf(call.id, i), call.outputShapes[i]!);
      this.#shapes.set(outputOf(call.id, i), shape);
    });
    return { ...call, attributes, outputShapes };
  }

  /** The shape of a parameter or buffer that a call takes by itself: its one dimension that is some layer's width, narrowed. */
  #free(id: string): readonly number[] {
    const known = this.#stored.get(id);
    if (known) return known.shape;
    const { parameters, buffers } = this.#network;
    const { shape, initialization } = [...parameters, ...buffers].find((entry) => entry.id === id)!;
    const wide = shape.flatMap((dim, axis) => (this.#widths.has(dim) ? axis : []));
    const axis = wide.at(-1);
    if (axis === undefined) return shape;
    if (initialization.kind === 'values') throw new NotNarrow(`${id} holds known values`);
    const own = shape.map((dim, i) => (i === axis ? narrowed(dim, this.#factor) : dim));
    this.#stored.set(id, { shape: own });
    return own;
  }

  /** Attributes that follow from the inputs, and its own channels and groups fewer. */
  #ofModule(row: LayerRow, call: Call, inputs: readonly Shape[]): Attributes {
    const fewer: Record<string, AttributeValue> = { ...call.attributes };
    const found = (row.infer?.(inputs, call.attributes) ?? {}) as Attributes;
    for (const [name, { inferred }] of Object.entries(row.attributes)) {
      const old = call.attributes[name];
      if (!inferred) continue;
      // Sizes that end like the input's go on to do so; anything else is what the row tells.
      const sizes = Array.isArray(old) ? inputs[0]!.slice(-old.length) : found[name];
      if (sizes !== undefined && !(Array.isArray(sizes) && sizes.some((size) => typeof size !== 'number'))) {
        fewer[name] = sizes;
      }
    }
    if (!this.#heads.has(call.id)) {
      for (const name of countsOf(row, 'channels')) fewer[name] = this.#fewer(call.attributes[name]);
    }
    for (const name of countsOf(row, 'groups')) {
      const old = call.attributes[name];
      if (typeof old !== 'number' || old === 1) continue;
      const counted = Object.entries(row.attributes).flatMap(([other, { inferred, counts }]) => {
        const value = fewer[other];
        return (inferred || counts === 'channels') && typeof value === 'number' ? value : [];
      });
      // One group a channel stays so.
      const apart =
        counted.length > 0 &&
        old ===
          Number(
            Object.entries(row.attributes).flatMap(([other, { inferred }]) =>
              inferred ? [call.attributes[other] as number] : [],
            )[0],
          );
      fewer[name] = apart ? counted[0]! : divisorUpTo(Math.round(old / this.#factor), counted);
    }
    const attributes = completeAttributes(row, fewer);
    this.#keep(row, call, attributes);
    return attributes;
  }

  #fewer(value: AttributeValue | undefined): AttributeValue {
    return typeof value === 'number' ? narrowed(value, this.#factor) : (value ?? null);
  }

  /** Notes a module's new attributes and the shapes and first values that follow. @throws NotNarrow where two calls disagree. */
  #keep(row: LayerRow, call: Call, attributes: Attributes): void {
    const module = this.#modules.get(call.module!)!;
    const text = JSON.stringify(attributes);
    const known = this.#attributes.get(module.id);
    if (known && JSON.stringify(known) !== text) throw new NotNarrow(`${module.id} is called at two widths`);
    this.#attributes.set(module.id, attributes);
    for (const specs of ['parameters', 'buffers'] as const) {
      const [before, after] = [row[specs]?.(call.attributes) ?? {}, row[specs]?.(attributes) ?? {}];
      for (const [name, spec] of Object.entries(after)) {
        const dot = name.lastIndexOf('.');
        const owner = dot < 0 ? module : this.#modules.get(`${module.id}.${name.slice(0, dot)}`);
        const id = owner?.[specs][name.slice(dot + 1)];
        const entry = this.#network[specs].find((candidate) => candidate.id === id);
        if (id === undefined || !entry) throw new NotNarrow(`${module.id} has no ${name} of its own`);
        const usual = JSON.stringify(before[name]?.initialization) === JSON.stringify(entry.initialization);
        if (!usual && entry.initialization.kind === 'values') throw new NotNarrow(`${id} holds known values`);
        const next = { shape: spec.shape, ...(usual && { initialization: spec.initialization }) };
        const other = this.#stored.get(id);
        if (other && JSON.stringify(other.shape) !== JSON.stringify(next.shape)) {
          throw new NotNarrow(`${id} is used at two widths`);
        }
        this.#stored.set(id, next);
      }
    }
  }

  /** A function's attributes: as they are, or with one size in them narrowed, whichever fits. */
  #ofFunction(row: LayerRow, call: Call, inputs: readonly Shape[]): Attributes {
    let refusal: unknown;
    const [first] = call.inputs;
    const before = first && 'value' in first ? this.#before.get(first.value) : undefined;
    for (const attributes of sizeAttempts(call.attributes, this.#factor)) {
      try {
        const shapes = row.outputShapes(inputs, attributes);
        // `split(768)` of what is 384 wide now gives fewer parts: the size is one to narrow.
        if (shapes.length !== call.outputShapes.length) continue;
        if (!RESHAPING.has(row.kind) || keepsPlaces(call, before, inputs, shapes)) return attributes;
      } catch (error) {
        refusal = error;
      }
    }
    throw refusal ?? new NotNarrow(`${call.id} has sizes that do not follow`);
  }
}
