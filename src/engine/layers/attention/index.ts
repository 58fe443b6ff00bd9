// Attention: its core, the masks as PyTorch has them, and the rows of the function and of the module with its projections.
export { multiheadAttention } from './multiheadAttention';
export { scaledDotProductAttention } from './scaledDotProduct';
export { squareSubsequentMask } from './squareSubsequentMask';
