// The Network: what a model file says, independent of the framework and the file format that said it.
// Types, shape arithmetic and lookups live here; nothing that knows a layer kind, a reader or a tensor may.
export * from './initialization';
export * from './inputError';
export * from './kerasInitialization';
export * from './message';
export * from './nearestName';
export * from './network';
export * from './pretraining';
export * from './shape';
export * from './span';
export * from './surroundings';
export * from './task';
export * from './writtenNorm';
