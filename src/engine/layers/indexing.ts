import { type AttributeValue, type Dim, isBatchDim, type Shape, sameDim } from '../network';
import { add, constant, expand, mod, mul, reshape, gather as rowsOf, slice, type Tensor, transpose } from '../tensor';
import type { Attribute } from './attribute';
import { broadcastShapes, formatDim, range } from './dimensions';
import { ShapeError } from './row';

/** What stands between the brackets, one entry a comma. */
export type IndexPart =
  | number
  /** `start:stop:step`, null for what is left out. */
  | readonly ['slice', Dim | null, Dim | null, number | null]
  /** A new axis of size 1. */
  | null
  /** As many whole axes as are left. */
  | '...'
  /** A tensor of whole numbers: the next operand. */
  | 'tensor'
  /** Whole numbers, or truths that say which are taken. */
  | readonly number[]
  | readonly boolean[];

const isDimOrNull = (value: AttributeValue): boolean =>
  value === null || Number.isInteger(value) || (typeof value === 'object' && !Array.isArray(value));

/** `1:`, `:-1`, `::2` as a slice; undefined for any other text. */
function sliceOfText(text: string): IndexPart | undefined {
  const match = /^\s*(-?\d*)\s*:\s*(-?\d*)\s*(?::\s*(-?\d*)\s*)?$/.exec(text);
  if (!match || match.includes('-')) return undefined;
  const [start, stop, step] = match.slice(1).map((part) => (part ? Number(part) : null));
  return ['slice', start ?? null, stop ?? null, step ?? null];
}

function indexPart(value: AttributeValue): IndexPart | undefined {
  if (value === null || value === '...' || value === 'tensor' || Number.isInteger(value)) return value as IndexPart;
  if (typeof value === 'string') return sliceOfText(value);
  if (!Array.isArray(value)) return undefined;
  if (value[0] === 'slice')
    return value.length === 4 && value.slice(1).every(isDimOrNull) ? (value as unknown as IndexPart) : undefined;
  const plain = value.every(Number.isInteger) || value.every((each) => typeof each === 'boolean');
  return plain ? (value as unknown as IndexPart) : undefined;
}

/** The index of `x[…]`. A description file writes slices as texts: `index: [":", -1, "::2", "...", null]`. */
export const tensorIndex: Attribute<readonly AttributeValue[]> = {
  takes: 'a list of whole numbers, slices such as "1:3", "...", null, and lists of whole numbers',
  schema: { type: 'array' },
  accept(value) {
    if (!Array.isArray(value)) return undefined;
    const parts = value.map(indexPart);
    return parts.includes(undefined) ? undefined : (parts as unknown as readonly AttributeValue[]);
  },
};

/** One axis of the indexed tensor, or a new one. */
type Step =
  | { readonly kind: 'new' }
  | { readonly kind: 'pick'; readonly axis: number; readonly at: number }
  | { readonly kind: 'slice'; readonly axis: number; readonly from: Dim; readonly size: Dim; readonly step: number }
  /** By a list, or by the operand of that number. */
  | { readonly kind: 'list'; readonly axis: number; readonly indices: readonly number[] }
  | { readonly kind: 'tensor'; readonly axis: number; readonly operand: number };

/** Where a slice of an axis begins and how much it takes. */
function sliced(size: Dim, start: Dim | null, stop: Dim | null, step: number): { from: Dim; size: Dim } {
  if (step <= 0) throw new ShapeError('step must be greater than zero');
  const symbolic = [size, start, stop].some((dim) => dim !== null && isBatchDim(dim));
  if (!symbolic) {
    const whole = size as number;
    const clip = (at: number) => Math.min(whole, Math.max(0, at < 0 ? at + whole : at));
    const from = start === null ? 0 : clip(start as number);
    const to = stop === null ? whole : clip(stop as number);
    return { from, size: Math.max(0, Math.ceil((to - from) / step)) };
  }
  const from = start ?? 0;
  const to = stop ?? size;
  if (step === 1 && from === 0 && (isBatchDim(to) || sameDim(to, size))) return { from, size: to };
  if (step === 1 && isBatchDim(from) && isBatchDim(to) && to.batch > from.batch)
    return { from, size: { batch: to.batch - from.batch } };
  throw new ShapeError(
    `A slice of the batch (${formatDim(size)}) from ${formatDim(from)} to ${formatDim(to)} has a size that is not known`,
  );
}

/** Takes an index apart, axis by axis; what is left of the axes is whole. */
export function stepsOf(shape: Shape, index: readonly IndexPart[]): Step[] {
  const taken = index.filter((part) => part !== null && part !== '...').length;
  if (taken > shape.length) throw new ShapeError(`too many indices for tensor of dimension ${shape.length}`);
  const steps: Step[] = [];
  const lists: { readonly part: readonly (number | boolean)[]; readonly axis: number; readonly at: number }[] = [];
  let axis = 0;
  let operand = 1;
  const whole = (count: number) => {
    for (const _ of range(0, count)) {
      steps.push({ kind: 'slice', axis, from: 0, size: shape[axis]!, step: 1 });
      axis++;
    }
  };
  for (const part of index) {
    if (part === null) steps.push({ kind: 'new' });
    else if (part === '...') whole(shape.length - taken);
    else {
      const size = shape[axis]!;
      if (part === 'tensor') steps.push({ kind: 'tensor', axis, operand: operand++ });
      else if (typeof part === 'number') steps.push({ kind: 'pick', axis, at: place(part, size, axis) });
      else if (part[0] === 'slice') {
        const [, start, stop, step] = part as readonly ['slice', Dim | null, Dim | null, number | null];
        steps.push({ kind: 'slice', axis, step: step ?? 1, ...sliced(size, start, stop, step ?? 1) });
      } else {
        lists.push({ part: part as readonly (number | boolean)[], axis, at: steps.length });
        steps.push({ kind: 'list', axis, indices: [] });
      }
      axis++;
    }
  }
  whole(shape.length - axis);
  // PyTorch looks at single numbers first, and names an index of a list by the list's place among lists and tensors.
  for (const { part, axis, at } of lists) {
    const nth = steps.slice(0, at).filter(isAdvanced).length;
    if (typeof part[0] === 'boolean' && part.length !== shape[axis]) throw wrongMask(part.length, shape, steps, at);
    steps[at] = { kind: 'list', axis, indices: listed(part, shape[axis]!, nth) };
  }
  return steps;
}

/** An index counted from 0; `axis` as PyTorch names it where it is out of bounds. */
function place(at: number, size: Dim, axis: number): number {
  if (isBatchDim(size)) {
    if (at >= 0) return at;
    throw new ShapeError(`index ${at} counts from the end of the batch, whose size is not known`);
  }
  if (at >= size || at < -size)
    throw new ShapeError(`index ${at} is out of bounds for dimension ${axis} with size ${size}`);
  return at < 0 ? at + size : at;
}

const listed = (part: readonly (number | boolean)[], size: Dim, nth: number): number[] =>
  part.flatMap((each, at) => (typeof each === 'number' ? [place(each, size, nth)] : each ? [at] : []));

/** A mask meets the tensor as picks, slices and new axes have left it. */
function wrongMask(length: number, shape: Shape, steps: readonly Step[], at: number): ShapeError {
  const left = (some: readonly Step[]): Shape =>
    some.flatMap((step) => {
      if (step.kind === 'pick') return [];
      return [step.kind === 'new' ? 1 : step.kind === 'slice' ? step.size : shape[step.axis]!];
    });
  return new ShapeError(
    `The shape of the mask [${length}] at index 0 does not match the shape of the indexed tensor ` +
      `[${left(steps).map(formatDim).join(', ')}] at index ${left(steps.slice(0, at)).length}`,
  );
}

const isAdvanced = (step: Step): step is Extract<Step, { kind: 'list' | 'tensor' }> =>
  step.kind === 'list' || step.kind === 'tensor';

/** Whether the axes taken by lists stand side by side, once single picks are gone: then their shape stands there too. */
function sideBySide(steps: readonly Step[]): boolean {
  const left = steps.filter(({ kind }) => kind !== 'pick');
  const places = left.flatMap((step, i) => (isAdvanced(step) ? [i] : []));
  return places.every((at, i) => i === 0 || at === places[i - 1]! + 1);
}

/** The shape that the lists and tensors of an index have together. */
function listShape(steps: readonly Step[], operands: readonly Shape[]): Shape {
  const shapes = steps
    .filter(isAdvanced)
    .map((step): Shape => (step.kind === 'list' ? [step.indices.length] : operands[step.operand]!));
  try {
    return shapes.reduce(broadcastShapes);
  } catch (error) {
    if (!(error instanceof ShapeError)) throw error;
    const listed = shapes.map((shape) => `[${shape.map(formatDim).join(', ')}]`).join(', ');
    throw new ShapeError(`shape mismatch: indexing tensors could not be broadcast together with shapes ${listed}`);
  }
}

/** The shape of `x[index]`. @throws ShapeError in PyTorch's words. */
export function indexedShape(operands: readonly Shape[], index: readonly IndexPart[]): Shape {
  const steps = stepsOf(operands[0]!, index);
  const dimOf = (step: Step): Shape => (step.kind === 'new' ? [1] : step.kind === 'slice' ? [step.size] : []);
  const lists = steps.findIndex(isAdvanced);
  if (lists < 0) return steps.flatMap(dimOf);
  const together = listShape(steps, operands);
  if (!sideBySide(steps)) return [...together, ...steps.flatMap(dimOf)];
  return [...steps.slice(0, lists).flatMap(dimOf), ...together, ...steps.slice(lists).flatMap(dimOf)];
}

/** The region of an index without lists: where it begins, ends and steps on each axis. */
export function regionOf(shape: readonly number[], steps: readonly Step[]) {
  const region = { starts: shape.map(() => 0), ends: [...shape], steps: shape.map(() => 1) };
  for (const step of steps) {
    if (step.kind === 'pick') {
      region.starts[step.axis] = step.at;
      region.ends[step.axis] = step.at + 1;
    } else if (step.kind === 'slice') {
      const [from, size] = [step.from as number, step.size as number];
      region.starts[step.axis] = from;
      region.ends[step.axis] = size === 0 ? from : from + (size - 1) * step.step + 1;
      region.steps[step.axis] = step.step;
    }
  }
  return region;
}

/** `x[index]`; the operands behind x are the index's tensors. */
export function indexed(operands: readonly Tensor[], index: readonly IndexPart[]): Tensor {
  const x = operands[0]!;
  const steps = stepsOf(x.shape, index);
  const { starts, ends, steps: strides } = regionOf(x.shape, steps);
  const cut = slice(x, starts, ends, strides);
  const left = steps.filter(({ kind }) => kind !== 'pick');
  const sizeOf = (step: Step) => (step.kind === 'new' ? 1 : cut.shape[(step as { axis: number }).axis]!);
  const basic = reshape(cut, left.map(sizeOf));
  const places = left.flatMap((step, i) => (isAdvanced(step) ? [i] : []));
  if (places.length === 0) return basic;

  const together = listShape(
    steps,
    operands.map(({ shape }) => shape),
  ) as readonly number[];
  const others = range(0, left.length).filter((i) => !places.includes(i));
  const sizes = places.map((i) => basic.shape[i]!);
  const rest = others.map((i) => basic.shape[i]!);
  const rows = sizes.reduce((product, size) => product * size, 1);
  // The listed axes become one in front, and every combination of indices one number.
  const flat = reshape(transpose(basic, [...places, ...others]), [rows, ...rest]);
  let number: Tensor | undefined;
  places.forEach((at, i) => {
    const step = left[at] as Extract<Step, { kind: 'list' | 'tensor' }>;
    const own =
      step.kind === 'list'
        ? constant(step.indices, [step.indices.length], 'int64')
        : // Negative indices count from the end; one index alone is left to the primitive, which knows them.
          places.length === 1
          ? operands[step.operand]!
          : mod(operands[step.operand]!, sizes[i]!);
    number = number === undefined ? own : add(mul(number, sizes[i]!), own);
  });
  const picked = rowsOf(flat, reshape(expand(number!, together), [together.reduce((a, b) => a * b, 1)]));
  const shaped = reshape(picked, [...together, ...rest]);
  if (!sideBySide(steps)) return shaped;
  const before = places[0]!;
  const lists = range(0, together.length);
  const after = range(together.length, together.length + rest.length);
  return transpose(shaped, [...after.slice(0, before), ...lists, ...after.slice(before)]);
}
