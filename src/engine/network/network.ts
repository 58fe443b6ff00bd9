import type { Initialization } from './initialization';
import { type Dim, elementCount, type Shape } from './shape';
import type { Span } from './span';
import type { Fact, Surroundings } from './surroundings';
import type { OptimizerChoice, Task } from './task';
import type { WrittenNorm } from './writtenNorm';

/** The value of an attribute of a module or call, as a file can write it. */
export type AttributeValue = string | boolean | null | Dim | readonly AttributeValue[];
export type Attributes = Readonly<Record<string, AttributeValue>>;

export type InputType = 'float32' | 'int64';

/** The element type of a value that flows: an input's, or what a comparison gives. */
export type ValueType = InputType | 'bool';

/** What an input holds: numbers; token indices; how long each sample is; one up to there and zero behind; 0, 1, 2, … */
export const INPUT_ROLES = ['values', 'tokens', 'lengths', 'mask', 'positions'] as const;
export type InputRole = (typeof INPUT_ROLES)[number];

/** Names a value that flows: an input's name, or a call's id (`id:1` for a call's second output). */
export type ValueId = string;

/** What a call takes: a value that flows, or a parameter or buffer by its id. */
export type Operand = { readonly value: ValueId } | { readonly parameter: string };

export interface NetworkInput {
  readonly name: string;
  /** With the batch as a symbol, normally in front. */
  readonly shape: Shape;
  readonly dtype: InputType;
  /** How many token values there are, for an int64 input. */
  readonly vocabulary?: number;
  /** What it holds, where that is stated; else its type, its vocabulary and its name tell. */
  readonly role?: InputRole;
  /** Where the shape comes from, in words: "--input", "directive, line 3", "torch.randn, line 40", "first layer". */
  readonly origin: string;
}

/** A learned tensor. Tied parameters are one entry that several modules name. */
export interface Parameter {
  /** PyTorch's first name for it: `layers.0.weight`. */
  readonly id: string;
  readonly shape: readonly number[];
  readonly trainable: boolean;
  readonly initialization: Initialization;
}

/** State that is not learned: running statistics. */
export interface Buffer {
  readonly id: string;
  readonly shape: readonly number[];
  readonly initialization: Initialization;
  /** Counted with the parameters, as Keras counts the statistics of its norms. */
  readonly counted?: true;
}

/** A module as `named_modules()` lists it, container or leaf. */
export interface Module {
  readonly id: string;
  /** PyTorch's class name, or the user's own class. */
  readonly kind: string;
  /** Completed from the layer row's defaults; empty for a container. */
  readonly attributes: Attributes;
  /** A container computes nothing of its own: its children do. */
  readonly container: boolean;
  /** The module's own (not its children's) parameters and buffers: local name → id in the network's tables. */
  readonly parameters: Readonly<Record<string, string>>;
  readonly buffers: Readonly<Record<string, string>>;
  /** Further names under which the same module is registered. */
  readonly aliases: readonly string[];
  /** Where it is constructed. */
  readonly source: Span;
}

/** One computation, in execution order: a module's, or a function's. */
export interface Call {
  /** A module's first call bears the module's id, its further ones `id@2`, `id@3`; a function's is `<scope>.relu`, `<scope>.relu_1`. */
  readonly id: string;
  /** The layer row that computes it. */
  readonly kind: string;
  /** The module whose parameters it uses, absent for a function. */
  readonly module?: string;
  readonly attributes: Attributes;
  readonly inputs: readonly Operand[];
  readonly outputShapes: readonly Shape[];
  /** Where it is called. */
  readonly source: Span;
}

/** Something the reader could not model: what, why, and where. */
export interface Unmodelled {
  readonly what: string;
  readonly why: string;
  readonly source: Span;
  /** What to do about it, where that is not to rewrite the line. */
  readonly mend?: string;
}

/** What a model file says. */
export interface Network {
  readonly name: string;
  readonly source: Span;
  readonly inputs: readonly NetworkInput[];
  readonly modules: readonly Module[];
  readonly parameters: readonly Parameter[];
  readonly buffers: readonly Buffer[];
  readonly calls: readonly Call[];
  /** What the model returns; a loss is put on the first. */
  readonly outputs: readonly ValueId[];
  readonly batch: { readonly size: number; readonly origin: string };
  readonly task: Task;
  readonly optimizer: OptimizerChoice;
  readonly unmodelled: readonly Unmodelled[];
  /** What the file says around the model; absent for a format that says nothing of it. */
  readonly surroundings?: Surroundings;
  /** How many steps this network's own training call takes (Keras's fit), where it says so. */
  readonly plannedSteps?: Fact<number>;
  /** Norms that its forward computes by hand, in the order of their calls; absent where nobody looked. */
  readonly writtenNorms?: readonly WrittenNorm[];
}

/** The name of a call's n-th output (from 0). */
export const outputOf = (callId: string, index = 0): ValueId => (index === 0 ? callId : `${callId}:${index}`);

/** The number of values in a network's parameters, tied ones counted once. */
export function countParameters(network: Network): { total: number; trainable: number } {
  let total = 0;
  let trainable = 0;
  for (const parameter of network.parameters) {
    const count = parameter.shape.reduce((product, dim) => product * dim, 1);
    total += count;
    if (parameter.trainable) trainable += count;
  }
  for (const { counted, shape } of network.buffers) if (counted) total += elementCount(shape);
  return { total, trainable };
}

/**
 * The parameters of every module by its id: its own, and those that its own are computed of
 * (`conv.parametrizations.weight.original0`).
 */
export function moduleParameters({ modules }: Network): Map<string, readonly string[]> {
  const all = new Map<string, readonly string[]>(
    modules.map(({ id, parameters }) => [id, Object.values(parameters)] as const),
  );
  for (const { id, parameters } of modules) {
    const at = id.indexOf('.parametrizations.');
    const owner = at < 0 ? undefined : id.slice(0, at);
    const own = owner === undefined ? undefined : all.get(owner);
    if (owner !== undefined && own) all.set(owner, [...own, ...Object.values(parameters)]);
  }
  return all;
}

/** The shape of every value of the network by its id. */
export function valueShapes(network: Pick<Network, 'inputs' | 'calls'>): Map<ValueId, Shape> {
  const shapes = new Map<ValueId, Shape>(network.inputs.map((input) => [input.name, input.shape]));
  for (const call of network.calls) {
    call.outputShapes.forEach((shape, i) => {
      shapes.set(outputOf(call.id, i), shape);
    });
  }
  return shapes;
}
