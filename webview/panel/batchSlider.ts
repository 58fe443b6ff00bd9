import { element } from '../page/element';
import { t } from '../page/l10n';

interface Moves {
  move(batch: number): void;
  /** Called once it has come to rest. */
  rest(batch: number): void;
}

/** A slider over batch sizes that says where it stands. */
export function batchSlider(batches: readonly number[], at: number, { move, rest }: Moves): HTMLElement {
  const output = element('output', { class: 'figure', attributes: { for: 'batch-slider' } }, String(batches[at]));
  const said = (batch: number): string => t('batch {0}', batch);
  const slider = element('input', {
    id: 'batch-slider',
    key: 'batch-slider',
    attributes: {
      type: 'range',
      min: 0,
      max: batches.length - 1,
      step: 1,
      value: at,
      'aria-valuetext': said(batches[at]!),
    },
  });
  slider.addEventListener('input', () => {
    const batch = batches[slider.valueAsNumber]!;
    slider.setAttribute('aria-valuetext', said(batch));
    output.textContent = String(batch);
    move(batch);
  });
  slider.addEventListener('change', () => rest(batches[slider.valueAsNumber]!));
  return element(
    'div',
    { class: 'slider' },
    element('label', { attributes: { for: 'batch-slider' } }, t('Batch')),
    slider,
    output,
  );
}
