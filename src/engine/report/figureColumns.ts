import { inDepthOrder } from './depthOrder';
import { figureText, NO_FIGURE, shareText } from './figureText';
import type { Figure, MeasuredLayer } from './report';

/** One measured quantity as tables and charts show it. */
export interface FigureColumn {
  /** Short enough for a column of a terminal. */
  readonly title: string;
  readonly name: string;
  /** What the figure is counted in; empty for a bare number. */
  readonly unit: string;
  /** Unit and definition in one sentence. */
  readonly definition: string;
  value(layer: MeasuredLayer): Figure | null;
  format(figure: Figure | null): string;
  text(layer: MeasuredLayer): string;
}

const column = (row: Omit<FigureColumn, 'text'>): FigureColumn => ({
  ...row,
  text: (layer) => row.format(row.value(layer)),
});

/** The figures of a layer, in the order of every table. All are of step 0 and medians over the seeds. */
export const figureColumns: readonly FigureColumn[] = [
  column({
    title: 'grad norm',
    name: 'gradient norm',
    unit: 'L2',
    definition: "L2 norm of the loss's gradient by the layer's weights and bias together",
    value: (layer) => layer.gradientNorm,
    format: figureText,
  }),
  column({
    title: 'out grad',
    name: 'output gradient RMS',
    unit: 'RMS',
    definition:
      "root mean square of the loss's gradient by the layer's output, times the batch; what vanishing is judged on",
    value: (layer) => layer.outputGradientRms,
    format: figureText,
  }),
  column({
    title: 'mean',
    name: 'activation mean',
    unit: '',
    definition: "mean of the layer's output",
    value: (layer) => layer.activation?.mean ?? null,
    format: figureText,
  }),
  column({
    title: 'std',
    name: 'activation standard deviation',
    unit: '',
    definition: "standard deviation of the layer's output",
    value: (layer) => layer.activation?.std ?? null,
    format: figureText,
  }),
  column({
    title: 'satur',
    name: 'saturation',
    unit: '% of inputs',
    definition: "share of a bounded function's inputs where its slope is under a tenth of its steepest",
    value: (layer) => layer.saturation?.total ?? null,
    format: shareText,
  }),
  column({
    title: 'inact',
    name: 'inactive',
    unit: '% of inputs',
    definition: "share of an activation's inputs where its slope is zero or nearly",
    value: (layer) => layer.inactive,
    format: shareText,
  }),
  column({
    title: 'dead',
    name: 'dead',
    unit: '% of channels',
    definition: 'share of channels inactive for every sample and position seen',
    value: (layer) => layer.dead,
    format: shareText,
  }),
  column({
    title: 'rank',
    name: 'effective rank',
    unit: 'directions',
    definition: 'how many directions the outputs for different samples vary in (participation ratio of the covariance)',
    value: (layer) => layer.effectiveRank?.value ?? null,
    format: figureText,
  }),
  column({
    title: 'update',
    name: 'update ratio',
    unit: 'ratio',
    definition: "L2 norm of the optimizer's first update over that of the weights",
    value: (layer) => layer.updateRatio,
    format: figureText,
  }),
];

/** The layers that a table shows, in the order of computation: containers compute nothing. */
export const tableLayers = (layers: readonly MeasuredLayer[]): readonly MeasuredLayer[] =>
  inDepthOrder(layers.filter((layer) => layer.type !== 'container'));

/** The columns that hold a figure for at least one layer. */
export const filledColumns = (layers: readonly MeasuredLayer[]): readonly FigureColumn[] =>
  figureColumns.filter((column) => layers.some((layer) => column.text(layer) !== NO_FIGURE));
