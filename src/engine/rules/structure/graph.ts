import { findLayer, type LayerRow, type Role } from '../../layers';
import {
  type Call,
  isBatchDim,
  type Module,
  type Network,
  type Operand,
  outputOf,
  type Parameter,
  type Shape,
  type ValueId,
  valueShapes,
} from '../../network';

/** Who feeds whom in a network, and what stands between. Built once for all rules. */
export class Graph {
  readonly #producers = new Map<ValueId, Call>();
  readonly #feeders = new Map<Call, readonly Call[]>();
  readonly #takers = new Map<Call, Call[]>();
  readonly #positions: ReadonlyMap<Call, number>;
  readonly #shapes: ReadonlyMap<ValueId, Shape>;
  readonly #modules: ReadonlyMap<string, Module>;
  readonly #parameters: ReadonlyMap<string, Parameter>;
  readonly #outputs = new Set<Call>();
  #fed: ReadonlySet<Call> | undefined;
  readonly #axes = new Map<ValueId, number | undefined>();

  constructor(readonly network: Network) {
    this.#shapes = valueShapes(network);
    this.#positions = new Map(network.calls.map((call, position) => [call, position]));
    this.#modules = new Map(network.modules.map((module) => [module.id, module]));
    this.#parameters = new Map(network.parameters.map((parameter) => [parameter.id, parameter]));
    for (const { name, shape, dtype } of network.inputs) {
      this.#axes.set(name, dtype === 'float32' && shape.length !== 3 && shape.length > 1 ? 1 : undefined);
    }
    for (const call of network.calls) {
      this.#producers.set(call.id, call);
      this.#takers.set(call, []);
      for (const index of call.outputShapes.keys()) this.#producers.set(outputOf(call.id, index), call);
      const feeders = call.inputs.flatMap((operand) => this.producer(operand) ?? []);
      this.#feeders.set(call, feeders);
      for (const feeder of new Set(feeders)) this.#takers.get(feeder)?.push(call);
      this.#followChannels(call);
    }
    for (const value of network.outputs) {
      const call = this.#producers.get(value);
      if (call) this.#outputs.add(call);
    }
  }

  row(call: Call): LayerRow | undefined {
    return findLayer(call.kind);
  }

  role(call: Call | undefined): Role | undefined {
    return call && findLayer(call.kind)?.role;
  }

  module(call: Call): Module | undefined {
    return call.module === undefined ? undefined : this.#modules.get(call.module);
  }

  /** The calls of each module that is called, in order. */
  callsByModule(): ReadonlyMap<string, readonly Call[]> {
    const all = new Map<string, Call[]>();
    for (const call of this.network.calls) {
      if (call.module === undefined) continue;
      const calls = all.get(call.module);
      if (calls) calls.push(call);
      else all.set(call.module, [call]);
    }
    return all;
  }

  /** The call that gives an operand; undefined for an input of the network and for a parameter. */
  producer(operand: Operand | undefined): Call | undefined {
    return operand && 'value' in operand ? this.#producers.get(operand.value) : undefined;
  }

  /** The call that gives the first operand. */
  source(call: Call): Call | undefined {
    return this.producer(call.inputs[0]);
  }

  /** Every call that gives an operand, in the operands' order. */
  feeders(call: Call): readonly Call[] {
    return this.#feeders.get(call) ?? [];
  }

  /** The calls that take an output of this one. */
  takers(call: Call): readonly Call[] {
    return this.#takers.get(call) ?? [];
  }

  /** The one call that the output goes to; undefined where it goes to several, or out of the network. */
  onlyTaker(call: Call): Call | undefined {
    const takers = this.takers(call);
    return takers.length === 1 && !this.#outputs.has(call) ? takers[0] : undefined;
  }

  isOutput(call: Call): boolean {
    return this.#outputs.has(call);
  }

  /** Whether an output of the network is computed with this call. A softmax that Keras's loss goes around is computed with nothing. */
  feedsOutput(call: Call): boolean {
    this.#fed ??= this.#behindOutputs();
    return this.#fed.has(call);
  }

  /** The shape of the first operand, with the batch as a symbol. */
  inputShape(call: Call): Shape | undefined {
    const [operand] = call.inputs;
    return operand && 'value' in operand ? this.#shapes.get(operand.value) : undefined;
  }

  /** The shape of any value, with the batch as a symbol. */
  shape(value: ValueId): Shape | undefined {
    return this.#shapes.get(value);
  }

  /** Which axis of the first operand holds channels, where that is known. */
  inputChannels(call: Call): number | undefined {
    const [operand] = call.inputs;
    return operand && 'value' in operand ? this.#axes.get(operand.value) : undefined;
  }

  /** Back along first operands while `passes` holds; the first call for which it does not. */
  back(from: Call | undefined, passes: (call: Call) => boolean): Call | undefined {
    let call = from;
    while (call && passes(call)) call = this.source(call);
    return call;
  }

  /** Whether one of `call`'s ancestors is `other`. Calls stand in order of execution, so the search ends at `other`. */
  dependsOn(call: Call, other: Call): boolean {
    const positionOf = (each: Call): number => this.#positions.get(each) ?? 0;
    const least = positionOf(other);
    const seen = new Set<Call>();
    const waiting = [call];
    while (waiting.length > 0) {
      const next = waiting.pop()!;
      if (next === other) return true;
      for (const feeder of this.feeders(next)) {
        if (seen.has(feeder) || positionOf(feeder) < least) continue;
        seen.add(feeder);
        waiting.push(feeder);
      }
    }
    return false;
  }

  /** A parameter of the call's module by its local name. */
  parameter(call: Call, name: string): Parameter | undefined {
    const id = this.module(call)?.parameters[name];
    return id === undefined ? undefined : this.#parameters.get(id);
  }

  #behindOutputs(): ReadonlySet<Call> {
    const all = new Set<Call>();
    const waiting = [...this.#outputs];
    for (let call = waiting.pop(); call; call = waiting.pop()) {
      if (all.has(call)) continue;
      all.add(call);
      waiting.push(...this.feeders(call));
    }
    return all;
  }

  #followChannels(call: Call): void {
    const row = findLayer(call.kind);
    const rank = call.outputShapes[0]?.length ?? 0;
    // A sum has the channels where the first of its terms that says so has them.
    const operands = row?.role === 'merge' ? call.inputs : call.inputs.slice(0, 1);
    const known = operands.flatMap((operand) => {
      if (!('value' in operand)) return [];
      const axis = this.#axes.get(operand.value);
      return axis === undefined ? [] : [{ axis, rank: this.#shapes.get(operand.value)?.length }];
    });
    const before = known.find((each) => each.rank === rank)?.axis ?? known[0]?.axis;
    const kept = known.some((each) => each.rank === rank) ? before : undefined;
    const axis = row?.channelAxis ? row.channelAxis(before, rank, call.attributes) : kept;
    for (const index of call.outputShapes.keys()) this.#axes.set(outputOf(call.id, index), axis);
  }
}

/** A dimension as a number; 0 for one that the batch multiplies. */
export const fixed = (dim: Shape[number] | undefined): number => (dim === undefined || isBatchDim(dim) ? 0 : dim);

/** The id that a report knows a call by. */
export const layerOf = ({ id, module }: Call): string => module ?? id;
