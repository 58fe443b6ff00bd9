/** Name and version of the generator, in every report: a change of any number that it makes is a new version. */
export const GENERATOR = 'prototypes@2';

export type Split = 'training' | 'evaluation';

/** What all of a network's data is drawn under. */
export interface Draw {
  readonly seed: number;
  readonly split: Split;
  readonly samples: number;
  /** How many latent causes there are: the classes, or some for targets that are no classes. */
  readonly causes: number;
  /**
   * Absent: each sample has one cause. Else each cell of a grid over its positions has one: what targets at every
   * position need. One entry for each positional axis.
   */
  readonly cells?: readonly number[];
}

/** Causes where the target is no class. */
export const FURTHER_CAUSES = 10;

// A sample is gain·(SIGNAL·prototype + NOISE·noise) + offset. With prototype and noise of variance 1 that has mean 0
// and variance 1.08: what people feed after standardizing their data.
/** Weight of the cause's prototype: learnable within some tens of steps, not at once. */
export const SIGNAL = 0.6;
/** Weight of the sample's own noise, √(1 − SIGNAL²). */
export const NOISE = 0.8;
/** The same where each cell of positions has a cause of its own: a pixel has few channels to show it by. */
export const CELL_SIGNAL = 0.9;
export const CELL_NOISE = Math.sqrt(1 - CELL_SIGNAL ** 2);
/** Standard deviation of a sample's own gain (about 1) and offset (about 0): contrast and brightness. */
export const GAIN_SPREAD = 0.2;
export const OFFSET_SPREAD = 0.2;
/** Noise along positions varies on a grid this many times coarser, as natural images are smooth; causes of cells too. */
export const SMOOTHNESS = 4;
/** Share of the variance of such noise that is smooth; the rest is independent by position. */
export const SMOOTH_SHARE = 0.8;
/** Share of the tokens that their cause, or the token before, explains. */
export const TOKEN_SIGNAL = 0.6;
