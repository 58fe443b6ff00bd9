import type { AttributeValue, Message } from '../network';
import type { PublishedPractice, SiteNoiseTable, SitePlan, TaskFamily, VariantFigures } from './advice';

/** Numbers as JSON can hold them: NaN and infinities are these strings. */
export type Figure = number | 'NaN' | 'Infinity' | '-Infinity';

export interface ReportSource {
  /** Relative to the working directory, with `/`. */
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

export type ReportShape = readonly number[];

export interface LayerRecord {
  readonly id: string;
  readonly kind: string;
  readonly type: 'container' | 'module' | 'function';
  /** Ids of the layers, or names of the network inputs, that feed it. */
  readonly inputs: readonly string[];
  /** With the batch; null where the layer was never called or could not be modelled. */
  readonly outputShape: ReportShape | readonly ReportShape[] | null;
  /** Values in the parameters that this layer itself owns (not its children); the sum over layers is the total. */
  readonly parameters: number;
  readonly attributes: Readonly<Record<string, AttributeValue>>;
  readonly source: ReportSource;
  readonly callSite: ReportSource | null;
}

export interface NetworkRecord {
  readonly name: string;
  readonly source: ReportSource;
  readonly inputs: readonly { name: string; shape: ReportShape; dtype: string; origin: string }[];
  readonly batch: { readonly size: number; readonly origin: string };
  readonly parameters: { readonly total: number; readonly trainable: number };
  readonly layers: readonly LayerRecord[];
  readonly unmodelled: readonly { what: string; why: string; source: ReportSource }[];
  /** What the reader took for granted where the file does not say it; absent where there is nothing. */
  readonly assumed?: readonly { what: string; why: string; source: ReportSource }[];
}

export const NETWORK_SCHEMA = 'normscope/network@1';
export const REPORT_SCHEMA = 'normscope/report@1';

/** A network that was read, and what the rules on the structure find in it. */
export interface InspectedNetwork extends NetworkRecord {
  readonly findings: readonly Finding[];
  /** Findings that are left out; absent where there are none. */
  readonly suppressed?: readonly SuppressedFinding[];
}

/** What `inspect --json` prints. */
export interface InspectReport {
  readonly schema: typeof NETWORK_SCHEMA;
  readonly networks: readonly InspectedNetwork[];
}

/** Figures of one layer by training step. */
export interface LayerHistory {
  readonly gradientNorm: readonly Figure[] | null;
  readonly gradientRms: readonly Figure[] | null;
  readonly outputGradientRms: readonly Figure[] | null;
  readonly activationMean: readonly Figure[] | null;
  readonly activationStd: readonly Figure[] | null;
  readonly saturation: readonly Figure[] | null;
  readonly inactive: readonly Figure[] | null;
  readonly updateRatio: readonly Figure[] | null;
}

/** A layer and what was measured at it; definitions and units in docs/figures.md. */
export interface MeasuredLayer extends LayerRecord {
  readonly gradientNorm: Figure | null;
  readonly gradientRms: Figure | null;
  readonly outputGradientRms: Figure | null;
  readonly activation: { readonly mean: Figure; readonly std: Figure } | null;
  readonly saturation: { readonly low: Figure; readonly high: Figure; readonly total: Figure } | null;
  readonly inactive: Figure | null;
  /** Share of channels inactive for every sample and position seen at initialization; `deadOf` says of how many. */
  readonly dead: Figure | null;
  readonly deadOf: { readonly channels: number; readonly samples: number } | null;
  /**
   * How many directions its outputs vary in over samples at initialization, the most that it could be, and the share of the
   * outputs' mean square that differs from sample to sample.
   */
  readonly effectiveRank: { readonly value: Figure; readonly most: number; readonly betweenSamples: Figure } | null;
  readonly updateRatio: Figure | null;
  readonly history: LayerHistory | null;
}

export type Severity = 'error' | 'warning' | 'note';

/** One figure that a finding or a reason rests on. */
export interface Evidence {
  readonly quantity: string;
  readonly value: Figure;
  readonly unit: string;
  readonly threshold?: Figure;
  /** Where the threshold or the comparison figure comes from. */
  readonly thresholdSource?: string;
}

/** A symptom that the finding's cause explains. */
export interface Symptom {
  readonly layer: string;
  readonly source: ReportSource;
  readonly rule: string;
  readonly evidence: readonly Evidence[];
}

export interface TextEdit {
  readonly file: string;
  readonly hash: string;
  readonly range: { readonly start: { line: number; column: number }; readonly end: { line: number; column: number } };
  readonly newText: string;
}

/** Edits of the source that were read again: what they make of the network is what the title says. */
export interface Fix {
  readonly title: string;
  readonly edits: readonly TextEdit[];
  /** Layers that change too, because the same line of the source makes them; absent where there are none. */
  readonly also?: readonly string[];
  /** Keys of `state_dict()` that weights saved before have otherwise; absent where there are none. */
  readonly keys?: {
    readonly removed: readonly string[];
    readonly added: readonly string[];
    readonly renamed: readonly { readonly from: string; readonly to: string }[];
  };
}

export interface Finding {
  readonly rule: string;
  readonly severity: Severity;
  readonly layer: string | null;
  readonly message: Message;
  readonly source: ReportSource;
  /** Other places that have to do with it, each with what it is; absent where there are none. */
  readonly related?: readonly { readonly source: ReportSource; readonly message: Message }[];
  readonly evidence: readonly Evidence[];
  /** What this finding causes: the symptoms listed under it instead of beside it. */
  readonly causes: readonly Symptom[];
  readonly fix: Fix | null;
  /** Why there is no edit, where something would mend it. */
  readonly noFix?: Message;
}

/** A finding that is left out: by a comment in the source, or because a baseline holds it. */
export interface SuppressedFinding extends Finding {
  readonly suppressed: { readonly by: 'comment'; readonly source: ReportSource } | { readonly by: 'baseline' };
}

/** A variant that was tried, or the reason why it was not. */
export interface Alternative {
  readonly norm: string;
  readonly groups: number | null;
  readonly label: string;
  readonly tried: boolean;
  readonly reason: Message;
  readonly evidence: readonly Evidence[];
  /** Training loss by step at its best learning rate, median over seeds; null where it was not tried. */
  readonly losses: readonly Figure[] | null;
  readonly learningRate: number | null;
  /** The edits that make the network so; absent where there are none. */
  readonly edit?: Fix;
  /** What its trainings showed; absent where it was not tried. */
  readonly figures?: VariantFigures;
}

/** Errors of full trainings by batch size, from a publication: what no short probe can show. */
export interface PublishedErrors {
  readonly quantity: string;
  readonly unit: string;
  readonly source: string;
  /** By batch size, from the smallest; `errors` by norm. */
  readonly rows: readonly { readonly batch: number; readonly errors: Readonly<Record<string, number>> }[];
}

export interface Recommendation {
  readonly action: 'add' | 'replace' | 'keep' | 'remove';
  /** PyTorch's class name without its dimension, or "none". */
  readonly norm: string;
  readonly groups: number | null;
  readonly placement: 'before-activation' | 'after-activation' | 'as-is' | 'none';
  readonly sites: readonly { readonly layer: string; readonly source: ReportSource; readonly change: string }[];
  readonly confidence: 'strong' | 'moderate' | 'weak';
  readonly reasons: readonly {
    readonly message: Message;
    readonly evidence: readonly Evidence[];
    readonly source: string;
  }[];
  /** Training loss by step of what is recommended, at its best learning rate, median over seeds. */
  readonly losses: readonly Figure[] | null;
  readonly learningRate: number | null;
  readonly alternatives: readonly Alternative[];
  /** Where the batch speaks; else null. */
  readonly published: PublishedErrors | null;
  readonly wouldChange: readonly Message[];
  readonly family?: TaskFamily;
  /** What is known elsewhere of networks like this one, what applies best first. */
  readonly known?: readonly PublishedPractice[];
  /** Where what was measured here and what is known elsewhere disagree, and which was followed. */
  readonly disagreement?: Message;
  /** Every site, in the order of the calls. */
  readonly places?: readonly SitePlan[];
  /** What the trainings of the recommended variant showed. */
  readonly figures?: VariantFigures;
  /** The same of the network as it is. */
  readonly current?: VariantFigures;
  /** The edits that do it; absent where nothing is to be done, or no edit is safe. */
  readonly edit?: Fix;
  /** Why there is no edit, where something is to be done. */
  readonly noEdit?: Message;
}

/** Noise of BatchNorm's own statistics at one batch size: relative spreads over resampled sub-batches, worst site. */
export interface BatchNoise {
  readonly batch: number;
  readonly site: string;
  /** Standard deviation of the batch mean, in units of the site's standard deviation. */
  readonly mean: Figure;
  /** Standard deviation of the batch variance, in units of the site's variance. */
  readonly variance: Figure;
}

export interface LossRecord {
  /** By step, on the training batch. */
  readonly training: readonly Figure[];
  /**
   * After the last step, on the evaluation split: layers in training mode; in evaluation mode with the running average as
   * training left it; in evaluation mode with statistics recomputed. Null where no step was taken.
   */
  readonly evaluation: { readonly trainMode: Figure; readonly running: Figure; readonly recomputed: Figure } | null;
  /** On the evaluation split before the first step; null where a run was stopped before it was evaluated. */
  readonly initial: Figure | null;
}

export interface ProbeRecord {
  readonly batch: number;
  readonly steps: number;
  readonly seed: number;
  readonly seeds: number;
  readonly optimizer: {
    readonly kind: string;
    readonly settings: Readonly<Record<string, number | boolean>>;
    /** Groups of so many parameters with settings of their own; absent where there are none. */
    readonly groups?: readonly {
      readonly parameters: number;
      readonly settings: Readonly<Record<string, number | boolean>>;
    }[];
    /** How gradients are clipped before a step; absent where they are not. `type` is the norm's. */
    readonly clipping?: { readonly kind: 'norm' | 'value'; readonly max: number; readonly type?: Figure };
    readonly origin: string;
  };
  readonly data: {
    /** `synthetic`, made by a generator of that version; or `own`, from the person's files. */
    readonly kind: string;
    readonly generator: string;
    /** The person's files, as they named them, and how many samples they hold; absent for synthetic data. */
    readonly files?: readonly string[];
    readonly samples?: number;
    readonly training: number;
    readonly evaluation: number;
  };
  /** What was scaled down to fit the budget, and what that does to the figures. */
  readonly reduced: readonly Message[];
  /** `settings` are those that the file states; absent where it states none. */
  readonly loss:
    | ({
        readonly kind: string;
        readonly origin: string;
        readonly settings?: Readonly<Record<string, AttributeValue>>;
      } & LossRecord)
    | null;
  readonly batchNoise: readonly BatchNoise[];
  /** The same by site. */
  readonly siteNoise?: SiteNoiseTable;
  readonly notes: readonly Message[];
}

/** All that is known about a network: what every surface shows. */
export interface Report {
  readonly schema: typeof REPORT_SCHEMA;
  readonly status: 'complete' | 'partial' | 'cancelled';
  /** Why a partial report ends before its time, a sentence: the engine failed. Absent where the budget ended first. */
  readonly failure?: string;
  readonly engine: {
    readonly name: 'normscope';
    readonly version: string;
    /** The build of onnxruntime that ran, with its version. */
    readonly runtime: string;
    /** Why another build than the native one ran; null where nothing was missing. */
    readonly note: Message | null;
  };
  readonly network: Omit<NetworkRecord, 'layers'>;
  readonly probe: ProbeRecord;
  readonly layers: readonly MeasuredLayer[];
  readonly findings: readonly Finding[];
  /** Findings that are left out; absent where there are none. */
  readonly suppressed?: readonly SuppressedFinding[];
  readonly recommendation: Recommendation | null;
  /** Milliseconds; the one part that differs between two runs of the same seed. */
  readonly timings: Readonly<Record<string, number>>;
}
