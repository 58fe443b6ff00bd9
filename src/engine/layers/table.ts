import {
  elu,
  gelu,
  hardsigmoid,
  hardswish,
  hardtanh,
  leakyReLU,
  mish,
  relu6,
  reluLayer,
  selu,
  sigmoidLayer,
  silu,
  softplus,
  softsign,
  tanhLayer,
} from './activations';
import { add, cat, div, matmul, mean, mul, sub } from './arithmetic';
import { identity, permute, squeeze, transpose, unsqueeze } from './axes';
import { dropout } from './dropout';
import { linear } from './linear';
import { norms } from './norms';
import { flatten, reshape, unflatten, view } from './reshaping';
import type { FunctionForm, LayerRow } from './row';
import { sequences } from './sequences';
import { logSoftmax, softmax } from './softmax';
import { spatialLayers } from './spatial';

/** Every layer kind. Adding one is adding its row here, or to its family's list. */
export const layers: readonly LayerRow[] = [
  linear,
  ...spatialLayers,
  ...norms,
  reluLayer,
  relu6,
  leakyReLU,
  elu,
  selu,
  gelu,
  silu,
  mish,
  softplus,
  hardswish,
  sigmoidLayer,
  tanhLayer,
  hardsigmoid,
  hardtanh,
  softsign,
  softmax,
  logSoftmax,
  dropout,
  flatten,
  unflatten,
  identity,
  add,
  sub,
  mul,
  div,
  matmul,
  cat,
  mean,
  view,
  reshape,
  permute,
  transpose,
  squeeze,
  unsqueeze,
  ...sequences,
];

/** A function that computes a layer kind, and how it takes its arguments. */
export interface FoundForm {
  readonly row: LayerRow;
  readonly form: FunctionForm;
}

/** A map in which no key may be given twice. @throws Error naming the key that is. */
export function uniqueMap<V>(entries: Iterable<readonly [string, V]>): ReadonlyMap<string, V> {
  const map = new Map<string, V>();
  for (const [key, value] of entries) {
    if (map.has(key)) throw new Error(`the layer table has two entries for ${key}`);
    map.set(key, value);
  }
  return map;
}

const byKind = uniqueMap(layers.map((row) => [row.kind, row] as const));

/** The row of a layer kind. */
export const findLayer = (kind: string): LayerRow | undefined => byKind.get(kind);

const byClass = uniqueMap(layers.flatMap((row) => (row.classes ?? []).map((name) => [name, row] as const)));

/** The row of a module class of another library than torch.nn, by its full name. */
export const findLayerClass = (path: string): LayerRow | undefined => byClass.get(path);

/** Every PyTorch function and tensor method that computes a layer kind, by its full name. */
export const functionForms: ReadonlyMap<string, FoundForm> = uniqueMap(
  layers.flatMap((row) =>
    (row.functions ?? []).flatMap((form) => form.names.map((name) => [name, { row, form }] as const)),
  ),
);
