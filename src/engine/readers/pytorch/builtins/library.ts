import { findComposite, findLayer, findLayerClass } from '../../../layers';
import type { Span } from '../../../network';
import { dictFunction, dictMethods, listMethods, setMethods, tupleMethods } from '../../python/builtins/collections';
import { contexts } from '../../python/builtins/contexts';
import { dataclassFunctions } from '../../python/builtins/dataclassFunctions';
import { exceptionBase, exceptionMethods } from '../../python/builtins/exceptions';
import { inspection } from '../../python/builtins/inspection';
import { iteratorTools } from '../../python/builtins/iteratorTools';
import { mappingMethods } from '../../python/builtins/mappings';
import { mathConstants, mathFunctions } from '../../python/builtins/math';
import { operatorModule } from '../../python/builtins/operatorModule';
import { paths } from '../../python/builtins/paths';
import { pythonClasses, pythonFunctions } from '../../python/builtins/python';
import { rangeMethods } from '../../python/builtins/ranges';
import { regularExpressions } from '../../python/builtins/regularExpressions';
import { type BuiltinRow, type BuiltinTable, rowOf } from '../../python/builtins/row';
import { standardLibrary } from '../../python/builtins/standardLibrary';
import { stringMethods } from '../../python/builtins/strings';
import type { Evaluation } from '../../python/evaluator';
import { bufferOf } from '../../python/modules/moduleValue';
import { knownTensor } from '../../python/modules/recipe';
import { initializationOf } from '../../python/modules/storedPart';
import {
  argument,
  type BuiltinValue,
  builtin,
  type ClassValue,
  dict,
  FALSE,
  float,
  int,
  type ModuleValue,
  NONE,
  positional,
  string,
  type TensorValue,
  TRUE,
  truth,
  unknown,
  type Value,
} from '../../python/values';
import { settingsLibrary } from '../settings';
import { applyFunction } from './autogradFunction';
import { COMPLEX_CLASS, complexMethods, complexProperties } from './complex';
import { compositeMethods } from './composites';
import { containers } from './containers';
import { distributionFunctions, distributionMethods } from './distributions';
import { einopsFunctions, einopsLayers } from './einops';
import { environmentFunction, isWrapperClass, wrapperMethods } from './environments';
import { exampleFunctions } from './examples';
import { aggregation, isAggregation, isMessagePassing, MESSAGES_UNMODELLED, messagePassing } from './graphs';
import { huggingFace, isOptionalPackage } from './huggingFace';
import { initializers } from './init';
import { layerFunction, layerMethods, tensorOperator, tensorUnary } from './layers';
import { lazyMethods, lazyRow } from './lazy';
import { lightningMethods } from './lightning';
import { lossCall, lossMethods } from './losses';
import { isMetric, metricMethods, metricName } from './metrics';
import { moduleMethods } from './moduleMethods';
import { numpyFunctions } from './numpy';
import { packedSequences } from './packedSequences';
import { parameterContainers } from './parameterContainers';
import { tokenizerFrom } from './pretrained';
import { setTensorItem, tensorItem } from './tensorIndex';
import { tensorMethods, tensorProperties, torchFunctions } from './torch';
import { dataModuleMethods, isDataModule, recordMethod, trainerFunctions } from './trainers';
import { isLossFunction, isRecorded, LOSS_CLASS, record } from './training';
import { transformers } from './transformers';
import { isYolo, ultralyticsFunctions, yolo } from './ultralytics';
import { wrapperFunctions } from './wrappers';
import { writtenLosses } from './written';

/** Classes that only serve as bases: they add nothing that the reader reads. */
const PLAIN_BASES =
  /^(abc\.ABC|builtins\.(object|NoneType)|typing\.(Generic|Protocol|NamedTuple)|enum\.(Enum|IntEnum|StrEnum|Flag|IntFlag)|torch\.nn\.(_BatchNorm|_InstanceNorm|_ConvNd|_NormBase))$/;

/** Methods that their classes have without an object too. */
const STATIC = /^(generate_square_subsequent_mask|from_pretrained|from_datasets|fromkeys|load_cfg)$/;

/** Other libraries' names for a PyTorch module. */
const MODULE_BASES = /^(pytorch_lightning|lightning|lightning\.pytorch|pl)\.LightningModule$/;

/** Bases of PyTorch's own classes that code asks for with isinstance. */
const MIDDLE: Readonly<Record<string, string>> = {
  BatchNorm: 'torch.nn._BatchNorm',
  SyncBatchNorm: 'torch.nn._BatchNorm',
  InstanceNorm: 'torch.nn._InstanceNorm',
  Conv: 'torch.nn._ConvNd',
  ConvTranspose: 'torch.nn._ConvNd',
};

/** One spelling for a library's full name. */
function canonical(path: string): string {
  return path
    .replace(/^torch\.nn\.modules\.(?:\w+\.)*(\w+)$/, 'torch.nn.$1')
    .replace(/^torch\.nn\.parameter\./, 'torch.nn.')
    .replace(/^torch\.autograd\.function\./, 'torch.autograd.')
    .replace(/^torch\.utils\.data\.dataloader\./, 'torch.utils.data.')
    .replace(/^torch\.distributions\.\w+\.([A-Z]\w*)$/, 'torch.distributions.$1')
    .replace(/^torch\.optim\.(?!lr_scheduler|swa_utils)\w+\.([A-Z]\w*)$/, 'torch.optim.$1')
    .replace(/^torch\.special\.expit$/, 'torch.sigmoid')
    .replace(/^torch\.special\.|^torch\._C\._nn\./, 'torch.')
    .replace(/^np\./, 'numpy.')
    .replace(/^numpy\.(pi|e|inf|nan)$/, 'math.$1');
}

/** The meaning of names for one evaluation. */
export function builtinLibrary(run: Evaluation) {
  const classes = new Map<string, ClassValue>();
  const functions = new Map<string, Value>();
  /** A function by its full name: one object however often it is asked for. */
  const bindRow = (name: string, row: BuiltinRow): Value => {
    const made = functions.get(name) ?? builtin(name, (args, site) => row(args, site, run));
    functions.set(name, made);
    return made;
  };
  const method = (name: string, row: BuiltinRow): Value => builtin(name, (args, site) => row(args, site, run));

  /** A method of a class, which is given no object where it is called on the class itself: `Net.apply(f)`. */
  const ofObject =
    (path: string, name: string, row: BuiltinRow): BuiltinRow =>
    (args, site, of) => {
      const [self] = args.positional;
      if (STATIC.test(name) || self?.type === 'module' || self?.type === 'instance') return row(args, site, of);
      if (self?.type === 'unknown') return self;
      return run.raise('TypeError', `${path.split('.').at(-1)}.${name}() needs an object of its class`, site);
    };

  function classOf(
    path: string,
    bases: readonly ClassValue[],
    methods: BuiltinTable,
    construct?: BuiltinRow,
  ): ClassValue {
    const resolution: ClassValue[] = [];
    const value: ClassValue = {
      type: 'class',
      name: path.split('.').at(-1)!,
      path,
      resolution,
      attributes: new Map(
        Object.entries(methods).map(([name, row]) => [name, method(name, ofObject(path, name, row))]),
      ),
      ...(construct && { construct: (args, site) => construct(args, site, run) }),
    };
    resolution.push(value, ...new Set(bases.flatMap((base) => base.resolution)));
    return value;
  }

  const settings = settingsLibrary(run, (path, bases, methods, construct) => {
    const made = classOf(path, bases, methods);
    return construct ? Object.assign(made, { construct }) : made;
  });

  function makeClass(path: string): ClassValue | undefined {
    const setting = settings.class(path);
    if (setting) return setting;
    if (PLAIN_BASES.test(path)) return classOf(path, [], {});
    if (/^(collections\.abc|typing)\.(Mutable)?Mapping$/.test(path)) return classOf(path, [], mappingMethods);
    if (path === 'torch.Size') return classOf(path, [], {}, pythonClasses.tuple);
    if (path === 'typing.TypedDict') return classOf(path, [], {}, pythonClasses.dict);
    if (/^collections\.(OrderedDict|UserDict)$/.test(path))
      return classOf(path, [libraryClass('builtins.dict')!], {}, standardLibrary['collections.OrderedDict']);
    if (path.startsWith('builtins.')) {
      const base = exceptionBase(path.slice(9));
      if (base !== undefined)
        return classOf(path, base ? [libraryClass(`builtins.${base}`)!] : [], base ? {} : exceptionMethods);
      const construct = rowOf(pythonClasses, path.slice(9));
      const wider = path === 'builtins.bool' ? [libraryClass('builtins.int')!] : [];
      return construct && classOf(path, wider, {}, construct);
    }
    if (path === 'torch.nn.Module') return classOf(path, [], moduleMethods);
    if (isMetric(path)) {
      const plain = classOf(path, [libraryClass('torch.nn.Module')!], metricMethods);
      if (/(Binary|Multiclass|Multilabel)\w+$/.test(path)) return plain;
      const make: BuiltinRow = (args, site) => {
        const task = args.keywords.get('task') ?? args.positional[0];
        const of = task?.type === 'string' ? metricName(path, task.value) : undefined;
        return run.call((of === undefined ? undefined : libraryClass(of)) ?? plain, args, site);
      };
      return classOf(path, [], {}, make);
    }
    if (isDataModule(path))
      return classOf(path, [], { ...dataModuleMethods, save_hyperparameters: lightningMethods.save_hyperparameters! });
    if (MODULE_BASES.test(path)) return classOf(path, [libraryClass('torch.nn.Module')!], lightningMethods);
    const distribution = distributionMethods(path);
    if (distribution) return classOf(path, [], distribution);
    if (isYolo(path)) return classOf(path, [libraryClass('torch.nn.Module')!], yolo);
    if (isMessagePassing(path)) {
      const graph = classOf(path, [libraryClass('torch.nn.Module')!], messagePassing);
      return Object.assign(graph, { refuses: MESSAGES_UNMODELLED });
    }
    if (isAggregation(path))
      return Object.assign(classOf(path, [libraryClass('torch.nn.Module')!], aggregation), {
        refuses: MESSAGES_UNMODELLED,
      });
    if (path === 'torch.nn.Parameter') return classOf(path, [], {}, makeParameter);
    if (path === 'torch.autograd.Function') {
      const made = classOf(path, [], {});
      made.attributes.set('apply', { type: 'classmethod', callee: bindRow('apply', applyFunction) as BuiltinValue });
      return made;
    }
    if (path === 'torch.nn.Buffer') return classOf(path, [], {}, makeBuffer);
    if (path === COMPLEX_CLASS) {
      const complex = classOf(path, [], complexMethods);
      for (const [name, row] of Object.entries(complexProperties))
        complex.attributes.set(name, { type: 'property', getter: bindRow(name, row) });
      return complex;
    }
    if (path === 'torch.Tensor')
      return classOf(path, [], {}, (args, site, of) => {
        const [data] = args.positional;
        // `torch.Tensor(x)` of a tensor or of numbers is that; of sizes, or of a tensor's size, it is a new one.
        if (data?.type === 'tensor' && data.place.kind !== 'fresh') return data;
        return data?.type === 'tensor' || data?.type === 'list' || (data?.type === 'tuple' && !data.size)
          ? torchFunctions.tensor!(args, site, of)
          : torchFunctions.empty!(args, site, of);
      });
    if (isWrapperClass(path)) return classOf(path, [], wrapperMethods);
    const einops = rowOf(einopsLayers, path);
    if (einops) return classOf(path, [libraryClass('torch.nn.Module')!], einops);
    const foreign = findLayerClass(path);
    if (foreign) return classOf(path, [libraryClass('torch.nn.Module')!], layerMethods(foreign));
    const name = /^torch\.nn\.([A-Z]\w*)$/.exec(path)?.[1];
    if (!name || rowOf(torchFunctions, path.slice(6)) || rowOf(wrapperFunctions, path)) return undefined;
    const module = libraryClass('torch.nn.Module')!;
    const container = rowOf(containers, name) ?? rowOf(parameterContainers, name) ?? rowOf(transformers, name);
    if (container) return classOf(path, [module], container);
    const composite = findComposite(name);
    if (composite) return classOf(path, [module], compositeMethods(composite));
    const lazy = lazyRow(name);
    if (lazy) return classOf(path, [libraryClass(`torch.nn.${lazy.kind}`)!], lazyMethods(lazy));
    if (LOSS_CLASS.test(path)) return classOf(path, [module], lossMethods(path));
    const row = findLayer(name);
    const middle = MIDDLE[name.replace(/\dd$/, '')];
    const bases = middle ? [libraryClass(middle)!, module] : [module];
    const made = classOf(path, bases, row?.module && !row.classes ? layerMethods(row) : opaqueMethods(name));
    // How many batches it has seen: nothing that is measured hangs on it.
    if (middle === 'torch.nn._BatchNorm')
      made.attributes.set('num_batches_tracked', {
        type: 'property',
        getter: method('zeros', () => countOfBatches(run)),
      });
    return made;
  }

  function libraryClass(given: string): ClassValue | undefined {
    const path = canonical(given);
    const known = classes.get(path);
    if (known) return known;
    const made = makeClass(path);
    if (made) classes.set(path, made);
    return made;
  }

  function functionRow(path: string): BuiltinRow | undefined {
    const [, init] = /^torch\.nn\.init\.(\w+)$/.exec(path) ?? [];
    if (init) return rowOf(initializers, init) ?? rowOf(initializers, `${init}_`);
    if (/^transformers\.\w*Tokenizer(Fast)?\.from_pretrained$/.test(path)) return tokenizerFrom;
    if (path.startsWith('transformers.')) {
      const name = path.slice(path.lastIndexOf('.') + 1);
      const row = isOptionalPackage(name) ? () => FALSE : rowOf(huggingFace, name);
      if (row) return row;
    }
    const ofDict = /^builtins\.dict\.(\w+)$/.exec(path)?.[1];
    if (ofDict && ofDict !== 'fromkeys') return dictFunction(ofDict);
    if (path.startsWith('math.')) return rowOf(mathFunctions, path.slice(5));
    if (path.startsWith('numpy.')) return rowOf(numpyFunctions, path.slice(6));
    const wrapper = rowOf(wrapperFunctions, path) ?? rowOf(trainerFunctions, path);
    if (wrapper) return wrapper;
    if (path.startsWith('torch.') && rowOf(torchFunctions, path.slice(6))) return rowOf(torchFunctions, path.slice(6));
    if (rowOf(einopsFunctions, path)) return rowOf(einopsFunctions, path);
    const setting = settings.row(path);
    if (setting) return setting;
    if (rowOf(distributionFunctions, path)) return rowOf(distributionFunctions, path);
    if (rowOf(ultralyticsFunctions, path)) return rowOf(ultralyticsFunctions, path);
    if (rowOf(exampleFunctions, path)) return rowOf(exampleFunctions, path);
    const environment = environmentFunction(path);
    if (environment) return environment;
    if (isLossFunction(path)) return lossCall(path, rowOf(writtenLosses, path.slice(6)));
    if (isRecorded(path)) return (args, site) => record(path, args, site, run);
    return (
      rowOf(standardLibrary, path) ??
      rowOf(iteratorTools, path) ??
      rowOf(operatorModule, path) ??
      rowOf(contexts, path) ??
      rowOf(paths, path) ??
      methodOfClass(path) ??
      rowOf(inspection, path) ??
      rowOf(regularExpressions, path) ??
      rowOf(dataclassFunctions, path) ??
      rowOf(packedSequences, path) ??
      layerFunction(path)
    );
  }

  function library(given: string): Value {
    const path = canonical(given);
    const known = rowOf(STANDARD_CONSTANTS, path) ?? settings.constant(path);
    if (known) return known;
    if (path.startsWith('math.')) {
      const constant = rowOf(mathConstants, path.slice(5));
      if (constant) return constant;
    }
    const of = libraryClass(path);
    if (of) return of;
    const row = functionRow(path);
    return row ? bindRow(path, row) : { type: 'library', path };
  }

  return {
    library,
    libraryClass,
    pythonName(name: string): Value | undefined {
      const of = libraryClass(`builtins.${name}`);
      if (of) return of;
      const constant = rowOf(STANDARD_CONSTANTS, `builtins.${name}`);
      if (constant) return constant;
      const row = rowOf(pythonFunctions, name);
      if (row) return bindRow(`builtins.${name}`, row);
      return /^[A-Z]\w*(Error|Exception|Warning|Iteration|Interrupt|Exit)$|^Exception$|^NotImplemented$/.test(name)
        ? { type: 'library', path: `builtins.${name}` }
        : undefined;
    },
    method(value: Value, name: string): Value | undefined {
      if (value.type === 'record') {
        const row = recordMethod(value, name);
        return row && boundRow(value, name, row);
      }
      if (value.type === 'tensor') {
        const property = rowOf(tensorProperties, name);
        if (property)
          return property(positional(value), value.place.kind === 'fresh' ? value.place.source : nowhere(run), run);
        const row = rowOf(tensorMethods, name) ?? layerFunction(`Tensor.${name}`);
        return row && boundRow(value, name, row);
      }
      const tables: Partial<Record<Value['type'], BuiltinTable>> = {
        string: stringMethods,
        list: listMethods,
        tuple: tupleMethods,
        dict: dictMethods,
        set: setMethods,
        range: rangeMethods,
      };
      // A device is its name here.
      if (
        value.type === 'string' &&
        /^(cpu|cuda|mps|xpu|meta)(:\d+)?$/.test(value.value) &&
        /^(type|index)$/.test(name)
      )
        return name === 'type' ? string(value.value.replace(/:\d+$/, '')) : NONE;
      if (value.type === 'tuple' && value.names?.includes(name)) return value.items[value.names.indexOf(name)];
      const row = tables[value.type] && rowOf(tables[value.type]!, name);
      return row && boundRow(value, name, row);
    },
    operate: (operator: string, left: Value, right: Value, site: Span) =>
      tensorOperator(operator, left, right, site, run),
    tensorItem: (value: TensorValue, index: Value, site: Span) => tensorItem(value, index, site, run),
    setTensorItem: (value: TensorValue, index: Value, given: Value, site: Span) =>
      setTensorItem(value, index, given, site, run),
    tensorUnary: (operator: string, value: TensorValue, site: Span) => tensorUnary(operator, value, site, run),
  };

  function boundRow(receiver: Value, name: string, row: BuiltinRow): Value {
    return builtin(name, (args, site) => row({ ...args, positional: [receiver, ...args.positional] }, site, run));
  }
}

/** A method of one of Python's own classes, asked of the class: `str.lower`, `dict.fromkeys`. */
function methodOfClass(path: string): BuiltinRow | undefined {
  const [, of, name] = /^builtins\.(str|list|tuple|dict|set)\.(\w+)$/.exec(path) ?? [];
  if (!of || !name) return undefined;
  if (of === 'dict' && name === 'fromkeys')
    return (args, site, run) =>
      dict((run.iterate(argument(args, 0), site) ?? []).map((key) => [key, argument(args, 1)] as const));
  if (of === 'str' && name === 'maketrans') return (args, site, run) => stringMethods.maketrans!(args, site, run);
  const tables: Readonly<Record<string, BuiltinTable>> = {
    str: stringMethods,
    list: listMethods,
    tuple: tupleMethods,
    dict: dictMethods,
    set: setMethods,
  };
  return rowOf(tables[of]!, name);
}

/** Python's string.printable, in its order. */
const PRINTABLE = `0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ!"#$%&'()*+,-./:;<=>?@[\\]^_\`{|}~ \t\n\r\x0b\x0c`;

/** What the standard library and PyTorch say of themselves. */
const STANDARD_CONSTANTS: Readonly<Record<string, Value>> = {
  'sys.version_info': { type: 'tuple', items: [int(3), int(12), int(0)], names: ['major', 'minor', 'micro'] },
  'sys.platform': string('linux'),
  'torch.__version__': string('2.13.0'),
  'typing.TYPE_CHECKING': FALSE,
  'builtins.Ellipsis': { type: 'ellipsis' },
  'builtins.__debug__': TRUE,
  'string.ascii_lowercase': string('abcdefghijklmnopqrstuvwxyz'),
  'string.ascii_uppercase': string('ABCDEFGHIJKLMNOPQRSTUVWXYZ'),
  'string.ascii_letters': string('abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ'),
  'string.digits': string('0123456789'),
  'string.punctuation': string('!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~'),
  'string.printable': string(PRINTABLE),
  'numpy.newaxis': NONE,
  'torch.newaxis': NONE,
  'torch.pi': float(Math.PI),
  'torch.e': float(Math.E),
  'torch.inf': float(Number.POSITIVE_INFINITY),
  'torch.nan': float(Number.NaN),
};

const countOfBatches = (run: Evaluation): Value =>
  knownTensor('full', { size: [], fill_value: 0, dtype: 'int64' }, [], 'int64', 'zeros', nowhere(run));

const nowhere = (run: Evaluation): Span => ({
  uri: run.document.uri,
  start: { line: 1, column: 1 },
  end: { line: 1, column: 1 },
  hash: run.document.hash,
});

/** `nn.Parameter(data)`: the made tensor, owned by whoever registers it. */
const makeParameter: BuiltinRow = (args, site, run) => {
  const data = argument(args, 0);
  if (data.type === 'unknown') {
    run.note(data, 'nn.Parameter');
    return data;
  }
  const stored =
    data.type === 'tensor' && data.place.kind === 'stored' && data.place.tensor.parameter
      ? null
      : bufferOf(data, run, site);
  if (!stored)
    return data.type === 'tensor' && data.place.kind === 'stored'
      ? data
      : run.unmodelled('nn.Parameter', 'its shape or its values are not known', site);
  const trainable =
    truth(args.positional[1] ?? args.keywords.get('requires_grad') ?? { type: 'bool', value: true }) ?? true;
  const { known: _, dtype: _type, ...own } = stored;
  const initialization = stored.known ? initializationOf(data as TensorValue) : stored.initialization;
  if (!initialization) return run.unmodelled('nn.Parameter', 'its first values are not known', site);
  const tensor = { ...own, initialization, parameter: true, trainable };
  return { type: 'tensor', shape: tensor.shape, dtype: 'float32', place: { kind: 'stored', tensor } };
};

/** `nn.Buffer(data)`: registered where it is assigned. */
const makeBuffer: BuiltinRow = (args, site, run) => {
  const data = argument(args, 0);
  const stored = bufferOf(data, run, site);
  if (!stored || data.type !== 'tensor')
    return data.type === 'unknown' ? data : run.unmodelled('nn.Buffer', 'its shape or its values are not known', site);
  return { ...data, place: { kind: 'stored', tensor: { ...stored, declared: true } } };
};

/** A module class of PyTorch's without a row: it stands, and what it computes is not known. */
const opaqueMethods = (name: string): BuiltinTable => ({
  __init__(args, _, run) {
    const module = argument(args, 0) as ModuleValue;
    module.ready = true;
    module.opaque = unknown(`torch.nn.${name} is not modelled`, module.source);
    run.note(module.opaque, `nn.${name}`);
    return NONE;
  },
});
