import { type Call, type Network, outputOf, type Shape, type ValueId, valueShapes } from '../../network';

/** The calls of a network by what they give. */
export interface Graph {
  /** The call that gives a value, and which of its outputs it is. */
  made(value: ValueId): { readonly call: Call; readonly output: number } | undefined;
  shape(value: ValueId): Shape | undefined;
}

export function graphOf(network: Pick<Network, 'inputs' | 'calls'>): Graph {
  const makers = new Map<ValueId, { call: Call; output: number }>();
  for (const call of network.calls)
    call.outputShapes.forEach((_, output) => {
      makers.set(outputOf(call.id, output), { call, output });
    });
  const shapes = valueShapes(network);
  return { made: (value) => makers.get(value), shape: (value) => shapes.get(value) };
}

/** The value that an operand is; undefined for a parameter. */
export const valueAt = ({ inputs }: Call, index: number): ValueId | undefined => {
  const operand = inputs[index];
  return operand && 'value' in operand ? operand.value : undefined;
};

/** The number that an operation takes beside its one tensor: the 1e-5 of `x + 1e-5`. */
export function numberOf(call: Call): { readonly value: number; readonly first: boolean } | undefined {
  if (call.inputs.length !== 1) return undefined;
  const { input, other, exponent } = call.attributes;
  if (typeof input === 'number') return { value: input, first: true };
  const second = other ?? exponent;
  return typeof second === 'number' ? { value: second, first: false } : undefined;
}

/** Kinds that hand values on in another type or form, and so statistics of them. */
const HANDS_ON = /^(to|view|reshape|unsqueeze|squeeze|expand|contiguous|detach)$/;

/** The value behind changes of type and memory: the same numbers in the same places. */
export function base(value: ValueId, graph: Graph): ValueId {
  for (let at = value; ; ) {
    const call = graph.made(at)?.call;
    const from = call && /^(to|contiguous|detach)$/.test(call.kind) ? valueAt(call, 0) : undefined;
    if (from === undefined || call!.inputs.length !== 1) return at;
    at = from;
  }
}

/** The value behind changes of type and form, as statistics go through them. */
export function plain(value: ValueId, graph: Graph, seen: string[]): ValueId {
  for (let at = value; ; ) {
    const call = graph.made(at)?.call;
    const from = call && valueAt(call, 0);
    const adds = call?.kind === 'getitem' && /^(slice,,,|,|\.\.\.)*$/.test(`${call.attributes.index},`);
    if (!call || from === undefined || call.inputs.length !== 1 || !(HANDS_ON.test(call.kind) || adds)) return at;
    seen.push(call.id);
    at = from;
  }
}
