import type { Recommendation, Report } from '../../src/engine/report/report';
import { probeSentence, recommendationSentence } from '../../src/engine/report/sentences';
import { button } from '../controls';
import { element } from '../page/element';
import type { Extension } from '../page/extension';
import { say, t, titleWords } from '../page/l10n';
import { EXPORTS } from '../protocol';

/** The answer in one sentence, what to do with it, and what it stands on. */
export function answer(report: Report, running: boolean, extension: Extension): HTMLElement {
  const { recommendation, network } = report;
  const file = network.source.file.split('/').pop() ?? network.source.file;
  return element(
    'header',
    {},
    element('p', { class: 'muted' }, element('code', {}, network.name), t(' in {0}', file)),
    element('h1', {}, recommendation ? recommendationSentence(recommendation, t) : noAnswer(report, running)),
    recommendation ? element('p', {}, confidenceMeans(recommendation.confidence)) : null,
    applying(report, extension),
    element('p', { class: 'muted' }, `${probeSentence(report, t)}.`),
    exporting(extension),
  );
}

/** What the three words stand for. */
function confidenceMeans(confidence: Recommendation['confidence']): string {
  const words: Readonly<Record<Recommendation['confidence'], string>> = {
    strong: t(
      'Strong: what was measured here and what is published point the same way, or one of them rules the others out.',
    ),
    moderate: t('Moderate: one of them says so clearly; the other is silent, or too close to tell.'),
    weak: t('Weak: the figures lie close together, or disagree with what is published; another choice may do as well.'),
  };
  return words[confidence];
}

/** The way to the edits that do it, or why there are none. */
function applying({ recommendation }: Report, extension: Extension): HTMLElement | null {
  if (recommendation?.edit) {
    const { title } = recommendation.edit;
    return element(
      'p',
      { class: 'apply' },
      button({ label: t('Apply…'), key: 'apply', onClick: () => extension.post({ type: 'apply' }) }),
      element('span', {}, titleWords(title)),
      element('span', { class: 'muted' }, t('A preview of the edit comes first.')),
    );
  }
  return recommendation?.noEdit ? element('p', { class: 'muted' }, say(recommendation.noEdit)) : null;
}

function exporting(extension: Extension): HTMLElement {
  const names = { markdown: t('Markdown'), html: 'HTML', json: 'JSON' } as const;
  return element(
    'p',
    { class: 'export', role: 'group', attributes: { 'aria-label': t('Export the report') } },
    element('span', { class: 'muted' }, t('Export')),
    ...EXPORTS.map((format) =>
      element(
        'button',
        {
          class: 'link',
          key: `export ${format}`,
          attributes: { 'aria-label': t('Export as {0}', names[format]) },
          onClick: () => extension.post({ type: 'export', format }),
        },
        names[format],
      ),
    ),
  );
}

function noAnswer({ status, failure }: Report, running: boolean): string {
  if (running) return t('The norms are being tried.');
  if (status === 'cancelled') return t('The analysis was cancelled before there was an answer.');
  if (failure !== undefined) return t('The engine failed before there was an answer.');
  if (status === 'partial') return t('The time budget ended before there was an answer.');
  return t('No norm is recommended: there is no place for one, or advice is off in the settings.');
}
