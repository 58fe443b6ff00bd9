import type { Attribute } from '../../layers';
import type { OptimizerKind, OptimizerSettings } from '../../network';
import type { Tensor } from '../../tensor';

/** What an optimizer's step works on; `rate` and `step` (1 in the first) are scalars of the program. */
export interface OptimizerStep {
  readonly parameter: Tensor;
  readonly gradient: Tensor;
  readonly rate: Tensor;
  readonly step: Tensor;
  /** Complete. */
  readonly settings: OptimizerSettings;
  readonly state: Readonly<Record<string, Tensor>>;
}

/** What the step takes off the parameter, and the state for the next step. */
export interface OptimizerUpdate {
  readonly decrement: Tensor;
  /** The learning rate times the loss's gradient, and nothing else, where the step computes it. */
  readonly scaledGradient?: Tensor;
  readonly state: Readonly<Record<string, Tensor>>;
}

/** An optimizer as `torch.optim` defines it. */
export interface OptimizerRow {
  /** With PyTorch's defaults; `lr` is what the sweep varies, `beta1` and `beta2` are PyTorch's `betas`. */
  readonly settings: Readonly<Record<string, Attribute<number> | Attribute<boolean>>>;
  /** Python's order of what the class takes after the parameters. */
  readonly parameters: readonly string[];
  /** @throws AttributeError in PyTorch's words for settings that cannot be together. */
  validate?(settings: OptimizerSettings): void;
  /** The tensors kept for each parameter, each of its shape, by name: the value that fills it at the start. */
  state(settings: OptimizerSettings): Readonly<Record<string, number>>;
  update(step: OptimizerStep): OptimizerUpdate;
}

export type OptimizerTable = { readonly [K in OptimizerKind]: OptimizerRow };
