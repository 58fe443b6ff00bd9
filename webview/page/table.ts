import { element } from './element';

type Cell = string | Node | null;

/** A column: its title, whether it holds words, and what its figures are, said on its title. */
export interface TableColumn {
  readonly title: string;
  readonly words?: boolean;
  readonly definition?: string;
}

/** A table with a name, its first column the heads of its rows. */
export function table(
  name: string,
  columns: readonly TableColumn[],
  rows: readonly { readonly cells: readonly Cell[]; readonly class?: string }[],
): HTMLElement {
  return element(
    'div',
    { class: 'scroll', role: 'region', attributes: { tabindex: 0, 'aria-label': name } },
    element(
      'table',
      { class: 'wide' },
      element(
        'thead',
        {},
        element(
          'tr',
          {},
          ...columns.map(({ title, words, definition }) =>
            element(
              'th',
              { class: words ? 'words' : '', ...(definition && { title: definition }), attributes: { scope: 'col' } },
              title,
            ),
          ),
        ),
      ),
      element(
        'tbody',
        {},
        ...rows.map(({ cells: [head = null, ...cells], class: name = '' }) =>
          element(
            'tr',
            { class: name },
            element('th', { attributes: { scope: 'row' } }, head),
            ...cells.map((cell, index) => element('td', { class: columns[index + 1]?.words ? 'words' : '' }, cell)),
          ),
        ),
      ),
    ),
  );
}
