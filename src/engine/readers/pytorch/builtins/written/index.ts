// Functions of PyTorch that are others of its functions in a row: they are written out where a file calls them. What a row of
// the layer table computes at once does not belong here.
import type { BuiltinTable } from '../../../python/builtins/row';
import { knownFunctions, knownTorch } from './constants';
import { drawingFunctions, drawingTorch } from './draws';
import { elementwiseFunctions, elementwiseTorch } from './elementwise';
import { productFunctions, productTorch } from './products';
import { shapeFunctions, shapeMethods, shapeTorch } from './shapes';

export { clamping, dividing, normalizing, shifts } from './elementwise';
export { writtenLosses } from './losses';
export { repeating, writtenProperties } from './shapes';

const shared: BuiltinTable = {
  ...shapeFunctions,
  ...productFunctions,
  ...drawingFunctions,
  ...knownFunctions,
  ...elementwiseFunctions,
};

/** By their names behind `torch.`. */
export const writtenFunctions: BuiltinTable = {
  ...shared,
  ...shapeTorch,
  ...productTorch,
  ...drawingTorch,
  ...knownTorch,
  ...elementwiseTorch,
};

/** Methods of tensors. */
export const writtenMethods: BuiltinTable = { ...shared, ...shapeMethods };
