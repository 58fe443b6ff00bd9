import { findLayer } from '../../../layers';
import {
  constant,
  type Dim,
  type Initialization,
  normal,
  type Shape,
  type Span,
  uniform,
  type ValueType,
  valuesOf,
} from '../../../network';
import type { BuiltinRow, BuiltinTable } from '../../python/builtins/row';
import { type Evaluation, LIMITS } from '../../python/evaluator';
import { elementType } from '../../python/modules/layer';
import { knownTensor } from '../../python/modules/recipe';
import { settle } from '../../python/modules/sharedMemory';
import { applyLayer } from '../../python/modules/trace';
import {
  argument,
  asNumber,
  bound,
  dimension,
  FALSE,
  type FreshPlace,
  float,
  int,
  knownNumbers,
  list,
  NONE,
  str,
  string,
  type TensorValue,
  tensor,
  truth,
  tuple,
  unknown,
  type Value,
} from '../../python/values';
import { complexFunctions, complexOf, fourierFunctions } from './complex';
import { drawsInPlace } from './drawInPlace';
import { fillers } from './init';
import { initializersInPlace } from './initInPlace';
import { layerFunction } from './layers';
import { parametrizations } from './parametrizations';
import { tensorFacts } from './tensorFacts';
import { typedTensors } from './typedTensors';
import {
  clamping,
  dividing,
  normalizing,
  repeating,
  writtenFunctions,
  writtenMethods,
  writtenProperties,
} from './written';

type Args = Parameters<BuiltinRow>[0];

const dimOf = (value: Value): Dim | undefined => {
  if (value.type === 'dim') return { batch: value.batch };
  if (value.type === 'int') return value.value;
  // numpy's product of a shape.
  const number = value.type === 'tensor' ? asNumber(value) : undefined;
  return number !== undefined && Number.isInteger(number) ? number : undefined;
};

/** Sizes as PyTorch takes them: `zeros(2, 3)`, `zeros((2, 3))`, `zeros(size=[2, 3])`. */
function sizes(given: readonly Value[], keyword: Value | undefined): Shape | undefined {
  const [first] = given;
  const values =
    keyword ?? (first?.type === 'tuple' || first?.type === 'list' ? first : { type: 'tuple' as const, items: given });
  if (values.type !== 'tuple' && values.type !== 'list') {
    const one = dimOf(values);
    return one === undefined ? undefined : [one];
  }
  const dims = values.items.map(dimOf);
  return dims.includes(undefined) ? undefined : (dims as Dim[]);
}

/** The element type that an argument `dtype` names. */
function typeAsked(args: Args, otherwise: ValueType): ValueType {
  const asked = args.keywords.get('dtype');
  return (asked?.type === 'library' ? elementType(asked.path) : undefined) ?? otherwise;
}

/** A tensor of one number, or of drawn numbers; those with one number can be used where values flow. */
function filled(
  shape: Shape,
  dtype: ValueType,
  initialization: Initialization | undefined,
  by: string,
  site: Span,
): TensorValue {
  if (initialization?.kind !== 'constant')
    return tensor(shape, { kind: 'fresh', source: site, ...(initialization && { initialization }) }, dtype);
  const attributes = { size: shape, fill_value: initialization.value, dtype };
  const made = knownTensor('full', attributes, shape, dtype, by, site);
  return { ...made, place: { ...(made.place as FreshPlace), initialization } };
}

/** Numbers that a forward draws, anew at every step. */
const drawn = (kind: 'rand' | 'randn', shape: Shape, by: string, site: Span): TensorValue =>
  knownTensor(kind, { size: shape }, shape, 'float32', by, site);

/** The row that draws such numbers in a forward: of what is made elsewhere the initialization says enough. */
const drawnKind = ({ name, run }: { name: string; run: Evaluation }): 'rand' | 'randn' | undefined => {
  const kind = name.replace(/_like$/, '');
  return run.trace && (kind === 'rand' || kind === 'randn') ? kind : undefined;
};

/** A function that makes a tensor of given sizes. */
const maker =
  (by: string, initialization?: Initialization): BuiltinRow =>
  (args, site, run) => {
    const shape = sizes(args.positional, args.keywords.get('size'));
    if (!shape)
      return (
        args.positional.find(({ type }) => type === 'unknown') ??
        run.unmodelled('a new tensor', 'its size is not known', site)
      );
    const kind = drawnKind({ name: by, run });
    if (kind) return drawn(kind, shape, by, site);
    const made = (value: Initialization | undefined) => filled(shape, typeAsked(args, 'float32'), value, by, site);
    return asksComplex(args) && initialization?.kind === 'constant'
      ? complexOf(made(initialization), made(constant(0)), run)
      : made(initialization);
  };

/** Whether a complex tensor is asked for. */
function asksComplex({ keywords }: Args): boolean {
  const asked = keywords.get('dtype');
  return asked?.type === 'library' && /^torch\.(complex\d+|c(float|double))$/.test(asked.path);
}

const likeMaker =
  (by: string, initialization?: Initialization): BuiltinRow =>
  (args, site, run) => {
    const like = argument(args, 0);
    if (like.type !== 'tensor' || !like.shape)
      return like.type === 'unknown' ? like : unknown('what it is made like is not known', site);
    settle(like, run);
    const kind = drawnKind({ name: by, run });
    if (kind) return drawn(kind, like.shape, by, site);
    return filled(like.shape, typeAsked(args, like.dtype), initialization, by, site);
  };

/** `x.new_zeros(2, 3)`: of x's element type. */
const newMaker =
  (by: string, initialization?: Initialization): BuiltinRow =>
  (args, site, run) => {
    const [like, ...rest] = args.positional;
    const shape = sizes(rest, args.keywords.get('size'));
    if (like?.type !== 'tensor' || !shape)
      return rest.find(({ type }) => type === 'unknown') ?? run.unmodelled(by, 'its size is not known', site);
    return filled(shape, typeAsked(args, like.dtype), initialization, by, site);
  };

/** A function of torch that a row without inputs computes: its values are known. */
const known =
  (name: string): BuiltinRow =>
  (args, site, run) =>
    layerFunction(name)!(args, site, run);

/** `full(size, value)`, and `x.new_full(size, value)` without its x. */
const full =
  (by: string, like?: TensorValue): BuiltinRow =>
  (args, site, run) => {
    const { size, fill_value } = bound(args, 'size', 'fill_value');
    const shape = size && sizes([size], undefined);
    const value = fill_value && asNumber(fill_value);
    if (!shape || value === undefined)
      return (
        [size, fill_value].find((each) => each?.type === 'unknown') ??
        run.unmodelled(by, 'its size or its value is not known', site)
      );
    const own = fill_value?.type === 'bool' ? 'bool' : fill_value?.type === 'int' ? 'int64' : 'float32';
    return filled(shape, typeAsked(args, like?.dtype ?? own), constant(value), by, site);
  };

/** The shape of nested lists of numbers, the numbers, and whether each is whole, a fraction or a truth. */
function nested(value: Value): { shape: number[]; numbers: number[]; kinds: string[] } | undefined {
  const number = asNumber(value);
  if (number !== undefined) return { shape: [], numbers: [number], kinds: [value.type] };
  if (value.type !== 'list' && value.type !== 'tuple') return undefined;
  const inner = value.items.map(nested);
  if (inner.some((each) => !each || `${each.shape}` !== `${inner[0]?.shape}`)) return undefined;
  return {
    shape: [inner.length, ...(inner[0]?.shape ?? [])],
    numbers: inner.flatMap((each) => each!.numbers),
    kinds: inner.flatMap((each) => each!.kinds),
  };
}

const numeral = (dtype: ValueType, number: number): Value =>
  dtype === 'float32' ? float(number) : dtype === 'bool' ? { type: 'bool', value: number !== 0 } : int(number);

/** Numbers in row-major order as Python's nested lists. */
function nestedList(dtype: ValueType, [dim, ...rest]: readonly number[], numbers: readonly number[]): Value {
  if (dim === undefined) return numeral(dtype, numbers[0]!);
  const size = numbers.length / Math.max(1, dim);
  return list(Array.from({ length: dim }, (_, i) => nestedList(dtype, rest, numbers.slice(i * size, (i + 1) * size))));
}

/** `torch.max(a, b)` of two tensors compares them; with an axis, or alone, it is a reduction. */
const extreme =
  (reduction: string, pairwise: string): BuiltinRow =>
  (args, site, run) => {
    const other = args.positional[1] ?? args.keywords.get('other');
    return layerFunction(other?.type === 'tensor' ? pairwise : reduction)!(args, site, run);
  };

/** What a layer makes of one size: so many of it. */
const repeatedTimes =
  (count: number): BuiltinRow =>
  (args) => {
    const value = argument(args, 0);
    return value.type === 'tuple' || value.type === 'list' ? value : tuple(Array.from({ length: count }, () => value));
  };

/** `torch.LongTensor([1, 2])`, `torch.FloatTensor(2, 3)`: of numbers, or of sizes. */
const typedTensor =
  (dtype: ValueType): BuiltinRow =>
  (args, site, run) => {
    const [data] = args.positional;
    const sized = data?.type === 'int' || (data?.type === 'tuple' && data.size);
    const items = data && data.type !== 'tensor' && !sized ? run.iterate(data, site) : undefined;
    const named = { keywords: new Map<string, Value>([['dtype', { type: 'library', path: `torch.${dtype}` }]]) };
    if (data?.type === 'tensor') return converted(data, dtype, 'to', site, run);
    if (items) return torchFunctions.tensor!({ positional: [list([...items])], ...named }, site, run);
    return torchFunctions.empty!({ ...args, ...named }, site, run);
  };

const first: BuiltinRow = (args) => argument(args, 0);
const nothing: BuiltinRow = () => NONE;
const no: BuiltinRow = () => FALSE;

/** What `torch.finfo` and `torch.iinfo` say, of float32 and int32. */
const limits =
  (numbers: Readonly<Record<string, number>>): BuiltinRow =>
  () => ({
    type: 'instance',
    class: { type: 'class', name: 'finfo', path: 'torch.finfo', resolution: [], attributes: new Map() },
    attributes: new Map(
      Object.entries(numbers).map(([name, value]) => [
        name,
        Number.isInteger(value) && Math.abs(value) < 2 ** 53 ? int(value) : float(value),
      ]),
    ),
  });

/** An empty vector is nothing in a row of others: `torch.cat([torch.tensor([]), keys], dim=-2)`. */
const joined: BuiltinRow = (args, site, run) => {
  const tensors = args.positional[0] ?? args.keywords.get('tensors') ?? NONE;
  const isEmpty = (each: Value): boolean => each.type === 'tensor' && each.shape?.length === 1 && each.shape[0] === 0;
  const items = tensors.type === 'list' || tensors.type === 'tuple' ? tensors.items : [];
  const rest = items.filter((each) => !isEmpty(each));
  const given = rest.length === items.length || rest.length === 0 ? tensors : list(rest);
  const keywords = new Map([...args.keywords].filter(([name]) => name !== 'tensors'));
  return layerFunction('torch.cat')!(
    { ...args, positional: [given, ...args.positional.slice(1)], keywords },
    site,
    run,
  );
};

/** Functions of torch that make tensors, or that change nothing that is modelled. */
export const torchFunctions: BuiltinTable = {
  ...parametrizations,
  ...writtenFunctions,
  ...complexFunctions,
  ...fourierFunctions,
  clamp: clamping('clamp', layerFunction('torch.clamp')!),
  clip: clamping('clamp', layerFunction('torch.clip')!),
  repeat_interleave: repeating(layerFunction('torch.repeat_interleave')!),
  'nn.functional.layer_norm': normalizing(layerFunction('torch.nn.functional.layer_norm')!),
  zeros: maker('zeros', constant(0)),
  ones: maker('ones', constant(1)),
  /** Whatever was in memory; what follows fills it. */
  empty: maker('empty', constant(0)),
  randn: maker('randn', normal(0, 1)),
  rand: maker('rand', uniform(0, 1)),
  zeros_like: likeMaker('zeros_like', constant(0)),
  ones_like: likeMaker('ones_like', constant(1)),
  empty_like: likeMaker('empty_like', constant(0)),
  randn_like: likeMaker('randn_like', normal(0, 1)),
  rand_like: likeMaker('rand_like', uniform(0, 1)),
  full: full('full'),
  full_like(args, site, run) {
    const { fill_value } = bound(args, 'input', 'fill_value');
    const value = fill_value && asNumber(fill_value);
    if (value === undefined) return run.unmodelled('full_like', 'its value is not known', site);
    return likeMaker('full_like', constant(value))(args, site, run);
  },
  randint(args, site) {
    const size =
      args.keywords.get('size') ?? args.positional.findLast(({ type }) => type === 'tuple' || type === 'list');
    const shape = size && sizes([size], undefined);
    if (!shape) return unknown('its size is not known', site);
    // `randint(high, size)` or `randint(low, high, size)`.
    const bounds = args.positional.slice(0, 2).filter(({ type }) => type === 'int');
    const high = asNumber(args.keywords.get('high') ?? bounds.at(-1) ?? NONE);
    const drawn = { ...(high !== undefined && high > 0 && { below: high }) };
    return tensor(shape, { kind: 'fresh', source: site, ...drawn }, 'int64');
  },
  arange(args, site, run) {
    const { positional, keywords } = args;
    const [first, ...rest] = positional;
    const start = keywords.get('start') ?? (rest.length > 0 ? first : undefined);
    const end = keywords.get('end') ?? rest[0] ?? first;
    const step = keywords.get('step') ?? rest[1];
    const given = [start ?? int(0), end ?? NONE, step ?? int(1)];
    const whole = given.every(({ type }) => type !== 'float');
    const dtype: Value = keywords.get('dtype') ?? { type: 'library', path: whole ? 'torch.int64' : 'torch.float32' };
    return known('torch.arange')({ positional: given, keywords: new Map([['dtype', dtype]]) }, site, run);
  },
  linspace: known('torch.linspace'),
  /** The sorted values of known numbers, each once. */
  unique(args, site, run) {
    const of = argument(args, 0);
    const numbers = of.type === 'tensor' ? knownNumbers(of) : undefined;
    if (of.type !== 'tensor' || !numbers)
      return run.unmodelled('unique', 'it is modelled for known numbers alone', site);
    const values = [...new Set(numbers.values)].sort((a, b) => a - b);
    const counts = values.map((value) => numbers.values.filter((each) => each === value).length);
    const made = (of: readonly number[], dtype: ValueType): Value =>
      knownTensor('tensor', { shape: [of.length], values: of, dtype }, [of.length], dtype, 'unique', site);
    const inverse = numbers.values.map((value) => values.indexOf(value));
    const asked = (name: string): boolean => truth(args.keywords.get(name) ?? FALSE) === true;
    const more = [
      ...(asked('return_inverse') ? [made(inverse, 'int64')] : []),
      ...(asked('return_counts') ? [made(counts, 'int64')] : []),
    ];
    return more.length > 0 ? tuple([made(values, of.dtype), ...more]) : made(values, of.dtype);
  },
  eye: known('torch.eye'),
  tensor(args, site) {
    const data = argument(args, 0);
    if (data.type === 'tensor') return data;
    const found = nested(data);
    if (!found) return data.type === 'unknown' ? data : unknown('its values are not known', site);
    const kinds = new Set(found.kinds);
    const own = kinds.has('float') || kinds.size === 0 ? 'float32' : kinds.has('int') ? 'int64' : 'bool';
    const dtype = typeAsked(args, own);
    const [value] = found.numbers;
    const same = value !== undefined && found.numbers.every((number) => number === value);
    if (same) return filled(found.shape, dtype, constant(value), 'tensor', site);
    if (found.numbers.length > LIMITS.size) return unknown('it holds too many values', site);
    const attributes = { shape: found.shape, values: found.numbers, dtype };
    const made = knownTensor('tensor', attributes, found.shape, dtype, 'tensor', site);
    return { ...made, place: { ...(made.place as FreshPlace), initialization: valuesOf(found.numbers) } };
  },
  as_tensor: (args, site, run) => torchFunctions.tensor!(args, site, run),
  ...typedTensors(maker('empty', constant(0)), (args, site, run) => torchFunctions.tensor!(args, site, run)),
  /** Once what kept track of gradients: a tensor since. */
  'autograd.Variable': (args) => argument(args, 0),
  /** Arrays are tensors of known values here. */
  from_numpy: (args) => argument(args, 0),
  is_floating_point: (args, site, run) => tensorFacts.is_floating_point!(args, site, run),
  randint_like: (args, site) => {
    const like = argument(args, 0);
    return like.type === 'tensor' && like.shape
      ? tensor(like.shape, { kind: 'fresh', source: site }, 'int64')
      : unknown('what it is made like is not known', site);
  },
  /** An assertion that tracing keeps. */
  _assert(args, site, run) {
    if (truth(argument(args, 0)) === false)
      run.raise('AssertionError', str(args.positional[1] ?? args.keywords.get('message') ?? NONE), site);
    return NONE;
  },
  cat: joined,
  concat: joined,
  concatenate: joined,
  max: extreme('torch.max', 'torch.maximum'),
  min: extreme('torch.min', 'torch.minimum'),
  manual_seed: nothing,
  no_grad: nothing,
  enable_grad: nothing,
  inference_mode: nothing,
  set_grad_enabled: nothing,
  autocast: nothing,
  set_default_dtype: nothing,
  set_num_threads: nothing,
  set_float32_matmul_precision: nothing,
  save: nothing,
  device: (args) => (argument(args, 0).type === 'unknown' ? string('cpu') : argument(args, 0)),
  'jit.annotate': (args) => argument(args, 1),
  finfo: limits({
    bits: 32,
    eps: 2 ** -23,
    max: 3.4028234663852886e38,
    min: -3.4028234663852886e38,
    tiny: 1.1754943508222875e-38,
  }),
  iinfo: limits({ bits: 32, max: 2 ** 31 - 1, min: -(2 ** 31) }),
  get_autocast_dtype: () => ({ type: 'library', path: 'torch.float32' }),
  get_autocast_gpu_dtype: () => ({ type: 'library', path: 'torch.float32' }),
  get_autocast_cpu_dtype: () => ({ type: 'library', path: 'torch.float32' }),
  get_default_dtype: () => ({ type: 'library', path: 'torch.float32' }),
  get_default_device: () => string('cpu'),
  is_tensor: (args) => ({ type: 'bool', value: argument(args, 0).type === 'tensor' }),
  is_grad_enabled: () => ({ type: 'bool', value: true }),
  is_autocast_enabled: no,
  'compiler.is_exporting': no,
  'compiler.is_compiling': no,
  'compiler.is_dynamo_compiling': no,
  'onnx.is_in_onnx_export': no,
  div: dividing(layerFunction('torch.div')!),
  divide: dividing(layerFunction('torch.div')!),
  'nn._single': repeatedTimes(1),
  'nn._pair': repeatedTimes(2),
  'nn._triple': repeatedTimes(3),
  are_deterministic_algorithms_enabled: no,
  is_deterministic_algorithms_warn_only_enabled: no,
  is_inference_mode_enabled: no,
  use_deterministic_algorithms: nothing,
  ...Object.fromEntries(
    Object.entries({
      Long: 'int64',
      Int: 'int64',
      Byte: 'int64',
      Float: 'float32',
      Double: 'float32',
      Half: 'float32',
      Bool: 'bool',
    })
      .map(([name, dtype]) => [name, typedTensor(dtype as ValueType)] as const)
      .flatMap(([name, row]) => [[`${name}Tensor`, row] as const, [`cuda.${name}Tensor`, row] as const]),
  ),
  'cuda.is_available': no,
  'cuda.device_count': () => int(0),
  'cuda.manual_seed': nothing,
  'cuda.manual_seed_all': nothing,
  'cuda.amp.autocast': nothing,
  'backends.mps.is_available': no,
  'accelerator.is_available': no,
  'xpu.is_available': no,
  'jit.is_scripting': no,
  'jit.is_tracing': no,
  'jit.ignore': first,
  'nn.SyncBatchNorm.convert_sync_batchnorm': first,
};

/** Library functions whose result nobody in a model needs: calling them is nothing to speak of. */
export const SILENT =
  /^(warnings|logging|random|os|sys|time|json|pathlib|tqdm|matplotlib|wandb|mlflow|comet_ml|clearml|neptune|tensorboard|tensorboardX|torchmetrics|sklearn|pandas|PIL|cv2|loguru|rich|pprint|gc|huggingface_hub|safetensors)\b|^torch\.(backends|cuda|distributed|_C)\b|^numpy\.random\.seed$/;

const receiver: BuiltinRow = first;

const size: BuiltinRow = (args, site) => {
  const value = argument(args, 0);
  if (value.type !== 'tensor') return value;
  const at = args.positional[1] ?? args.keywords.get('dim');
  const axis = at && asNumber(at);
  // The first dimension of an input that is being solved is its batch.
  if (!value.shape) return axis === 0 ? { type: 'dim', batch: 1 } : unknown("the input's shape is not known", site);
  if (!at) return { ...tuple(value.shape.map(dimension)), size: true };
  if (axis === undefined) return unknown('the axis is not known', site);
  const dim = value.shape[axis < 0 ? value.shape.length + axis : axis];
  return dim === undefined ? unknown(`dimension out of range: ${axis}`, site) : dimension(dim);
};

/** The tensor in another element type; itself where it has that already. */
function converted(value: Value, dtype: ValueType, by: string, site: Span, run: Evaluation): Value {
  if (value.type !== 'tensor' || value.dtype === dtype) return value;
  const result = applyLayer({ row: findLayer('to')!, attributes: { dtype }, operands: [value], site, by }, run);
  if (result.type !== 'tensor' || result.place.kind !== 'fresh' || value.place.kind !== 'fresh') return result;
  const { initialization } = value.place;
  return initialization ? { ...result, place: { ...result.place, initialization } } : result;
}

const conversion =
  (by: string, dtype: ValueType): BuiltinRow =>
  (args, site, run) =>
    converted(argument(args, 0), dtype, by, site, run);

/** Methods of tensors that compute nothing: what they say, or the tensor itself. */
export const tensorMethods: BuiltinTable = {
  ...fillers,
  ...drawsInPlace,
  ...writtenMethods,
  ...tensorFacts,
  clamp: clamping('clamp', layerFunction('Tensor.clamp')!),
  clip: clamping('clamp', layerFunction('Tensor.clip')!),
  repeat_interleave: repeating(layerFunction('Tensor.repeat_interleave')!),
  div: dividing(layerFunction('Tensor.div')!),
  max: extreme('Tensor.max', 'torch.maximum'),
  min: extreme('Tensor.min', 'torch.minimum'),
  ...initializersInPlace,
  reshape_as: (args, site, run) => {
    const [value, like] = args.positional;
    if (like?.type !== 'tensor' || !like.shape) return like ?? NONE;
    const size = tuple(like.shape.map(dimension));
    return layerFunction('Tensor.reshape')!({ positional: [value!, size], keywords: new Map() }, site, run);
  },
  expand_as: (args, site, run) => {
    const [value, like] = args.positional;
    if (like?.type !== 'tensor' || !like.shape) return like ?? NONE;
    const size = tuple(like.shape.map(dimension));
    return layerFunction('Tensor.expand')!({ positional: [value!, size], keywords: new Map() }, site, run);
  },
  size,
  dim: (args, site) => {
    const { shape } = argument(args, 0) as { shape?: Shape };
    return shape ? int(shape.length) : unknown("the input's shape is not known", site);
  },
  numel: (args, site, run) => {
    const { shape } = argument(args, 0) as { shape?: Shape };
    if (!shape) return unknown("the input's shape is not known", site);
    return shape.map(dimension).reduce((total, dim) => run.binary('*', total, dim, site), int(1) as Value);
  },
  new_zeros: newMaker('new_zeros', constant(0)),
  new_ones: newMaker('new_ones', constant(1)),
  new_empty: newMaker('new_empty', constant(0)),
  new_full: (args, site, run) => {
    const like = argument(args, 0);
    const rest = { ...args, positional: args.positional.slice(1) };
    return full('new_full', like.type === 'tensor' ? like : undefined)(rest, site, run);
  },
  item(args, site, run) {
    const value = argument(args, 0);
    const number = asNumber(value);
    if (value.type !== 'tensor' || number === undefined)
      return run.unmodelled('item', 'the number is not known before running', site);
    return numeral(value.dtype, number);
  },
  tolist(args, site, run) {
    const value = argument(args, 0);
    const numbers = value.type === 'tensor' ? knownNumbers(value) : undefined;
    if (!numbers) return run.unmodelled('tolist', 'the numbers are not known before running', site);
    return nestedList((value as TensorValue).dtype, numbers.shape, numbers.values);
  },
  contiguous: receiver,
  /** The same values in memory of their own. */
  clone: (args, _, run) => {
    const value = argument(args, 0);
    if (value.type !== 'tensor') return value;
    settle(value, run);
    const { shape, dtype, place } = value;
    return tensor(shape, place, dtype);
  },
  cuda: receiver,
  cpu: receiver,
  pin_memory: receiver,
  to(args, site, run) {
    const value = argument(args, 0);
    for (const asked of [...args.positional.slice(1), args.keywords.get('dtype')]) {
      if (asked?.type === 'tensor') return converted(value, asked.dtype, 'to', site, run);
      const dtype = asked?.type === 'library' ? elementType(asked.path) : undefined;
      if (dtype) return converted(value, dtype, 'to', site, run);
    }
    return value;
  },
  type(args, site, run) {
    const asked = argument(args, 1);
    const dtype = asked.type === 'library' ? elementType(asked.path) : undefined;
    if (dtype) return converted(argument(args, 0), dtype, 'type', site, run);
    return args.positional.length < 2 ? string('torch.FloatTensor') : argument(args, 0);
  },
  type_as(args, site, run) {
    const like = argument(args, 1);
    return like.type === 'tensor' ? converted(argument(args, 0), like.dtype, 'type_as', site, run) : argument(args, 0);
  },
  float: conversion('float', 'float32'),
  double: conversion('double', 'float32'),
  half: conversion('half', 'float32'),
  bfloat16: conversion('bfloat16', 'float32'),
  long: conversion('long', 'int64'),
  int: conversion('int', 'int64'),
  bool: conversion('bool', 'bool'),
  byte: conversion('byte', 'int64'),
  short: conversion('short', 'int64'),
  char: conversion('char', 'int64'),
  new_tensor: (args, site, run) => torchFunctions.tensor!({ ...args, positional: args.positional.slice(1) }, site, run),
  /** The older `x.new(2, 3)`: whatever was in memory. */
  new: newMaker('new', constant(0)),
  ndimension: (args, site, run) => tensorMethods.dim!(args, site, run),
  nelement: (args, site, run) => tensorMethods.numel!(args, site, run),
  requires_grad_(args: Args) {
    const value = argument(args, 0);
    const wanted = args.positional[1] ?? { type: 'bool' as const, value: true };
    if (value.type === 'tensor' && value.place.kind === 'stored' && wanted.type === 'bool')
      value.place.tensor.trainable = wanted.value;
    return value;
  },
};

/** Properties of tensors. */
export const tensorProperties: BuiltinTable = {
  ...writtenProperties,
  shape: size,
  data: receiver,
  ndim: tensorMethods.dim!,
  device: () => string('cpu'),
  dtype: (args) => ({ type: 'library', path: `torch.${(argument(args, 0) as { dtype: string }).dtype}` }),
  requires_grad: (args) => {
    const value = argument(args, 0);
    return {
      type: 'bool',
      value: value.type === 'tensor' && value.place.kind === 'stored' ? value.place.tensor.trainable : true,
    };
  },
  is_cuda: no,
  is_xpu: no,
  is_mps: no,
  is_sparse: no,
  is_quantized: no,
};
