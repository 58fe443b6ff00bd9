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
import { type LayerCase, layerCases, type RefusedCase, refusedCases } from './layerCases';
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
  /** ∂L/∂output for each output: the loss is the sum of output times cotangent. */
  readonly cotangents: readonly EncodedTensor[];
  /** For a function: its full name, its parameters in order and which of them are tensors. */
  readonly function?: {
    readonly name: string;
    readonly parameters: readonly string[];
    readonly operands: readonly string[];
  };
}

/** What PyTorch answers: values, or why it refuses. */
export type LayerAnswer =
  | {
      readonly outputs: readonly EncodedTensor[];
      readonly inputGradients: readonly EncodedTensor[];
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
    }
  | { readonly error: string };

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

function bindAttributes(attributes: Attributes, batch: number): Attributes {
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
}: LayerCase): string {
  const set = Object.entries(attributes).map(([key, value]) => `${key}=${JSON.stringify(value)}`);
  const shapes = inputs.map((shape) => `[${bindShape(shape, batch)}]`);
  return [name ?? 'module', ...set, 'on', ...shapes, mode, ...(spread === undefined ? [] : [`σ=${spread}`])].join(' ');
}

/** Draws the values of a case. The same seed draws the same values anywhere. */
export function prepare(kind: string, layerCase: LayerCase, seed: number): PreparedCase {
  const { attributes = {}, inputs, batch = 2, mode = 'train', function: name, spread = 1, apart = 0 } = layerCase;
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

  const isFunction = name !== undefined;
  const parameters = isFunction ? {} : (row.parameters?.(completed) ?? {});
  const buffers = isFunction ? {} : (row.buffers?.(completed) ?? {});
  const outputShapes = row.outputShapes(inputs, completed);
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
      inputs: inputs.map((shape) => draw(bindShape(shape, batch), 0, spread, apart)),
      parameters: Object.fromEntries(
        Object.entries(parameters).map(([key, { shape }]) => [key, draw(shape, 0.2, 0.5)]),
      ),
      buffers: Object.fromEntries(
        Object.entries(buffers).map(([key, { shape }]) => {
          // Variances are positive, the number of batches is whole.
          if (key === 'num_batches_tracked') return [key, encode(shape, Float32Array.of(3))];
          return [key, key === 'running_var' ? draw(shape, 2, 0.3) : draw(shape, 0, 0.5)];
        }),
      ),
      cotangents: outputShapes.map((shape) => draw(bindShape(shape, batch), 0, 1)),
      ...(form && name && { function: { name, parameters: form.parameters, operands: form.operands ?? ['input'] } }),
    },
  };
}

/** Every case of a kind, prepared. */
export const preparedCases = (kind: string, seed: number): PreparedCase[] =>
  (layerCases[kind] ?? []).map((one) => prepare(kind, one, seed));

/** A refused case as PyTorch is asked for it: no values are compared, so that zeros do. */
export function refusedRequest(refused: RefusedCase): LayerRequest {
  const { kind, attributes = {}, inputs, mode = 'train', function: name } = refused;
  const form = name === undefined ? undefined : functionOf(kind, name);
  return {
    name: caseName(refused),
    kind,
    mode,
    attributes,
    inputs: inputs.map((shape) => {
      const bound = bindShape(shape, 1);
      return encode(bound, new Float32Array(elementCount(bound)));
    }),
    parameters: {},
    buffers: {},
    cotangents: [],
    ...(form && name && { function: { name, parameters: form.parameters, operands: form.operands ?? ['input'] } }),
  };
}

export const refusedRequests = (): LayerRequest[] => refusedCases.map(refusedRequest);

/** Identifies requests, so that answers to other requests are noticed. */
export const fingerprint = (requests: readonly LayerRequest[]): string =>
  createHash('sha256').update(JSON.stringify(requests)).digest('hex').slice(0, 16);

/** The seed of the committed answers. */
export const FIXTURE_SEED = 1;
