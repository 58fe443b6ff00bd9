import { type Dim, isBatchDim, sameDim, sameShape } from '../../../network';
import { tensorNumbers } from '../../../onnx';
import { NotRead } from '../notRead';
import { shapeOf, type Value, valueTypeOf } from '../values';
import { type Applied, axisOf, elementsOf, type Given } from './applied';
import { embedding } from './linear';
import type { OperatorRow } from './row';

const WHOLE = 2 ** 31 - 1;

function slice(applied: Applied): Value {
  const starts = applied.list('starts') ?? applied.dimsAt(1);
  const ends = applied.list('ends') ?? applied.dimsAt(2);
  if (!starts || !ends) throw new NotRead('it has no starts and ends');
  const rank = applied.rank();
  const axes = (applied.listAt('axes', 3) ?? starts.map((_, axis) => axis)).map((axis) => axisOf(axis, rank));
  const steps = applied.numbersAt(4) ?? starts.map(() => 1);
  let input: Value = applied.input();
  const index = Array.from({ length: rank }, (): ['slice', Dim | null, Dim | null, number | null] => [
    'slice',
    null,
    null,
    null,
  ]);
  axes.forEach((axis, i) => {
    const size = applied.shape()[axis]!;
    const [step, start, end] = [steps[i] ?? 1, starts[i]!, ends[i]!];
    if (step < 0) {
      const all =
        !isBatchDim(start) &&
        !isBatchDim(end) &&
        (start === -1 || start >= WHOLE || (!isBatchDim(size) && start >= size - 1)) &&
        end < -WHOLE + 1;
      if (!all || step !== -1) throw new NotRead('a part of an axis from back to front is not modelled');
      input = applied.one('flip', { dims: [axis] }, [input]);
      return;
    }
    index[axis] = [
      'slice',
      start === 0 ? null : start,
      openEnd(end, size, applied.fixedBatch),
      step === 1 ? null : step,
    ];
  });
  const last = index.findLastIndex(([, ...parts]) => parts.some((part) => part !== null));
  return last < 0 ? input : applied.one('getitem', { index: index.slice(0, last + 1) }, [input]);
}

/** The end of a slice; null where it takes all that is left. */
function openEnd(end: Dim, size: Dim, fixed: number | undefined): Dim | null {
  if (isBatchDim(end)) return sameDim(end, size) ? null : end;
  if (end >= WHOLE || (!isBatchDim(size) && end >= size)) return null;
  return isBatchDim(size) && fixed !== undefined && end === fixed * size.batch ? null : end;
}

function gather(applied: Applied): Value {
  const embedded = embedding(applied);
  if (embedded) return embedded;
  const axis = axisOf(applied.number('axis', 0), applied.rank());
  const index = applied.input(1);
  const elements = index.kind === 'flow' ? undefined : elementsOf(index);
  if (elements && !elements.some((each) => isBatchDim(each))) {
    const numbers = elements as readonly number[];
    const at = shapeOf(index);
    if (at.length === 0) return applied.one('select', { dim: axis, index: numbers[0]! });
    if (at.length === 1) {
      const all: (readonly unknown[])[] = Array.from({ length: axis }, () => ['slice', null, null, null]);
      return applied.one('getitem', { index: [...all, [...numbers]] as never });
    }
  }
  const rank = shapeOf(index).length;
  if (rank === 1) return applied.one('index_select', { dim: axis }, [applied.input(), index]);
  const parts: (string | readonly unknown[])[] = Array.from({ length: axis }, () => ['slice', null, null, null]);
  return applied.one('getitem', { index: [...parts, 'tensor'] as never }, [applied.input(), index]);
}

function split(applied: Applied): readonly Value[] {
  const dim = axisOf(applied.number('axis', 0), applied.rank());
  const size = applied.shape()[dim]!;
  const count = applied.node.outputs.length;
  let sections = applied.list('split') ?? applied.numbersAt(1);
  if (!sections) {
    if (isBatchDim(size)) throw new NotRead('a part of the batch has a size that is not known');
    const each = Math.ceil(size / count);
    sections = Array.from({ length: count }, (_, i) => Math.max(0, Math.min(each, size - i * each)));
  }
  if (sections.length !== count) throw new NotRead(`${sections.length} sections for ${count} outputs`);
  return applied.all('split', { split_size_or_sections: sections, dim });
}

function concat(applied: Applied): Value {
  const dim = axisOf(applied.number('axis', 0), applied.rank());
  const values = applied.inputs.map((_, i) => applied.input(i));
  return applied.one(
    'cat',
    { dim },
    values.map((value) => spreadOverBatch(applied, value, values, dim)),
  );
}

/** A part that was written for the file's own batch, beside parts that have the batch: it stands once for each sample. */
function spreadOverBatch(applied: Applied, value: Given, all: readonly Given[], dim: number): Value {
  const { fixedBatch } = applied;
  const shape = shapeOf(value);
  const target = shape.map((size, axis): Dim => {
    if (axis === dim || isBatchDim(size) || size !== fixedBatch) return size;
    return all.map((each) => shapeOf(each)[axis]).find((other) => other !== undefined && isBatchDim(other)) ?? size;
  });
  if (sameShape(target, shape) || fixedBatch !== 1) return value;
  return applied.one('expand', { size: target }, [value]);
}

function constantOfShape(applied: Applied): Value {
  const shape = applied.dimsAt(0);
  if (!shape) throw new NotRead('it has no shape');
  const attribute = applied.node.attributes.get('value');
  const tensor = attribute?.kind === 'tensor' ? attribute.value : undefined;
  const type = tensor ? valueTypeOf(DATA[tensor.dataType] ?? 'float32') : 'float32';
  const value = tensor ? tensorNumbers(tensor)[0] : 0;
  return { kind: 'filled', shape, type: type ?? 'float32', value: value ?? 0 };
}

const DATA: Readonly<Record<number, string>> = {
  1: 'float32',
  7: 'int64',
  6: 'int32',
  9: 'bool',
  10: 'float16',
  11: 'float64',
};

function range(applied: Applied): Value {
  const [start, end, step] = [0, 1, 2].map((index) => applied.dimsAt(index)?.[0]);
  if (start === undefined || end === undefined || step === undefined || isBatchDim(start) || isBatchDim(step))
    throw new NotRead('its ends are not known');
  return applied.one('arange', { start, end, step, dtype: 'int64' }, []);
}

function oneHot(applied: Applied): Value {
  const depth = applied.scalarAt(1);
  const [off, on] = applied.numbersAt(2) ?? [];
  const last = applied.number('axis', -1) === -1 || applied.number('axis', -1) === applied.rank();
  if (depth === undefined || !last || off !== 0 || on !== 1)
    throw new NotRead('it is modelled on the last axis, with zeros and ones');
  return applied.one('one_hot', { num_classes: depth });
}

/** Rows of several axes at once, in the one case that index lists have: [N, k] picks along the first k axes. */
function gatherNd(applied: Applied): Value {
  if (applied.number('batch_dims', 0) !== 0) throw new NotRead('batch_dims is not modelled');
  const index = applied.input(1);
  if (shapeOf(index).at(-1) !== 1) throw new NotRead('picks along several axes are not modelled');
  const flat = applied.one('squeeze', { dim: [shapeOf(index).length - 1] }, [index]);
  return applied.one('getitem', { index: ['tensor'] }, [applied.input(), flat]);
}

export const selections: readonly OperatorRow[] = [
  { op: 'Slice', read: slice },
  { op: 'Gather', read: gather },
  {
    op: 'GatherElements',
    read: (applied) => applied.one('gather', { dim: applied.number('axis', 0) }, [applied.input(0), applied.input(1)]),
  },
  { op: 'GatherND', read: gatherNd },
  { op: 'Split', read: split },
  { op: 'Concat', read: concat },
  { op: 'ConstantOfShape', read: constantOfShape },
  { op: 'Range', read: range },
  { op: 'OneHot', read: oneHot },
];
