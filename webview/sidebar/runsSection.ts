import { element } from '../page/element';
import type { Extension } from '../page/extension';
import { t } from '../page/l10n';
import { timeText } from '../page/runs';
import type { EarlierRun } from '../protocol';

/** The last runs of the file; a click shows one again. */
export function runsSection(
  runs: readonly EarlierRun[],
  shown: number | undefined,
  extension: Extension,
): HTMLElement | null {
  if (runs.length < 2) return null;
  return element(
    'section',
    { attributes: { 'aria-labelledby': 'runs' } },
    element('h2', { id: 'runs' }, t('Last runs')),
    element(
      'ul',
      { class: 'runs' },
      ...runs.map(({ measured, batch, advice, findings }) =>
        element(
          'li',
          { class: measured === shown ? 'shown' : '' },
          element(
            'button',
            {
              class: 'link',
              key: `run ${measured}`,
              attributes: { 'aria-current': measured === shown && 'true' },
              onClick: () => extension.post({ type: 'showRun', measured }),
            },
            timeText(measured),
          ),
          element(
            'span',
            { class: 'muted' },
            findings === 1 ? t('batch {0}, 1 finding', batch) : t('batch {0}, {1} findings', batch, findings),
          ),
          advice === null ? null : element('span', { class: 'muted advice-line' }, advice),
        ),
      ),
    ),
  );
}
