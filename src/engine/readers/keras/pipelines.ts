import { BATCH, type Shape, type Span } from '../../network';
import type { BuiltinTable } from '../python/builtins/row';
import { BudgetExceeded, type Evaluation, PythonError } from '../python/evaluator';
import {
  type Arguments,
  asNumber,
  builtin,
  type ClassValue,
  type InstanceValue,
  list,
  NONE,
  type RecordValue,
  tensor,
  tuple,
  unknown,
  type Value,
} from '../python/values';
import type { SymbolicGraph } from './graph';
import { mapTensors } from './state';

/** What a pipeline of data gives at a time. */
export interface Pipeline {
  /** A sample, or a batch of them: tensors in tuples and dictionaries, unknown where nobody says. */
  readonly element: Value;
  /** Samples at a time, and where it is said; absent before `batch`. */
  readonly batch?: { readonly size?: number; readonly source: Span };
  /** How many samples there are in all. */
  readonly samples?: number;
}

const pipelines = new WeakMap<Value, Pipeline>();

export const pipelineOf = (value: Value | undefined): Pipeline | undefined => value && pipelines.get(value);

/** The input in what a pipeline gives: the first of (x, y). */
export function inputIn({ element }: Pipeline): Value {
  return element.type === 'tuple' ? (element.items[0] ?? NONE) : element;
}

const given = (args: Arguments, place: number, name: string): Value | undefined => {
  const value = args.keywords.get(name) ?? args.positional[place];
  return value?.type === 'none' ? undefined : value;
};

const numbersOf = (value: Value | undefined): number[] | undefined => {
  const items = value?.type === 'tuple' || value?.type === 'list' ? value.items.map(asNumber) : undefined;
  return items?.includes(undefined) ? undefined : (items as number[] | undefined);
};

const array = (shape: Shape, source: Span, dtype: 'float32' | 'int64' = 'float32'): Value =>
  tensor(shape, { kind: 'fresh', source }, dtype);

/** Methods that change neither what a pipeline gives nor how much at a time. */
const SAME =
  'shuffle prefetch cache repeat take skip shard with_options filter apply interleave as_numpy_iterator snapshot ignore_errors';

/** Shapes of samples of tensorflow_datasets by name. */
const SAMPLES: Readonly<Record<string, readonly number[]>> = {
  mnist: [28, 28, 1],
  fashion_mnist: [28, 28, 1],
  kmnist: [28, 28, 1],
  emnist: [28, 28, 1],
  cifar10: [32, 32, 3],
  cifar100: [32, 32, 3],
  svhn_cropped: [32, 32, 3],
};

/** tf.data and the functions that make such pipelines of folders and arrays. */
export class Pipelines {
  readonly #run: Evaluation;
  readonly #graph: SymbolicGraph;
  readonly #class: ClassValue;
  readonly #makers: BuiltinTable;

  constructor(run: Evaluation, graph: SymbolicGraph) {
    this.#run = run;
    this.#graph = graph;
    const resolution: ClassValue[] = [];
    const bound = Object.entries(this.#methods()).map(
      ([name, method]) => [name, builtin(name, (args, site) => method(args, site, run))] as const,
    );
    this.#class = {
      type: 'class',
      name: 'Dataset',
      path: 'tensorflow.data.Dataset',
      resolution,
      attributes: new Map<string, Value>(bound),
    };
    resolution.push(this.#class);
    this.#makers = this.#functions();
  }

  make(pipeline: Pipeline): InstanceValue {
    const made: InstanceValue = { type: 'instance', class: this.#class, attributes: new Map() };
    pipelines.set(made, pipeline);
    return made;
  }

  /** The function of that full name; undefined where it makes no pipeline. */
  functionOf(path: string): Value | undefined {
    const name =
      /^(?:tensorflow\.data\.|tensorflow\.data\.experimental\.|keras\.utils\.|keras\.preprocessing\.|tensorflow_datasets\.)(?:\w+\.)*?((?:Dataset\.)?\w+)$/.exec(
        path,
      )?.[1];
    const row = name !== undefined && Object.hasOwn(this.#makers, name) ? this.#makers[name] : undefined;
    return row && builtin(path, (args, site) => row(args, site, this.#run));
  }

  /** Methods of ImageDataGenerator, which the calls of it record. */
  generatorMethod({ path }: RecordValue, name: string): Value | undefined {
    if (!path.endsWith('ImageDataGenerator')) return undefined;
    if (name === 'flow_from_directory' || name === 'flow_from_dataframe') {
      return builtin(name, (args, site) => {
        const [rows = 256, columns = 256] = numbersOf(args.keywords.get('target_size') ?? args.positional[1]) ?? [];
        return this.#images(args, site, [rows, columns], args.keywords.get('batch_size'));
      });
    }
    if (name !== 'flow') return undefined;
    return builtin(name, (args, site) => {
      const [x, y] = [given(args, 0, 'x'), given(args, 1, 'y')];
      const size = args.keywords.get('batch_size') ?? args.positional[2];
      const element = this.#batched(this.#sample(y ? tuple([x ?? NONE, y]) : (x ?? NONE)));
      return this.make({ element, batch: { size: (size && asNumber(size)) ?? 32, source: site } });
    });
  }

  /** Of arrays of samples, one. */
  #sample(value: Value): Value {
    return mapTensors(value, (each) => ({ ...each, ...(each.shape && { shape: each.shape.slice(1) }) }));
  }

  /** Of a sample, a batch. */
  #batched(value: Value): Value {
    return mapTensors(value, (each) => ({ ...each, ...(each.shape && { shape: [BATCH, ...each.shape] }) }));
  }

  /** What a function makes of an element, by its shapes alone; unknown where it fails. */
  #mapped(pipeline: Pipeline, callee: Value, site: Span): Value {
    const { element } = pipeline;
    let count = 0;
    const flowing = mapTensors(element, (each) =>
      tensor(each.shape, { kind: 'flow', value: `sample ${count++}` }, each.dtype),
    );
    const positional = flowing.type === 'tuple' ? flowing.items : [flowing];
    try {
      const made = this.#graph.trial(
        () => this.#run.call(callee, { positional, keywords: new Map() }, site),
        this.#graph.scratch(),
      );
      return mapTensors(made, (each) => tensor(each.shape, { kind: 'fresh', source: site }, each.dtype));
    } catch (error) {
      if (error instanceof PythonError || error instanceof BudgetExceeded)
        return unknown('what the pipeline gives is not known before running', site);
      throw error;
    }
  }

  #methods(): BuiltinTable {
    const own = (args: Arguments): Pipeline => pipelineOf(args.positional[0]) ?? { element: NONE };
    const batch: BuiltinTable[string] = (args, site) => {
      const pipeline = own(args);
      const size = given(args, 1, 'batch_size');
      const number = size && asNumber(size);
      return this.make({
        ...pipeline,
        element: this.#batched(pipeline.element),
        batch: { source: site, ...(number !== undefined && { size: number }) },
      });
    };
    return {
      ...Object.fromEntries(
        SAME.split(' ').map((name) => [name, ((args) => this.make(own(args))) as BuiltinTable[string]]),
      ),
      batch,
      padded_batch: batch,
      unbatch: (args) => {
        const { batch: _, ...pipeline } = own(args);
        return this.make({ ...pipeline, element: this.#sample(pipeline.element) });
      },
      map: (args, site) => {
        const pipeline = own(args);
        return this.make({ ...pipeline, element: this.#mapped(pipeline, given(args, 1, 'map_func') ?? NONE, site) });
      },
      enumerate: (args, site) =>
        this.make({ ...own(args), element: tuple([array([], site, 'int64'), own(args).element]) }),
      concatenate: (args) => this.make(own(args)),
      cardinality: (_, site) => unknown('how many there are is not known before running', site),
      __len__: (_, site) => unknown('how many there are is not known before running', site),
      __iter__: (args) => list([own(args).element]),
    };
  }

  #images(args: Arguments, site: Span, [rows, columns]: readonly [number, number], size: Value | undefined): Value {
    const color = args.keywords.get('color_mode');
    const channels = color?.type === 'string' ? ({ grayscale: 1, rgba: 4 }[color.value] ?? 3) : 3;
    const mode = args.keywords.get('label_mode') ?? args.keywords.get('class_mode');
    const images = array([BATCH, rows, columns, channels], site);
    const element = mode?.type === 'none' ? images : tuple([images, array([BATCH], site, 'int64')]);
    return this.make({ element, batch: { size: (size && asNumber(size)) ?? 32, source: site } });
  }

  #functions(): BuiltinTable {
    const nothingKnown: BuiltinTable[string] = (_, site) =>
      this.make({ element: unknown('what the pipeline gives is not known before running', site) });
    return {
      'Dataset.from_tensor_slices': (args) => {
        const value = given(args, 0, 'tensors') ?? NONE;
        const first = value.type === 'tuple' ? value.items[0] : value;
        const samples = first?.type === 'tensor' ? first.shape?.[0] : undefined;
        return this.make({
          element: this.#sample(value),
          ...(typeof samples === 'number' && { samples }),
        });
      },
      'Dataset.from_tensors': (args) => this.make({ element: given(args, 0, 'tensors') ?? NONE }),
      'Dataset.zip': (args) => {
        const sets = args.positional.flatMap((each) =>
          each.type === 'tuple' || each.type === 'list' ? each.items : [each],
        );
        const all = sets.map(pipelineOf);
        const batch = all.find((each) => each?.batch)?.batch;
        return this.make({ element: tuple(all.map((each) => each?.element ?? NONE)), ...(batch && { batch }) });
      },
      'Dataset.range': (_, site) => this.make({ element: array([], site, 'int64') }),
      'Dataset.list_files': nothingKnown,
      'Dataset.from_generator': nothingKnown,
      TFRecordDataset: nothingKnown,
      TextLineDataset: nothingKnown,
      text_dataset_from_directory: (args, site) => {
        const size = args.keywords.get('batch_size');
        return this.make({
          element: unknown('texts are not known before running', site),
          batch: { size: (size && asNumber(size)) ?? 32, source: site },
        });
      },
      image_dataset_from_directory: (args, site) => {
        const [rows = 256, columns = 256] = numbersOf(args.keywords.get('image_size') ?? args.positional[6]) ?? [];
        const size = args.keywords.get('batch_size') ?? args.positional[5];
        const made = () => this.#images(args, site, [rows, columns], size);
        const subset = args.keywords.get('subset');
        return subset?.type === 'string' && subset.value === 'both' ? tuple([made(), made()]) : made();
      },
      timeseries_dataset_from_array: (args, site) => {
        const [data, targets] = [given(args, 0, 'data'), given(args, 1, 'targets')];
        const [length, size] = [given(args, 2, 'sequence_length'), args.keywords.get('batch_size')];
        const steps = length && asNumber(length);
        const batch = { size: (size && asNumber(size)) ?? 128, source: site };
        if (data?.type !== 'tensor' || !data.shape || steps === undefined)
          return this.make({ element: data ?? NONE, batch });
        const x = array([BATCH, steps, ...data.shape.slice(1)], site);
        return this.make({ element: targets ? tuple([x, this.#batched(this.#sample(targets))]) : x, batch });
      },
      load: (args, site) => {
        const name = given(args, 0, 'name');
        const sample = name?.type === 'string' && Object.hasOwn(SAMPLES, name.value) ? SAMPLES[name.value] : undefined;
        const supervised = args.keywords.get('as_supervised');
        const element: Value =
          sample && supervised?.type === 'bool' && supervised.value
            ? tuple([array(sample, site), array([], site, 'int64')])
            : unknown('the data set is not known before running', site);
        const split = given(args, 1, 'split');
        const sets =
          split?.type === 'list' || split?.type === 'tuple'
            ? list(split.items.map(() => this.make({ element })))
            : this.make({ element });
        const info = args.keywords.get('with_info');
        return info?.type === 'bool' && info.value
          ? tuple([sets, unknown('what is said of a data set is not known before running', site)])
          : sets;
      },
    };
  }
}
