import type { Report } from '../../src/engine/report/report';
import { recommendationSentence } from '../../src/engine/report/sentences';
import { button } from '../controls';
import { element } from '../page/element';
import type { Extension } from '../page/extension';
import { t } from '../page/l10n';

/** The recommendation in one sentence, and the way to its reasons. */
export function advice({ recommendation }: Report, extension: Extension): HTMLElement | null {
  if (recommendation === null) return null;
  return element(
    'section',
    { class: 'advice', attributes: { 'aria-labelledby': 'advice' } },
    element('h2', { id: 'advice' }, t('Recommendation')),
    element('p', { class: 'sentence' }, recommendationSentence(recommendation, t)),
    button({ label: t('Show the reasons'), key: 'reasons', onClick: () => extension.post({ type: 'openPanel' }) }),
  );
}
