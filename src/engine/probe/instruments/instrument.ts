import type { Tensor } from '../../tensor';
import type { TracedCall } from '../trace';

/** Quantities measured at a call. Definitions and units: docs/figures.md. */
export type CallQuantity =
  | 'outputGradientRms'
  | 'activationMean'
  | 'activationStd'
  | 'saturationLow'
  | 'saturationHigh'
  | 'inactive';

/** Quantities measured at a module's own parameters, taken together. */
export type ModuleQuantity = 'gradientNorm' | 'updateRatio';

export type Quantity = CallQuantity | ModuleQuantity;

/** A call, with the gradient of the batch-mean loss by its first output. */
export interface MeasuredCall extends TracedCall {
  readonly outputGradient: Tensor;
  readonly batch: number;
}

/** A module's own trainable parameters before one optimizer step, and what the step takes off them. */
export interface MeasuredModule {
  readonly id: string;
  readonly parameters: readonly { readonly value: Tensor; readonly decrement: Tensor; readonly gradient: Tensor }[];
}

/** What an instrument reads at one place: single numbers by quantity; nothing where it does not apply. */
export type Readings<Q extends Quantity> = { readonly [K in Q]?: Tensor };

export interface CallInstrument<Q extends CallQuantity = CallQuantity> {
  readonly quantities: readonly Q[];
  measure(call: MeasuredCall): Readings<Q>;
}

export interface ModuleInstrument<Q extends ModuleQuantity = ModuleQuantity> {
  readonly quantities: readonly Q[];
  measure(module: MeasuredModule): Readings<Q>;
}
