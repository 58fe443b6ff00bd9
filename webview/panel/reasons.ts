import { figureText } from '../../src/engine/report/figureText';
import type { Evidence, Recommendation } from '../../src/engine/report/report';
import { element } from '../page/element';
import { prose } from '../page/prose';

/** Why: each reason with its figures and where it comes from; then what would change the answer. */
export function reasonsSection({ reasons, wouldChange }: Recommendation): HTMLElement {
  return element(
    'section',
    { attributes: { 'aria-labelledby': 'reasons' } },
    element('h2', { id: 'reasons' }, 'Why'),
    element(
      'ol',
      { class: 'reasons' },
      ...reasons.map(({ message, evidence, source }) =>
        element(
          'li',
          {},
          element('p', {}, message.text),
          evidence.length === 0 ? null : evidenceTable(evidence),
          source === '' ? null : element('p', { class: 'muted' }, ...prose(source)),
        ),
      ),
    ),
    wouldChange.length === 0
      ? null
      : element(
          'div',
          { class: 'would-change' },
          element('h3', {}, 'What would change this'),
          element('ul', { class: 'bullets' }, ...wouldChange.map(({ text }) => element('li', {}, text))),
        ),
  );
}

const evidenceTable = (evidence: readonly Evidence[]): HTMLElement =>
  element(
    'table',
    { class: 'evidence-table' },
    element(
      'tbody',
      {},
      ...evidence.map(({ quantity, value, unit, threshold, thresholdSource }) =>
        element(
          'tr',
          {},
          element('th', { attributes: { scope: 'row' } }, quantity),
          element('td', {}, `${figureText(value)}${unit === '%' ? ' %' : ''}`),
          element(
            'td',
            { class: 'words muted' },
            [
              ...(unit === '%' || unit === '' ? [] : [unit]),
              ...(threshold === undefined ? [] : [`threshold ${figureText(threshold)}`]),
              ...(thresholdSource === undefined ? [] : [thresholdSource]),
            ].join('; '),
          ),
        ),
      ),
    ),
  );
