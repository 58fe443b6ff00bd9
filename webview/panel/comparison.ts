import { tableLayers } from '../../src/engine/report/figureColumns';
import type { Figure, MeasuredLayer, Report } from '../../src/engine/report/report';
import type { Quantity } from '../quantities';

/** A layer in two runs. */
export interface ComparedLayer {
  readonly id: string;
  readonly kindBefore: string | null;
  readonly kindNow: string | null;
  readonly before: Figure | null;
  readonly now: Figure | null;
  /** now / before, where both are positive. */
  readonly ratio: number | null;
}

/** Layers in the order of computation of the run that is shown; those that are gone stand after what they stood after. */
export function comparedLayers(before: Report, now: Report, quantity: Pick<Quantity, 'value'>): ComparedLayer[] {
  const was = tableLayers(before.layers);
  const is = tableLayers(now.layers);
  const known = new Map(was.map((layer) => [layer.id, layer]));
  const present = new Set(is.map(({ id }) => id));
  const goneAfter = new Map<string | undefined, MeasuredLayer[]>();
  let anchor: string | undefined;
  for (const layer of was) {
    if (present.has(layer.id)) anchor = layer.id;
    else goneAfter.set(anchor, [...(goneAfter.get(anchor) ?? []), layer]);
  }
  const gone = (after: string | undefined) =>
    (goneAfter.get(after) ?? []).map((layer) => compared(layer, undefined, quantity));
  return [
    ...gone(undefined),
    ...is.flatMap((layer) => [compared(known.get(layer.id), layer, quantity), ...gone(layer.id)]),
  ].filter(
    ({ before: old, now: present, kindBefore, kindNow }) => old !== null || present !== null || kindBefore !== kindNow,
  );
}

function compared(
  was: MeasuredLayer | undefined,
  is: MeasuredLayer | undefined,
  quantity: Pick<Quantity, 'value'>,
): ComparedLayer {
  const before = was ? quantity.value(was) : null;
  const now = is ? quantity.value(is) : null;
  return {
    id: (is ?? was)!.id,
    kindBefore: was?.kind ?? null,
    kindNow: is?.kind ?? null,
    before,
    now,
    ratio: typeof before === 'number' && typeof now === 'number' && before > 0 && now > 0 ? now / before : null,
  };
}
