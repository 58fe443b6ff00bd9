import type { Network } from '../../network';
import type { Target } from '../../training';
import type { Draw } from './generator';
import { layoutOf, sampleAxis } from './layout';
import { type PlannedInput, plannedInputs, type Scene, sceneOf } from './scene';
import type { SourceName, SourceSpecs } from './sources';

/** A source and what it makes, without what all of a network's data is drawn under. */
export type Planned = {
  [K in SourceName]: { readonly source: K; readonly spec: Omit<SourceSpecs[K], keyof Draw> };
}[SourceName];

/** What a network's synthetic data is. */
export interface DataPlan extends Pick<Draw, 'causes' | 'cells'> {
  /** By the input's name. */
  readonly inputs: ReadonlyMap<string, Planned>;
  readonly target: Planned;
}

/** How the tokens of an input come about. */
const orderOf = ({ speech }: Scene, index: number): 'topics' | 'chain' =>
  speech?.label === 'next' && speech.input.index === index ? 'chain' : 'topics';

function inputPlan(input: PlannedInput, scene: Scene, ragged: boolean, longest: number): Planned {
  const { role, shape, axes, index, dtype, vocabulary, columns, batched } = input;
  const own = ragged && batched;
  switch (role) {
    case 'values':
      return { source: 'samples', spec: { shape, axes, input: index, ragged: own } };
    case 'tokens': {
      const order = orderOf(scene, index);
      return { source: 'tokens', spec: { shape, vocabulary: vocabulary!, columns, input: index, order, ragged: own } };
    }
    case 'lengths':
      return { source: 'lengths', spec: { longest } };
    case 'mask':
      return { source: 'mask', spec: { shape, dtype, whole: !batched } };
    case 'positions':
      return { source: 'positions', spec: { shape } };
  }
}

/** The index that padded positions of a target bear: what the loss leaves out, where the file says it. */
function ignoredBehind(
  { task }: Network,
  { target: { shape } }: Scene,
  longest: number | undefined,
): number | undefined {
  const stated = task.lossSettings?.ignore_index;
  return typeof stated === 'number' && shape.length === 1 && shape[0] === longest ? stated : undefined;
}

function targetPlan(network: Network, target: Target, scene: Scene, longest: number | undefined): Planned {
  const { speech } = scene;
  const { shape, axes, classes } = scene.target;
  const ignored = ignoredBehind(network, scene, longest);
  if (speech) {
    const { input, label } = speech;
    const order = label === 'next' ? 'chain' : 'topics';
    const tokens = { shape: input.shape, vocabulary: input.vocabulary, input: input.index, order } as const;
    return { source: 'tokenLabels', spec: { ...tokens, positions: shape, classes, label, ignored } };
  }
  if (target.form === 'classes') return { source: 'labels', spec: { positions: shape, classes, ignored } };
  const along = sampleAxis(layoutOf(target.shape, 'the output'), target.axis);
  const logarithms = target.form === 'distributions' && network.task.lossSettings?.log_target === true;
  return { source: 'targets', spec: { shape, axes, form: logarithms ? 'logarithms' : target.form, along } };
}

/**
 * Plans a network's synthetic data from its inputs, its output and its task, so that the task can be learned.
 * @throws InputError for an input that no data can be made for.
 */
export function planData(network: Network, target: Target): DataPlan {
  const inputs = plannedInputs(network);
  const scene = sceneOf(network, inputs, target);
  const ragged = inputs.some(({ role, batched }) => role === 'lengths' || (role === 'mask' && batched));
  const sequences = inputs.flatMap(({ role, shape, axes }) =>
    role === 'tokens' ? shape.slice(-1) : axes[0] === undefined ? [] : [shape[axes[0]]!],
  );
  const longest = sequences[0] ?? 1;
  return {
    causes: scene.causes,
    ...(scene.cells && { cells: scene.cells }),
    inputs: new Map(inputs.map((input) => [input.name, inputPlan(input, scene, ragged, longest)])),
    target: targetPlan(network, target, scene, ragged ? longest : undefined),
  };
}
