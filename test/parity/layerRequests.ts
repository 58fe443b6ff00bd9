import { createHash } from 'node:crypto';
import { completeAttributes, findLayer, functionForms, type LayerRow, type Mode } from '../../src/engine/layers';
import {
  type Attributes,
  type AttributeValue,
  bindDim,
  bindShape,
  type Dim,
  elementCount,
  isBatchDim,
} from '../../src/engine/network';
import { layerCases } from './cases';
import { Draw } from './draw';
import type { CaseLoss, InputValues, LayerCase } from './layerCase';
import { type EncodedTensor, encode, randomNumbers } from './tensors';

/** What PyTorch is asked to compute: all values of one case. `layers_reference.py` reads a list of these. */
export interface LayerRequest {
  readonly name: string;
  readonly kind: string;
  readonly mode: Mode;
  /** As given; the batch as a number. */
  readonly attributes: Attributes;
  readonly inputs: readonly EncodedTensor[];
  readonly parameters: Readonly<Record<string, EncodedTensor>>;
  readonly buffers: Readonly<Record<string, EncodedTensor>>;
  /** What is differentiated; see `CaseLoss`. */
  readonly loss: CaseLoss;
  /** For each output, of its shape: the factors of a linear loss, the targets of a squared one. */
  readonly cotangents: readonly EncodedTensor[];
  /** For a cross-entropy: the class of every position of the first output. */
  readonly classes?: EncodedTensor;
  /** For a function: its full name, its parameters in order and which of them are tensors. */
  readonly function?: {
    readonly name: string;
    readonly parameters: readonly string[];
    readonly operands: readonly string[];
  };
}

/** How far float32 took PyTorch's own values from those of double precision: max|a − b| of every tensor of an answer. */
export interface Rounding {
  readonly outputs: readonly number[];
  readonly inputGradients: readonly (number | null)[];
  readonly parameterGradients: Readonly<Record<string, number>>;
  readonly buffers: Readonly<Record<string, number>>;
  /** Σ|∂L/∂output| */
  readonly outputGradient: number;
}

/** What PyTorch answers: values, or why it refuses. */
export type LayerAnswer =
  | {
      readonly outputs: readonly EncodedTensor[];
      /** Null for an input that is not float. */
      readonly inputGradients: readonly (EncodedTensor | null)[];
      readonly parameterGradients: Readonly<Record<string, EncodedTensor>>;
      readonly buffers: Readonly<Record<string, EncodedTensor>>;
      /** For a module: its parameters in registration order with the largest magnitude that it was initialized with. */
      readonly initial: readonly {
        readonly name: string;
        readonly shape: readonly number[];
        readonly largest: number;
      }[];
      /** For a module: its inner modules and their classes. */
      readonly submodules: Readonly<Record<string, string>>;
      readonly rounding?: Rounding;
    }
  | { readonly error: string };

/** The axis of an output that holds classes: the second, or the only one. */
export const classAxis = (rank: number): number => (rank > 1 ? 1 : 0);

/** A request and what is known of it on our side. */
export interface PreparedCase {
  readonly row: LayerRow;
  readonly request: LayerRequest;
  readonly completed: Attributes;
  readonly batch: number;
  readonly tolerance: number;
}

export const rowOf = (kind: string): LayerRow => {
  const row = findLayer(kind);
  if (!row) throw new Error(`no layer row for ${kind}`);
  return row;
};

export function bindAttributes(attributes: Attributes, batch: number): Attributes {
  const bind = (value: AttributeValue): AttributeValue => {
    if (Array.isArray(value)) return value.map(bind);
    return typeof value === 'object' && value !== null && isBatchDim(value as Dim)
      ? bindDim(value as Dim, batch)
      : value;
  };
  return Object.fromEntries(Object.entries(attributes).map(([name, value]) => [name, bind(value)]));
}

const functionOf = (kind: string, name: string) => {
  const found = functionForms.get(name);
  if (found?.row.kind !== kind) throw new Error(`${name} is no function of ${kind}`);
  return found.form;
};

/** The attributes of a case as its row completes them, the batch still a symbol. */
export function completedAttributes(kind: string, { attributes = {}, inputs, function: name }: LayerCase): Attributes {
  const row = rowOf(kind);
  return name === undefined
    ? completeAttributes(row, attributes)
    : completeAttributes(row, attributes, inputs, functionOf(kind, name).defaults);
}

/** Says what a case is: attributes, shapes, mode. */
export function caseName({
  attributes = {},
  inputs,
  batch = 2,
  mode = 'train',
  function: name,
  spread,
  apart,
  values,
  loss,
}: LayerCase): string {
  const set = Object.entries(attributes).map(([key, value]) => `${key}=${JSON.stringify(value)}`);
  const shapes = inputs.map((shape) => `[${bindShape(shape, batch)}]`);
  const stated = { apart, values, loss };
  return [
    name ?? 'module',
    ...set,
    'on',
    ...shapes,
    mode,
    ...(spread === undefined ? [] : [`σ=${spread}`]),
    ...Object.entries(stated).flatMap(([key, value]) =>
      value === undefined ? [] : [`${key}=${JSON.stringify(value)}`],
    ),
  ].join(' ');
}

/** Draws the values of a case. The same seed draws the same values anywhere. */
export function prepare(kind: string, layerCase: LayerCase, seed: number): PreparedCase {
  const { attributes = {}, inputs, batch = 2, mode = 'train', function: name } = layerCase;
  const { spread = 1, apart = 0, loss = 'linear' } = layerCase;
  const row = rowOf(kind);
  const completed = completedAttributes(kind, layerCase);
  const label = caseName(layerCase);
  const random = randomNumbers(seed ^ createHash('sha256').update(`${kind} ${label}`).digest().readUInt32LE());
  const draw = (shape: readonly number[], mean: number, deviation: number, distance = 0): EncodedTensor =>
    encode(
      shape,
      Float32Array.from({ length: elementCount(shape) }, () => {
        const value = mean + deviation * random();
        return value + Math.sign(value) * distance;
      }),
    );

  const choices = new Draw(seed, kind, label);
  const drawInput = (shape: readonly number[], values: InputValues | undefined): EncodedTensor => {
    if (!values) return draw(shape, 0, spread, apart);
    const array = Array.from({ length: elementCount(shape) });
    if ('integers' in values) {
      const [low, high] = values.integers;
      return encode(
        shape,
        BigInt64Array.from(array, () => BigInt(choices.int(low, high))),
      );
    }
    if ('booleans' in values)
      return encode(
        shape,
        Uint8Array.from(array, () => Number(choices.chance(values.booleans))),
      );
    if ('between' in values)
      return encode(
        shape,
        Float32Array.from(array, () => choices.float(...values.between)),
      );
    return encode(
      shape,
      values.dtype === 'int64' ? BigInt64Array.from(values.numbers, BigInt) : Float32Array.from(values.numbers),
    );
  };

  const isFunction = name !== undefined;
  const parameters = isFunction ? {} : (row.parameters?.(completed) ?? {});
  const buffers = isFunction ? {} : (row.buffers?.(completed) ?? {});
  const outputShapes = row.outputShapes(inputs, completed).map((shape) => bindShape(shape, batch));
  const first = outputShapes[0] ?? [];
  const classCount = first[classAxis(first.length)] ?? 1;
  const form = name === undefined ? undefined : functionOf(kind, name);
  return {
    row,
    completed: bindAttributes(completed, batch),
    batch,
    tolerance: layerCase.tolerance ?? 1e-4,
    request: {
      name: label,
      kind,
      mode,
      attributes: bindAttributes(attributes, batch),
      inputs: inputs.map((shape, i) => drawInput(bindShape(shape, batch), layerCase.values?.[i])),
      parameters: Object.fromEntries(
        Object.entries(parameters).map(([key, { shape }]) => [key, draw(shape, 0.2, 0.5)]),
      ),
      buffers: Object.fromEntries(
        Object.entries(buffers).map(([key, { shape }]) => {
          // Variances and deviations are positive, the number of batches is whole.
          if (key === 'num_batches_tracked' || key === 'count') return [key, encode(shape, Float32Array.of(3))];
          return [key, /(^|_)(var|variance|std)$/.test(key) ? draw(shape, 2, 0.3) : draw(shape, 0, 0.5)];
        }),
      ),
      loss,
      cotangents: outputShapes.map((shape) => draw(shape, 0, 1)),
      ...(loss === 'crossEntropy' && {
        classes: drawInput(
          first.filter((_, axis) => axis !== classAxis(first.length)),
          { integers: [0, classCount - 1] },
        ),
      }),
      ...(form && name && { function: { name, parameters: form.parameters, operands: form.operands ?? ['input'] } }),
    },
  };
}

/** Every fixed case of a kind, prepared. */
export const preparedCases = (kind: string, seed: number): PreparedCase[] =>
  (layerCases[kind]?.fixed ?? []).map((one) => prepare(kind, one, seed));

/** A refused case as PyTorch is asked for it: no values are compared, so that zeros do. */
export function refusedRequest(kind: string, refused: LayerCase): LayerRequest {
  const { attributes = {}, inputs, batch = 1, mode = 'train', function: name, values = [] } = refused;
  const form = name === undefined ? undefined : functionOf(kind, name);
  const zeros = (shape: readonly number[], value: InputValues | undefined): EncodedTensor => {
    const count = elementCount(shape);
    if (value && ('integers' in value || ('dtype' in value && value.dtype === 'int64')))
      return encode(shape, new BigInt64Array(count));
    return encode(shape, value && 'booleans' in value ? new Uint8Array(count) : new Float32Array(count));
  };
  return {
    name: caseName(refused),
    kind,
    mode,
    attributes: bindAttributes(attributes, batch),
    inputs: inputs.map((shape, i) => zeros(bindShape(shape, batch), values[i])),
    parameters: {},
    buffers: {},
    loss: 'linear',
    cotangents: [],
    ...(form && name && { function: { name, parameters: form.parameters, operands: form.operands ?? ['input'] } }),
  };
}

export const refusedRequests = (kind: string): LayerRequest[] =>
  (layerCases[kind]?.refused ?? []).map((refused) => refusedRequest(kind, refused));

/** Identifies requests, so that answers to other requests are noticed. */
export const fingerprint = (requests: readonly LayerRequest[]): string =>
  createHash('sha256').update(JSON.stringify(requests)).digest('hex').slice(0, 16);

/** The seed of the committed answers. */
export const FIXTURE_SEED = 1;
