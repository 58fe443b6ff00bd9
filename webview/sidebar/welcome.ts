import { button } from '../controls';
import { element } from '../page/element';
import type { Extension } from '../page/extension';
import { t } from '../page/l10n';

/** Before the first figures: what the view will say, and one button. */
export function welcome(file: string | null, extension: Extension): HTMLElement {
  if (file === null) {
    return element(
      'div',
      { class: 'welcome' },
      element('h1', {}, t('No model file is open')),
      element(
        'p',
        {},
        t(
          'Open a Python file that defines a PyTorch network, or a description file (*.normscope.yaml). NormScope reads it without running it.',
        ),
      ),
    );
  }
  return element(
    'div',
    { class: 'welcome' },
    element('h1', {}, t('Nothing is measured yet')),
    element(
      'p',
      {},
      t(
        'NormScope reads the network in this file without running it, measures its gradients and activations at initialization on synthetic data, and says which normalization it needs.',
      ),
    ),
    button({
      label: t('Analyze {0}', file),
      key: 'run',
      onClick: () => extension.post({ type: 'run', file: 'shown' }),
    }),
  );
}
