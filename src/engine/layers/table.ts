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
import { bilinear } from './bilinear';
import { combinations } from './combination';
import { comparisons } from './comparison';
import { cumulatives } from './cumulative';
import { diagonalRows } from './diagonals';
import { alphaDropout, dropout, dropout1d, dropout2d, dropout3d, featureAlphaDropout } from './dropout';
import { elementaryFunctions } from './elementary';
import { embedding, embeddingBag, oneHot } from './embedding';
import { glu } from './glu';
import { joinings } from './joining';
import { kerasLayers } from './keras';
import { knownRows } from './knownValues';
import { layouts } from './layout';
import { prelu, rrelu } from './learnedSlope';
import { linear } from './linear';
import { lossFunctions } from './lossFunctions';
import { norms } from './norms';
import { orderStatistics } from './orderStatistics';
import { productRows } from './products';
import { reductionRows } from './reductions';
import { flatten, reshape, unflatten, view } from './reshaping';
import type { FunctionForm, LayerRow } from './row';
import { scatterings } from './scattering';
import { searches } from './searching';
import { selections } from './selection';
import { sequences } from './sequences';
import { celu, hardshrink, logSigmoid, softshrink, tanhshrink, threshold } from './shrinkage';
import { similarities } from './similarity';
import { logSoftmax, softmax, softmax2d, softmin } from './softmax';
import { spatialLayers } from './spatial';
import { dropPath, stochasticDepth } from './stochasticDepth';

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
  celu,
  glu,
  hardshrink,
  logSigmoid,
  prelu,
  rrelu,
  softmin,
  softmax2d,
  softshrink,
  tanhshrink,
  threshold,
  dropout1d,
  dropout2d,
  dropout3d,
  alphaDropout,
  featureAlphaDropout,
  stochasticDepth,
  dropPath,
  bilinear,
  embedding,
  embeddingBag,
  oneHot,
  ...similarities,
  ...elementaryFunctions,
  ...combinations,
  ...comparisons,
  ...reductionRows,
  ...orderStatistics,
  ...cumulatives,
  ...searches,
  ...diagonalRows,
  ...scatterings,
  ...lossFunctions,
  ...productRows,
  ...joinings,
  ...selections,
  ...layouts,
  ...knownRows,
  ...kerasLayers,
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
