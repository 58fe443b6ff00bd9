import { formatShape, InputError, isBatchDim, type Shape } from '../../network';

/** How a tensor that a program works on is put together from samples. */
export interface SampleLayout {
  /** One sample's part of it; where the batch's axis holds several values for each sample, they are an axis in its place. */
  readonly shape: readonly number[];
  /** The axis that the batch stands on; absent for a tensor without one. */
  readonly axis?: number;
  /** How many values for each sample that axis holds. */
  readonly perSample: number;
}

/** The layout of a shape. @throws InputError where the batch stands on two axes. */
export function layoutOf(shape: Shape, what: string): SampleLayout {
  const axes = shape.flatMap((dim, axis) => (isBatchDim(dim) ? [axis] : []));
  const [axis, second] = axes;
  if (second !== undefined) {
    throw new InputError(`${what} has the batch on two axes, ${formatShape(shape)}`, 'give it one');
  }
  const perSample = axis === undefined ? 1 : (shape[axis] as { batch: number }).batch;
  const own = shape.flatMap((dim) => (isBatchDim(dim) ? (perSample > 1 ? [perSample] : []) : [dim]));
  return { shape: own, perSample, ...(axis !== undefined && { axis }) };
}

/** Where an axis of the whole stands in one sample: the batch's own comes off, unless it holds several values for each. */
export const sampleAxis = ({ axis: batch, perSample }: SampleLayout, axis: number): number =>
  batch !== undefined && batch < axis && perSample === 1 ? axis - 1 : axis;
