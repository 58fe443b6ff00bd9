import type { Attributes, NetworkInput } from './network';
import { isBatchDim, type Shape } from './shape';
import type { Span } from './span';

/** Losses by PyTorch's class. */
export const LOSS_KINDS = [
  'CrossEntropyLoss',
  'NLLLoss',
  'BCELoss',
  'BCEWithLogitsLoss',
  'MSELoss',
  'L1Loss',
  'SmoothL1Loss',
  'HuberLoss',
  'KLDivLoss',
] as const;
export type LossKind = (typeof LOSS_KINDS)[number];

/** Optimizers by PyTorch's class. */
export const OPTIMIZER_KINDS = ['SGD', 'Adam', 'AdamW', 'Adamax', 'RMSprop', 'Adagrad', 'Adadelta'] as const;
export type OptimizerKind = (typeof OPTIMIZER_KINDS)[number];

/** What the network is trained for; `origin` says how we know, in words. */
export interface Task {
  readonly kind: 'classification' | 'regression';
  readonly classes?: number;
  readonly loss: LossKind;
  /** The loss's settings by PyTorch's names (reduction, label_smoothing, …); what is left out has its default. */
  readonly lossSettings?: Attributes;
  /** The output's axis of classes where it is not PyTorch's 1: a language model may give [batch, tokens, vocabulary]. */
  readonly classAxis?: number;
  /** The file's loss takes probabilities, and the output that it is given is not known to be any: Keras's without from_logits. */
  readonly takesProbabilities?: { readonly loss: string; readonly source?: Span };
  /**
   * What a class loss is given, where it is not a class index: a probability for each class. `none`: the output is the loss
   * itself, which the network computes of what it is given.
   */
  readonly targets?: 'probabilities' | 'none';
  readonly origin: string;
}

/** An optimizer's settings by its row's names: lr, momentum, weight_decay, beta1, … */
export type OptimizerSettings = Readonly<Record<string, number | boolean>>;

/** Parameters with settings of their own, as an optimizer's `param_groups` have them. */
export interface ParameterGroup {
  /** Ids of parameters of the network. */
  readonly parameters: readonly string[];
  readonly settings: OptimizerSettings;
}

/** What is done to the gradients of all parameters before an optimizer's step. */
export type GradientClipping =
  /** `clip_grad_norm_`: all together are scaled down to the norm `max`; `type` is 2, 1 or Infinity. */
  | { readonly kind: 'norm'; readonly max: number; readonly type: number }
  /** `clip_grad_value_`: each value is cut at ±`max`. */
  | { readonly kind: 'value'; readonly max: number };

export interface OptimizerChoice {
  readonly kind: OptimizerKind;
  /** What is left out has PyTorch's default. */
  readonly settings: OptimizerSettings;
  /** Parameters in no group have the settings above. */
  readonly groups?: readonly ParameterGroup[];
  readonly clipping?: GradientClipping;
  readonly origin: string;
}

/**
 * The output's axis of classes where a sequence's shape shows that it is not PyTorch's 1: an output [batch, tokens, classes]
 * that keeps the tokens of an input [batch, tokens] or [batch, tokens, features]; or [tokens, batch, classes].
 */
export function assumedClassAxis(inputs: readonly NetworkInput[], output: Shape): number | undefined {
  const [, second, third] = output;
  if (output.length !== 3 || typeof third !== 'number') return undefined;
  if (isBatchDim(second!)) return 2;
  const keepsTokens = inputs.some(
    ({ shape }) => (shape.length === 2 || (shape.length === 3 && shape[2] !== third)) && shape[1] === second,
  );
  return keepsTokens ? 2 : undefined;
}

/** A network that gives one number for a whole batch computes its loss itself. */
const ITS_OWN_LOSS = 'assumed: the network gives one number, its own loss, and that is trained';

/**
 * The task when the file does not say: class scores [batch, classes ≥ 2] are classified, and those of each token where
 * the input is tokens; anything else is regressed.
 */
export function assumedTask(output: Shape | undefined, inputs: readonly NetworkInput[] = []): Task {
  const tokens = inputs.some(({ dtype, shape }) => dtype === 'int64' && shape.length === 2);
  const classAxis = output && tokens ? assumedClassAxis(inputs, output) : undefined;
  const classes =
    classAxis !== undefined || (output?.length === 2 && isBatchDim(output[0]!)) ? output!.at(-1) : undefined;
  if (typeof classes === 'number' && classes >= 2) {
    return {
      kind: 'classification',
      classes,
      loss: 'CrossEntropyLoss',
      ...(classAxis !== undefined && { classAxis }),
      origin: `assumed from the output's ${classes} values`,
    };
  }
  const origin = 'assumed from the output shape';
  if (output?.length === 0) return { kind: 'regression', loss: 'MSELoss', targets: 'none', origin: ITS_OWN_LOSS };
  return { kind: 'regression', loss: 'MSELoss', origin };
}

/** The optimizer when the file does not say. */
export const ASSUMED_OPTIMIZER: OptimizerChoice = {
  kind: 'SGD',
  settings: { lr: 0.01, momentum: 0.9 },
  origin: 'assumed',
};
