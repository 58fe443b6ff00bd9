// The losses: one row each, by family. A row knows its settings, what its targets are, and its formula.
export * from './row';
export * from './table';
