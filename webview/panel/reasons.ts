import { figureText } from '../../src/engine/report/figureText';
import type { Evidence, Recommendation } from '../../src/engine/report/report';
import { element } from '../page/element';
import { severityIcon } from '../page/icons';
import { figureWords, say, t } from '../page/l10n';
import { prose } from '../page/prose';

type Reason = Recommendation['reasons'][number];

/** Reasons that stand in sight; more are folded. */
const FIRST = 3;

/** The engine's own words for what it measured itself, on whichever data. */
const isMeasuredHere = ({ source }: Reason): boolean => source.startsWith('measured here');

/** Why: each reason with its figures and where it comes from; what is known elsewhere; what would change the answer. */
export function reasonsSection(recommendation: Recommendation): HTMLElement {
  const { reasons, wouldChange, disagreement } = recommendation;
  const more = reasons.slice(FIRST);
  return element(
    'section',
    { attributes: { 'aria-labelledby': 'reasons' } },
    element('h2', { id: 'reasons' }, t('Why')),
    element('ol', { class: 'reasons' }, ...reasons.slice(0, FIRST).map(reasonItem)),
    more.length === 0
      ? null
      : element(
          'details',
          {},
          element(
            'summary',
            { key: 'more reasons' },
            more.length === 1 ? t('1 more reason') : t('{0} more reasons', more.length),
          ),
          element('ol', { class: 'reasons', attributes: { start: FIRST + 1 } }, ...more.map(reasonItem)),
        ),
    disagreement === undefined
      ? null
      : element(
          'div',
          { class: 'notice disagreement' },
          severityIcon('warning'),
          element('p', {}, element('strong', {}, t('They disagree. ')), say(disagreement)),
        ),
    knownElsewhere(recommendation),
    wouldChange.length === 0
      ? null
      : element(
          'div',
          { class: 'would-change' },
          element('h3', {}, t('What would change this')),
          element('ul', { class: 'bullets' }, ...wouldChange.map((message) => element('li', {}, say(message)))),
        ),
  );
}

const reasonItem = (reason: Reason): HTMLElement =>
  element(
    'li',
    {},
    element(
      'p',
      {},
      element(
        'span',
        { class: `badge ${isMeasuredHere(reason) ? 'here' : 'elsewhere'}` },
        isMeasuredHere(reason) ? t('measured here') : t('known elsewhere'),
      ),
      say(reason.message),
    ),
    reason.evidence.length === 0 ? null : evidenceTable(reason.evidence),
    reason.source === '' ? null : element('p', { class: 'muted' }, ...prose(figureWords(reason.source))),
  );

/** What was published of networks like this one, and why it is taken for one of them. */
function knownElsewhere({ family, known: all = [], reasons }: Recommendation): HTMLElement | null {
  // What stands among the reasons in sight is not said again.
  const said = new Set(reasons.slice(0, FIRST).map(({ message }) => message.text));
  const known = all.filter(({ message }) => !said.has(message.text));
  if (family === undefined && known.length === 0) return null;
  return element(
    'div',
    { class: 'known' },
    element('h3', {}, t('Known elsewhere')),
    family === undefined
      ? null
      : element(
          'p',
          {},
          family.fineTuned
            ? t('Taken for a network of {0}, fine-tuned: ', familyName(family.kind))
            : t('Taken for a network of {0}: ', familyName(family.kind)),
          say(family.because),
        ),
    known.length === 0
      ? null
      : element(
          'ul',
          { class: 'bullets' },
          ...known.map(({ norms, message, source }) =>
            element(
              'li',
              {},
              element('strong', {}, norms.map((norm) => (norm === 'none' ? t('no norm') : norm)).join(', ')),
              ': ',
              say(message),
              ' ',
              element('span', { class: 'muted' }, ...prose(source)),
            ),
          ),
        ),
  );
}

/** A task family's name. */
export function familyName(kind: NonNullable<Recommendation['family']>['kind']): string {
  const names: Readonly<Record<typeof kind, string>> = {
    'image classification': t('image classification'),
    'detection and segmentation': t('detection and segmentation'),
    'generative image': t('image generation'),
    style: t('style transfer'),
    'super-resolution': t('super-resolution'),
    sequence: t('sequences'),
    language: t('language'),
    speech: t('speech'),
    'time series': t('time series'),
    graph: t('graphs'),
    'point cloud': t('point clouds'),
    'reinforcement learning': t('reinforcement learning'),
    critic: t('a critic'),
    'implicit field': t('an implicit field'),
    vector: t('feature vectors'),
  };
  return names[kind];
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
          element('th', { attributes: { scope: 'row' } }, figureWords(quantity)),
          element('td', {}, `${figureText(value)}${unit === '%' ? ' %' : ''}`),
          element(
            'td',
            { class: 'words muted' },
            [
              ...(unit === '%' || unit === '' ? [] : [figureWords(unit)]),
              ...(threshold === undefined ? [] : [t('threshold {0}', figureText(threshold))]),
              ...(thresholdSource === undefined ? [] : [figureWords(thresholdSource)]),
            ].join('; '),
          ),
        ),
      ),
    ),
  );
