// Symbolic tensors: expressions, their primitives (one row each: shape, gradient, ONNX), reverse-mode differentiation
// and lowering to a program. Knows nothing of networks, layers or training.
export type { ConvolutionGeometry, PoolingGeometry } from './attributes';
export { evaluate, type Numbers } from './evaluate';
export * from './gradients';
export * from './lower';
export * from './operations';
export { schedule } from './schedule';
export { placed } from './sideBySide';
export * from './simplify';
export { primitives } from './table';
export * from './tensor';
