import type { AnalyzeProgress } from '../src/engine/analyzeOptions';

const STAGES: Readonly<Record<string, string>> = {
  measure: 'measuring',
  advise: 'trying norms',
};

/** How far a run has come, for a person. */
export const progressText = ({ stage, done, total }: AnalyzeProgress): string =>
  `${STAGES[stage] ?? stage}${total > 0 ? `, ${done} of ${total}` : ''}`;
