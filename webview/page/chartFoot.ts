import { element } from './element';
import type { Extension } from './extension';
import { t } from './l10n';

/** Under a chart: saves it as a picture. `name` says what it shows, for the button and for the file. */
export const pictureButton = (name: string, picture: () => string, extension: Extension): HTMLElement =>
  element(
    'button',
    {
      class: 'link picture',
      key: `picture ${name}`,
      attributes: { 'aria-label': t('Save as PNG: {0}', name) },
      onClick: () => extension.post({ type: 'picture', name, data: picture() }),
    },
    t('Save as PNG'),
  );
