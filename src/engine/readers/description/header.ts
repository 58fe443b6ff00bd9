import {
  ASSUMED_OPTIMIZER,
  assumedTask,
  BATCH,
  type Dim,
  formatShape,
  InputError,
  type InputType,
  isBatchDim,
  type LossKind,
  type Network,
  type NetworkInput,
  type OptimizerChoice,
  type Shape,
  type Task,
} from '../../network';
import { DEFAULT_BATCH, type InputOption, type ReadOptions, withSymbolicBatch } from '../reader';
import {
  type DescriptionNode,
  expectBool,
  expectCount,
  expectList,
  expectMap,
  expectNumber,
  expectText,
  type MapNode,
  onlyKeys,
  refuse,
  suggest,
  valueAt,
} from './node';

const MOST_DIMENSIONS = 16;
const TASK_KINDS = ['classification', 'regression'] as const;
const LOSSES: readonly LossKind[] = ['CrossEntropyLoss', 'MSELoss'];
const TYPES: readonly InputType[] = ['float32', 'int64'];

/** The optimizers and the settings that each takes, by PyTorch's names; Adam's `betas` are `beta1` and `beta2` too. */
export const optimizerSettings = {
  SGD: ['lr', 'momentum', 'weight_decay', 'nesterov'],
  Adam: ['lr', 'betas', 'beta1', 'beta2', 'eps', 'weight_decay'],
} as const satisfies Record<OptimizerChoice['kind'], readonly string[]>;

const line = (node: DescriptionNode): string => `line ${node.span.start.line}`;

/** The stated origin of something (`origin: assumed`), or the line where it stands. */
function originOf(map: MapNode | undefined, fallback: string): string {
  const node = map && valueAt(map, 'origin');
  return node ? expectText(node, 'origin', "a text, such as 'measured'") : fallback;
}

function oneOf<T extends string>(node: DescriptionNode, subject: string, choices: readonly T[]): T {
  const text = expectText(node, subject, choices.join(' or '));
  return (
    choices.find((choice) => choice === text) ??
    refuse(node.span, `unknown ${subject} '${text}'`, suggest(text, choices, 'known'))
  );
}

function dimOf(node: DescriptionNode): Dim {
  if (node.type !== 'map') return expectCount(node, 'a size');
  onlyKeys(node, ['batch'], 'a size');
  const batch = valueAt(node, 'batch');
  return batch
    ? { batch: expectCount(batch, 'batch') }
    : refuse(node.span, 'an empty mapping as a size', 'write {batch: 1}');
}

/** A shape without the batch, which comes in front, unless the shape itself says where the batch stands. */
function inputShape(node: DescriptionNode, batched: boolean): Shape {
  const { items } = expectList(node, "an input's shape", '[3, 32, 32]');
  if (items.length > MOST_DIMENSIONS) {
    refuse(node.span, `a shape of ${items.length} dimensions`, `give at most ${MOST_DIMENSIONS}`);
  }
  const shape = items.map(dimOf);
  return !batched || shape.some(isBatchDim) ? shape : [BATCH, ...shape];
}

function oneInput(name: string, node: DescriptionNode): NetworkInput {
  const origin = `input, ${line(node)}`;
  if (node.type !== 'map') return { name, shape: inputShape(node, true), dtype: 'float32', origin };
  onlyKeys(node, ['shape', 'vocabulary', 'dtype', 'batched', 'origin'], `input '${name}'`);
  const [shape, vocabulary, dtype, batched] = ['shape', 'vocabulary', 'dtype', 'batched'].map((key) =>
    valueAt(node, key),
  );
  if (!shape) refuse(node.span, `input '${name}' has no shape`, 'write shape: [64], without the batch');
  return {
    name,
    shape: inputShape(shape, !batched || expectBool(batched, 'batched')),
    dtype: dtype ? oneOf(dtype, 'dtype', TYPES) : vocabulary ? 'int64' : 'float32',
    ...(vocabulary && { vocabulary: expectCount(vocabulary, 'vocabulary') }),
    origin: originOf(node, origin),
  };
}

/** The inputs: a list is the shape of the only one, called `input`; a mapping names several. */
export function readInputs(
  node: DescriptionNode | undefined,
  root: MapNode,
  options: ReadOptions,
  needed: boolean,
): readonly NetworkInput[] {
  const stated = node === undefined ? [] : node.type === 'list' ? [oneInput('input', node)] : namedInputs(node);
  const inputs = (options.inputs ?? []).reduce(overrideBy(options.givenBy ?? '--input'), stated);
  if (needed && inputs.length === 0) refuse(root.span, 'no input', 'write `input: [784]` (without the batch)');
  return inputs;
}

function namedInputs(node: DescriptionNode): NetworkInput[] {
  const map = expectMap(node, 'input', '[784], or {image: [3, 32, 32]}');
  return [...map.entries.values()].map(({ key, value }) => oneInput(key, value));
}

/** What the person gives beside the file wins. */
const overrideBy = (origin: string) => (inputs: readonly NetworkInput[], option: InputOption) => {
  const name = option.name ?? inputs[0]?.name ?? 'input';
  const stated = inputs.find((input) => input.name === name);
  if (!stated && inputs.length > 0) {
    const names = inputs.map((input) => input.name);
    throw new InputError(`no input is called '${name}'`, suggest(name, names, 'inputs'));
  }
  const given: NetworkInput = {
    ...stated,
    name,
    shape: withSymbolicBatch(option.shape),
    dtype: option.dtype ?? stated?.dtype ?? 'float32',
    origin,
  };
  return stated ? inputs.map((input) => (input === stated ? given : input)) : [given];
};

/** The batch size and where it comes from. */
export function readBatch(node: DescriptionNode | undefined, options: ReadOptions): Network['batch'] {
  if (options.batch !== undefined) return { size: options.batch, origin: options.givenBy ?? '--batch' };
  if (!node) return { size: DEFAULT_BATCH, origin: 'default' };
  if (node.type !== 'map') return { size: expectCount(node, 'batch'), origin: `batch, ${line(node)}` };
  onlyKeys(node, ['size', 'origin'], 'batch');
  const size = valueAt(node, 'size') ?? refuse(node.span, 'batch has no size', 'write batch: 32');
  return { size: expectCount(size, 'batch'), origin: originOf(node, `batch, ${line(size)}`) };
}

/** `loss` and `optimizer` may stand at the top or in `task`, not in both. */
function topOrTask(root: MapNode, key: 'loss' | 'optimizer'): DescriptionNode | undefined {
  const task = valueAt(root, 'task');
  const inTask = task?.type === 'map' ? valueAt(task, key) : undefined;
  const top = valueAt(root, key);
  if (top && inTask) refuse(inTask.span, `${key} stands twice, here and on ${line(top)}`, 'keep one of them');
  return top ?? inTask;
}

/** The task; what the file leaves out follows from its loss and from the output's shape. */
export function readTask(root: MapNode, output: Shape | undefined): Task {
  const node = valueAt(root, 'task');
  const lossNode = topOrTask(root, 'loss');
  const loss = lossNode && oneOf(lossNode, 'loss', LOSSES);
  const assumed = assumedTask(output);
  const map = node?.type === 'map' ? node : undefined;
  if (map) onlyKeys(map, ['kind', 'classes', 'loss', 'optimizer', 'origin'], 'task');
  const kindNode = map ? valueAt(map, 'kind') : node;
  const kind = kindNode
    ? oneOf(kindNode, 'task', TASK_KINDS)
    : loss
      ? loss === 'MSELoss'
        ? 'regression'
        : 'classification'
      : assumed.kind;
  const classesNode = map && valueAt(map, 'classes');
  const unstated = classesNode?.type === 'scalar' && classesNode.value === null;
  const stated = classesNode && !unstated ? expectCount(classesNode, 'classes', 2) : undefined;
  if (classesNode && kind === 'regression')
    refuse(classesNode.span, 'a regression has no classes', 'leave classes out');
  const given = output?.length === 2 && typeof output[1] === 'number' ? output[1] : undefined;
  if (classesNode && stated !== undefined && given !== undefined && given < stated) {
    refuse(
      classesNode.span,
      `${stated} classes, but the network gives ${formatShape(output ?? [])}`,
      `let its last layer give ${stated} values`,
    );
  }
  const classes = kind === 'classification' ? (stated ?? (unstated ? undefined : assumed.classes)) : undefined;
  const place = kindNode ?? lossNode;
  return {
    kind,
    ...(classes !== undefined && { classes }),
    loss: loss ?? (kind === 'classification' ? 'CrossEntropyLoss' : 'MSELoss'),
    origin: originOf(map, place ? `task, ${line(place)}` : assumed.origin),
  };
}

/** The optimizer; settings that the file leaves out stay out: the optimizer's defaults hold. */
export function readOptimizer(root: MapNode): OptimizerChoice {
  const node = topOrTask(root, 'optimizer');
  if (!node) return ASSUMED_OPTIMIZER;
  const kinds = Object.keys(optimizerSettings) as OptimizerChoice['kind'][];
  const origin = `optimizer, ${line(node)}`;
  if (node.type === 'scalar') return { kind: oneOf(node, 'optimizer', kinds), settings: {}, origin };
  const map = expectMap(node, 'optimizer', '{SGD: {lr: 0.1}}');
  const [entry, second] = [...map.entries.values()].filter(({ key }) => key !== 'origin');
  if (!entry || second) refuse(second?.keySpan ?? map.span, 'optimizer takes one kind', 'write {SGD: {lr: 0.1}}');
  const kind =
    kinds.find((known) => known === entry.key) ??
    refuse(entry.keySpan, `unknown optimizer '${entry.key}'`, suggest(entry.key, kinds, 'optimizers'));
  return { kind, settings: settingsOf(kind, entry.value), origin: originOf(map, origin) };
}

function settingsOf(kind: OptimizerChoice['kind'], node: DescriptionNode): Record<string, number | boolean> {
  if (node.type === 'scalar' && node.value === null) return {};
  const map = expectMap(node, kind, '{lr: 0.1}');
  onlyKeys(map, optimizerSettings[kind], kind);
  const settings: Record<string, number | boolean> = {};
  for (const { key, value } of map.entries.values()) {
    if (key === 'betas') {
      const betas = expectList(value, 'betas', '[0.9, 0.999]').items;
      if (betas.length !== 2) refuse(value.span, `betas takes two numbers, not ${betas.length}`, 'write [0.9, 0.999]');
      betas.forEach((beta, i) => {
        settings[`beta${i + 1}`] = setting(beta, `beta${i + 1}`);
      });
    } else settings[key] = key === 'nesterov' ? expectBool(value, key) : setting(value, key);
  }
  return settings;
}

function setting(node: DescriptionNode, name: string): number {
  const value = expectNumber(node, name);
  if (value >= 0 && Number.isFinite(value) && !(/^beta/.test(name) && value >= 1)) return value;
  return refuse(
    node.span,
    `${name} is ${value}`,
    /^beta/.test(name) ? 'let it be from 0 to below 1' : 'let it be a finite number of at least 0',
  );
}
