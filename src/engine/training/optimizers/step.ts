import type { OptimizerChoice, OptimizerSettings } from '../../network';
import { constant, mul, type Tensor } from '../../tensor';
import { clip } from '../clipping';
import { learningRateOf, settingsFor } from './choice';
import { optimizers } from './table';

/** A parameter before a step, and the loss's gradient by it. */
export interface Optimized {
  readonly id: string;
  readonly value: Tensor;
  readonly gradient: Tensor;
}

/** The scalars of a step: the learning rate of parameters in no group, and the number of the step, from 1. */
export interface StepScalars {
  readonly rate: Tensor;
  readonly step: Tensor;
}

/** A tensor that the optimizer keeps for a parameter from step to step. */
export interface KeptState {
  readonly leaf: Tensor;
  readonly next: Tensor;
  readonly name: string;
  /** The value that fills it before the first step. */
  readonly start: number;
}

/** What the step takes off a parameter. */
export interface Stepped extends Optimized {
  readonly decrement: Tensor;
  /** The step's learning rate times the gradient, where the optimizer computes it. */
  readonly scaledGradient?: Tensor;
}

/** A group's rate keeps its ratio to the others' when a sweep varies the rate. */
function rateOf(settings: OptimizerSettings, own: number, rate: Tensor): Tensor {
  const lr = Number(settings.lr);
  if (lr === own) return rate;
  return own > 0 ? mul(rate, lr / own) : constant(lr);
}

/**
 * One step of the chosen optimizer on all parameters: gradients clipped together, then each parameter by its group's
 * settings. `leafFor` makes the leaf of a kept tensor, of the parameter's shape.
 */
export function optimizerStep(
  choice: OptimizerChoice,
  parameters: readonly Optimized[],
  { rate, step }: StepScalars,
  leafFor: (state: string, parameter: Optimized) => { readonly name: string; readonly leaf: Tensor },
): { readonly stepped: readonly Stepped[]; readonly kept: readonly KeptState[] } {
  const row = optimizers[choice.kind];
  const own = learningRateOf(choice);
  const clipped = clip(
    parameters.map(({ gradient }) => gradient),
    choice.clipping,
  );
  const kept: KeptState[] = [];
  const stepped = parameters.map((parameter, i): Stepped => {
    const settings = settingsFor(choice, parameter.id);
    const starts = row.state(settings);
    const leaves = Object.fromEntries(Object.keys(starts).map((name) => [name, leafFor(name, parameter)]));
    const ownRate = rateOf(settings, own, rate);
    const { decrement, state, scaledGradient } = row.update({
      parameter: parameter.value,
      gradient: clipped[i]!,
      rate: ownRate,
      step,
      settings,
      state: Object.fromEntries(Object.entries(leaves).map(([name, { leaf }]) => [name, leaf])),
    });
    for (const [name, leaf] of Object.entries(leaves)) kept.push({ ...leaf, next: state[name]!, start: starts[name]! });
    return {
      ...parameter,
      decrement,
      ...(scaledGradient && choice.clipping === undefined && ownRate === rate && { scaledGradient }),
    };
  });
  return { stepped, kept };
}
