import type { Report } from '../../src/engine/report/report';
import { element } from '../page/element';
import { t } from '../page/l10n';
import { prose } from '../page/prose';

/** Everything that was cited, each once, in the order of the page. */
export function referencesOf({ recommendation, findings }: Report): string[] {
  const cited = [
    ...(recommendation?.reasons ?? []).map(({ source }) => source),
    ...(recommendation?.known ?? []).map(({ source }) => source),
    ...(recommendation?.published ? [recommendation.published.source] : []),
    ...findings.flatMap(({ evidence }) => evidence.flatMap(({ thresholdSource }) => thresholdSource ?? [])),
  ];
  return [...new Set(cited)].filter((source) => /arxiv\.org|\b(?:19|20)\d\d\b/.test(source));
}

/** The references, with links. */
export function referencesSection(report: Report): HTMLElement | null {
  const references = referencesOf(report);
  if (references.length === 0) return null;
  return element(
    'section',
    { attributes: { 'aria-labelledby': 'references' } },
    element('h2', { id: 'references' }, t('References')),
    element('ul', { class: 'bullets' }, ...references.map((source) => element('li', {}, ...prose(source)))),
  );
}
