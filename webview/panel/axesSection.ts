import type { Report } from '../../src/engine/report/report';
import { normCube } from '../charts/normCube';
import { element } from '../page/element';
import { t } from '../page/l10n';
import { occurringNorms } from './axes';

/** What each norm that occurs normalizes over, as a block of N samples, C channels and H·W positions. */
export function axesSection({ layers, recommendation }: Report): HTMLElement | null {
  const norms = occurringNorms(layers, recommendation);
  if (norms.length === 0) return null;
  return element(
    'section',
    { attributes: { 'aria-labelledby': 'axes' } },
    element('h2', { id: 'axes' }, t('What is normalized together')),
    element(
      'p',
      { class: 'muted' },
      t(
        'N samples, C channels or features, H·W positions or steps. Filled: the values that share one mean and variance.',
      ),
    ),
    element(
      'div',
      { class: 'cubes' },
      ...norms.map((axes) =>
        element(
          'figure',
          {},
          normCube(axes),
          element('figcaption', { attributes: { 'aria-hidden': 'true' } }, axes.sentence),
        ),
      ),
    ),
  );
}
