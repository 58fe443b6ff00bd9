import { element } from '../page/element';
import type { Extension } from '../page/extension';
import { t } from '../page/l10n';
import type { Target } from '../protocol';

/** A layer by its id, with its line; a click shows the line. */
export const layerLink = (layer: string, line: number, target: Target, extension: Extension): HTMLElement =>
  element(
    'button',
    {
      class: 'link',
      key: `to ${target.kind} ${'index' in target ? target.index : layer}`,
      title: t('Show line {0}', line),
      onClick: () => extension.post({ type: 'reveal', target }),
    },
    element('code', {}, layer),
  );
