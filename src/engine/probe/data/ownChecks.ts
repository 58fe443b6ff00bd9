import { type DataArray, refuseData } from '../../dataFiles';
import type { SampleLayout } from './layout';

/** Sizes of 1 may stand or not. */
const withoutOnes = (shape: readonly number[]) => shape.filter((dim) => dim !== 1).join();

/** Sees that an array's samples are of the shape that is wanted; sizes of 1 may stand or not. */
export function checkShape(array: DataArray, layout: SampleLayout, what: string): void {
  const own = array.shape.slice(1);
  if (withoutOnes(own) === withoutOnes(layout.shape)) return;
  const wanted = layout.shape.length === 0 ? 'one number each' : `[${layout.shape.join(', ')}]`;
  refuseData(
    array.place,
    `its samples are [${own.join(', ')}], and ${what} takes ${wanted}`,
    reshaping(own, layout.shape) ?? `give samples of that shape, or analyse the network with --input of yours`,
  );
}

/** How to bring samples into another shape, where it can be told. */
function reshaping(own: readonly number[], wanted: readonly number[]): string | undefined {
  const [h, w, c] = own;
  if (own.length === 3 && wanted.length === 3 && wanted.join() === [c, h, w].join()) {
    return 'bring the channels to the front: np.transpose(x, (0, 3, 1, 2))';
  }
  const count = (shape: readonly number[]) => shape.reduce((product, dim) => product * dim, 1);
  return count(own) === count(wanted) ? `reshape them: x.reshape(${['-1', ...wanted].join(', ')})` : undefined;
}

/** Every float array's numbers are numbers. */
export function checkFinite(array: DataArray): void {
  const { values, place, shape } = array;
  if (!(values instanceof Float32Array || values instanceof Float64Array)) return;
  let wrong = 0;
  let first = -1;
  for (let i = 0; i < values.length; i++) {
    if (Number.isFinite(Math.fround(values[i]!))) continue;
    if (first < 0) first = i;
    wrong++;
  }
  if (wrong === 0) return;
  const index: number[] = [];
  for (let rest = first, axis = shape.length - 1; axis >= 0; rest = Math.floor(rest / shape[axis]!), axis--) {
    index.unshift(rest % shape[axis]!);
  }
  const value = values[first]!;
  const said = Number.isFinite(value) ? `${value}, beyond float32` : Number.isNaN(value) ? 'NaN' : 'infinite';
  refuseData(
    place,
    `${wrong} of ${values.length} values ${wrong === 1 ? 'is' : 'are'} no finite float32, the first at [${index.join(', ')}] (${said})`,
    'fill or leave out what is missing, and save again',
  );
}
