import { filledColumns, tableLayers } from '../../src/engine/report/figureColumns';
import { countText, shapeText } from '../../src/engine/report/figureText';
import type { MeasuredLayer, Report } from '../../src/engine/report/report';
import { button } from '../controls';
import { columnMeans, columnName } from '../page/columns';
import { element, fill } from '../page/element';
import type { Extension } from '../page/extension';
import { t } from '../page/l10n';
import { type Direction, type SortKey, sorted } from './sorting';

interface Column {
  readonly title: string;
  readonly definition: string;
  readonly words?: boolean;
  key(layer: MeasuredLayer): SortKey;
  text(layer: MeasuredLayer): string;
}

/** How a table is sorted; null in the order of computation. */
export interface Sorting {
  readonly column: string;
  readonly direction: Direction;
}

/** Rows that are made at once; the rest when someone asks. */
const FIRST_ROWS = 300;

const sizeOf = (shape: MeasuredLayer['outputShape']): number | null => {
  if (shape === null) return null;
  const first = shape[0];
  return (Array.isArray(first) ? first : (shape as readonly number[])).reduce((size, dim) => size * dim, 1);
};

const described = (): readonly Column[] => [
  {
    title: t('kind'),
    definition: t('PyTorch’s class'),
    words: true,
    key: ({ kind }) => kind,
    text: ({ kind }) => kind,
  },
  {
    title: t('output'),
    definition: t('shape of the output, with the batch; sorted by its size'),
    words: true,
    key: ({ outputShape }) => sizeOf(outputShape),
    text: ({ outputShape }) => shapeText(outputShape),
  },
  {
    title: t('parameters'),
    definition: t('values in the parameters that the layer itself owns'),
    key: ({ parameters }) => parameters,
    text: ({ parameters }) => countText(parameters),
  },
  {
    title: t('line'),
    definition: t('line where the layer is made'),
    key: ({ source }) => source.line,
    text: ({ source }) => String(source.line),
  },
];

const layerColumn = (): Column => ({
  title: t('layer'),
  definition: t('id as in PyTorch; in the order of computation'),
  key: ({ id }) => id,
  text: ({ id }) => id,
});

/** Every layer and its figures, sorted by any column. */
export class LayersSection {
  readonly element = element('section', { attributes: { 'aria-labelledby': 'layers' } });
  readonly #table = element('div', {
    class: 'scroll layers',
    role: 'region',
    attributes: { 'aria-label': t('Layers'), tabindex: 0 },
  });
  readonly #more = element('div');
  #layers: readonly MeasuredLayer[] = [];
  #columns: readonly Column[] = [];
  #cursor: ReadonlySet<string> = new Set();
  #all = false;

  constructor(
    private readonly extension: Extension,
    private sorting: Sorting | null,
    private readonly sort: (sorting: Sorting | null) => void,
  ) {}

  show({ layers }: Report): void {
    this.#layers = tableLayers(layers);
    const figures = filledColumns(this.#layers);
    this.#columns = [
      ...described(),
      ...figures.map((each) => ({
        title: columnName(each),
        definition: columnMeans(each),
        key: each.value,
        text: each.text,
      })),
    ];
    fill(
      this.element,
      element('h2', { id: 'layers' }, t('Layers at initialization')),
      this.#table,
      this.#more,
      element(
        'details',
        {},
        element('summary', { key: 'columns' }, t('What the columns are')),
        element(
          'dl',
          {},
          ...figures.flatMap((each) => [element('dt', {}, columnName(each)), element('dd', {}, columnMeans(each))]),
        ),
      ),
    );
    this.#fill();
  }

  cursor(layers: readonly string[]): void {
    this.#cursor = new Set(layers);
    for (const row of this.#table.querySelectorAll<HTMLElement>('tbody tr')) {
      this.#markRow(row, row.dataset.layer ?? '');
    }
  }

  #fill(): void {
    const { sorting } = this;
    const column = this.#columnOf(sorting?.column);
    const rows = sorting && column ? sorted(this.#layers, column.key, sorting.direction) : this.#layers;
    const shown = this.#all ? rows : rows.slice(0, FIRST_ROWS);
    const columns = [layerColumn(), ...this.#columns];
    fill(
      this.#table,
      element(
        'table',
        {},
        element('thead', {}, element('tr', {}, ...columns.map((each) => this.#heading(each)))),
        element('tbody', {}, ...shown.map((layer) => this.#row(layer))),
      ),
    );
    fill(
      this.#more,
      shown.length === rows.length
        ? null
        : button({
            label: t('Show all {0} layers', countText(rows.length)),
            appearance: 'secondary',
            key: 'all-layers',
            onClick: () => {
              this.#all = true;
              this.#fill();
            },
          }),
    );
  }

  #columnOf(title: string | undefined): Column | undefined {
    return title === undefined ? undefined : [layerColumn(), ...this.#columns].find((column) => column.title === title);
  }

  #heading({ title, definition, words }: Column): HTMLElement {
    const direction = this.sorting?.column === title ? this.sorting.direction : undefined;
    return element(
      'th',
      { class: words ? 'words' : '', attributes: { scope: 'col', 'aria-sort': direction ?? 'none' } },
      element(
        'button',
        {
          class: 'sort',
          key: `sort ${title}`,
          title: definition,
          onClick: () => {
            // A third press gives the order of computation back.
            this.sorting =
              direction === 'descending'
                ? null
                : { column: title, direction: direction === 'ascending' ? 'descending' : 'ascending' };
            this.sort(this.sorting);
            this.#fill();
          },
        },
        title,
        element(
          'span',
          { class: 'arrow', attributes: { 'aria-hidden': 'true' } },
          direction === 'ascending' ? '▲' : direction === 'descending' ? '▼' : '',
        ),
      ),
    );
  }

  #row(layer: MeasuredLayer): HTMLElement {
    const row = element(
      'tr',
      { attributes: { 'data-layer': layer.id } },
      element(
        'th',
        { attributes: { scope: 'row' } },
        element(
          'button',
          {
            class: 'link',
            key: `layer ${layer.id}`,
            onClick: () => this.extension.post({ type: 'reveal', target: { kind: 'layer', id: layer.id } }),
          },
          layer.id,
        ),
      ),
      ...this.#columns.map((column) => element('td', { class: column.words ? 'words' : '' }, column.text(layer))),
    );
    row.dataset.layer = layer.id;
    this.#markRow(row, layer.id);
    return row;
  }

  #markRow(row: HTMLElement, layer: string): void {
    const marked = this.#cursor.has(layer);
    row.classList.toggle('cursor', marked);
    if (marked) row.setAttribute('aria-current', 'true');
    else row.removeAttribute('aria-current');
  }
}
