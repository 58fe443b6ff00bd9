import type { Report } from '../../src/engine/report/report';
import { probeSentence, recommendationSentence } from '../../src/engine/report/sentences';
import { button } from '../controls';
import { element } from '../page/element';
import type { Extension } from '../page/extension';

/** The answer in one sentence, and what it stands on. */
export function answer(report: Report, running: boolean, extension: Extension): HTMLElement {
  const { recommendation, network } = report;
  const file = network.source.file.split('/').pop() ?? network.source.file;
  return element(
    'header',
    {},
    element('p', { class: 'muted' }, element('code', {}, network.name), ` in ${file}`),
    element('h1', {}, recommendation ? recommendationSentence(recommendation) : noAnswer(report, running)),
    element('p', { class: 'muted' }, `${probeSentence(report)}.`),
    applying(report, extension),
  );
}

/** The way to the edits that do it, or why there are none. */
function applying({ recommendation }: Report, extension: Extension): HTMLElement | null {
  if (recommendation?.edit) {
    const { title } = recommendation.edit;
    return element(
      'p',
      {},
      button({ label: 'Apply…', key: 'apply', onClick: () => extension.post({ type: 'apply' }) }),
      ` ${title}`,
    );
  }
  return recommendation?.noEdit ? element('p', { class: 'muted' }, recommendation.noEdit.text) : null;
}

function noAnswer({ status }: Report, running: boolean): string {
  if (running) return 'The norms are being tried.';
  if (status === 'cancelled') return 'The analysis was cancelled before there was an answer.';
  if (status === 'partial') return 'The time budget ended before there was an answer.';
  return 'No norm is recommended: there is no place for one, or advice is off in the settings.';
}

/** Where the change would be made, by line. */
export function sitesFold({ recommendation }: Report, extension: Extension): HTMLElement | null {
  const sites = recommendation?.sites ?? [];
  if (sites.length === 0) return null;
  return element(
    'details',
    {},
    element('summary', { key: 'sites' }, `Where: ${sites.length} site${sites.length === 1 ? '' : 's'}`),
    element(
      'ul',
      { class: 'rows' },
      ...sites.map(({ layer, source, change }, index) =>
        element(
          'li',
          {},
          element(
            'button',
            {
              class: 'link',
              key: `site ${index}`,
              onClick: () => extension.post({ type: 'reveal', target: { kind: 'site', index } }),
            },
            element('code', {}, layer),
            `, line ${source.line}`,
          ),
          element('span', {}, change),
        ),
      ),
    ),
  );
}
