import type { AnalyzeProgress } from '../src/engine/analyzeOptions';
import { english, type Translate } from '../src/engine/report/translate';

/** The stages of an analysis in their order, in words. */
const stages = {
  measure: (t: Translate) => t('measuring'),
  advise: (t: Translate) => t('trying norms'),
} as const;

const isKnown = (stage: string): stage is keyof typeof stages => Object.hasOwn(stages, stage);

/** How far a run has come, for a person. */
export function progressText({ stage, done, total }: AnalyzeProgress, t: Translate = english): string {
  const name = isKnown(stage) ? stages[stage](t) : stage;
  return total > 0 ? t('{0}, {1} of {2}', name, done, total) : name;
}

/** What comes after a stage, in words; `advises` says whether norms are tried at all. */
export function stagesLeft(stage: string | undefined, advises: boolean, t: Translate): string[] {
  const names: readonly string[] = advises ? Object.keys(stages) : ['measure'];
  return names
    .slice(stage === undefined ? 0 : names.indexOf(stage) + 1)
    .map((name) => progressText({ stage: name, done: 0, total: 0 }, t));
}
