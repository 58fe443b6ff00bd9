import type { Representation } from './effectiveRank';
import type { Quantity } from './instruments';
import type { BatchSite, Site } from './programs/evaluation';

/** Values by step. */
export type Series = readonly number[];

/** What was measured of one network under one seed and learning rate. */
export interface Measurements {
  readonly seed: number;
  readonly learningRate: number;
  /** What a step took, with its share of what was made and opened for the first; the one figure that is the clock's. */
  readonly stepMilliseconds?: number;
  /** Loss of each step's batch, before its update. */
  readonly losses: Series;
  /** By call or module id, then by quantity. */
  readonly series: ReadonlyMap<string, Partial<Readonly<Record<Quantity, Series>>>>;
  /** At initialization, with statistics recomputed; absent where it was not asked for. */
  readonly initial?: EvaluationMeasurements & { readonly representations: readonly Representation[] };
  /** After the last step; absent where no step was taken. */
  readonly final?: {
    /** Loss on the evaluation split, in evaluation mode with statistics recomputed. */
    readonly recomputed: number;
    /** The same with the running average as training left it, and with the layers in training mode. */
    readonly running?: number;
    readonly trainMode?: number;
    /** In evaluation mode with statistics recomputed. */
    readonly representations?: readonly Representation[];
  };
}

/** Forward passes over the evaluation split in evaluation mode. */
export interface EvaluationMeasurements {
  readonly loss: number;
  readonly samples: number;
  /** For each activation: how many of its channels were inactive for every sample and position. */
  readonly dead: readonly (Site & { readonly deadChannels: number })[];
  /** For each batch norm: every sample's moments of its standardized input. */
  readonly moments: readonly SampleMoments[];
}

/** Mean and mean square over positions, for each sample and channel: [samples × channels], row-major. */
export interface SampleMoments extends BatchSite {
  readonly samples: number;
  readonly means: Float32Array;
  readonly squares: Float32Array;
}
