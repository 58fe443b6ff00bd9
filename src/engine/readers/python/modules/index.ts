// nn.Module objects: how they register what they own, what they are named, and the calls that a forward makes.
// Nothing here evaluates syntax.
export * from './layer';
export * from './moduleValue';
export * from './named';
export * from './trace';
