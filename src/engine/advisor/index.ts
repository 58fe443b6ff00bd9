// The advisor: sites, candidates, evidence, decision. Evidence is measured here (variants probed on the same data and
// seeds) or published (with its source); the decision shows both. It knows no reader, rule or surface.
export * from './advice';
export * from './advise';
export { adviseUntrained } from './adviseUntrained';
export { type NoiseReport, noiseReport } from './noiseReport';
