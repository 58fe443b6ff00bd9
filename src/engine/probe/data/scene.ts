import { elementCount, type InputRole, type InputType, type Network } from '../../network';
import type { Target } from '../../training';
import { FURTHER_CAUSES, SMOOTHNESS } from './generator';
import { layoutOf } from './layout';
import { roleOf } from './roles';
import { vocabularyOf } from './vocabulary';

/** One of a network's inputs, as its data is made. */
export interface PlannedInput {
  readonly name: string;
  readonly index: number;
  readonly role: InputRole;
  readonly dtype: InputType;
  /** One sample's shape. */
  readonly shape: readonly number[];
  /** Whether it has the batch on an axis. */
  readonly batched: boolean;
  /** Of values: the axes that are positions. */
  readonly axes: readonly number[];
  /** Of tokens. */
  readonly vocabulary?: number;
  /** Of tokens that are a table's columns, each with its own vocabulary. */
  readonly columns?: readonly number[];
}

/** What targets at every token say: the next token, or a kind that each token has. */
export interface Speech {
  readonly input: PlannedInput & { readonly vocabulary: number };
  readonly label: 'next' | 'kind';
}

/** What a network's inputs and target have in common. */
export interface Scene {
  readonly causes: number;
  /** Where targets at every position need causes there. */
  readonly cells?: readonly number[];
  readonly speech?: Speech;
  /** One sample's target. */
  readonly target: {
    readonly shape: readonly number[];
    readonly axes: readonly number[];
    readonly classes: number;
  };
}

/** Whether the channels of a sequence come before its positions: what one-dimensional convolutions take. */
function channelsFirst(name: string, { calls }: Network): boolean {
  const consumer = calls.find(({ inputs }) => inputs.some((each) => 'value' in each && each.value === name));
  return consumer !== undefined && /(Conv|ConvTranspose|Pool)1d$/.test(consumer.kind);
}

/** [features] has none, [length, features] its first, [channels, …] all but its first. */
function positionalAxes(shape: readonly number[], first: boolean): number[] {
  if (shape.length < 2) return [];
  return shape.length === 2 && !first ? [0] : shape.slice(1).map((_, i) => i + 1);
}

/** The inputs of a network. @throws InputError for one that no data can be made for. */
export function plannedInputs(network: Network): PlannedInput[] {
  return network.inputs.map((input, index) => {
    const { shape, axis } = layoutOf(input.shape, `the input ${input.name}`);
    const role = roleOf(input);
    const vocabulary = role === 'tokens' ? vocabularyOf(input, network) : undefined;
    return {
      name: input.name,
      index,
      role,
      dtype: input.dtype,
      shape,
      batched: axis !== undefined,
      axes: role === 'values' ? positionalAxes(shape, channelsFirst(input.name, network)) : [],
      ...(vocabulary && { vocabulary: vocabulary.size, columns: vocabulary.columns }),
    };
  });
}

/** The positional axes of a target of an output's shape; none where the input has no such positions. */
function axesOfValues(shape: readonly number[], input: PlannedInput | undefined): readonly number[] {
  if (!input || input.axes.length === 0) return [];
  if (shape.length === input.shape.length) return input.axes;
  const same = shape.every((dim, i) => dim === input.shape[input.axes[i]!]);
  return shape.length === input.axes.length && same ? shape.map((_, axis) => axis) : [];
}

/** Class indices stand at positions alone. */
const axesOfClasses = (shape: readonly number[], input: PlannedInput | undefined): readonly number[] =>
  input && shape.length === input.axes.length ? shape.map((_, axis) => axis) : [];

/** The tokens that classes at these positions speak of: the last input of as many, as a decoder's is, else the first. */
function speechAt(positions: readonly number[], inputs: readonly PlannedInput[], classes: number): Speech | undefined {
  // One value alone says nothing: the network does nothing with it.
  const tokens = inputs.filter((input): input is Speech['input'] => (input.vocabulary ?? 0) > 1 && input.batched);
  const same = tokens.filter(({ shape }) => elementCount(shape) === elementCount(positions));
  const input = same.at(-1) ?? tokens[0];
  return input && { input, label: classes === input.vocabulary ? 'next' : 'kind' };
}

/**
 * What a network's data shows. Each sample has a cause, from which inputs and target follow. A target at every position of
 * an image or a sequence has a cause for each cell of a grid instead; one at every token, the token or the one before.
 */
export function sceneOf(network: Network, inputs: readonly PlannedInput[], target: Target): Scene {
  const { shape } = layoutOf(target.shape, 'the output');
  const primary = inputs.find(({ role, batched }) => role === 'values' && batched);
  const ofClasses = target.form === 'classes';
  const axes = ofClasses ? axesOfClasses(shape, primary) : axesOfValues(shape, primary);
  const classes = Math.min(target.classes ?? FURTHER_CAUSES, network.task.classes ?? Number.POSITIVE_INFINITY);
  const common = { target: { shape, axes, classes } };
  const speech = ofClasses && !primary && shape.length > 0 ? speechAt(shape, inputs, classes) : undefined;
  if (speech) return { ...common, causes: FURTHER_CAUSES, speech };

  const others = shape.filter((_, axis) => !axes.includes(axis));
  const oneBit = target.form === 'binary' && elementCount(others) === 1;
  const ownCause = ofClasses && others.length === 0;
  const causes = ownCause ? classes : oneBit ? 2 : FURTHER_CAUSES;
  if (!primary || axes.length === 0) return { ...common, causes };
  // One cell for some positions of the input, but never more than the target has positions.
  const cells = primary.axes.map((axis, i) =>
    Math.max(1, Math.min(Math.ceil(primary.shape[axis]! / SMOOTHNESS), shape[axes[i]!]!)),
  );
  return { ...common, causes, cells };
}
