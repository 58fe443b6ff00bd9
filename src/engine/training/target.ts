import { ShapeError } from '../layers';
import { formatShape, type Shape, type Task } from '../network';
import { add, mean, mul, type Tensor } from '../tensor';
import { completeSettings } from './complete';
import { losses, type TargetForm } from './losses';

/** What a network's output is held against. */
export interface Target {
  readonly form: TargetForm;
  readonly dtype: 'int64' | 'float32';
  /** With the batch, as the output has it. */
  readonly shape: Shape;
  /** How many classes the output's axis of them holds; of class indices and of distributions. */
  readonly classes?: number;
  /** That axis, from 0. */
  readonly axis: number;
}

/** The output's axis of classes: PyTorch's 1, 0 of an output without a batch, or what the task says. */
function classAxisOf(task: Task, rank: number): number {
  const axis = task.classAxis ?? Math.min(1, rank - 1);
  return axis < 0 ? axis + rank : axis;
}

/**
 * The target that a task's loss takes for an output.
 * @throws ShapeError where the loss cannot take that output.
 */
export function targetOf(task: Task, output: Shape): Target {
  if (task.targets === 'none') return { form: 'values', dtype: 'float32', shape: output, axis: output.length - 1 };
  const row = losses[task.loss];
  const form = row.target === 'classes' && task.targets === 'probabilities' ? 'distributions' : row.target;
  if (form === 'values' || form === 'binary') return { form, dtype: 'float32', shape: output, axis: output.length - 1 };
  const axis = row.target === 'classes' ? classAxisOf(task, output.length) : (task.classAxis ?? output.length - 1);
  const classes = output[axis];
  if (typeof classes !== 'number') {
    throw new ShapeError(
      `${task.loss} takes a score for each class, [batch, classes, …], but the network gives ${formatShape(output)}`,
    );
  }
  return form === 'classes'
    ? { form, dtype: 'int64', shape: output.filter((_, i) => i !== axis), classes, axis }
    : { form, dtype: 'float32', shape: output, classes, axis };
}

/**
 * Sees that a task's loss can be reckoned of an output.
 * @throws AttributeError in PyTorch's words for settings that do not fit.
 */
export function checkLoss(task: Task, output: Shape): void {
  const row = losses[task.loss];
  const settings = completeSettings(task.loss, row.settings, task.lossSettings ?? {});
  const classes = output[classAxisOf(task, output.length)];
  row.validate?.(settings, typeof classes === 'number' ? classes : undefined);
}

/**
 * The loss of a batch, one number, as the task's loss reduces it.
 * @throws AttributeError for settings that do not fit.
 */
export function lossOf(task: Task, output: Tensor, target: Tensor): Tensor {
  // Nothing is held against it; it keeps its place among what a program is given.
  if (task.targets === 'none') return add(mean(output), mul(mean(target), 0));
  const row = losses[task.loss];
  const settings = completeSettings(task.loss, row.settings, task.lossSettings ?? {});
  const classAxis = classAxisOf(task, output.shape.length);
  row.validate?.(settings, output.shape[classAxis]);
  return row.loss({ output, target, settings, classAxis });
}

/** Whether the loss grows with the batch, instead of being a mean over it. */
export const sumsOverBatch = ({ lossSettings }: Task): boolean => lossSettings?.reduction === 'sum';
