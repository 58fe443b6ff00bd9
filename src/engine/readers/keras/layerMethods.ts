import { AttributeError, ShapeError } from '../../layers';
import { BATCH, constant, InputError, type Shape, type Span } from '../../network';
import type { BuiltinRow, BuiltinTable } from '../python/builtins/row';
import { BudgetExceeded, type Evaluation, PythonError } from '../python/evaluator';
import { classAttribute } from '../python/evaluator/classes';
import { inside } from '../python/modules/trace';
import {
  type Arguments,
  argument,
  bool,
  type FunctionParameter,
  int,
  list,
  type ModuleValue,
  NONE,
  type StoredTensor,
  string,
  tensor,
  tuple,
  type UnknownValue,
  unknown,
  type Value,
} from '../python/values';
import type { SymbolicGraph } from './graph';
import { initializationOf } from './initializers';
import { lowerings } from './lowered';
import { vocabularyOf } from './loweredPreprocessing';
import { type Masks, maskAfter } from './masks';
import { type Names, snakeCase } from './naming';
import { callRowLayer } from './rowLayer';
import { layerSpecs } from './specs';
import { type KerasState, kerasClassOf, mapArguments, mapTensors, partsOf, stateOf, tensorsIn } from './state';

/** Keras's own image format, where a script sets no other. */
export const CHANNELS_LAST = 'channels_last';

/** What Keras's classes work with in one evaluation. */
export interface KerasContext {
  readonly graph: SymbolicGraph;
  readonly names: Names;
  readonly masks: Masks;
  /** What `set_image_data_format` says, for layers that say nothing themselves. */
  imageFormat: string;
}

type Args = Arguments;
export const self = (args: Args): ModuleValue => argument(args, 0) as ModuleValue;
export const own = (args: Args): Args => ({ ...args, positional: args.positional.slice(1) });

/** Arguments that every layer takes. */
const GENERAL =
  /^(name|dtype|trainable|autocast|activity_regularizer|input_shape|batch_input_shape|batch_shape|input_dim|input_length|weights|implementation|unroll|stateful|time_major|time_step|seed|zero_output_for_mask|mask_zero|sparse|ragged|fused|renorm\w*|virtual_batch_size|synchronized|rms_scaling|use_cudnn|supports_\w+|kwargs|noise_shape|alpha|fill_mode|fill_value|value_range|mode|interpolation|return_runtime|lora_\w+|quantization_\w+|data_format|\w+_(initializer|regularizer|constraint))$/;

/** A shape that Keras writes without its batch. */
export const withBatchNone = (shape: Value): Value =>
  shape.type === 'int'
    ? tuple([NONE, shape])
    : shape.type === 'tuple' || shape.type === 'list'
      ? tuple([NONE, ...shape.items])
      : shape;

/** What every layer's constructor says: its name, whether it is trained, its input's shape. */
export function initialize(
  module: ModuleValue,
  keywords: ReadonlyMap<string, Value>,
  site: Span,
  { names, graph }: KerasContext,
  called = snakeCase(module.class.name),
): void {
  const state = stateOf(module);
  const name = keywords.get('name');
  state.name = name?.type === 'string' ? name.value : names.next(called);
  module.ready = true;
  graph.knows(module, state.name);
  const trainable = keywords.get('trainable');
  if (trainable?.type === 'bool') module.attributes.set('trainable', trainable);
  const shape = keywords.get('input_shape') ?? keywords.get('input_dim');
  const whole = keywords.get('batch_input_shape') ?? keywords.get('batch_shape');
  if (whole && whole.type !== 'none') state.inputShape = { shape: whole, source: site };
  else if (shape && shape.type !== 'none') state.inputShape = { shape: withBatchNone(shape), source: site };
}

/** Regularizers and constraints of weights are left out, which is said once. */
function assumeNoPenalty(config: ReadonlyMap<string, Value>, site: Span, run: Evaluation): void {
  const given = [...config].find(([name, value]) => /_(regularizer|constraint)$/.test(name) && value.type !== 'none');
  const what = 'regularizers and constraints of weights';
  if (!given || run.findings.assumptions.some((each) => each.what === what)) return;
  run.findings.assumptions.push({ what, why: `are left out (${given[0]})`, source: site });
}

const said = ({ config }: KerasState, name: string): boolean => (config.get(name) ?? NONE).type !== 'none';

/** `layer.__init__` of a class of Keras's own: arguments by name, kept until the layer is built. */
export const initOf =
  (name: string, context: KerasContext): BuiltinRow =>
  (args, site, run) => {
    const module = self(args);
    const spec = layerSpecs[name]!;
    const state = stateOf(module);
    const given = own(args);
    initialize(module, given.keywords, site, context);
    if (given.open) module.opaque = given.open;
    given.positional.forEach((value, i) => {
      const parameter = spec.parameters[i];
      if (spec.open && parameter === undefined) return;
      if (parameter === undefined) {
        const most = spec.parameters.length + 1;
        run.raise(
          'TypeError',
          `${name}.__init__() takes from 1 to ${most} positional arguments but ${args.positional.length} were given`,
          site,
        );
      }
      state.config.set(parameter!, value);
    });
    for (const [key, value] of given.keywords) {
      if (!spec.open && !spec.parameters.includes(key) && !GENERAL.test(key)) {
        run.raise('ValueError', `Unrecognized keyword arguments passed to ${name}: {'${key}': …}`, site);
      }
      state.config.set(key, value);
    }
    if (context.imageFormat !== CHANNELS_LAST && spec.parameters.includes('data_format') && !said(state, 'data_format'))
      state.config.set('data_format', string(context.imageFormat));
    for (const required of [
      'units',
      'filters',
      'kernel_size',
      'input_dim',
      'output_dim',
      'num_heads',
      'key_dim',
      'rate',
      'n',
    ]) {
      if (!spec.parameters.includes(required) || state.config.has(required) || given.open) continue;
      run.raise('TypeError', `${name}.__init__() missing 1 required positional argument: '${required}'`, site);
    }
    if (name === 'Embedding' && state.config.has('input_length')) {
      state.inputShape = { shape: tuple([NONE, state.config.get('input_length')!]), source: site };
    } else if (name === 'Embedding') state.inputShape = undefined;
    for (const [key, value] of state.config)
      if (key !== 'name' && key !== 'trainable') module.attributes.set(key, value);
    assumeNoPenalty(state.config, site, run);
    if (name === 'Bidirectional') directions(module, site, run);
    const cell = name === 'RNN' ? state.config.get('cell') : undefined;
    if (cell?.type === 'list' || cell?.type === 'tuple') {
      const stacked = run.library('keras.layers.StackedRNNCells');
      state.config.set('cell', run.call(stacked, { positional: [cell], keywords: new Map() }, site));
      module.attributes.set('cell', state.config.get('cell')!);
    }
    return NONE;
  };

const isTrue = (value: Value | undefined): boolean => value?.type === 'bool' && value.value;

/** Bidirectional's layer, and the same one backwards with weights of its own. */
function directions(module: ModuleValue, site: Span, run: Evaluation): void {
  const { config } = stateOf(module);
  const layer = config.get('layer');
  if (layer?.type !== 'module') return;
  const { config: inner, name } = stateOf(layer);
  const keywords = new Map(inner);
  const backwards = inner.get('go_backwards');
  keywords.set('go_backwards', bool(!(backwards?.type === 'bool' && backwards.value)));
  keywords.set('name', string(`backward_${name.replace(/^forward_/, '')}`));
  const given = config.get('backward_layer');
  const back = given?.type === 'module' ? given : run.call(layer.class, { positional: [], keywords }, site);
  if (back.type !== 'module') return;
  // A saved one bears its name already.
  if (!name.startsWith('forward_')) stateOf(layer).name = `forward_${name}`;
  // Of padded steps Keras wants zeros, so that both directions agree.
  for (const each of [layer, back]) {
    if (isTrue(stateOf(each).config.get('return_sequences')))
      stateOf(each).config.set('zero_output_for_mask', bool(true));
  }
  module.attributes.delete('layer');
  module.attributes.set('forward_layer', layer);
  module.attributes.set('backward_layer', back);
}

/** A tensor's shape as Keras hands it to `build`: the batch is None. */
export const shapeValue = (value: Value): Value => {
  if (value.type === 'tensor' && value.shape) {
    return tuple(value.shape.map((dim) => (typeof dim === 'number' ? int(dim) : NONE)));
  }
  if (value.type === 'list' || value.type === 'tuple') return { type: 'list', items: value.items.map(shapeValue) };
  if (value.type === 'dict') {
    return {
      type: 'dict',
      entries: new Map(
        [...value.entries].map(([key, each]) => [key, { key: each.key, value: shapeValue(each.value) }]),
      ),
    };
  }
  return NONE;
};

/** Calls a layer where something flows: built first, then its `call`. */
export function callLayer(
  module: ModuleValue,
  args: Args,
  site: Span,
  run: Evaluation,
  { masks }: Pick<KerasContext, 'masks'>,
): Value {
  if (module.opaque) {
    run.note(module.opaque, module.class.name);
    return module.opaque;
  }
  const state = stateOf(module);
  if (!module.ready) {
    return run.raise('RuntimeError', `${module.class.name} has not called super().__init__()`, site);
  }
  return inside(module, run, () => {
    const first = args.positional[0] ?? [...args.keywords.values()][0] ?? NONE;
    const build = classAttribute(module.class, 'build');
    if (!state.built && build?.type === 'function') {
      state.built = true;
      run.call(
        { type: 'method', receiver: module, callee: build },
        { positional: [shapeValue(first)], keywords: new Map() },
        site,
      );
    }
    const call = classAttribute(module.class, 'call');
    if (!call) {
      return run.raise(
        'NotImplementedError',
        `Layer ${module.class.name} does not have a \`call()\` method implemented.`,
        site,
      );
    }
    try {
      const keywords = new Map(args.keywords);
      const takes = call.type === 'function' ? call.parameters : undefined;
      const open = takes?.some(({ kind }) => kind === 'dict');
      if (takes?.some(({ name }) => name === 'training')) {
        const given = keywords.get('training');
        if (
          (!given || given.type === 'none') &&
          args.positional.length < takes.findIndex(({ name }) => name === 'training')
        ) {
          keywords.set('training', { type: 'bool', value: true, byMode: true });
        }
      } else if (takes && !open) keywords.delete('training');
      const given = keywords.get('mask');
      const before = given && given.type !== 'none' ? given : undefined;
      if (takes && !open && !takes.some(({ name }) => name === 'mask')) keywords.delete('mask');
      else if (takes && !before) handMasks(takes, args, keywords, masks, run);
      const receiver = { type: 'method' as const, receiver: module, callee: call as never };
      const made = run.call(receiver, { ...args, keywords }, site);
      const [main = made] = made.type === 'list' || made.type === 'tuple' ? made.items : [made];
      if (run.trace) masks.set(main, maskAfter(module, args, before, masks, site, run), run);
      return made;
    } catch (error) {
      if (error instanceof ShapeError || error instanceof AttributeError) run.refuse(error, site);
      throw error;
    }
  });
}

/** Gives a `call` of the file's own the masks of its inputs, where it asks for them: `mask`, or `value_mask` by the argument's name. */
function handMasks(
  takes: readonly FunctionParameter[],
  args: Args,
  keywords: Map<string, Value>,
  masks: Masks,
  run: Evaluation,
): void {
  const inputs = new Map<string, Value>();
  takes.slice(1).forEach(({ name }, i) => {
    const value = args.positional[i] ?? args.keywords.get(name);
    if (value && tensorsIn(value).length > 0 && !/mask$/.test(name)) inputs.set(name, value);
  });
  const place = takes.findIndex(({ name }) => name === 'mask') - 1;
  const [first] = inputs.values();
  if (inputs.size === 1 && first && place >= 0 && args.positional.length <= place) {
    const mask = masks.handed(first, run);
    if (mask.type !== 'none') keywords.set('mask', mask);
  }
  if (inputs.size < 2) return;
  for (const [name, value] of inputs) {
    const asked = `${name}_mask`;
    if (!takes.some((each) => each.name === asked) || keywords.has(asked)) continue;
    const mask = masks.handed(value, run);
    if (mask.type !== 'none') keywords.set(asked, mask);
  }
}

/** Unknown values among arguments, in lists too. */
const unknownsIn = (value: Value): UnknownValue[] =>
  value.type === 'unknown'
    ? [value]
    : value.type === 'list' || value.type === 'tuple'
      ? value.items.flatMap(unknownsIn)
      : [];

/** What a call in the script gives, by its shapes alone; unknown where these are. */
function shown(module: ModuleValue, given: Args, site: Span, run: Evaluation, context: KerasContext): Value {
  const unclear = unknown('what the network gives is not known before running', site);
  const tensors = [...given.positional, ...given.keywords.values()].flatMap(tensorsIn);
  if (tensors.length === 0 || tensors.some(({ shape }) => shape === undefined)) return unclear;
  let count = 0;
  const flowing = mapArguments(given, (each) =>
    tensor(
      each.shape!.map((dim, axis) => (axis === 0 ? BATCH : dim)),
      { kind: 'flow', value: `example ${count++}` },
      each.dtype,
    ),
  );
  const { length } = run.findings.notes;
  try {
    const made = context.graph.trial(() => callLayer(module, flowing, site, run, context), context.graph.scratch());
    return mapTensors(made, (each) => tensor(each.shape, { kind: 'fresh', source: site }, each.dtype));
  } catch (error) {
    if (error instanceof PythonError || error instanceof BudgetExceeded || error instanceof InputError) return unclear;
    throw error;
  } finally {
    run.findings.notes.length = length;
  }
}

/** `layer(x)`: on KerasTensors it is kept for the model that is made of them; in a model it is done; else it is an example. */
export const callOf =
  (context: KerasContext): BuiltinRow =>
  (args, site, run) => {
    const { graph } = context;
    const module = self(args);
    const given = own(args);
    if (run.trace) return callLayer(module, given, site, run, context);
    const unclear = given.positional.flatMap(unknownsIn)[0];
    if (unclear) return unclear;
    if (graph.concerns(given))
      return graph.apply((again) => callLayer(module, again, site, run, context), given, module);
    if (run.strict()) return unknown('what the network gives is not known before running', site);
    run.findings.examples.push({ module, positional: given.positional, keywords: given.keywords, site });
    return shown(module, given, site, run, context);
  };

/** A shape's numbers; undefined where one is not known. */
function sizesOf(shape: Value | undefined): number[] | undefined {
  if (!shape || shape.type === 'none') return [];
  if (shape.type === 'int') return [shape.value];
  if (shape.type !== 'tuple' && shape.type !== 'list') return undefined;
  const sizes = shape.items.map((item) => (item.type === 'int' ? item.value : undefined));
  return sizes.includes(undefined) ? undefined : (sizes as number[]);
}

/** `self.add_weight(shape=…, initializer=…)`: a weight of the layer's own; what is not trained is counted all the same. */
const addWeight: BuiltinRow = (args, site, run) => {
  const module = self(args);
  let { positional, keywords } = own(args);
  // tf.keras took the name first.
  if (positional[0]?.type === 'string') {
    keywords = new Map([['name', positional[0]], ...keywords]);
    positional = positional.slice(1);
  }
  const shape = sizesOf(keywords.get('shape') ?? positional[0]);
  if (!shape) return run.unmodelled('add_weight', 'its shape is not known', site);
  const trainable = keywords.get('trainable');
  const given = keywords.get('initializer') ?? positional[1];
  const asked = given && given.type !== 'none' ? given : string(shape.length === 0 ? 'zeros' : 'glorot_uniform');
  const initialization = initializationOf(asked, shape);
  if (!initialization)
    run.note(unknown('its initializer is not modelled; zeros stand in its place', site), 'add_weight');
  const name = keywords.get('name');
  const taken = (local: string) => module.parameters.has(local) || module.buffers.has(local);
  const base = name?.type === 'string' ? name.value : 'variable';
  let local = base;
  for (let i = 1; taken(local); i++) local = `${base}_${i}`;
  const learned = !(trainable?.type === 'bool' && !trainable.value);
  const stored: StoredTensor = {
    parameter: learned,
    shape,
    initialization: initialization ?? constant(0),
    trainable: learned,
  };
  module[learned ? 'parameters' : 'buffers'].set(local, stored);
  return tensor(shape as Shape, { kind: 'stored', tensor: stored });
};

/** `layer.trainable = False` goes down to all layers in it. */
export function setTrainable(module: ModuleValue, value: Value): void {
  for (const each of partsOf(module)) each.attributes.set('trainable', value);
}

const weightsOf = (module: ModuleValue): Value[] =>
  partsOf(module).flatMap(({ parameters, buffers }) =>
    [...parameters.values(), ...buffers.values()].flatMap((stored) =>
      stored ? [tensor(stored.shape, { kind: 'stored', tensor: stored })] : [],
    ),
  );

/** Properties of every layer. */
export const layerProperties: BuiltinTable = {
  name: (args) => string(stateOf(self(args)).name),
  built: (args) => bool(stateOf(self(args)).built),
  trainable: () => bool(true),
  weights: (args) => list(weightsOf(self(args))),
  variables: (args) => list(weightsOf(self(args))),
  trainable_weights: (args) => list(weightsOf(self(args))),
  trainable_variables: (args) => list(weightsOf(self(args))),
  non_trainable_weights: () => list([]),
  losses: () => list([]),
  dtype: () => string('float32'),
  compute_dtype: () => string('float32'),
  variable_dtype: () => string('float32'),
  dtype_policy: (_, site) => unknown('a dtype policy is not modelled', site),
  input: (args, site) => stateOf(self(args)).input ?? unknown('the layer has never been called', site),
  output: (args, site) => stateOf(self(args)).output ?? unknown('the layer has never been called', site),
  input_shape: (args) => shapeValue(stateOf(self(args)).input ?? NONE),
  output_shape: (args) => shapeValue(stateOf(self(args)).output ?? NONE),
};

/** Methods of every layer. */
export const layerMethods = (context: KerasContext): BuiltinTable => ({
  __init__(args, site) {
    initialize(self(args), args.keywords, site, context);
    return NONE;
  },
  __call__: callOf(context),
  /** What `build` of a class below calls by super(). */
  build(args) {
    const module = self(args);
    if (!kerasClassOf(module)) stateOf(module).built = true;
    if (args.positional[1]) stateOf(module).inputShape ??= { shape: args.positional[1], source: module.source };
    return NONE;
  },
  add_weight: addWeight,
  add_variable: addWeight,
  add_loss: () => NONE,
  add_metric: () => NONE,
  count_params: (args) =>
    int(
      weightsOf(self(args)).reduce(
        (total, value) =>
          total +
          (value.type === 'tensor'
            ? (value.shape ?? []).reduce<number>((product, dim) => product * Number(dim), 1)
            : 0),
        0,
      ),
    ),
  adapt: () => NONE,
  get_config: () => ({ type: 'dict', entries: new Map() }),
  get_weights: (_, site) => unknown('values of weights are not known before running', site),
  set_weights: () => NONE,
  load_own_variables: () => NONE,
  compute_output_shape: (_, site) => unknown('compute_output_shape is not modelled', site),
  compute_mask(args, site, run) {
    const module = self(args);
    const mask = args.positional[2] ?? args.keywords.get('mask');
    const given = { positional: args.positional.slice(1, 2), keywords: new Map<string, Value>() };
    const made = (again: Args) => maskAfter(module, again, mask, context.masks, site, run)?.() ?? NONE;
    return run.trace || !context.graph.concerns(given) ? made(given) : context.graph.apply(made, given);
  },
});

/** What lookups say of their vocabulary. */
const vocabularies: BuiltinTable = {
  get_vocabulary: (args, site) => {
    const words = vocabularyOf(self(args));
    return words ? list([...words]) : unknown('its vocabulary comes from data', site);
  },
  vocabulary_size: (args, site) => {
    const words = vocabularyOf(self(args));
    return words ? int(words.length) : unknown('its vocabulary comes from data', site);
  },
};

/** The methods of a class of Keras's own. */
export const ownMethods = (name: string, context: KerasContext): BuiltinTable => ({
  ...(/Lookup$|^TextVectorization$/.test(name) && vocabularies),
  __init__: initOf(name, context),
  call(args, site, run) {
    const module = self(args);
    const given = own(args);
    const spec = layerSpecs[name]!;
    if (spec.row) return callRowLayer(module, spec, given, site, run, context);
    const input = given.positional[0] ?? [...given.keywords.values()][0] ?? NONE;
    if (input.type === 'unknown') return input;
    return lowerings[name]!({ module, args: given, input, site, run, masks: context.masks });
  },
});

/** A layer of Keras's that is not modelled: it stands, and what it computes is not known. */
export const opaqueMethods = (name: string, context: KerasContext): BuiltinTable => ({
  __init__(args, site, run) {
    const module = self(args);
    initialize(module, args.keywords, site, context);
    module.opaque = unknown(`keras.layers.${name} is not modelled`, site);
    run.note(module.opaque, name);
    return NONE;
  },
});

/** Names that scripts give to the length of their sequences. */
const LENGTH =
  /^(max_?(seq(uence)?_?)?len(gth)?|(max_?)?(seq(uence)?|context|block|text|sentence)_?(len(gth)?|size))$/i;

/** The length that a script's own variable says, for an axis of steps that its Input leaves open. */
function statedLength(run: Evaluation): number | undefined {
  for (const [name, value] of run.globals.names)
    if (LENGTH.test(name) && value.type === 'int' && value.value > 1 && value.value <= 4096) return value.value;
  return undefined;
}

/** Shapes as Keras writes them, the batch None, as ours; undefined where a size is open. */
export const shapeFrom = (value: Value, run: Evaluation): { shape: Shape; open: number[] } | undefined => {
  if (value.type !== 'tuple' && value.type !== 'list') return undefined;
  const open: number[] = [];
  const rank = value.items.length;
  const shape = value.items.map((item, axis) => {
    if (axis === 0) return BATCH;
    if (item.type === 'int') return item.value;
    open.push(axis);
    if (axis === 1 && rank < 4) return statedLength(run) ?? 64;
    return rank === 4 ? 224 : rank === 5 ? 32 : 64;
  });
  return value.items.slice(1).some((item) => item.type !== 'int' && item.type !== 'none') ? undefined : { shape, open };
};
