import type { Message } from '../network';
import type { Figure, ReportSource } from './report';

/** What the network is for, by its graph and the code around it: decides which published figures apply. */
export interface TaskFamily {
  readonly kind:
    | 'image classification'
    | 'detection and segmentation'
    | 'generative image'
    | 'style'
    | 'super-resolution'
    | 'sequence'
    | 'language'
    | 'speech'
    | 'time series'
    | 'graph'
    | 'point cloud'
    | 'reinforcement learning'
    | 'critic'
    | 'implicit field'
    | 'vector';
  /** Whether it starts from weights that were trained before. */
  readonly fineTuned: boolean;
  /** By what it was recognized. */
  readonly because: Message;
}

/** One published comparison or practice that applies here. */
export interface PublishedPractice {
  /** Norms that it speaks for, the best first; PyTorch's class names without dimension, or "none". */
  readonly norms: readonly string[];
  /** What was used, where, and what it gained. */
  readonly message: Message;
  /** Authors, year, title, address. */
  readonly source: string;
}

/** A place where a norm stands or could stand, and what is to be done there. */
export interface SitePlan {
  /** The layer behind which it is, or the norm that stands there. */
  readonly layer: string;
  readonly source: ReportSource;
  readonly place:
    | 'before-activation'
    | 'after-activation'
    | 'branch-start'
    | 'branch-end'
    | 'pre-block'
    | 'post-block'
    | 'recurrence'
    | 'input'
    | 'final'
    | 'between';
  /** The norm that stands there now, by its kind; null where none does. */
  readonly now: string | null;
  readonly action: 'add' | 'replace' | 'remove' | 'keep' | 'leave';
  /** What is to stand there, by its kind; null for no norm. */
  readonly norm: string | null;
  readonly reason: Message;
}

/** What the trainings of one variant showed beyond its loss; definitions in docs/figures.md. */
export interface VariantFigures {
  /** Evaluation loss with recomputed statistics after the last step, by seed. */
  readonly evaluation: readonly Figure[];
  /**
   * Its evaluation loss less that of the network as it is, paired by seed: median, and an interval that holds at any
   * number of seeds and for all variants together. `equal` where all of it lies within the band of practical equality.
   * Null for the network as it is.
   */
  readonly difference: {
    readonly median: Figure;
    readonly low: Figure;
    readonly high: Figure;
    readonly level: number;
    readonly equal: boolean;
  } | null;
  /** Lowest and highest training loss over the seeds, by step. */
  readonly lossBand: { readonly low: readonly Figure[]; readonly high: readonly Figure[] };
  /** ‖g‖·‖W‖ of each layer with weights at initialization, from input to output: scaling cannot fake it. */
  readonly gradientByDepth: readonly { readonly layer: string; readonly value: Figure }[];
  /** Output gradient RMS of the first such layer over that of the last of its role. */
  readonly gradientRatio: Figure;
  /** Mean share over its bounded activations; null where there are none. */
  readonly saturated: Figure | null;
  /** Share of channels of its activations that are dead; null where none can be. */
  readonly dead: Figure | null;
  /** Smallest effective rank of a layer's output over the most that it could have; null where not measured. */
  readonly effectiveRank: Figure | null;
  /** Each learning rate tried with the first seed: loss at the end, and the first step at which `reach` was reached. */
  readonly learningRates: readonly {
    readonly rate: number;
    readonly loss: Figure;
    readonly reachedAt: number | null;
  }[];
  /** The training loss that `reachedAt` asks for. */
  readonly reach: Figure;
  /** Loss at the end with all initial weights times `scale`; empty where it was not tried. */
  readonly initScale: readonly { readonly scale: number; readonly loss: Figure }[];
  /** Estimated before the run, in bytes. Step times, which no two runs share, are in the report's `timings`. */
  readonly memoryBytes: number;
}

/** Noise of BatchNorm's own statistics at each of its sites (or the sites where one could stand), by batch size. */
export interface SiteNoiseTable {
  /** Samples that sub-batches were drawn from. */
  readonly samples: number;
  readonly sites: readonly {
    readonly layer: string;
    readonly source: ReportSource;
    /** Values a channel that one sample gives. */
    readonly valuesPerSample: number;
    /** By batch size, from the smallest; `theory` is √(2/(m−1)), m = batch × values, for independent Gaussian values. */
    readonly noise: readonly {
      readonly batch: number;
      readonly mean: Figure;
      readonly variance: Figure;
      readonly theory: Figure;
    }[];
  }[];
}
