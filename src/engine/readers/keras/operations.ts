import type { BuiltinRow, BuiltinTable } from '../python/builtins/row';
import { attributeValue } from '../python/modules/layer';
import {
  type Arguments,
  argument,
  dimension,
  float,
  int,
  list,
  NONE,
  string,
  tuple,
  unknown,
  type Value,
} from '../python/values';

/** A function that PyTorch has under another name: its parameters in order, `own:theirs`, `own|other:theirs`; '' is left out. */
const likeTorch =
  (path: string, ...parameters: readonly string[]): BuiltinRow =>
  (args, site, run) => {
    const positional: Value[] = [];
    const keywords = new Map<string, Value>();
    parameters.forEach((text, i) => {
      const [names = '', theirs = names] = text.split(':');
      const own = names.split('|');
      const value = args.positional[i] ?? own.map((name) => args.keywords.get(name)).find(Boolean);
      if (!value || theirs === '') return;
      if (i === 0 || (positional.length === i && theirs === '*')) positional.push(value);
      else if (value.type !== 'none' || theirs !== 'dim') keywords.set(theirs, value);
    });
    return run.call(run.library(path), { positional, keywords }, site);
  };

const over = (path: string) => likeTorch(path, 'x|input_tensor|input|a', 'axis:dim', 'keepdims:keepdim');
const unary = (path: string) => likeTorch(path, 'x|input|input_tensor|features|logits');
const binary =
  (operator: string): BuiltinRow =>
  (args, site, run) => {
    const [x, y] = [
      args.positional[0] ?? args.keywords.get('x1') ?? args.keywords.get('x'),
      args.positional[1] ?? args.keywords.get('x2') ?? args.keywords.get('y'),
    ];
    return run.binary(operator, x ?? NONE, y ?? NONE, site);
  };
const first: BuiltinRow = (args) => args.positional[0] ?? [...args.keywords.values()][0] ?? NONE;
const nothing: BuiltinRow = () => NONE;

const shape: BuiltinRow = (args, site, run) => {
  const value = first(args, site, run);
  if (value.type !== 'tensor') return value.type === 'unknown' ? value : unknown('its shape is not known', site);
  return value.shape ? tuple(value.shape.map(dimension)) : unknown("the input's shape is not known", site);
};

/** Sizes that a function takes: −1 stays, a batch is one. */
const reshape: BuiltinRow = (args, site, run) => {
  const [x, to] = [
    first(args, site, run),
    args.positional[1] ?? args.keywords.get('newshape') ?? args.keywords.get('shape') ?? NONE,
  ];
  if (x.type === 'unknown' || to.type === 'unknown') return x.type === 'unknown' ? x : to;
  return run.call(run.library('torch.reshape'), { positional: [x, to], keywords: new Map() }, site);
};

const transpose: BuiltinRow = (args, site, run) => {
  const x = first(args, site, run);
  const axes = args.positional[1] ?? args.keywords.get('axes') ?? args.keywords.get('perm');
  if (x.type !== 'tensor' || !x.shape) return x;
  const dims = axes && axes.type !== 'none' ? axes : tuple(x.shape.map((_, axis) => int(x.shape!.length - 1 - axis)));
  return run.call(run.library('torch.permute'), { positional: [x, dims], keywords: new Map() }, site);
};

const concatenate: BuiltinRow = (args, site, run) => {
  const tensors = first(args, site, run);
  const axis = args.positional[1] ?? args.keywords.get('axis') ?? int(-1);
  return run.call(run.library('torch.cat'), { positional: [tensors, axis], keywords: new Map() }, site);
};

/** Statistics over axes, and the tensor normalized by them. */
const moments: BuiltinRow = (args, site, run) => {
  const keywords = new Map<string, Value>([
    ['keepdim', args.positional[2] ?? args.keywords.get('keepdims') ?? { type: 'bool', value: false }],
  ]);
  const axes = args.positional[1] ?? args.keywords.get('axes') ?? NONE;
  const of = (path: string, more: readonly (readonly [string, Value])[] = []) =>
    run.call(
      run.library(path),
      { positional: [first(args, site, run)], keywords: new Map([['dim', axes], ...keywords, ...more]) },
      site,
    );
  return tuple([of('torch.mean'), of('torch.var', [['correction', int(0)]])]);
};

const softmax =
  (path: string): BuiltinRow =>
  (args, site, run) => {
    const axis = args.positional[1] ?? args.keywords.get('axis') ?? int(-1);
    return run.call(
      run.library(path),
      { positional: [first(args, site, run)], keywords: new Map([['dim', axis]]) },
      site,
    );
  };

const filled =
  (path: string): BuiltinRow =>
  (args, site, run) =>
    run.call(
      run.library(path),
      { positional: [args.positional[0] ?? args.keywords.get('shape') ?? NONE], keywords: new Map() },
      site,
    );

const cast: BuiltinRow = (args, site, run) => {
  const x = first(args, site, run);
  const to = attributeValue(args.positional[1] ?? args.keywords.get('dtype') ?? NONE);
  if (x.type !== 'tensor') return x;
  const dtype = typeof to === 'string' && /int/.test(to) ? 'int64' : to === 'bool' ? 'bool' : 'float32';
  if (x.dtype === dtype) return x;
  return run.call(run.library(`torch.${dtype}`), { positional: [x], keywords: new Map() }, site);
};

/** Functions of keras.ops, keras.backend and TensorFlow, by their last name: each is one that PyTorch has, or changes nothing. */
export const operations: BuiltinTable = {
  shape,
  int_shape: shape,
  reshape,
  transpose,
  permute_dimensions: (args, site, run) =>
    transpose(
      {
        ...args,
        keywords: new Map([...args.keywords].map(([name, value]) => [name === 'pattern' ? 'axes' : name, value])),
      },
      site,
      run,
    ),
  concat: (args, site, run) =>
    concatenate(
      args.positional[0]?.type === 'int' ? { ...args, positional: [args.positional[1]!, args.positional[0]] } : args,
      site,
      run,
    ),
  concatenate,
  stack: likeTorch('torch.stack', 'values|x|arrays|tensors', 'axis:dim'),
  split: (args, site, run) => {
    const [parts, axis] = [
      args.positional[1] ?? args.keywords.get('num_or_size_splits') ?? args.keywords.get('indices_or_sections') ?? NONE,
      args.positional[2] ?? args.keywords.get('axis') ?? int(0),
    ];
    return run.call(
      run.library(parts.type === 'int' ? 'torch.tensor_split' : 'torch.split'),
      { positional: [first(args, site, run), parts, axis], keywords: new Map() },
      site,
    );
  },
  expand_dims: likeTorch('torch.unsqueeze', 'x|input|a', 'axis:dim'),
  squeeze: likeTorch('torch.squeeze', 'x|input|a', 'axis:dim'),
  matmul: likeTorch('torch.matmul', 'x1|a|x', 'x2|b|y:other'),
  dot: likeTorch('torch.matmul', 'x1|a|x', 'x2|b|y:other'),
  einsum: (args, site, run) => run.call(run.library('torch.einsum'), args, site),
  reduce_mean: over('torch.mean'),
  mean: over('torch.mean'),
  reduce_sum: over('torch.sum'),
  sum: over('torch.sum'),
  reduce_max: over('torch.amax'),
  max: over('torch.amax'),
  reduce_min: over('torch.amin'),
  min: over('torch.amin'),
  amax: over('torch.amax'),
  amin: over('torch.amin'),
  moments,
  add: binary('+'),
  subtract: binary('-'),
  multiply: binary('*'),
  divide: binary('/'),
  maximum: likeTorch('torch.maximum', 'x1|x', 'x2|y:other'),
  minimum: likeTorch('torch.minimum', 'x1|x', 'x2|y:other'),
  pow: binary('**'),
  power: binary('**'),
  square: unary('torch.square'),
  sqrt: unary('torch.sqrt'),
  rsqrt: unary('torch.rsqrt'),
  exp: unary('torch.exp'),
  log: unary('torch.log'),
  abs: unary('torch.abs'),
  sin: unary('torch.sin'),
  cos: unary('torch.cos'),
  erf: unary('torch.erf'),
  negative: unary('torch.neg'),
  flip: likeTorch('torch.flip', 'x', 'axis:dims'),
  reverse: likeTorch('torch.flip', 'x|tensor', 'axis:dims'),
  clip_by_value: likeTorch('torch.clamp', 't|x', 'clip_value_min:min', 'clip_value_max:max'),
  clip: likeTorch('torch.clamp', 'x', 'x_min|min_value:min', 'x_max|max_value:max'),
  where: (args, site, run) => run.call(run.library('torch.where'), args, site),
  softmax: softmax('torch.softmax'),
  log_softmax: softmax('torch.log_softmax'),
  cast,
  gather: (args, site) =>
    unknown('gather is not modelled', args.positional[0]?.type === 'unknown' ? args.positional[0].source : site),
  identity: first,
  stop_gradient: unary('torch.detach'),
  convert_to_tensor: first,
  convert_to_numpy: first,
  zeros: filled('torch.zeros'),
  ones: filled('torch.ones'),
  zeros_like: unary('torch.zeros_like'),
  ones_like: unary('torch.ones_like'),
  arange: (args, site, run) =>
    run.call(run.library('torch.arange'), { positional: args.positional, keywords: new Map() }, site),
  range: (args, site, run) =>
    run.call(run.library('torch.arange'), { positional: args.positional, keywords: new Map() }, site),
  l2_normalize: (args, site, run) =>
    run.call(
      run.library('torch.nn.functional.normalize'),
      {
        positional: [first(args, site, run)],
        keywords: new Map([['dim', args.positional[1] ?? args.keywords.get('axis') ?? int(-1)]]),
      },
      site,
    ),
};

/** Names whose functions say something of Keras's state, or nothing. */
export const plainFunctions: BuiltinTable = {
  'keras.backend.image_data_format': () => string('channels_last'),
  'keras.config.image_data_format': () => string('channels_last'),
  'keras.backend.set_image_data_format': nothing,
  'keras.backend.floatx': () => string('float32'),
  'keras.config.floatx': () => string('float32'),
  'keras.backend.epsilon': () => float(1e-7),
  'keras.config.epsilon': () => float(1e-7),
  'keras.backend.backend': () => string('tensorflow'),
  'keras.config.backend': () => string('tensorflow'),
  'keras.backend.is_keras_tensor': (args) => ({ type: 'bool', value: argument(args, 0).type === 'tensor' }),
  'keras.utils.is_keras_tensor': (args) => ({ type: 'bool', value: argument(args, 0).type === 'tensor' }),
  'keras.ops.operation_utils.get_source_inputs': (args) => list([argument(args, 0)]),
  'keras.utils.get_source_inputs': (args) => list([argument(args, 0)]),
  'keras.utils.get_file': (_, site) => unknown('files are not read', site),
  'keras.utils.set_random_seed': nothing,
  'keras.backend.clear_session': nothing,
  'keras.utils.clear_session': nothing,
  'keras.utils.plot_model': nothing,
  'keras.mixed_precision.set_global_policy': nothing,
  'tensorflow.random.set_seed': nothing,
  'tensorflow.config.list_physical_devices': () => list([]),
};

/** The argument of a call, by name or place. */
export const named = (args: Arguments, name: string, place: number): Value | undefined => {
  const value = args.keywords.get(name) ?? args.positional[place];
  return value?.type === 'none' ? undefined : value;
};
