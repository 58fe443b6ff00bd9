import type { Call, Network, NetworkInput, Shape } from '../network';
import {
  convolvedDimensions,
  downstream,
  holdsData,
  isKeras,
  roleOf,
  shapeOf,
  sizesIn,
  spatialOf,
  type View,
  viewOf,
} from './view';

/** What a network is built of. */
export type Architecture = 'transformer' | 'recurrent' | 'convolutional' | 'mlp';

/** What a network's data is: the input that its first layers with weights take. */
export type Data = 'image' | 'volume' | 'signal' | 'steps' | 'tokens' | 'vector';

/** What the graph shows, names left aside: what recognizing a family and finding its practice ask. */
export interface Traits {
  readonly view: View;
  readonly architecture: Architecture;
  readonly data: Data;
  readonly input: NetworkInput | undefined;
  /** Channels and sizes of the input, where it has such axes. */
  readonly inputSize: { readonly channels: number; readonly sizes: readonly number[] } | undefined;
  readonly outputs: readonly Shape[];
  /** The same of the first output. */
  readonly outputSize: { readonly channels: number; readonly sizes: readonly number[] } | undefined;
  readonly attention: boolean;
  readonly recurrence: boolean;
  /** Largest dimension of its convolutions; 0 without any. */
  readonly convolved: number;
  readonly affine: readonly Call[];
  readonly activations: readonly Call[];
  /** Something makes fewer positions of many, or more of few. */
  readonly down: boolean;
  readonly up: boolean;
  readonly pools: boolean;
  /** Sums in which something is added to what it was computed of. */
  readonly residual: boolean;
  /** Channels of before are put beside those of behind an upsampling. */
  readonly skips: boolean;
  /** Between two layers with weights the data is one vector a sample. */
  readonly bottleneck: boolean;
}

const traits = new WeakMap<Network, Traits>();

/** The traits of a network, found once. */
export function traitsOf(network: Network): Traits {
  const known = traits.get(network);
  if (known) return known;
  const found = findTraits(network);
  traits.set(network, found);
  return found;
}

const ATTENTION = /^(MultiheadAttention|KerasMultiHeadAttention|scaled_dot_product_attention)$/;
const PRODUCT = /^(matmul|bmm|einsum|baddbmm|KerasDot)$/;
/** What may stand between a product of queries and keys and its softmax. */
const BETWEEN = /^(div|mul|add|sub|masked_fill|where|Dropout|getitem|clamp|reshape|view|contiguous|to)$/;
const SOFTMAX = /^(Softmax|KerasSoftmax)$/;

/** Attention as a layer, or written out: a softmax of a product, which weighs in another product. */
function attends(view: View): boolean {
  return view.network.calls.some((call) => {
    if (ATTENTION.test(call.kind)) return true;
    if (!SOFTMAX.test(call.kind) || shapeOf(call).length < 3) return false;
    let at = view.sources(call);
    for (let steps = 0; steps < 6 && at.length > 0; steps++) {
      if (at.some(({ kind }) => PRODUCT.test(kind))) return true;
      at = at.filter(({ kind }) => BETWEEN.test(kind)).flatMap((each) => view.sources(each));
    }
    return false;
  });
}

/** Modules with weights that are called again on what their own output became, so many times at least. */
const REPEATED = 3;

/** The modules of a recurrence that is written out, step by step. */
export function repeatedModules(view: View): ReadonlySet<string> {
  const calls = new Map<string, Call[]>();
  for (const call of view.network.calls) {
    if (call.module === undefined || roleOf(call) !== 'affine') continue;
    const same = calls.get(call.module);
    if (same) same.push(call);
    else calls.set(call.module, [call]);
  }
  const repeated = new Set<string>();
  for (const [module, [first, ...others]] of calls) {
    if (others.length + 1 < REPEATED) continue;
    const reached = downstream(view, first!.id);
    if (others.filter(({ id }) => reached.has(id)).length + 1 >= REPEATED) repeated.add(module);
  }
  return repeated;
}

const UPSAMPLING = /^(ConvTranspose\dd|KerasConv\dDTranspose|Upsample\w*|interpolate|PixelShuffle|KerasUpSampling\dD)$/;

function isDown(call: Call): boolean {
  const role = roleOf(call);
  if (UPSAMPLING.test(call.kind)) return false;
  if (role === 'pooling') return !/Adaptive|Global/.test(call.kind);
  return (
    convolvedDimensions(call) !== undefined && Math.max(1, ...sizesIn(call, 'stride'), ...sizesIn(call, 'strides')) > 1
  );
}

const isUp = (call: Call): boolean => {
  if (!UPSAMPLING.test(call.kind)) return false;
  const strides = [...sizesIn(call, 'stride'), ...sizesIn(call, 'strides')];
  return !/Transpose/.test(call.kind) || Math.max(1, ...strides) > 1;
};

const sums = new WeakMap<View, ReadonlySet<string>>();

/** The sums of two values that have a value in common they were computed of, near enough: ends of residual blocks. */
export function residualSums(view: View): ReadonlySet<string> {
  const known = sums.get(view);
  if (known) return known;
  const found = new Set(view.network.calls.filter((call) => isResidual(view, call)).map(({ id }) => id));
  sums.set(view, found);
  return found;
}

/** Whether something with weights is computed of a sum: outputs that are only added up are no stream. */
function feedsLayer(view: View, sum: Call): boolean {
  const seen = new Set([sum.id]);
  const waiting = [...view.users(sum.id)];
  for (let call = waiting.pop(); call; call = waiting.pop()) {
    if (seen.has(call.id)) continue;
    seen.add(call.id);
    const role = roleOf(call);
    if (role === 'affine' || role === 'attention' || role === 'recurrent') return true;
    waiting.push(...view.users(call.id));
  }
  return false;
}

function isResidual(view: View, call: Call): boolean {
  if (!/^(add|KerasAdd)$/.test(call.kind)) return false;
  const [a, b] = view.operands(call);
  if (a === undefined || b === undefined || a === b) return false;
  const ancestors = (id: string): Set<string> => {
    const seen = new Set([id]);
    let edge = [id];
    for (let steps = 0; steps < 40 && edge.length > 0 && seen.size < 400; steps++) {
      edge = edge.flatMap((one) => {
        const made = view.byId.get(one);
        return made ? view.operands(made).filter((next) => !seen.has(next)) : [];
      });
      for (const one of edge) seen.add(one);
    }
    return seen;
  };
  const [left, right] = [ancestors(a), ancestors(b)];
  if (!feedsLayer(view, call)) return false;
  if (left.has(b) || right.has(a)) return true;
  if (![...left].some((id) => right.has(id))) return false;
  // A shortcut with weights of its own: the other way must be a branch, and not another single layer.
  const branch = (own: ReadonlySet<string>, other: ReadonlySet<string>): boolean => {
    const roles = [...own].flatMap((id) => (other.has(id) ? [] : (view.byId.get(id) ?? []))).map(roleOf);
    return roles.some((role) => role === 'activation') || roles.filter((role) => role === 'affine').length > 1;
  };
  return branch(left, right) || branch(right, left);
}

/** The input that data comes by: images before tokens before steps before vectors. */
function mainInput({ inputs }: Network): NetworkInput | undefined {
  const rank = (input: NetworkInput): number => (input.dtype === 'int64' ? 3.5 : input.shape.length);
  return inputs
    .filter(holdsData)
    .reduce<NetworkInput | undefined>((a, b) => (a && rank(a) >= rank(b) ? a : b), undefined);
}

function dataOf(input: NetworkInput | undefined, calls: readonly Call[]): Data {
  if (!input) return 'vector';
  if (input.dtype === 'int64') return 'tokens';
  const rank = input.shape.length;
  if (rank >= 5) return 'volume';
  if (rank === 4) return 'image';
  if (rank !== 3) return 'vector';
  const first = calls.find((call) => /^(affine|recurrent|attention)$/.test(roleOf(call) ?? ''));
  return first && convolvedDimensions(first) === 1 ? 'signal' : 'steps';
}

/** Channels and sizes of the input; those of a signal whose channels come last, and are moved first, in that order too. */
function inputSizeOf(input: NetworkInput | undefined, calls: readonly Call[], data: Data, channelsLast: boolean) {
  const size = input && spatialOf(input.shape, channelsLast);
  if (!size || data !== 'signal') return size;
  const channels = calls.find((call) => convolvedDimensions(call) === 1)?.attributes.in_channels;
  const [length] = size.sizes;
  return channels === length && channels !== size.channels
    ? { channels: size.sizes[0]!, sizes: [size.channels] }
    : size;
}

function findTraits(network: Network): Traits {
  const view = viewOf(network);
  const { calls } = network;
  const affine = calls.filter((call) => roleOf(call) === 'affine');
  const convolved = Math.max(0, ...calls.map((call) => convolvedDimensions(call) ?? 0));
  const attention = attends(view);
  const written = attention ? new Set<string>() : repeatedModules(view);
  const recurrence = calls.some((call) => roleOf(call) === 'recurrent') || written.size > 0;
  const input = mainInput(network);
  const data = dataOf(input, calls);
  const channelsLast = calls.some(isKeras);
  const outputs = network.outputs.map((output) => view.shapes.get(output) ?? []);
  const sized = (shape: Shape | undefined) => shape && spatialOf(shape, channelsLast);
  const firstUp = calls.findIndex(isUp);
  const skips =
    firstUp >= 0 &&
    calls.slice(firstUp).some((call) => /^(cat|KerasConcatenate)$/.test(call.kind) && shapeOf(call).length >= 3);
  const architecture: Architecture = attention
    ? 'transformer'
    : recurrence
      ? 'recurrent'
      : convolved > 0
        ? 'convolutional'
        : 'mlp';
  const firstVector = calls.findIndex((call) => roleOf(call) === 'affine' && shapeOf(call).length === 2);
  return {
    view,
    architecture,
    data,
    input,
    inputSize: inputSizeOf(input, calls, data, channelsLast),
    outputs,
    outputSize: sized(outputs[0]),
    attention,
    recurrence,
    convolved,
    affine,
    activations: calls.filter((call) => roleOf(call) === 'activation'),
    down: calls.some(isDown),
    up: firstUp >= 0,
    pools: calls.some((call) => roleOf(call) === 'pooling'),
    residual: residualSums(view).size > 0,
    skips,
    bottleneck:
      firstVector >= 0 &&
      calls.slice(firstVector).some((call) => convolvedDimensions(call) !== undefined && shapeOf(call).length > 3),
  };
}
