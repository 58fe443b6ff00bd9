import type { SitePlan } from '../../src/engine/report/advice';
import { figureText } from '../../src/engine/report/figureText';
import type { Recommendation, Report } from '../../src/engine/report/report';
import { element } from '../page/element';
import type { Extension } from '../page/extension';
import { say, t } from '../page/l10n';
import { prose } from '../page/prose';
import { table } from '../page/table';
import { layerLink } from './links';
import { variantRows } from './variants';

/** Rows that stand in sight; more are folded. */
const MOST_ROWS = 40;

/** A place in a network, in words. */
function placeName(place: SitePlan['place']): string {
  const names: Readonly<Record<SitePlan['place'], string>> = {
    'before-activation': t('before the activation'),
    'after-activation': t('after the activation'),
    'branch-start': t('start of a residual branch'),
    'branch-end': t('end of a residual branch'),
    'pre-block': t('before a block'),
    'post-block': t('after a block'),
    recurrence: t('inside a recurrence'),
    input: t('at the input'),
    final: t('before the head'),
    between: t('between layers'),
  };
  return names[place];
}

/** What is to be done at a place, in words. */
function todo({ action, now, norm }: SitePlan): string {
  switch (action) {
    case 'add':
      return t('add {0}', norm ?? '');
    case 'replace':
      return t('replace {0} by {1}', now ?? '', norm ?? '');
    case 'remove':
      return t('remove {0}', now ?? '');
    case 'keep':
      return t('keep {0}', now ?? '');
    case 'leave':
      return t('leave without a norm');
  }
}

/** Where a norm stands before or after the activation: what was chosen here, and that the sources disagree. */
export function placementSection({ recommendation }: Report): HTMLElement | null {
  if (recommendation === null) return null;
  const { placement, places = [] } = recommendation;
  if (placement === 'none' && places.length === 0) return null;
  const counts = new Map<string, number>();
  for (const { place, action } of places) {
    if (action === 'leave') continue;
    counts.set(placeName(place), (counts.get(placeName(place)) ?? 0) + 1);
  }
  return element(
    'section',
    { attributes: { 'aria-labelledby': 'placement' } },
    element('h2', { id: 'placement' }, t('Placement')),
    element('p', {}, ...prose(placementSentence(placement))),
    ...triedBoth(recommendation),
    counts.size === 0
      ? null
      : element(
          'p',
          { class: 'muted' },
          t('Norms by place: {0}.', [...counts].map(([name, count]) => `${name} ${count}`).join(', ')),
        ),
  );
}

/** What the same norm came to at the other side of the activation, where both were trained. */
function triedBoth(recommendation: Recommendation): HTMLElement[] {
  const rows = variantRows(recommendation).filter(({ tried, loss }) => tried && loss !== null);
  const base = (name: string): string => name.replace(/, (?:after|before) the activation$/, '');
  return rows.flatMap((row) => {
    const other = rows.find((each) => each !== row && each.name === base(row.name));
    return other === undefined || base(row.name) === row.name
      ? []
      : [
          element(
            'p',
            {},
            t(
              'Tried here: evaluation loss {0} with {1}, {2} with {3}.',
              figureText(other.loss),
              other.name,
              figureText(row.loss),
              row.name,
            ),
          ),
        ];
  });
}

function placementSentence(placement: Recommendation['placement']): string {
  const open = t(
    'The sources disagree: Ioffe & Szegedy 2015 (arxiv.org/abs/1502.03167) put BatchNorm before the activation, later practice often after it. Where a short training could tell, both were tried; else it is open.',
  );
  switch (placement) {
    case 'before-activation':
      return `${t('Before the activation, so that its input is centred and scaled.')} ${open}`;
    case 'after-activation':
      return `${t('After the activation.')} ${open}`;
    case 'as-is':
      return t('The norms stay where they stand.');
    case 'none':
      return t('No norm is to stand anywhere.');
  }
}

/** Every place and what to do at each, in the order of the calls; a click shows its line. */
export function placesSection(report: Report, extension: Extension): HTMLElement | null {
  const { recommendation } = report;
  if (recommendation === null) return null;
  const { places = [], sites } = recommendation;
  if (places.length === 0 && sites.length === 0) return null;
  const name = t('Places and what to do');
  const columns = [
    { title: t('layer') },
    { title: t('line') },
    ...(places.length > 0 ? [{ title: t('place'), words: true }] : []),
    { title: t('what to do'), words: true },
    ...(places.length > 0 ? [{ title: t('why'), words: true }] : []),
  ];
  const rows =
    places.length > 0
      ? places.map((plan, index) => ({
          class: plan.action === 'leave' || plan.action === 'keep' ? 'quiet' : '',
          cells: [
            layerLink(plan.layer, plan.source.line, { kind: 'place', index }, extension),
            String(plan.source.line),
            placeName(plan.place),
            todo(plan),
            say(plan.reason),
          ],
        }))
      : sites.map(({ layer, source, change }, index) => ({
          cells: [layerLink(layer, source.line, { kind: 'site', index }, extension), String(source.line), change],
        }));
  const more = rows.slice(MOST_ROWS);
  return element(
    'section',
    { attributes: { 'aria-labelledby': 'places' } },
    element('h2', { id: 'places' }, name),
    table(name, columns, rows.slice(0, MOST_ROWS)),
    more.length === 0
      ? null
      : element(
          'details',
          {},
          element('summary', { key: 'more places' }, t('{0} more places', more.length)),
          table(t('More places'), columns, more),
        ),
  );
}
