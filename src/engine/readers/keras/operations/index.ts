// Functions of keras.ops, keras.backend and TensorFlow on tensors, by their last names: each says which of PyTorch's
// functions compute it. Layers and models stand beside this folder.
import type { BuiltinTable } from '../../python/builtins/row';
import { rowOf } from '../../python/builtins/row';
import { activationFunctions, ofOps } from './activations';
import { operand, row } from './calls';
import { control } from './control';
import { elementwise } from './elementwise';
import { indices } from './indices';
import { making } from './making';
import { networks } from './networks';
import { products } from './products';
import { random } from './random';
import { reductions } from './reductions';
import { joined, shapes, splitBySizes } from './shapes';

export { activationFunctions } from './activations';
export { axisAt, type Calls, callsOf, ints, isTensor } from './calls';
export { drawingOf } from './random';

const operations: BuiltinTable = {
  ...elementwise,
  ...reductions,
  ...products,
  ...shapes,
  ...indices,
  ...making,
  ...networks,
  ...random,
  ...control,
};

const same = row((calls) => operand(calls));

/** What a library means otherwise by the same name. */
const ofTensorFlow: BuiltinTable = { split: splitBySizes, identity: same };
const ofBackend: BuiltinTable = {
  concatenate: joined(-1),
  identity: same,
  gather: indices.take!,
  softmax: activationFunctions.softmax!,
};
const ofKeras: BuiltinTable = { ...ofOps, identity: making.eye! };

const PATH =
  /^(?:(keras\.ops|keras\.backend|keras\.random|keras\.utils|keras\.activations|keras\.src\.ops)|(tensorflow))\.((?:\w+\.)*\w+)$/;

/** Modules whose names say more than their last part. */
const SPECIAL = /(?:^|\.)((?:random|image|nn)\.\w+)$/;

/** Modules of functions on tensors, below tensorflow. */
const MODULES = /^(?:(?:math|nn|linalg|signal|image|random|numpy|experimental|compat|v1|v2|raw_ops|strings)\.)*\w+$/;

/** The function that a full name means; undefined where there is none. */
export function operationNamed(path: string): BuiltinTable[string] | undefined {
  const [, keras, tensorflow, rest] = PATH.exec(path) ?? [];
  if (rest === undefined || (tensorflow && !MODULES.test(rest))) return undefined;
  const last = rest.split('.').at(-1)!;
  if (keras === 'keras.utils') return last === 'normalize' ? reductions.normalize : undefined;
  const special = SPECIAL.exec(keras === 'keras.random' ? `random.${rest}` : rest)?.[1];
  const found = special && rowOf(operations, special);
  if (found) return found;
  if (special && /^(random|image)\./.test(special)) return undefined;
  if (keras === 'keras.activations') return rowOf(activationFunctions, last);
  const own = tensorflow ? ofTensorFlow : keras === 'keras.backend' ? ofBackend : ofKeras;
  return rowOf(own, last) ?? rowOf(operations, last) ?? rowOf(activationFunctions, last);
}
