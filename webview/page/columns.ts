import type { FigureColumn } from '../../src/engine/report/figureColumns';
import { t } from './l10n';

/** The figures' names and definitions in the person's language, by the English names. */
const columns: Readonly<Record<string, () => readonly [name: string, means: string]>> = {
  'gradient norm': () => [
    t('gradient norm'),
    t("L2 norm of the loss's gradient by the layer's weights and bias together"),
  ],
  'output gradient RMS': () => [
    t('output gradient RMS'),
    t("root mean square of the loss's gradient by the layer's output, times the batch; what vanishing is judged on"),
  ],
  'activation mean': () => [t('activation mean'), t("mean of the layer's output")],
  'activation standard deviation': () => [
    t('activation standard deviation'),
    t("standard deviation of the layer's output"),
  ],
  saturation: () => [
    t('saturation'),
    t("share of a bounded function's inputs where its slope is under a tenth of its steepest"),
  ],
  inactive: () => [t('inactive'), t("share of an activation's inputs where its slope is zero or nearly")],
  dead: () => [t('dead'), t('share of channels inactive for every sample and position seen')],
  'effective rank': () => [
    t('effective rank'),
    t('how many directions the outputs for different samples vary in (participation ratio of the covariance)'),
  ],
  'update ratio': () => [t('update ratio'), t("L2 norm of the optimizer's first update over that of the weights")],
};

type Named = Pick<FigureColumn, 'name' | 'definition'>;

/** What a figure is called; one that is not listed here, as the engine calls it. */
export const columnName = ({ name }: Named): string => columns[name]?.()[0] ?? name;

/** What a figure is. */
export const columnMeans = ({ name, definition }: Named): string => columns[name]?.()[1] ?? definition;
