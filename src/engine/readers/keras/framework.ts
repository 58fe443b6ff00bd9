import type { Span } from '../../network';
import type { BuiltinRow, BuiltinTable } from '../python/builtins/row';
import { rowOf } from '../python/builtins/row';
import type { Evaluation, Framework, Meanings } from '../python/evaluator';
import {
  type Arguments,
  argument,
  builtin,
  type ClassValue,
  NONE,
  type RecordValue,
  string,
  type TensorValue,
  unknown,
  type Value,
} from '../python/values';
import { loadData } from './datasets';
import { SymbolicGraph } from './graph';
import {
  CHANNELS_LAST,
  type KerasContext,
  layerMethods,
  layerProperties,
  opaqueMethods,
  ownMethods,
  setTrainable,
} from './layerMethods';
import { Masks } from './masks';
import { cloned, inputOf, modelMethods, modelProperties, sequentialMethods } from './models';
import { canonical, Names, OWN } from './naming';
import { operationNamed } from './operations';
import { Pipelines } from './pipelines';
import { plainFunctions } from './plain';
import { layerSpecs } from './specs';
import { derivedArguments, heldModels, isKerasModel, LAYER, MODEL, partsOf, SEQUENTIAL } from './state';
import { drawnBy, registerVariables, variableOf } from './variables';

/** Calls kept for what they say: initializers, losses, optimizers, and what changes nothing here. */
const RECORDED =
  /^keras\.(initializers|losses|optimizers|mixed_precision|regularizers|constraints|metrics|callbacks|random|preprocessing)\.(?:\w+\.)*[A-Za-z]\w*$|^tensorflow\.(initializers|keras)\.\w+$|^tensorflow\.\w+_initializer$/;

const OPTIMIZER = /^keras\.optimizers\.(?:legacy\.)?[A-Z]\w*$/;

/** Decorators and functions around a model that change nothing of it. */
const DECORATORS =
  /^(keras\.saving\.register_keras_serializable|keras\.utils\.register_keras_serializable|keras\.api_export\.keras_export|keras\.utils\.(?:\w+\.)*keras_export|tensorflow\.function|tensorflow\.(?:\w+\.)*tf_export)$/;

const contexts = new WeakMap<Evaluation, KerasContext>();

/** What Keras keeps in an evaluation. */
export const contextOf = (run: Evaluation): KerasContext => contexts.get(run)!;

/** A framework's names with Keras's and TensorFlow's beside them. */
export const withKeras = (base: Framework): Framework => ({
  ...base,
  meanings: (run) => meanings(base.meanings(run), run),
  moduleBases: [...base.moduleBases, LAYER],
  modelled: (path) => base.modelled(path) || modelled(path),
  renew(run) {
    base.renew?.(run);
    contextOf(run).names.clear();
    contextOf(run).imageFormat = CHANNELS_LAST;
  },
  partsOf: (module) => (isKerasModel(module) ? partsOf(module) : base.partsOf?.(module)),
  rebinds(value, run) {
    const [outermost] = run.trace?.running ?? [];
    return outermost
      ? isKerasModel(outermost)
      : contextOf(run).graph.concerns({ positional: [value], keywords: new Map() });
  },
  recordCalled: (record, args, site) => drawnBy(record, args, site) ?? base.recordCalled?.(record, args, site),
  heldModels: (module) => (isKerasModel(module) ? heldModels(module) : base.heldModels?.(module)),
  setAttribute(module, name, given) {
    if (!isKerasModel(module)) return false;
    if (name === 'trainable') setTrainable(module, given);
    else {
      module.attributes.set(name, given);
      registerVariables(module, name, given);
    }
    return true;
  },
});

/** Of Keras's own files only the applications are read: they are models like a user's. */
const modelled = (path: string): boolean =>
  OWN.test(path) && !/^keras\.src\.applications(\.|$)|^keras\.src$/.test(path);

function meanings(base: Meanings, run: Evaluation): Meanings {
  const graph = new SymbolicGraph(run);
  const context: KerasContext = { graph, names: new Names(), masks: new Masks(), imageFormat: CHANNELS_LAST };
  const pipelines = new Pipelines(run, graph);
  contexts.set(run, context);
  const classes = new Map<string, ClassValue>();
  const bindRow = (name: string, row: BuiltinRow): Value => builtin(name, (args, site) => row(args, site, run));

  function classOf(
    path: string,
    bases: readonly ClassValue[],
    methods: BuiltinTable,
    properties: BuiltinTable = {},
  ): ClassValue {
    const resolution: ClassValue[] = [];
    const attributes = new Map<string, Value>(Object.entries(methods).map(([name, row]) => [name, bindRow(name, row)]));
    for (const [name, row] of Object.entries(properties))
      attributes.set(name, { type: 'property', getter: bindRow(name, row) });
    const value: ClassValue = { type: 'class', name: path.split('.').at(-1)!, path, resolution, attributes };
    resolution.push(value, ...new Set(bases.flatMap((each) => each.resolution)));
    return value;
  }

  function makeClass(path: string): ClassValue | undefined {
    if (path === LAYER) return classOf(path, [], layerMethods(context), layerProperties);
    if (path === MODEL) return classOf(path, [ofClass(LAYER)!], modelMethods(context), modelProperties(context));
    if (path === SEQUENTIAL) return classOf(path, [ofClass(MODEL)!], sequentialMethods(context));
    const name = /^keras\.layers\.([A-Z]\w*)$/.exec(path)?.[1];
    if (!name) return undefined;
    const methods = Object.hasOwn(layerSpecs, name) ? ownMethods(name, context) : opaqueMethods(name, context);
    return classOf(path, [ofClass(LAYER)!], methods);
  }

  function ofClass(path: string): ClassValue | undefined {
    const known = classes.get(path);
    if (known) return known;
    const made = makeClass(path);
    if (made) classes.set(path, made);
    return made;
  }

  /** An optimizer as a class to derive from: what it is made with is kept under its own names. */
  function optimizerClass(path: string): ClassValue {
    const known = classes.get(path);
    if (known) return known;
    const made = classOf(path, [], {
      __init__(args) {
        const [self, ...positional] = args.positional;
        if (self?.type === 'instance') derivedArguments.set(self, { positional, keywords: args.keywords });
        return NONE;
      },
    });
    classes.set(path, made);
    return made;
  }

  /** A function that, called on KerasTensors outside of a model, is kept for the model. */
  const kept = (name: string, call: (args: Arguments, site: Span) => Value): Value =>
    builtin(name, (args, site) =>
      context.graph.concerns(args) ? context.graph.apply((again) => call(again, site), args) : call(args, site),
    );

  function functionOf(path: string): Value | undefined {
    if (path === 'keras.Input') return bindRow(path, inputOf(context));
    if (path === 'keras.models.clone_model')
      return builtin(path, (args, site) => cloned(argument(args, 0), site, run, context));
    if (/^keras\.(backend|config)\.image_data_format$/.test(path))
      return builtin(path, () => string(context.imageFormat));
    if (/^keras\.(backend|config)\.set_image_data_format$/.test(path)) return builtin(path, setImageFormat);
    const plain = rowOf(plainFunctions, path);
    if (plain) return bindRow(path, plain);
    if (/^keras\.activations\.(get|deserialize)$/.test(path)) return builtin(path, activationCalled);
    if (/^keras\.(layers|losses|optimizers|initializers|regularizers)\.(get|deserialize)$/.test(path)) {
      return builtin(path, (args) => argument(args, 0));
    }
    if (/^(keras|tensorflow|tensorflow\.compat\.v[12])\.Variable$/.test(path))
      return builtin(path, (args, site) => variableOf(args, site, run));
    const operation = operationNamed(path);
    if (operation) return kept(path, (args, site) => operation(args, site, run));
    const lower = /^keras\.layers\.([a-z]\w*)$/.exec(path)?.[1];
    if (lower) return lowerCase(lower, path);
    if (/^keras\.datasets\.\w+\.load_data$/.test(path)) {
      return builtin(path, (_, site) => loadData(path, site) ?? unknown(`${path} is not known before running`, site));
    }
    if (DECORATORS.test(path)) return builtin(path, (args) => decorated(args));
    if (RECORDED.test(path)) return builtin(path, (args, site) => record(path, args, site));
    return undefined;
  }

  function setImageFormat(args: Arguments, site: Span): Value {
    const given = argument(args, 0);
    if (given.type !== 'string' || !/^channels_(first|last)$/.test(given.value))
      return run.unmodelled('set_image_data_format', 'what it is given is not known', site);
    context.imageFormat = given.value;
    return NONE;
  }

  /** `keras.activations.get('relu')`: the function of that name, which a model may call; of None the one that changes nothing. */
  function activationCalled(args: Arguments, site: Span): Value {
    const given = argument(args, 0);
    if (given.type !== 'string' && given.type !== 'none') return given;
    const name = given.type === 'none' ? 'linear' : given.value;
    return functionOf(`keras.activations.${name}`) ?? unknown(`there is no activation '${name}' in Keras`, site);
  }

  /** `keras.layers.add([a, b])`: the layer of that name, made and called. */
  function lowerCase(name: string, path: string): Value | undefined {
    const of = ['Add', 'Subtract', 'Multiply', 'Average', 'Maximum', 'Minimum', 'Concatenate', 'Dot'].find(
      (each) => each.toLowerCase() === name,
    );
    if (!of) return undefined;
    return builtin(path, (args, site) => {
      const [inputs = NONE, ...rest] = args.positional;
      return run.call(
        run.call(ofClass(`keras.layers.${of}`)!, { positional: rest, keywords: args.keywords }, site),
        { positional: [inputs], keywords: new Map() },
        site,
      );
    });
  }

  /** A decorator, with or without arguments: the class or function as it is. */
  const decorated = (args: Arguments): Value => {
    const [only] = args.positional;
    if (only && (only.type === 'class' || only.type === 'function')) return only;
    return builtin('decorator', (given) => argument(given, 0));
  };

  function record(path: string, args: Arguments, source: Span): RecordValue {
    const value: RecordValue = { type: 'record', path, args, source, names: [] };
    if (run.findings.records.length < 1000) run.findings.records.push(value);
    return value;
  }

  /** `keras.applications.ResNet50`: read from Keras's own source, where the person's interpreter has it. */
  function application(path: string): Value | undefined {
    const [, module, name] =
      /^(keras\.applications(?:\.[a-z]\w*)*)\.([A-Z]\w*|preprocess_input|decode_predictions)$/.exec(path) ?? [];
    if (!module || !name) return undefined;
    const file = run.imports.find(module, run.document);
    if (file) return run.imports.member(file, name);
    const why = "Keras's own source is not at hand: --python names an environment that has it";
    return builtin(path, (_, site) => run.unmodelled(path, why, site));
  }

  function library(given: string): Value {
    const path = canonical(given);
    if (path === 'tensorflow.newaxis' || path === 'numpy.newaxis') return NONE;
    const pipeline = pipelines.functionOf(path);
    if (pipeline) return pipeline;
    if (!OWN.test(path)) return base.library(given);
    return application(path) ?? ofClass(path) ?? functionOf(path) ?? { type: 'library', path };
  }

  /** An operator or method on KerasTensors, kept for the model. */
  const onTensors = (
    values: readonly Value[],
    site: Span,
    call: (values: readonly Value[]) => Value | undefined,
  ): Value | undefined => {
    const args: Arguments = { positional: values, keywords: new Map() };
    if (!context.graph.concerns(args)) return call(values);
    return context.graph.apply(
      (again) => call(again.positional) ?? unknown('this operator is not modelled', site),
      args,
    );
  };

  const rest = (value: Value): value is TensorValue => value.type === 'tensor';
  return {
    ...base,
    library,
    libraryClass(path) {
      const own = canonical(path);
      if (!OWN.test(own)) return base.libraryClass(path);
      return ofClass(own) ?? (OPTIMIZER.test(own) ? optimizerClass(own) : undefined);
    },
    operate: (operator, left, right, site) =>
      onTensors([left, right], site, ([a, b]) => base.operate(operator, a!, b!, site)),
    tensorItem: (value, index, site) =>
      onTensors([value], site, ([x]) => (rest(x!) ? base.tensorItem(x, index, site) : x)) ??
      unknown('this index is not modelled', site),
    tensorUnary: (operator, value, site) =>
      onTensors([value], site, ([x]) => (rest(x!) ? base.tensorUnary(operator, x, site) : x)),
    method(value, name) {
      if (value.type === 'record') return pipelines.generatorMethod(value, name) ?? base.method(value, name);
      if (value.type !== 'tensor') return base.method(value, name);
      if (name === 'get_shape') return builtin(name, (_, site) => run.attribute(value, 'shape', site));
      if (name === '_keras_history' || name === '_keras_mask') return NONE;
      if (name === 'astype') return builtin(name, () => value);
      if (name === 'ndims' || name === 'rank') return base.method(value, 'ndim');
      const found = base.method(value, name);
      if (found?.type !== 'builtin' || !context.graph.concerns({ positional: [value], keywords: new Map() }))
        return found;
      return builtin(name, (args, site) =>
        context.graph.apply(
          (again) =>
            run.call(
              base.method(again.positional[0]!, name)!,
              { ...again, positional: again.positional.slice(1) },
              site,
            ),
          { ...args, positional: [value, ...args.positional] },
        ),
      );
    },
  };
}
