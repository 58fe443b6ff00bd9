import type { Tensor } from '../../tensor';
import type { TracedCall } from '../trace';
import type { SumIndex, Tally } from './tally';

/** Quantities measured at a call. Definitions and units: docs/figures.md. */
export type CallQuantity =
  | 'outputGradientRms'
  | 'activationMean'
  | 'activationStd'
  | 'saturationLow'
  | 'saturationHigh'
  | 'inactive';

/** Quantities measured at a module's own parameters, taken together. */
export type ModuleQuantity = 'gradientNorm' | 'weightNorm' | 'updateRatio';

export type Quantity = CallQuantity | ModuleQuantity;

/**
 * How sums are taken. `plain`: one pass over a tensor, exact to float32 unless values are extreme, which `trusted` then
 * tells. `careful`: more passes, for gradients between 1e-37 and 1e37 and for spreads far smaller than their mean.
 */
export type Care = 'plain' | 'careful';

/** A call, with the gradient of the loss by its first output, and over how many samples that loss is a mean. */
export interface MeasuredCall extends TracedCall {
  readonly outputGradient: Tensor;
  readonly batch: number;
}

export interface MeasuredParameter {
  readonly value: Tensor;
  readonly gradient: Tensor;
  /** What the optimizer's step takes off the value. */
  readonly decrement: Tensor;
  /** The learning rate times the gradient, where the optimizer computes it. */
  readonly scaledGradient?: Tensor;
}

/** A module's own trainable parameters before one optimizer step. */
export interface MeasuredModule {
  readonly id: string;
  readonly parameters: readonly MeasuredParameter[];
}

/** One number of a step: from which sums, and how. */
export interface Reading {
  readonly from: readonly SumIndex[];
  finish(sums: readonly number[], run: { readonly learningRate: number }): number;
  /** Whether the sums carry the digits that the number needs; absent: they always do. */
  trusted?(sums: readonly number[]): boolean;
}

/** What an instrument reads at one place, by quantity; nothing where it does not apply. */
export type Readings<Q extends Quantity> = { readonly [K in Q]?: Reading };

export interface CallInstrument<Q extends CallQuantity = CallQuantity> {
  readonly quantities: readonly Q[];
  measure(call: MeasuredCall, tally: Tally, care: Care): Readings<Q>;
}

export interface ModuleInstrument<Q extends ModuleQuantity = ModuleQuantity> {
  readonly quantities: readonly Q[];
  measure(module: MeasuredModule, tally: Tally, care: Care): Readings<Q>;
}
