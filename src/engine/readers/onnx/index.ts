// ONNX files to Networks: graph/ (functions written out, order, names), patterns/ (chains of nodes that stand for one layer),
// operators/ (one row an operator). Nothing here computes with a weight.
export * from './reader';
