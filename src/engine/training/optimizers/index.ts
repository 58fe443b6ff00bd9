// The optimizers: one row each. A row knows its settings, what it keeps for each parameter, and its step.
export * from './choice';
export * from './row';
export * from './step';
export * from './table';
