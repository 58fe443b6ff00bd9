import type { Mode } from '../../src/engine/layers';
import type { Attributes, Shape } from '../../src/engine/network';
import type { Draw } from './draw';

/** What an input holds where it is not drawn from a normal distribution. */
export type InputValues =
  /** Whole numbers from low to high, both included: int64. */
  | { readonly integers: readonly [low: number, high: number] }
  /** True with this probability: bool. */
  | { readonly booleans: number }
  /** Uniform: probabilities, and whatever must stay in a range. */
  | { readonly between: readonly [low: number, high: number] }
  /** These very values, in row-major order, as float32 or int64. */
  | { readonly numbers: readonly number[]; readonly dtype: 'float32' | 'int64' };

/**
 * What is differentiated: the sum of every output times a drawn tensor (`linear`), the sum of squares, the mean squared
 * distance of every output to a drawn target, or the cross-entropy of the first output over its class axis (1, or 0
 * where there is no other) with drawn classes.
 */
export type CaseLoss = 'linear' | 'squares' | 'meanSquaredError' | 'crossEntropy';

/** One use of a layer kind that is held against PyTorch: as a module, or as a function by its full name. */
export interface LayerCase {
  /** As a file would give them; the rest are defaults, which are thereby compared too. */
  readonly attributes?: Attributes;
  readonly inputs: readonly Shape[];
  /** By input; undefined for normal numbers. */
  readonly values?: readonly (InputValues | undefined)[];
  /** Default 2. */
  readonly batch?: number;
  /** Default train. */
  readonly mode?: Mode;
  /** Absent for a module. */
  readonly function?: string;
  /** Inputs are drawn with this standard deviation; default 1. */
  readonly spread?: number;
  /** Inputs are kept at least this far from zero (divisors). */
  readonly apart?: number;
  /** Default linear; where a random case leaves it out, it is drawn. */
  readonly loss?: CaseLoss;
  /** max|a − b| / max|b| allowed; default 1e-4. */
  readonly tolerance?: number;
}

/** What one row of the layer table is compared on. */
export interface KindCases {
  /** Compared with committed answers, everywhere. Every function form is in it, and the module where there is one. */
  readonly fixed: readonly LayerCase[];
  /** Any valid use, its attributes, shapes and mode drawn: compared with a PyTorch at hand. */
  random(draw: Draw): LayerCase;
  /** Uses that PyTorch refuses; ours must say the same. Sizes are numbers here, for the words to be equal. */
  readonly refused?: readonly LayerCase[];
}

/** The kinds of a family, each by its row's name. */
export type FamilyCases = Readonly<Record<string, KindCases>>;
