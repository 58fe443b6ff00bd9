import type { Attribute, AttributesOf } from '../../layers';
import type { AttributeValue, LossKind } from '../../network';
import type { Tensor } from '../../tensor';

/** A loss's settings, in the order of its constructor. */
export type LossSettings = Readonly<Record<string, Attribute<AttributeValue>>>;

/** What a loss's target is. */
export type TargetForm =
  /** The index of a class, or of one at each position: the output's shape without its axis of classes. */
  | 'classes'
  /** A number for each of the output's. */
  | 'values'
  /** A number from 0 to 1 for each of the output's. */
  | 'binary'
  /** Numbers above 0 that add up to 1 along one axis, of the output's shape. */
  | 'distributions';

/** What a loss works on. */
export interface LossInputs<S> {
  readonly output: Tensor;
  readonly target: Tensor;
  /** Complete. */
  readonly settings: S;
  /** The output's axis of classes. */
  readonly classAxis: number;
}

/** A loss as `torch.nn` defines it. */
export interface LossRow<S extends LossSettings = LossSettings> {
  readonly settings: S;
  /** Python's order of all that the class takes; what is no setting is deprecated, and ignored. */
  readonly parameters: readonly string[];
  /** The function's name in `torch.nn.functional`; it takes input and target before the class's parameters, or these. */
  readonly function: { readonly name: string; readonly parameters?: readonly string[] };
  readonly task: 'classification' | 'regression';
  readonly target: TargetForm;
  /** @throws AttributeError in PyTorch's words for settings that do not fit the output's number of classes. */
  validate?(settings: AttributesOf<S>, classes: number | undefined): void;
  /** The loss of a batch, one number, reduced as the settings say. */
  loss(inputs: LossInputs<AttributesOf<S>>): Tensor;
}

/** Types one row by its own settings, then widens it for the table. */
export const defineLoss = <const S extends LossSettings>(row: LossRow<S>): LossRow => row as unknown as LossRow;

export type LossTable = { readonly [K in LossKind]: LossRow };
