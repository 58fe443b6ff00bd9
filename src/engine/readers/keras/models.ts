import type { Span, ValueType } from '../../network';
import type { BuiltinRow, BuiltinTable } from '../python/builtins/row';
import type { Evaluation } from '../python/evaluator';
import {
  argument,
  type InstanceValue,
  instanceOf,
  list,
  type ModuleValue,
  NONE,
  string,
  type TensorValue,
  unknown,
  type Value,
} from '../python/values';
import { initialize, type KerasContext, own, self, shapeFrom, withBatchNone } from './layerMethods';
import { childrenOf, kerasClassOf, MODEL, mapTensors, SEQUENTIAL, stateOf, tensorsIn } from './state';

const elementType = (value: Value | undefined): ValueType => {
  const name = value?.type === 'string' ? value.value : value?.type === 'library' ? value.path.split('.').at(-1)! : '';
  return /^u?int/.test(name) ? 'int64' : 'float32';
};

/** `keras.Input(shape=(28, 28, 1))`: a KerasTensor. */
export const inputOf =
  ({ graph, names }: KerasContext): BuiltinRow =>
  (args, site, run) => {
    const named = (name: string, place: number) => {
      const value = args.keywords.get(name) ?? args.positional[place];
      return value?.type === 'none' ? undefined : value;
    };
    const like = args.keywords.get('tensor') ?? args.keywords.get('input_tensor');
    if (like && like.type !== 'none') return like;
    const whole = args.keywords.get('batch_shape') ?? args.keywords.get('batch_input_shape');
    const shape =
      whole && whole.type !== 'none'
        ? whole
        : withBatchNone(named('shape', 0) ?? args.keywords.get('input_shape') ?? NONE);
    const given = shapeFrom(shape, run);
    if (!given) return shape.type === 'unknown' ? shape : run.unmodelled('Input', 'its shape is not known', site);
    const asked = named('name', 3);
    const name = asked?.type === 'string' ? asked.value : names.next('input_layer');
    return graph.input(given.shape, elementType(named('dtype', 2)), { name, source: site, open: given.open });
  };

/** `Model(inputs, outputs)`: the graph between them. */
function makeFunctional(
  module: ModuleValue,
  inputs: Value,
  outputs: Value,
  run: Evaluation,
  { graph }: KerasContext,
): void {
  const state = stateOf(module);
  const stopped = [inputs, outputs]
    .flatMap((value) => (value.type === 'list' || value.type === 'tuple' ? value.items : [value]))
    .find(({ type }) => type === 'unknown');
  if (stopped?.type === 'unknown') {
    module.opaque = stopped;
    run.note(stopped, module.class.name);
    return;
  }
  const missing = graph.missingInput(inputs, outputs);
  if (missing) {
    run.raise(
      'ValueError',
      `\`inputs\` not connected to \`outputs\`: '${missing.name}' is used and not among the inputs`,
      module.source,
    );
  }
  Object.assign(state, {
    functional: { inputs, outputs },
    layers: graph.layersInOrder(inputs, outputs).flatMap((each) => (each.type === 'module' ? [each] : [])),
    built: true,
    input: inputs,
    output: outputs,
  });
}

/** The functional form of a model: on tensors of its inputs' places. */
export const callFunctional =
  ({ graph }: KerasContext): BuiltinRow =>
  (args, site, run) => {
    const module = self(args);
    const { functional } = stateOf(module);
    if (!functional) {
      return run.raise(
        'NotImplementedError',
        `Model ${module.class.name} does not have a \`call()\` method implemented.`,
        site,
      );
    }
    return graph.replay(functional.inputs, functional.outputs, given(functional.inputs, argument(args, 1), graph));
  };

/** Puts a dictionary's tensors to the inputs of those names. */
function given(inputs: Value, value: Value, graph: KerasContext['graph']): Value {
  if (value.type !== 'dict' || inputs.type === 'dict') return value;
  const byName = new Map(
    [...value.entries.values()].flatMap((entry) =>
      entry.key.type === 'string' ? [[entry.key.value, entry.value] as const] : [],
    ),
  );
  return list(tensorsIn(inputs).map((each) => byName.get(graph.inputOf(each)?.name ?? '') ?? NONE));
}

const keep =
  (what: 'compiled' | 'fitted'): BuiltinRow =>
  (args, site) => {
    stateOf(self(args))[what] = { args: own(args), source: site };
    return what === 'fitted' ? unknown('a History is not known before running', site) : NONE;
  };

const nothing: BuiltinRow = () => NONE;

/** Methods of models, Sequential or not. */
export const modelMethods = (context: KerasContext): BuiltinTable => ({
  __init__(args, site, run) {
    const module = self(args);
    const { positional, keywords } = own(args);
    const inputs = keywords.get('inputs') ?? keywords.get('input') ?? positional[0];
    const outputs = keywords.get('outputs') ?? keywords.get('output') ?? positional[1];
    // What Keras makes of inputs and outputs is a Functional.
    const functional = inputs && outputs && module.class.path === MODEL;
    initialize(module, keywords, site, context, functional ? 'functional' : undefined);
    const name = positional[2];
    if (name?.type === 'string') stateOf(module).name = name.value;
    if (inputs && outputs) makeFunctional(module, inputs, outputs, run, context);
    return NONE;
  },
  call: callFunctional(context),
  build(args) {
    const state = stateOf(self(args));
    const shape = args.positional[1] ?? args.keywords.get('input_shape');
    if (shape && shape.type !== 'none') state.inputShape = { shape, source: self(args).source };
    return NONE;
  },
  compile: keep('compiled'),
  fit: keep('fitted'),
  fit_generator: keep('fitted'),
  evaluate: (_, site) => unknown('what evaluate gives is not known before running', site),
  predict: (_, site) => unknown('what predict gives is not known before running', site),
  train_on_batch: (_, site) => unknown('a loss is not known before running', site),
  summary: nothing,
  save: nothing,
  save_weights: nothing,
  load_weights: nothing,
  export: nothing,
  get_layer(args, site, run) {
    const module = self(args);
    const [given, index] = [
      args.keywords.get('name') ?? args.positional[1],
      args.keywords.get('index') ?? args.positional[2],
    ];
    const layers = childrenOf(module);
    const listed = layersOf(module, context);
    const found =
      given?.type === 'string'
        ? (layers.find((each) => stateOf(each).name === given.value) ??
          listed.find((each) => each.type === 'instance' && nameOf(each) === given.value))
        : index?.type === 'int'
          ? listed.at(index.value)
          : undefined;
    if (found) return found;
    if (given?.type !== 'string') return run.unmodelled('get_layer', 'which layer it asks for is not known', site);
    return run.raise(
      'ValueError',
      `No such layer: ${given.value}. Existing layers are: [${layers.map((each) => `'${stateOf(each).name}'`).join(', ')}].`,
      site,
    );
  },
});

const nameOf = (layer: InstanceValue): string => {
  const name = layer.attributes.get('name');
  return name?.type === 'string' ? name.value : '';
};

/** The InputLayer of an input: it has a name and an output, and computes nothing. */
const inputLayer = (input: TensorValue, { graph }: KerasContext): InstanceValue =>
  instanceOf('InputLayer', {
    name: string(graph.inputOf(input)?.name ?? 'input_layer'),
    output: input,
    input,
    trainable: { type: 'bool', value: true },
    weights: list([]),
  });

/** A model's layers as Keras lists them: a Functional's with an InputLayer for every input. */
function layersOf(module: ModuleValue, context: KerasContext): (ModuleValue | InstanceValue)[] {
  const { functional } = stateOf(module);
  if (!functional) return childrenOf(module);
  return context.graph
    .layersInOrder(functional.inputs, functional.outputs)
    .map((each) => (each.type === 'module' ? each : inputLayer(each, context)));
}

/** `keras.models.clone_model(model)`: the same layers with weights of their own; unknown where a layer is of the file's. */
export function cloned(model: Value, site: Span, run: Evaluation, context: KerasContext): Value {
  if (model.type !== 'module') return model;
  const { config, functional, layers, name } = stateOf(model);
  const unclear = unknown(`a copy of ${model.class.name} is not known before running`, site);
  if (functional) {
    const { graph } = context;
    const inputs = mapTensors(functional.inputs, (each) => {
      const spec = graph.inputOf(each);
      return each.shape && spec ? graph.input(each.shape, each.dtype, { ...spec }) : each;
    });
    const outputs = graph.rebuild(
      functional,
      inputs,
      (layer) => cloned(layer, site, run, context),
      (layer, args) => run.call(layer, args, site),
    );
    const keywords = new Map<string, Value>([
      ['inputs', inputs],
      ['outputs', outputs],
      ['name', string(name)],
    ]);
    return run.call(run.library(MODEL), { positional: [], keywords }, site);
  }
  if (layers) {
    const copies = layers.map((layer) => cloned(layer, site, run, context));
    const input = stateOf(model).input?.type === 'tensor' ? (stateOf(model).input as TensorValue) : undefined;
    const made = input?.shape && context.graph.inputOf(input);
    const first = made ? [context.graph.input(input.shape!, input.dtype, { ...made })] : [];
    const keywords = new Map<string, Value>([['name', string(name)]]);
    return run.call(run.library(SEQUENTIAL), { positional: [list([...first, ...copies])], keywords }, site);
  }
  if (kerasClassOf(model) === undefined || model.class.source) return unclear;
  const copy = run.call(model.class, { positional: [], keywords: new Map(config) }, site);
  if (copy.type === 'module') stateOf(copy).name = name;
  return copy;
}

/** Properties of models. */
export const modelProperties = (context: KerasContext): BuiltinTable => ({
  layers: (args) => list(layersOf(self(args), context)),
  inputs: (args) => list(tensorsIn(stateOf(self(args)).input ?? NONE)),
  outputs: (args) => list(tensorsIn(stateOf(self(args)).output ?? NONE)),
  optimizer: (_, site) => unknown('the optimizer is not modelled', site),
});

/** Calls a Sequential's newest layer on what the one before gives, where its input is known. */
function extend(
  module: ModuleValue,
  layer: ModuleValue,
  site: Parameters<BuiltinRow>[1],
  run: Evaluation,
  context: KerasContext,
): void {
  const state = stateOf(module);
  const { inputShape } = stateOf(layer);
  if (!state.output && state.layers!.length === 1 && inputShape) {
    const given = shapeFrom(inputShape.shape, run);
    if (given) {
      const name = context.names.next('input_layer');
      const embeds = layer.class.name === 'Embedding';
      const made = context.graph.input(given.shape, embeds ? 'int64' : 'float32', {
        name,
        source: inputShape.source,
        open: given.open,
      });
      Object.assign(state, { input: made, output: made });
    }
  }
  if (!state.output && state.layers!.length === 1) {
    // A model in front brings its own input.
    const inner = stateOf(layer);
    if (inner.input?.type === 'tensor' && (inner.functional || inner.layers) && inner.output) {
      const first = inner.input;
      const spec = context.graph.inputOf(first);
      if (first.shape && spec) {
        const made = context.graph.input(first.shape, first.dtype, { ...spec });
        Object.assign(state, { input: made, output: made });
      }
    }
  }
  if (state.output) state.output = run.call(layer, { positional: [state.output], keywords: new Map() }, site);
}

const add =
  (context: KerasContext): BuiltinRow =>
  (args, site, run) => {
    const module = self(args);
    const state = stateOf(module);
    const layer = args.positional[1] ?? args.keywords.get('layer') ?? NONE;
    state.layers ??= [];
    if (layer.type === 'tensor') {
      if (state.layers.length === 0) Object.assign(state, { input: layer, output: layer });
      return NONE;
    }
    if (layer.type === 'unknown') {
      module.opaque ??= layer;
      run.note(layer, module.class.name);
      return NONE;
    }
    if (layer.type !== 'module') {
      return run.raise(
        'ValueError',
        `Only instances of \`keras.Layer\` can be added to a Sequential model. Received: ${layer.type}`,
        site,
      );
    }
    state.layers.push(layer);
    extend(module, layer, site, run, context);
    return NONE;
  };

/** What Sequential has of its own. */
export const sequentialMethods = (context: KerasContext): BuiltinTable => ({
  __init__(args, site, run) {
    const module = self(args);
    const { positional, keywords, open } = own(args);
    initialize(module, keywords, site, context);
    if (positional[1]?.type === 'string') stateOf(module).name = positional[1].value;
    stateOf(module).layers = [];
    if (open) module.opaque = open;
    const given = keywords.get('layers') ?? positional[0];
    if (!given || given.type === 'none') return NONE;
    const layers = given.type === 'module' ? [given] : run.iterate(given, site);
    if (!layers) {
      module.opaque = given.type === 'unknown' ? given : unknown('its layers are not known', site);
      run.note(module.opaque, 'Sequential');
    }
    // A layer is what its own line says; errors belong there.
    for (const layer of layers ?? []) {
      add(context)(
        { positional: [module, layer], keywords: new Map() },
        layer.type === 'module' ? layer.source : site,
        run,
      );
    }
    return NONE;
  },
  add: add(context),
  pop(args) {
    const state = stateOf(self(args));
    const layer = state.layers?.pop();
    const before = state.layers?.at(-1);
    state.output = before ? stateOf(before).output : state.input;
    return layer ?? NONE;
  },
  call(args, site, run) {
    const module = self(args);
    let x: Value = argument(args, 1);
    for (const layer of stateOf(module).layers ?? []) {
      const keywords = new Map(args.keywords);
      x = run.call(layer, { positional: [x], keywords }, site);
    }
    return x;
  },
});
