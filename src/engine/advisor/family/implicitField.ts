import { message } from '../../network';
import { shapeOf } from '../view';
import { imported, type Recognizer } from './recognizer';
import { valuesOf } from './shapes';

/** Widths of coordinates as sines and cosines of L octaves make them: d·(1 + 2L), or d·2L. */
const encodesCoordinates = (width: number): boolean =>
  [2, 3].some((d) =>
    [4, 5, 6, 8, 10, 12, 16].some((octaves) => width === d * (1 + 2 * octaves) || width === d * 2 * octaves),
  );
const MOST_COORDINATES = 4;
const LEAST_LAYERS = 4;

/** A deep MLP from coordinates to a few values: a picture, a distance, a colour and a density. */
export const implicitField: Recognizer = {
  kind: 'implicit field',
  recognize(seen) {
    const { architecture, convolved, input, outputs, affine, view, data } = seen.traits;
    if (architecture !== 'mlp' || convolved > 0 || data === 'tokens' || !input) return undefined;
    const library = imported(seen, /^(nerfstudio|tinycudann|nerfacc|siren_pytorch)\b/);
    if (library) return message('family-implicit-import', 'The file imports {library}.', { library });
    const width = input.shape.at(-1);
    if (typeof width !== 'number' || view.network.task.kind !== 'regression') return undefined;
    const waves = view.network.calls.filter(({ kind }) => /^(sin|cos)$/.test(kind)).length;
    if (waves > 0 && width <= MOST_COORDINATES + 2)
      return message('family-implicit-waves', '{width} coordinates go in, through sines.', { width });
    const out = outputs.map((shape) => (shape.length > 2 ? shape.at(-1) : valuesOf(shape)));
    const few = out.every((count) => typeof count === 'number' && count <= MOST_COORDINATES + 1);
    const wide = affine.filter((call) => Number(shapeOf(call).at(-1)) >= 64).length >= LEAST_LAYERS - 1;
    if (!few || !wide || affine.length < LEAST_LAYERS) return undefined;
    const again = rejoins(seen);
    if ((width >= 2 && width <= 3) || (encodesCoordinates(width) && (again || width >= 24)))
      return message('family-implicit', '{width} values of a position go in, a deep MLP, and {count} come out.', {
        width,
        count: out.reduce<number>((a, b) => a + Number(b), 0),
      });
    return undefined;
  },
};

/** Whether the input is put beside a hidden layer again, as in NeRF and DeepSDF. */
const rejoins = ({ traits: { view, input } }: Parameters<Recognizer['recognize']>[0]): boolean =>
  view.network.calls.some(
    (call, i) => i > 2 && /^(cat|KerasConcatenate)$/.test(call.kind) && view.operands(call).includes(input!.name),
  );
