import { findLayer, type Role } from '../layers';
import {
  type Call,
  type Network,
  type NetworkInput,
  outputOf,
  type Shape,
  type ValueId,
  valueShapes,
} from '../network';

/** A network with what is asked of its graph again and again: who takes a value, and who makes it. */
export interface View {
  readonly network: Network;
  readonly shapes: ReadonlyMap<ValueId, Shape>;
  readonly byId: ReadonlyMap<string, Call>;
  /** The calls that take something of a call's, or of an input by its name, in their order. */
  users(id: string): readonly Call[];
  /** The calls, in the order of its inputs, that a call takes values from; inputs of the network are left out. */
  sources(call: Call): readonly Call[];
  /** The names of calls or inputs that a call takes values from. */
  operands(call: Call): readonly string[];
}

const views = new WeakMap<Network, View>();

/** The view of a network, made once. */
export function viewOf(network: Network): View {
  const known = views.get(network);
  if (known) return known;
  const byId = new Map(network.calls.map((call) => [call.id, call] as const));
  const makers = new Map<ValueId, string>(network.inputs.map(({ name }) => [name, name]));
  for (const call of network.calls) {
    const count = Math.max(1, call.outputShapes.length);
    for (let i = 0; i < count; i++) makers.set(outputOf(call.id, i), call.id);
  }
  const operands = (call: Call): string[] =>
    call.inputs.flatMap((operand) => ('value' in operand ? (makers.get(operand.value) ?? []) : []));
  const users = new Map<string, Call[]>();
  for (const call of network.calls) {
    for (const from of new Set(operands(call))) {
      const known = users.get(from);
      if (known) known.push(call);
      else users.set(from, [call]);
    }
  }
  const view: View = {
    network,
    shapes: valueShapes(network),
    byId,
    users: (id) => users.get(id) ?? [],
    sources: (call) => operands(call).flatMap((from) => byId.get(from) ?? []),
    operands,
  };
  views.set(network, view);
  return view;
}

export const roleOf = ({ kind }: Call): Role | undefined => findLayer(kind)?.role;

/** The shape of a call's first output. */
export const shapeOf = (call: Call): Shape => call.outputShapes[0] ?? [];

/** Dimensions of a convolution's windows, 1 to 3; undefined for what is none. */
export function convolvedDimensions({ kind }: Call): number | undefined {
  const found = /Conv(?:Transpose)?(\d)[dD](?:Transpose)?$/.exec(kind)?.[1];
  return found === undefined ? undefined : Number(found);
}

/** Whether its channels come last, as Keras has them. */
export const isKeras = ({ kind }: Call): boolean => findLayer(kind)?.library === 'keras';

/** The numbers among a call's attribute: one for each axis. */
export const sizesIn = ({ attributes }: Call, name: string): number[] => {
  const value = attributes[name];
  return (Array.isArray(value) ? value : [value]).filter((each) => typeof each === 'number');
};

/** Channels and sizes of an image, signal or volume at its layer's layout; undefined where it has no such axes. */
export function spatialOf(
  shape: Shape,
  channelsLast: boolean,
): { readonly channels: number; readonly sizes: readonly number[] } | undefined {
  if (shape.length < 3) return undefined;
  const [, ...rest] = shape;
  if (!rest.every((dim) => typeof dim === 'number')) return undefined;
  const numbers = rest as number[];
  return channelsLast
    ? { channels: numbers.at(-1)!, sizes: numbers.slice(0, -1) }
    : { channels: numbers[0]!, sizes: numbers.slice(1) };
}

/** Every call that something leads to, itself left out. */
export function downstream(view: View, id: string): ReadonlySet<string> {
  const reached = new Set<string>();
  const waiting = [...view.users(id)];
  for (let call = waiting.pop(); call; call = waiting.pop()) {
    if (reached.has(call.id)) continue;
    reached.add(call.id);
    waiting.push(...view.users(call.id));
  }
  return reached;
}

/** An input that holds data, and not lengths, masks or positions. */
export const holdsData = ({ role }: NetworkInput): boolean =>
  role === undefined || role === 'values' || role === 'tokens';
