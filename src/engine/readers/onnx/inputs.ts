import {
  BATCH,
  type Dim,
  InputError,
  type InputType,
  type NetworkInput,
  type Shape,
  type ValueType,
} from '../../network';
import { dataTypeName, type ModelGraph, type ModelValue } from '../../onnx';
import { DEFAULT_BATCH, type InputOption, type ReadOptions } from '../reader';
import { valueTypeOf } from './values';

/** What the file, and the person, say of the inputs. */
export interface Inputs {
  readonly inputs: readonly NetworkInput[];
  /** Element types as the graph has them: what a comparison gives is no type of an input's. */
  readonly types: readonly ValueType[];
  /** The batch that the file's shapes are written for. */
  readonly fixedBatch: number | undefined;
  readonly batch: { readonly size: number; readonly origin: string };
  /** Names of the batch among the file's sizes. */
  readonly batchNames: ReadonlySet<string>;
  /** Sizes that nobody states: the shapes above hold a small number in their place, and are good for parameters alone. */
  readonly open: readonly string[];
}

/** Stands for a size that nobody states, where only parameters are wanted. */
const ANY_SIZE = 64;

const isBatchName = (name: string): boolean => /batch|^n$|^b$|^bs$/i.test(name);

/**
 * The graph's inputs. The batch is a symbol: on the axis whose name says it, else on the first, whatever number stands there.
 * @throws InputError for an option that no input fits.
 */
export function inputsOf(graph: ModelGraph, options: ReadOptions): Inputs {
  const stored = new Set(graph.initializers.map(({ name }) => name));
  const values = graph.inputs.filter(({ name }) => !stored.has(name));
  if (values.length === 0) throw new InputError('the graph has no inputs', 'export a model that takes one');
  const given = givenShapes(values, options);
  const batchNames = new Set(values.flatMap(({ shape }) => batchName(shape) ?? []));
  const fixed = values.flatMap(({ shape }) => (typeof shape?.[0] === 'number' && shape[0] > 0 ? [shape[0]] : []));
  const isFixed = batchNames.size === 0 && fixed.length > 0;
  const fixedBatch = isFixed ? fixed[0] : undefined;
  const open: string[] = [];
  const inputs = values.map((value): NetworkInput => {
    const option = given.get(value.name);
    const dtype = option?.dtype ?? inputType(value);
    if (option) {
      checkFits(value, option);
      const shape = option.shape.map((size, axis) => (isBatchAxis(value, axis, batchNames, fixedBatch) ? BATCH : size));
      return { name: value.name, shape, dtype, origin: options.givenBy ?? '--input' };
    }
    const shape = shapeOf(value, batchNames, fixedBatch, open);
    return { name: value.name, shape, dtype, origin: "the graph's inputs" };
  });
  return {
    inputs,
    types: values.map((value, i) => valueTypeOf(typeName(value)) ?? inputs[i]!.dtype),
    fixedBatch,
    batchNames,
    batch: batchOf(options, fixedBatch),
    open,
  };
}

const typeName = (value: ModelValue): string =>
  value.dataType === undefined ? 'float32' : dataTypeName(value.dataType);

/** @throws InputError for texts, sequences and the like. */
function inputType(value: ModelValue): InputType {
  const type = value.dataType === undefined ? undefined : valueTypeOf(typeName(value));
  if (type === undefined)
    throw new InputError(
      `the input '${value.name}' is no tensor of numbers`,
      'export the part of the model that takes numbers',
    );
  return type === 'float32' ? 'float32' : 'int64';
}

/** The first axis's name, or that of an axis that says that it is the batch. */
function batchName(shape: ModelValue['shape']): string | undefined {
  const named = shape?.find((dim): dim is string => typeof dim === 'string' && isBatchName(dim));
  if (named !== undefined) return named;
  return typeof shape?.[0] === 'string' ? shape[0] : undefined;
}

function isBatchAxis(
  { shape }: ModelValue,
  axis: number,
  names: ReadonlySet<string>,
  fixed: number | undefined,
): boolean {
  const dim = shape?.[axis];
  const elsewhere = shape?.findIndex((each) => typeof each === 'string' && names.has(each)) ?? -1;
  if (elsewhere >= 0) return axis === elsewhere;
  if (axis !== 0) return false;
  return dim === undefined || dim === null || dim === fixed || (typeof dim === 'number' && dim <= 0);
}

/** The shape that the file states for a value in between, its batch where the inputs have it; undefined where it is open. */
export function statedShape(value: ModelValue, { inputs, fixedBatch, batchNames }: Inputs): Shape | undefined {
  const open: string[] = [];
  const shape = value.shape && inputs.length > 0 ? shapeOf(value, batchNames, fixedBatch, open) : undefined;
  return open.length === 0 ? shape : undefined;
}

function shapeOf(value: ModelValue, names: ReadonlySet<string>, fixed: number | undefined, open: string[]): Shape {
  if (!value.shape) {
    open.push(`${value.name}: its shape`);
    return [BATCH, ANY_SIZE];
  }
  return value.shape.map((dim, axis): Dim => {
    if (isBatchAxis(value, axis, names, fixed)) return BATCH;
    if (typeof dim === 'number' && dim > 0) return dim;
    open.push(`${value.name}: ${typeof dim === 'string' ? `'${dim}'` : `axis ${axis}`}`);
    return ANY_SIZE;
  });
}

/** The options by the inputs that they are for. @throws InputError for a name that no input has, or two for one. */
function givenShapes(values: readonly ModelValue[], { inputs = [] }: ReadOptions): Map<string, InputOption> {
  const names = values.map(({ name }) => name);
  const given = new Map<string, InputOption>();
  for (const option of inputs) {
    const name = option.name ?? names.find((each) => !inputs.some((other) => other.name === each) && !given.has(each));
    if (name === undefined || !names.includes(name))
      throw new InputError(
        `the graph has no input '${option.name ?? inputs.length}'`,
        `its inputs are ${names.map((each) => `'${each}'`).join(', ')}`,
      );
    given.set(name, option);
  }
  return given;
}

/** @throws InputError where the file fixes another size. */
function checkFits({ name, shape }: ModelValue, option: InputOption): void {
  if (!shape) return;
  const fits =
    shape.length === option.shape.length &&
    shape.every((dim, axis) => axis === 0 || typeof dim !== 'number' || dim <= 0 || dim === option.shape[axis]);
  if (fits) return;
  const text = shape.map((dim) => dim ?? '?').join('x');
  throw new InputError(
    `the input '${name}' is ${text} in the file`,
    `give it such a shape, not ${option.shape.join('x')}`,
  );
}

function batchOf(options: ReadOptions, fixed: number | undefined): Inputs['batch'] {
  if (options.batch !== undefined) return { size: options.batch, origin: options.givenBy ?? '--batch' };
  // A single sample is what one exports with, not what one trains with.
  if (fixed !== undefined && fixed > 1) return { size: fixed, origin: "the graph's inputs" };
  return { size: DEFAULT_BATCH, origin: 'default' };
}
