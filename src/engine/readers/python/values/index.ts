// What Python's values are to the reader: a union of kinds, how they print, and how they compare.
// Nothing here evaluates syntax or knows a layer kind.
export * from './arguments';
export * from './compare';
export * from './display';
export * from './make';
export * from './numbers';
export * from './scope';
export * from './value';
