import { element } from '../page/element';
import { t } from '../page/l10n';

/** A chart's figures as a table that unfolds under it, made when someone unfolds it. */
export function textTable(
  key: string,
  head: readonly string[],
  rows: () => readonly (readonly string[])[],
): HTMLElement {
  const summary = element('summary', { key: `table ${key}` }, t('As a table'));
  const details = element('details', { class: 'text-table' }, summary);
  details.addEventListener('toggle', () => {
    if (!details.open || details.querySelector('table')) return;
    details.append(
      element(
        'div',
        { class: 'scroll', attributes: { tabindex: 0, role: 'region', 'aria-label': t('{0}, as a table', key) } },
        element(
          'table',
          {},
          element(
            'thead',
            {},
            element('tr', {}, ...head.map((title) => element('th', { attributes: { scope: 'col' } }, title))),
          ),
          element(
            'tbody',
            {},
            ...rows().map(([first = '', ...cells]) =>
              element(
                'tr',
                {},
                element('th', { attributes: { scope: 'row' } }, first),
                ...cells.map((cell) => element('td', {}, cell)),
              ),
            ),
          ),
        ),
      ),
    );
  });
  // Who hears the page instead of seeing it has the table at once.
  if (document.body.classList.contains('vscode-using-screen-reader')) details.open = true;
  return details;
}
