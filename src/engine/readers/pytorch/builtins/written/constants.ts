import type { BuiltinRow, BuiltinTable } from '../../../python/builtins/row';
import { checkSize } from '../../../python/evaluator';
import { asNumber, bool, knownNumbers, truth, tuple, type Value } from '../../../python/values';
import { isTensor, number, rankOf, type Torch, written } from './at';

/** Pairs of a triangle's rows and columns, in order. */
const triangleIndices = (by: string, upper: boolean): BuiltinRow =>
  written(by, ['row', 'col', 'offset'], ({ row, col, offset }, torch) => {
    const [rows, columns] = [row && asNumber(row), col && asNumber(col)];
    if (rows === undefined || columns === undefined) return torch.unmodelled('its sizes are not known');
    checkSize(Math.max(0, rows) * Math.max(0, columns));
    const shift = number(offset, 0);
    const pairs: [number, number][] = [];
    for (let r = 0; r < rows; r++)
      for (let c = 0; c < columns; c++) if (upper ? c - r >= shift : c - r <= shift) pairs.push([r, c]);
    return torch.known([...pairs.map(([r]) => r), ...pairs.map(([, c]) => c)], [2, pairs.length], 'int64');
  });

/** A window of N values; periodic ones are those of N + 1 without the last. */
const window = (by: string, at: (phase: number) => number): BuiltinRow =>
  written(by, ['window_length', 'periodic'], ({ window_length, periodic }, torch) => {
    const length = window_length && asNumber(window_length);
    if (length === undefined) return torch.unmodelled('its length is not known');
    checkSize(length);
    const whole = periodic && truth(periodic) === false ? length - 1 : length;
    const values = Array.from({ length }, (_, i) => (whole === 0 ? 1 : at((2 * Math.PI * i) / whole)));
    return torch.known(values, [length]);
  });

/** The values at which known numbers are not zero; others hang on the run. */
function knownPlaces(input: Value | undefined, torch: Torch): number[][] | Value {
  const numbers = isTensor(input) ? knownNumbers(input) : undefined;
  if (!numbers) return torch.unmodelled('how many places it gives hangs on values, which are known in running alone');
  const places: number[][] = [];
  numbers.values.forEach((value, flat) => {
    if (value === 0) return;
    const index: number[] = [];
    let rest = flat;
    for (let axis = numbers.shape.length - 1; axis >= 0; axis--) {
      index[axis] = rest % numbers.shape[axis]!;
      rest = Math.floor(rest / numbers.shape[axis]!);
    }
    places.push(index);
  });
  return places;
}

const nonzero = written('nonzero', ['input', 'as_tuple'], ({ input, as_tuple }, torch) => {
  const places = knownPlaces(input, torch);
  if (!Array.isArray(places)) return places;
  const rank = rankOf(input);
  if (as_tuple && truth(as_tuple) === true)
    return tuple(
      Array.from({ length: rank }, (_, axis) =>
        torch.known(
          places.map((place) => place[axis]!),
          [places.length],
          'int64',
        ),
      ),
    );
  return torch.known(places.flat(), [places.length, rank], 'int64');
});

/** The frequencies of a Fourier transform of n values, d apart. */
const frequencies = (by: string, half: boolean): BuiltinRow =>
  written(by, ['n', 'd'], ({ n, d }, torch) => {
    const count = n && asNumber(n);
    if (count === undefined) return torch.unmodelled('how many there are is not known');
    checkSize(count);
    const length = half ? Math.floor(count / 2) + 1 : count;
    const scale = count * number(d, 1);
    const values = Array.from({ length }, (_, i) => (half || i < Math.ceil(count / 2) ? i : i - count) / scale);
    return torch.known(values, [length]);
  });

const compared = (
  by: string,
  same: (a: number, b: number, relative: number, absolute: number) => boolean,
): BuiltinRow =>
  written(by, ['input', 'other', 'rtol', 'atol'], (given, torch) => {
    const [a, b] = [given.input, given.other].map((value) => (isTensor(value) ? knownNumbers(value) : undefined));
    if (!a || !b) return torch.unmodelled('whether values are the same is known in running alone');
    const [relative, absolute] = [number(given.rtol, 1e-5), number(given.atol, 1e-8)];
    return bool(
      `${a.shape}` === `${b.shape}` && a.values.every((value, i) => same(value, b.values[i]!, relative, absolute)),
    );
  });

/** Functions and methods alike. */
export const knownFunctions: BuiltinTable = {
  nonzero,
  argwhere: (args, site, run) => nonzero({ ...args, positional: args.positional.slice(0, 1) }, site, run),
  masked_select: written('masked_select', ['input', 'mask'], (_, torch) =>
    torch.unmodelled('how many values it gives hangs on the mask, which is known in running alone'),
  ),
  allclose: compared('allclose', (a, b, relative, absolute) => Math.abs(a - b) <= absolute + relative * Math.abs(b)),
  equal: compared('equal', (a, b) => a === b),
};

export const knownTorch: BuiltinTable = {
  triu_indices: triangleIndices('triu_indices', true),
  tril_indices: triangleIndices('tril_indices', false),
  hann_window: window('hann_window', (phase) => 0.5 - 0.5 * Math.cos(phase)),
  hamming_window: window('hamming_window', (phase) => 0.54 - 0.46 * Math.cos(phase)),
  blackman_window: window('blackman_window', (phase) => 0.42 - 0.5 * Math.cos(phase) + 0.08 * Math.cos(2 * phase)),
  'fft.fftfreq': frequencies('fftfreq', false),
  'fft.rfftfreq': frequencies('rfftfreq', true),
};
