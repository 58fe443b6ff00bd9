import { type DataArray, refuseData } from './array';
import { parseNpy } from './npy';
import { zipEntries } from './zip';

const ENDING = /\.npy$/;

/** The arrays of an archive by name, in its order; each is unpacked when it is read. */
export interface Archive {
  readonly names: readonly string[];
  /** @throws InputError as `parseNpy` does. */
  read(index: number): DataArray;
}

/** Opens a .npz archive. @throws InputError for what is none, or has no arrays. */
export function openNpz(file: Buffer, place: string, mostBytes: number): Archive {
  const entries = zipEntries(file, place, mostBytes).filter(({ name }) => ENDING.test(name));
  if (entries.length === 0) refuseData(place, 'the archive holds no arrays', 'write it with np.savez(file, x=x, y=y)');
  const names = entries.map(({ name }) => name.replace(ENDING, ''));
  return {
    names,
    read: (index) => {
      const name = names[index]!;
      return { ...parseNpy(entries[index]!.read(), `${place}[${name}]`), name };
    },
  };
}
