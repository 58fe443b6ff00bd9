// The probe: a Network becomes training and evaluation programs, these run, and Measurements come out.
// instruments/ says what is measured, data/ what it is measured on. Nothing here judges a figure.
export { builds } from './builds';
export * from './compiledProbe';
export { threadsFor, workOf } from './cost';
export { GENERATOR } from './data/generator';
export { fitData, type OwnData } from './data/ownData';
export { type Representation, representationOf } from './effectiveRank';
export * from './figures';
export * from './gradientPath';
export type { Quantity } from './instruments';
export * from './measurable';
export * from './measurements';
export * from './memory';
export { type ProbePlan, planProbe } from './plan';
export * from './probeNetwork';
