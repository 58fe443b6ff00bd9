// The advisor: sites, candidates, evidence, decision. Evidence is measured here (variants probed on the same data and
// seeds) or published (with its source); the decision shows both. It knows no reader, rule or surface.
export * from './advise';
export { type NoiseReport, noiseReport } from './noiseReport';
