import { type DataArray, refuseData } from '../../dataFiles';
import { elementCount, type InputType, type Shape, type Task } from '../../network';
import { losses, targetOf } from '../../training';
import { layoutOf, type SampleLayout, sampleAxis } from './layout';
import { checkShape } from './ownChecks';

/** PyTorch's index for "no class here". */
const NO_CLASS = -100;
/** How far shares may be from adding up to one. */
const TOLERANCE = 1e-3;

/** Own targets as the task takes them. */
export interface FittedTarget {
  readonly task: Task;
  readonly shape: readonly number[];
  readonly dtype: InputType;
}

const holds = (array: DataArray, layout: SampleLayout): boolean =>
  elementCount(array.shape.slice(1)) === elementCount(layout.shape);

/**
 * Checks own targets against the task: class indices in range, or probabilities of classes where they have that shape;
 * bits from 0 to 1; distributions that add up to one; numbers.
 * @throws InputError, one line.
 */
export function fitTarget(array: DataArray, task: Task, output: Shape): FittedTarget {
  if (losses[task.loss].target === 'classes') return fitClasses(array, task, output);
  const { form, axis, shape } = targetOf(task, output);
  const layout = layoutOf(shape, 'the output');
  checkShape(array, layout, 'the loss');
  if (form === 'binary') {
    const wrong = array.values.findIndex((value: number | bigint) => Number(value) < 0 || Number(value) > 1);
    if (wrong >= 0) {
      const said = `${task.loss} takes numbers from 0 to 1, but target ${wrong} is ${array.values[wrong]}`;
      refuseData(array.place, said, 'write 0 and 1');
    }
  }
  if (form === 'distributions') checkShares(array, layout, axis, task.lossSettings?.log_target === true);
  return { task, shape: layout.shape, dtype: 'float32' };
}

function fitClasses(array: DataArray, task: Task, output: Shape): FittedTarget {
  const { targets: _, ...ofIndices } = task;
  const { shape, axis, classes } = targetOf(ofIndices, output);
  const indices = layoutOf(shape, 'the output');
  // A probability for each class has the axis of classes too.
  const probabilities = layoutOf(output, 'the output');
  const asShares = task.loss === 'CrossEntropyLoss' && classes! > 1 && holds(array, probabilities);
  if (task.targets === 'probabilities' || (asShares && !holds(array, indices))) {
    checkShape(array, probabilities, 'the loss');
    checkShares(array, probabilities, axis, false);
    return { task: { ...task, targets: 'probabilities' }, shape: probabilities.shape, dtype: 'float32' };
  }
  checkShape(array, indices, 'the loss');
  const broken = array.values.findIndex((value: number | bigint) => !Number.isInteger(Number(value)));
  if (broken >= 0) {
    refuseData(
      array.place,
      `${task.loss} takes class indices, but target ${broken} is ${array.values[broken]}`,
      'write classes as 0, 1, 2, …; or train with a loss for numbers, such as MSELoss',
    );
  }
  return { task: inRange(array, task, classes!), shape: indices.shape, dtype: 'int64' };
}

/** Every class is one of the output's, or the one that the loss leaves out; where that is PyTorch's default, the task now says it. */
function inRange(array: DataArray, task: Task, classes: number): Task {
  const stated = task.lossSettings?.ignore_index;
  const ignored = typeof stated === 'number' ? stated : NO_CLASS;
  let least = Number.POSITIVE_INFINITY;
  let most = Number.NEGATIVE_INFINITY;
  let ignores = false;
  array.values.forEach((value: number | bigint) => {
    const label = Number(value);
    if (label === ignored) ignores = true;
    else {
      least = Math.min(least, label);
      most = Math.max(most, label);
    }
  });
  if (least < 0 || most >= classes) {
    const counted =
      least === 1 && most === classes ? 'count classes from 0: y - 1' : `let the network give ${most + 1} scores`;
    refuseData(
      array.place,
      `its classes go from ${least} to ${most}, and the network gives scores for 0 to ${classes - 1}`,
      least < 0 ? 'count classes from 0' : counted,
    );
  }
  if (!ignores || stated !== undefined) return task;
  return { ...task, lossSettings: { ...task.lossSettings, ignore_index: NO_CLASS } };
}

/** Shares, or their logarithms, that add up to one along the output's axis. */
function checkShares(array: DataArray, layout: SampleLayout, outputAxis: number, logarithms: boolean): void {
  const { shape } = layout;
  const axis = sampleAxis(layout, outputAxis);
  const classes = shape[axis]!;
  const inner = elementCount(shape.slice(axis + 1));
  const { values, place } = array;
  const shareAt = (i: number) => (logarithms ? Math.exp(Number(values[i]!)) : Number(values[i]!));
  for (let start = 0; start < values.length; start += classes * inner) {
    for (let k = 0; k < inner; k++) {
      const shares = Array.from({ length: classes }, (_, c) => shareAt(start + c * inner + k));
      const total = shares.reduce((a, b) => a + b);
      if (shares.every((share) => share >= 0) && Math.abs(total - 1) <= TOLERANCE) continue;
      const sample = Math.floor(start / elementCount(shape));
      const kind = logarithms ? 'logarithms of probabilities' : 'probabilities';
      refuseData(
        place,
        `targets of this shape are ${kind}, but those of sample ${sample} are ${shares.some((share) => share < 0) ? 'partly negative' : `${total.toPrecision(4)} together`}`,
        'let them add up to 1, or give class indices',
      );
    }
  }
}
