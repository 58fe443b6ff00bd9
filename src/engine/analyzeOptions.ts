import type { GivenData } from './dataFiles';
import type { EditableSource } from './edits';
import type { Network } from './network';
import type { Report, RuleSeverities } from './report';

/** What a person may ask of an analysis. */
export interface AnalyzeOptions {
  /** Training steps of the probe; 0 measures at initialization alone. Absent: what the budget buys. */
  readonly steps?: number;
  /** The first seed; the same seed gives the same report. */
  readonly seed: number;
  /** How many seeds; absent: what the budget buys. */
  readonly seeds?: number;
  /** Seconds that the analysis may take; it is planned to fit, and stopped when it does not. */
  readonly budgetSeconds: number;
  /** Whether variants are probed and a norm recommended. */
  readonly advise: boolean;
  /** The person's own data, as its files hold it; absent: synthetic data. */
  readonly data?: GivenData;
  /** Which weights the network begins with, where its file holds some: those, or ones drawn anew. */
  readonly weights?: 'file' | 'drawn';
  /** The severity of rules' findings, or `off`, where the person has chosen one. */
  readonly rules?: RuleSeverities;
}

/** How far an analysis has come: `done` of `total` units of its present stage. */
export interface AnalyzeProgress {
  readonly stage: string;
  readonly done: number;
  readonly total: number;
}

/** What an analysis reports to, and listens to, while it runs. */
export interface AnalyzeHooks {
  /** Aborting ends the analysis; it resolves with what was measured so far, its status `cancelled`. */
  readonly signal?: AbortSignal;
  progress?(progress: AnalyzeProgress): void;
  /** Called after the first step, and after each seed, while more is to come: the report so far. */
  measured?(report: Report): void;
  /** The file, where edits of it may be offered. */
  readonly source?: EditableSource;
  /** The report's file names are relative to it. */
  readonly workingDirectory: string;
}

/**
 * Measures a network.
 * @throws InputError for a network that cannot be analysed; an AbortError where it was cancelled before anything was measured.
 */
export type Analyze = (network: Network, options: AnalyzeOptions, hooks: AnalyzeHooks) => Promise<Report>;

export const DEFAULT_BUDGET_SECONDS = 10;
