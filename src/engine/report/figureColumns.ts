import { inDepthOrder } from './depthOrder';
import { figureText, NO_FIGURE, shareText } from './figureText';
import type { MeasuredLayer } from './report';

/** One measured quantity as tables show it. */
export interface FigureColumn {
  /** Short enough for a column of a terminal. */
  readonly title: string;
  readonly name: string;
  /** Unit and definition in one sentence. */
  readonly definition: string;
  text(layer: MeasuredLayer): string;
}

/** The figures of a layer, in the order of every table. All are of step 0 and medians over the seeds. */
export const figureColumns: readonly FigureColumn[] = [
  {
    title: 'grad norm',
    name: 'gradient norm',
    definition: "L2 norm of the loss's gradient by the layer's weights and bias together",
    text: (layer) => figureText(layer.gradientNorm),
  },
  {
    title: 'out grad',
    name: 'output gradient RMS',
    definition:
      "root mean square of the loss's gradient by the layer's output, times the batch; what vanishing is judged on",
    text: (layer) => figureText(layer.outputGradientRms),
  },
  {
    title: 'mean',
    name: 'activation mean',
    definition: "mean of the layer's output",
    text: (layer) => figureText(layer.activation?.mean ?? null),
  },
  {
    title: 'std',
    name: 'activation standard deviation',
    definition: "standard deviation of the layer's output",
    text: (layer) => figureText(layer.activation?.std ?? null),
  },
  {
    title: 'satur',
    name: 'saturation',
    definition: "share of a bounded function's inputs where its slope is under a tenth of its steepest",
    text: (layer) => shareText(layer.saturation?.total ?? null),
  },
  {
    title: 'inact',
    name: 'inactive',
    definition: "share of an activation's inputs where its slope is zero or nearly",
    text: (layer) => shareText(layer.inactive),
  },
  {
    title: 'dead',
    name: 'dead',
    definition: 'share of channels inactive for every sample and position seen',
    text: (layer) => shareText(layer.dead),
  },
  {
    title: 'update',
    name: 'update ratio',
    definition: "L2 norm of the optimizer's first update over that of the weights",
    text: (layer) => figureText(layer.updateRatio),
  },
];

/** The layers that a table shows, in the order of computation: containers compute nothing. */
export const tableLayers = (layers: readonly MeasuredLayer[]): readonly MeasuredLayer[] =>
  inDepthOrder(layers.filter((layer) => layer.type !== 'container'));

/** The columns that hold a figure for at least one layer. */
export const filledColumns = (layers: readonly MeasuredLayer[]): readonly FigureColumn[] =>
  figureColumns.filter((column) => layers.some((layer) => column.text(layer) !== NO_FIGURE));
