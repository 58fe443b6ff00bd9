import { element } from '../page/element';
import { t } from '../page/l10n';
import { mayMove } from '../theme';

/** How long a training step stands while training is played, in milliseconds. */
const STANDS = 150;

/** A slider over the training steps that were measured, and a button that plays them. */
export class StepControl {
  readonly element = element('div', { class: 'steps', role: 'group' });
  readonly #slider = element('input', { key: 'step', attributes: { type: 'range', min: 0, step: 1 } });
  readonly #output = element('output', { class: 'figure' });
  readonly #play = element('button', { class: 'link', key: 'play', onClick: () => this.#toggle() });
  #last = 0;
  #timer: number | undefined;

  /** `choose` is told the step, from 0: initialization. */
  constructor(private readonly choose: (step: number) => void) {
    this.element.setAttribute('aria-label', t('Training step'));
    this.#slider.setAttribute('aria-label', t('Training step'));
    this.#slider.addEventListener('input', () => {
      this.#stop();
      this.#to(this.#slider.valueAsNumber);
    });
    this.element.append(this.#play, this.#slider, this.#output);
    this.#stop();
  }

  /** Begins anew, for a training of so many steps; hidden where there is nothing to play. */
  reset(steps: number): void {
    this.#stop();
    this.#last = Math.max(0, steps - 1);
    this.element.hidden = this.#last === 0;
    this.#slider.max = String(this.#last);
    this.#slider.value = '0';
    this.#say(0);
  }

  #toggle(): void {
    if (this.#timer !== undefined) {
      this.#stop();
      return;
    }
    if (this.#slider.valueAsNumber >= this.#last) this.#to(0);
    this.#play.textContent = t('Pause');
    this.#timer = window.setInterval(() => {
      const next = this.#slider.valueAsNumber + 1;
      this.#to(next);
      if (next >= this.#last) this.#stop();
    }, STANDS);
  }

  #stop(): void {
    window.clearInterval(this.#timer);
    this.#timer = undefined;
    this.#play.textContent = t('Play');
    // Whoever asked for less motion moves through the steps by hand.
    this.#play.hidden = !mayMove();
  }

  #to(step: number): void {
    this.#slider.value = String(step);
    this.#say(step);
    this.choose(step);
  }

  #say(step: number): void {
    const said = step === 0 ? t('at init') : t('step {0} of {1}', step, this.#last);
    this.#output.textContent = said;
    this.#slider.setAttribute('aria-valuetext', said);
  }
}
