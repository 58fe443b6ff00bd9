// Which document has which analysis: what is asked, running, finished, stale, and where its lines are by now.
// Nothing here shows anything; surfaces read it and listen to it.
export { Analyses } from './analyses';
export { type AnalysisOutcome, Analyzer, type AnalyzerOptions } from './analyzer';
export { Comparing } from './comparing';
export type { DocumentAnalysis, Run, RunFailure } from './documentAnalysis';
export { Follower, openSources } from './follower';
export { batchFrom, inputsFrom } from './inputAnswer';
export {
  fileSource,
  isCell,
  type ModelSource,
  notebookSource,
  openSource,
  sourceOf,
  type TextPart,
} from './modelSource';
export type { Questions } from './questions';
export { type Answers, RememberedAnswers } from './rememberedAnswers';
export { ReportStore } from './reportStore';
export type { ShownReport } from './shownReport';
export type { Place } from './trackedModel';
