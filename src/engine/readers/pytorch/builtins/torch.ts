import { constant, type Dim, type Initialization, normal, type Shape, uniform, valuesOf } from '../../../network';
import {
  argument,
  asNumber,
  bound,
  dimension,
  FALSE,
  int,
  NONE,
  string,
  tensor,
  tuple,
  unknown,
  type Value,
} from '../values';
import { fillers } from './init';
import { parametrizations } from './parametrizations';
import type { BuiltinRow, BuiltinTable } from './row';

type Args = Parameters<BuiltinRow>[0];

const dimOf = (value: Value): Dim | undefined => {
  if (value.type === 'dim') return { batch: value.batch };
  return value.type === 'int' ? value.value : undefined;
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

/** A function that makes a tensor of given sizes. */
const maker =
  (initialization?: Initialization): BuiltinRow =>
  (args, site, run) => {
    const shape = sizes(args.positional, args.keywords.get('size'));
    if (!shape)
      return (
        args.positional.find(({ type }) => type === 'unknown') ??
        run.unmodelled('a new tensor', 'its size is not known', site)
      );
    return tensor(shape, { kind: 'fresh', source: site, ...(initialization && { initialization }) });
  };

const likeMaker =
  (initialization?: Initialization): BuiltinRow =>
  (args, site) => {
    const like = argument(args, 0);
    if (like.type !== 'tensor')
      return like.type === 'unknown' ? like : unknown('what it is made like is not known', site);
    return tensor(like.shape, { kind: 'fresh', source: site, ...(initialization && { initialization }) }, like.dtype);
  };

/** The shape of nested lists of numbers, and the one number that they all are, if they are. */
function nested(value: Value): { shape: number[]; numbers: number[] } | undefined {
  const number = asNumber(value);
  if (number !== undefined) return { shape: [], numbers: [number] };
  if (value.type !== 'list' && value.type !== 'tuple') return undefined;
  const inner = value.items.map(nested);
  if (inner.includes(undefined)) return undefined;
  return { shape: [inner.length, ...(inner[0]?.shape ?? [])], numbers: inner.flatMap((each) => each!.numbers) };
}

const first: BuiltinRow = (args) => argument(args, 0);
const nothing: BuiltinRow = () => NONE;
const no: BuiltinRow = () => FALSE;

/** Functions of torch that make tensors, or that change nothing that is modelled. */
export const torchFunctions: BuiltinTable = {
  ...parametrizations,
  zeros: maker(constant(0)),
  ones: maker(constant(1)),
  /** Whatever was in memory; what follows fills it. */
  empty: maker(constant(0)),
  randn: maker(normal(0, 1)),
  rand: maker(uniform(0, 1)),
  zeros_like: likeMaker(constant(0)),
  ones_like: likeMaker(constant(1)),
  empty_like: likeMaker(constant(0)),
  randn_like: likeMaker(normal(0, 1)),
  rand_like: likeMaker(uniform(0, 1)),
  full(args, site, run) {
    const { size, fill_value } = bound(args, 'size', 'fill_value');
    const value = fill_value && asNumber(fill_value);
    return maker(value === undefined ? undefined : constant(value))(
      { positional: size ? [size] : [], keywords: new Map() },
      site,
      run,
    );
  },
  randint(args, site) {
    const size =
      args.keywords.get('size') ?? args.positional.findLast(({ type }) => type === 'tuple' || type === 'list');
    const shape = size && sizes([size], undefined);
    return shape ? tensor(shape, { kind: 'fresh', source: site }, 'int64') : unknown('its size is not known', site);
  },
  arange(args, site) {
    const [a, b] = args.positional.map(asNumber);
    const count = a === undefined ? undefined : b === undefined ? a : b - a;
    return count === undefined
      ? unknown('its length is not known', site)
      : tensor([count], { kind: 'fresh', source: site }, 'int64');
  },
  tensor(args, site) {
    const found = nested(argument(args, 0));
    if (!found) return unknown('its values are not known', site);
    return tensor(found.shape, { kind: 'fresh', source: site, initialization: valuesOf(found.numbers) });
  },
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
  compile: first,
  'cuda.is_available': no,
  'cuda.device_count': () => int(0),
  'cuda.manual_seed': nothing,
  'cuda.manual_seed_all': nothing,
  'cuda.amp.autocast': nothing,
  'backends.mps.is_available': no,
  'jit.is_scripting': no,
  'jit.is_tracing': no,
  'jit.script': first,
  'jit.ignore': first,
  'nn.DataParallel': first,
  'nn.parallel.DistributedDataParallel': first,
  'nn.SyncBatchNorm.convert_sync_batchnorm': first,
  'utils.checkpoint.checkpoint': (args, site, run) =>
    run.call(argument(args, 0), { positional: args.positional.slice(1), keywords: new Map() }, site),
};

/** Library functions whose result nobody in a model needs: calling them is nothing to speak of. */
export const SILENT =
  /^(warnings|logging|random|os|sys|time|json|pathlib|tqdm|matplotlib|wandb|pprint|gc)\b|^torch\.(backends|cuda|distributed|_C)\b|^numpy\.random\.seed$/;

const receiver: BuiltinRow = first;

const size: BuiltinRow = (args, site) => {
  const value = argument(args, 0);
  if (value.type !== 'tensor') return value;
  const at = args.positional[1] ?? args.keywords.get('dim');
  const axis = at && asNumber(at);
  // The first dimension of an input that is being solved is its batch.
  if (!value.shape) return axis === 0 ? { type: 'dim', batch: 1 } : unknown("the input's shape is not known", site);
  if (!at) return tuple(value.shape.map(dimension));
  if (axis === undefined) return unknown('the axis is not known', site);
  const dim = value.shape[axis < 0 ? value.shape.length + axis : axis];
  return dim === undefined ? unknown(`dimension out of range: ${axis}`, site) : dimension(dim);
};

/** Methods of tensors that compute nothing: what they say, or the tensor itself. */
export const tensorMethods: BuiltinTable = {
  ...fillers,
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
  contiguous: receiver,
  clone: receiver,
  to: receiver,
  cuda: receiver,
  cpu: receiver,
  float: receiver,
  type_as: receiver,
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
};
