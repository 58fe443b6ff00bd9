import { AttributeError, ShapeError } from '../../layers';
import {
  assumedClassAxis,
  assumedTask,
  formatShape,
  LOSS_KINDS,
  type LossKind,
  type NetworkInput,
  type Shape,
  type Task,
} from '../../network';
import { checkLoss, completeSettings, losses, targetOf } from '../../training';
import { lineOf, oneOf, originOf, topOrTask } from './head';
import { type DescriptionNode, expectCount, type MapNode, onlyKeys, refuse, valueAt } from './node';
import { kindAndSettings, readSettings } from './settings';

const KINDS = ['classification', 'regression'] as const;
const TARGETS = ['classes', 'probabilities', 'none'] as const;
export const taskKeys = ['kind', 'classes', 'loss', 'optimizer', 'class_dim', 'targets', 'origin'] as const;

function readLoss(node: DescriptionNode): Pick<Task, 'loss' | 'lossSettings'> {
  const { kind, settings } = kindAndSettings(
    node,
    'loss',
    LOSS_KINDS,
    [],
    '{CrossEntropyLoss: {label_smoothing: 0.1}}',
  );
  const table = losses[kind].settings;
  const given = readSettings(kind, table, settings, (stated) => completeSettings(kind, table, stated));
  return { loss: kind, ...(Object.keys(given).length > 0 && { lossSettings: given }) };
}

/** The loss where the file names the kind of task alone. */
const usualLoss = (kind: Task['kind']): LossKind => (kind === 'classification' ? 'CrossEntropyLoss' : 'MSELoss');

/** A whole number that may count from the end. */
function readClassAxis(node: DescriptionNode, output: Shape | undefined): number {
  const value = node.type === 'scalar' ? node.value : undefined;
  const rank = output?.length ?? 16;
  if (typeof value === 'number' && Number.isInteger(value) && value >= -rank && value < rank) {
    return value < 0 ? value + rank : value;
  }
  return refuse(node.span, `class_dim is no dimension of ${formatShape(output ?? [])}`, 'write class_dim: 1');
}

/**
 * The task; what the file leaves out follows from its loss and from the output's shape.
 * @throws InputError where the loss cannot take that output.
 */
export function readTask(root: MapNode, output: Shape | undefined, inputs: readonly NetworkInput[]): Task {
  const node = valueAt(root, 'task');
  const lossNode = topOrTask(root, 'loss');
  const stated = lossNode && readLoss(lossNode);
  const assumed = assumedTask(output, inputs);
  const map = node?.type === 'map' ? node : undefined;
  if (map) onlyKeys(map, taskKeys, 'task');
  const at = (key: (typeof taskKeys)[number]) => map && valueAt(map, key);
  const kindNode = map ? at('kind') : node;
  const ofLoss = stated && losses[stated.loss].task;
  const kind = kindNode ? oneOf(kindNode, 'task', KINDS) : (ofLoss ?? assumed.kind);
  const loss = stated ?? { loss: usualLoss(kind) };
  const axisNode = at('class_dim');
  const classAxis = axisNode
    ? readClassAxis(axisNode, output)
    : output && losses[loss.loss].target === 'classes'
      ? assumedClassAxis(inputs, output)
      : undefined;
  const targetsNode = at('targets');
  const targets = targetsNode && oneOf(targetsNode, 'targets', TARGETS);
  const place = kindNode ?? lossNode;
  const task: Task = {
    kind,
    ...loss,
    ...(classAxis !== undefined && { classAxis }),
    ...(targets && targets !== 'classes' && { targets }),
    origin: originOf(map, place ? `task, ${lineOf(place)}` : assumed.origin),
  };
  const classes = readClasses(at('classes'), task, output, place ?? root);
  return classes === undefined ? task : { ...task, classes };
}

/** How many classes there are: as stated, else as the output has them. Undefined where nothing has classes. */
function readClasses(
  node: DescriptionNode | undefined,
  task: Task,
  output: Shape | undefined,
  place: DescriptionNode,
): number | undefined {
  if (node && task.kind === 'regression') refuse(node.span, 'a regression has no classes', 'leave classes out');
  const unstated = node?.type === 'scalar' && node.value === null;
  const stated = node && !unstated ? expectCount(node, 'classes', 2) : undefined;
  const given = output && classesGiven(task, output, place);
  if (node && stated !== undefined && given !== undefined && given < stated) {
    refuse(
      node.span,
      `${stated} classes, but the network gives ${formatShape(output ?? [])}`,
      `let its last layer give ${stated} values`,
    );
  }
  return stated ?? (unstated ? undefined : given);
}

/** The output's classes, for a loss that takes a class index. */
function classesGiven(task: Task, output: Shape, place: DescriptionNode): number | undefined {
  try {
    const { classes } = targetOf(task, output);
    checkLoss(task, output);
    return losses[task.loss].target === 'classes' ? classes : undefined;
  } catch (error) {
    if (!(error instanceof ShapeError || error instanceof AttributeError)) throw error;
    return refuse(place.span, error.message, 'state another loss, or change the last layer');
  }
}
