import { type FigureColumn, figureColumns } from '../src/engine/report/figureColumns';
import { columnMeans, columnName } from './page/columns';

/** How a quantity is drawn: by powers of ten, or as a share from 0 to 100 %. */
export type Scale = 'logarithmic' | 'share';

/** A quantity that can stand in a chart along depth. The chart knows nothing of it but this. */
export interface Quantity extends Pick<FigureColumn, 'name' | 'unit' | 'definition' | 'format' | 'value'> {
  readonly scale: Scale;
  /** Its name in the person's language. */
  label(): string;
  /** Its definition in the person's language. */
  means(): string;
}

/** The report's own figure of that name, with how it is drawn. */
function quantity(name: string, scale: Scale): Quantity {
  const column = figureColumns.find((each) => each.name === name);
  if (column === undefined) throw new Error(`the report has no figure called ${name}`);
  const label = () => columnName(column);
  const means = () => columnMeans(column);
  return {
    name,
    scale,
    label,
    means,
    unit: column.unit,
    definition: column.definition,
    format: column.format,
    value: column.value,
  };
}

/** What can be shown along depth, the first unless someone chooses another. */
export const depthQuantities: readonly Quantity[] = [
  quantity('gradient norm', 'logarithmic'),
  quantity('output gradient RMS', 'logarithmic'),
  quantity('activation standard deviation', 'logarithmic'),
  quantity('update ratio', 'logarithmic'),
];

/** Shares that have a chart of their own where layers have them. */
export const shareQuantities: readonly Quantity[] = [quantity('saturation', 'share'), quantity('dead', 'share')];
