// What surrounds the layers in a training step: losses, optimizers and gradient clipping, one row each, as PyTorch has them.
// A row knows its settings, its targets and its formula; nothing here knows a reader, a network's layers or how a probe runs.
export * from './clipping';
export { completeSettings } from './complete';
export * from './losses';
export * from './optimizers';
export * from './target';
