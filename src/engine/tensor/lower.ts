import { type Emit, GraphBuilder, modelBytes, type ValueInfo } from '../onnx';
import { sumsFromStatistics } from './normSums';
import { worthBlocks } from './primitives/blockedConvolution';
import { rewrite } from './rewrite';
import { asReady, bytesOf, schedule } from './schedule';
import { placed, sideBySide } from './sideBySide';
import { shareSubexpressions } from './simplify';
import { ruleOf } from './table';
import { type Tensor, type TensorOf, type TensorType, topological } from './tensor';

/** A value that a program takes or gives, by name. `'steps'` stands for a dimension known when it runs. */
export interface ProgramValue {
  readonly name: string;
  readonly dtype: TensorType['dtype'];
  readonly shape: readonly (number | 'steps')[];
  /** Of an output: the input that it is the later value of. */
  readonly continues?: string;
}

/** Something that a runtime can run, and what running it costs. */
export interface Program {
  readonly model: Uint8Array;
  /** The same for builds of onnxruntime without kernels of their own (see blockedConvolution.ts): WebAssembly. */
  portable(): Uint8Array;
  readonly inputs: readonly ProgramValue[];
  readonly outputs: readonly ProgramValue[];
  readonly nodes: number;
  /** Expressions that it was compiled from. */
  readonly expressions: number;
  /** Bytes of all tensors alive at once at the worst moment, one step, inputs included; scans excluded. */
  readonly peakBytes: number;
  /** Bytes of what steps hand on. */
  readonly stateBytes: number;
  /** Steps that one run should take at the most, see `runsOneStep`. */
  readonly stepsPerRun: number;
  /** Bytes that every further step adds to the outputs (scans). */
  readonly bytesPerStep: number;
  /** Floating-point operations of one step (of the whole program, where it has no loop). */
  readonly flops: number;
  /** Those of them that are matrix products and convolutions: what the processor's peak is held against. */
  readonly productFlops: number;
}

type Leaf = TensorOf<'input'>;

/** A loop over training steps. Leaves are `input` expressions; those named nowhere below are inputs shared by all steps. */
export interface Loop {
  /** Carried from step to step; the program's input `name` is the start, its output `name` the end. */
  readonly state: readonly { readonly leaf: Tensor; readonly next: Tensor }[];
  /** Leaves that get one slice of the program's input (leading axis: steps) at each step. */
  readonly perStep: readonly Tensor[];
  /** Values kept from every step, stacked along a leading axis of steps. */
  readonly scans: readonly { readonly name: string; readonly value: Tensor }[];
  /** Numbers kept from every step, each value's taken as soon as they can be: for each name one vector, in their order. */
  readonly numbers?: readonly { readonly name: string; readonly values: readonly Tensor[] }[];
}

/**
 * Whether a run should take one step, by the bytes of state and the operations of a step. Through several steps a state is
 * held three times: as it was given, and as the step that runs found it and leaves it. One step finds what was given. That
 * copies the state at each step's end, so it is done where the copy takes some fifth of a step at most (a sixth of
 * ResNet-18's, at 160 operations a byte; three quarters of a step of MLP 10×1024, at 96), and, by choice and not by
 * measurement, where the third copy alone would take a quarter of a gigabyte.
 */
const runsOneStep = (stateBytes: number, flops: number): boolean =>
  stateBytes >= 64e6 && (flops >= 128 * stateBytes || stateBytes >= 256e6);

/** The loop's step counter and condition, and the number of steps, by reserved names. */
const STEPS_INPUT = 'steps';

const leafOf = (tensor: Tensor): Leaf => {
  if (tensor.primitive !== 'input') throw new Error(`a ${tensor.primitive} is not a leaf`);
  return tensor;
};

const nameOf = (leaf: Tensor): string => leafOf(leaf).attributes.name;

/** @throws Error where two inputs of different types bear one name. */
function assertOneTypeEach(order: readonly Tensor[]): void {
  const seen = new Map<string, Tensor>();
  for (const node of order) {
    if (node.primitive !== 'input') continue;
    const { name } = node.attributes;
    const other = seen.get(name);
    if (other) {
      const types = [other, node].map(({ dtype, shape }) => `${dtype} [${shape}]`);
      throw new Error(`two inputs are named ${name}: ${types.join(' and ')}`);
    }
    seen.set(name, node);
  }
}

/** Primitives whose value stands in their input's memory. */
const SHARING: ReadonlySet<string> = new Set(['reshape', 'opaque', 'stopGradient']);

/**
 * Peak of bytes alive while the nodes run in order. Inputs are there from the beginning to the end; reshapes share
 * their input's memory.
 */
export function peakBytes(order: readonly Tensor[], kept: readonly Tensor[]): number {
  const owner = new Map<Tensor, Tensor>();
  const ownerOf = (node: Tensor): Tensor => owner.get(node) ?? node;
  const lastUse = new Map<Tensor, number>();
  order.forEach((node, i) => {
    if (SHARING.has(node.primitive)) owner.set(node, ownerOf(node.inputs[0]!));
    for (const input of node.inputs) lastUse.set(ownerOf(input), i);
  });
  for (const node of kept) lastUse.set(ownerOf(node), order.length);
  const dying = new Map<number, Tensor[]>();
  for (const [node, at] of lastUse) dying.set(at, [...(dying.get(at) ?? []), node]);

  let live = order.reduce((sum, node) => (node.primitive === 'input' ? sum + bytesOf(node) : sum), 0);
  let peak = live;
  order.forEach((node, i) => {
    const { held, passing } = besideOf(node);
    if (ownerOf(node) === node && node.primitive !== 'input') live += bytesOf(node) + held;
    peak = Math.max(peak, live + passing);
    for (const dead of dying.get(i) ?? []) if (dead.primitive !== 'input') live -= bytesOf(dead) + besideOf(dead).held;
  });
  return peak;
}

/** What a node takes beside its inputs and its output. */
function besideOf(node: Tensor): { readonly held: number; readonly passing: number } {
  const rule = ruleOf(node as never) as { memory?: (node: Tensor) => { held: number; passing: number } };
  return rule.memory?.(node) ?? { held: 0, passing: 0 };
}

const flopsOf = (order: readonly Tensor[]): number => {
  let total = 0;
  for (const node of order) {
    const rule = ruleOf(node as never) as { flops?: (node: Tensor) => number };
    total += rule.flops ? rule.flops(node) : node.shape.reduce((product, dim) => product * dim, 1);
  }
  return total;
};

const productFlopsOf = (order: readonly Tensor[]): number =>
  order.reduce((total, node) => {
    const { product } = ruleOf(node as never) as { product?: true | ((node: Tensor) => number) };
    return total + (typeof product === 'function' ? product(node) : product ? flopsOf([node]) : 0);
  }, 0);

const emitNode = (emit: Emit, node: Tensor, names: ReadonlyMap<Tensor, string>): string => {
  const rule = ruleOf(node as never) as unknown as {
    onnx(emit: Emit, inputs: readonly string[], node: Tensor): string;
  };
  return rule.onnx(
    emit,
    node.inputs.map((input) => names.get(input)!),
    node,
  );
};

/** Whether onnxruntime's native build for this processor has kernels for channels in blocks. */
const BLOCKS = process.arch === 'x64';

/** Emits a model without blocks when it is first asked for; the model itself where it has none. */
function portableOf(model: Uint8Array, order: readonly Tensor[], withoutBlocks: () => Uint8Array): () => Uint8Array {
  const differs = BLOCKS && order.some((node) => node.primitive === 'convolution' && worthBlocks(node));
  let known = differs ? undefined : model;
  return () => {
    known ??= withoutBlocks();
    return known;
  };
}

/** Every output of a graph must be a node's own: a state that does not change, or one value under two names, is copied. */
function nameOutput(builder: GraphBuilder, value: string, name: string): void {
  if (!builder.claim(value, name)) builder.nodeNamed('Identity', [value], [name]);
}

/**
 * A program that computes the outputs once.
 * @throws Error where two inputs of different types bear one name.
 */
export function lower(outputs: Readonly<Record<string, Tensor>>, blocks = BLOCKS): Program {
  const names = Object.keys(outputs);
  const roots = rewrite(shareSubexpressions(Object.values(outputs)));
  const order = topological(roots);
  assertOneTypeEach(order);
  const builder = new GraphBuilder('%v', undefined, blocks);
  const known = new Map<Tensor, string>();
  const inputs: ProgramValue[] = [];
  for (const node of order) {
    if (node.primitive === 'input') {
      inputs.push({ name: node.attributes.name, dtype: node.dtype, shape: node.shape });
      known.set(node, node.attributes.name);
    } else {
      known.set(node, emitNode(builder, node, known));
    }
  }
  const values = roots.map((root, i) => {
    nameOutput(builder, known.get(root)!, names[i]!);
    return { name: names[i]!, dtype: root.dtype, shape: root.shape };
  });
  const model = modelBytes(builder.graph('program', inputs.map(valueInfo), values.map(valueInfo)));
  return {
    model,
    portable: portableOf(model, order, () => lower(outputs, false).model),
    inputs,
    outputs: values,
    nodes: builder.nodeCount,
    expressions: order.length,
    peakBytes: peakBytes(order, roots),
    stateBytes: 0,
    stepsPerRun: 1,
    bytesPerStep: 0,
    flops: flopsOf(order),
    productFlops: productFlopsOf(order),
  };
}

const valueInfo = ({ name, dtype, shape }: ProgramValue): ValueInfo => ({ name, type: dtype, shape });

/**
 * A program that runs steps inside one ONNX `Loop`: as many as its input `steps` says. Expressions that depend
 * neither on the state nor on the step are computed once, before the loop.
 * @throws Error where two inputs of different types bear one name.
 */
export function lowerLoop(loop: Loop, blocks = BLOCKS): Program {
  const { state, perStep, scans: values, numbers = [] } = loop;
  const asked = numbers.filter((list) => list.values.length > 0);
  const wanted = [
    ...state.map(({ next }) => next),
    ...values.map(({ value }) => value),
    ...asked.flatMap((list) => list.values),
  ];
  const made = rewrite(shareSubexpressions(sumsFromStatistics(wanted)));
  const others = state.length + values.length;
  let from = others;
  const lists = asked.map((list) => {
    from += list.values.length;
    return placed(made.slice(from - list.values.length, from));
  });
  const roots = sideBySide({
    states: made.slice(0, state.length),
    others: made.slice(state.length, others),
    numbers: lists,
  });
  const scheduled = schedule(roots.states, roots.others, roots.numbers);
  const { order, vectors } = scheduled;
  const scans = [...values, ...vectors.map((value, i) => ({ name: asked[i]!.name, value }))];
  const outcomes = [...roots.states, ...roots.others, ...vectors];
  assertOneTypeEach(order);
  const stateNames = new Map(state.map(({ leaf }) => [nameOf(leaf), leaf]));
  const stepNames = new Set(perStep.map(nameOf));

  const outer = new GraphBuilder('%o', undefined, blocks);
  const body = new GraphBuilder('%b', outer);
  const known = new Map<Tensor, string>();
  const varies = new Set<Tensor>();
  const shared: ProgramValue[] = [];
  const stepLeaves = new Map<string, Leaf>();
  const iteration = 'iteration';

  const isFixed = (node: Tensor) => node.primitive === 'input' && !stepNames.has(node.attributes.name);
  for (const node of asReady(scheduled, isFixed)) {
    if (node.primitive === 'input') {
      const { name } = node.attributes;
      if (stateNames.has(name)) {
        varies.add(node);
        known.set(node, `${name}@now`);
      } else if (stepNames.has(name)) {
        varies.add(node);
        stepLeaves.set(name, node as Leaf);
        known.set(node, body.node('Gather', [name, iteration], { axis: 0 }));
      } else {
        shared.push({ name, dtype: node.dtype, shape: node.shape });
        known.set(node, name);
      }
      continue;
    }
    const inside = node.inputs.some((input) => varies.has(input));
    if (inside) varies.add(node);
    known.set(node, emitNode(inside ? body : outer, node, known));
  }

  const nextNames = outcomes.map((root, i) => {
    const name = i < state.length ? `${nameOf(state[i]!.leaf)}@next` : `${scans[i - state.length]!.name}@step`;
    nameOutput(body, known.get(root)!, name);
    return name;
  });
  body.nodeNamed('Identity', ['go'], ['goOn']);

  const stateValues: ProgramValue[] = state.map(({ leaf }) => ({
    name: nameOf(leaf),
    dtype: leaf.dtype,
    shape: leaf.shape,
  }));
  const scanValues: ProgramValue[] = scans.map(({ name, value }) => ({
    name,
    dtype: value.dtype,
    shape: ['steps', ...value.shape],
  }));
  const bodyGraph = body.graph(
    'step',
    [
      { name: iteration, type: 'int64', shape: [] },
      { name: 'go', type: 'bool', shape: [] },
      ...stateValues.map((value) => ({ ...valueInfo(value), name: `${value.name}@now` })),
    ],
    [
      { name: 'goOn', type: 'bool', shape: [] },
      ...[...stateValues, ...scans.map(({ value }) => value)].map((value, i) => ({
        name: nextNames[i]!,
        type: value.dtype,
        shape: value.shape,
      })),
    ],
  );
  const outputs = [...stateValues, ...scanValues];
  const outputNames = outputs.map(({ name }) => `${name}@end`);
  outer.nodeNamed('Loop', [STEPS_INPUT, outer.scalar(1, 'bool'), ...stateValues.map(({ name }) => name)], outputNames, {
    body: bodyGraph,
  });

  const inputs: ProgramValue[] = [
    { name: STEPS_INPUT, dtype: 'int64', shape: [] },
    ...stateValues,
    ...shared,
    ...[...stepLeaves.values()].map(
      (leaf): ProgramValue => ({ name: leaf.attributes.name, dtype: leaf.dtype, shape: ['steps', ...leaf.shape] }),
    ),
  ];
  const inLoop = order.filter((node) => varies.has(node));
  const stateBytes = state.reduce((total, { leaf }) => total + bytesOf(leaf), 0);
  const flops = flopsOf(inLoop);
  const oneStep = runsOneStep(stateBytes, flops);
  const programOutputs = outputs.map((value, i) => ({
    ...value,
    name: outputNames[i]!,
    ...(i < state.length && { continues: value.name }),
  }));
  const model = modelBytes(outer.graph('program', inputs.map(valueInfo), programOutputs.map(valueInfo)));
  return {
    model,
    portable: portableOf(model, order, () => lowerLoop(loop, false).model),
    inputs,
    outputs: programOutputs,
    nodes: outer.nodeCount + body.nodeCount,
    expressions: topological(made).length,
    peakBytes: peakBytes(order, outcomes) + (oneStep ? 0 : stateBytes),
    stateBytes,
    stepsPerRun: oneStep ? 1 : Number.POSITIVE_INFINITY,
    bytesPerStep: [...scans.map(({ value }) => bytesOf(value)), ...[...stepLeaves.values()].map(bytesOf)].reduce(
      (total, bytes) => total + bytes,
      0,
    ),
    flops,
    productFlops: productFlopsOf(inLoop),
  };
}
