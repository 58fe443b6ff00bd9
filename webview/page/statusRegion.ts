import { button } from '../controls';
import type { StatusMessage } from '../protocol';
import { element, fill } from './element';
import type { Extension } from './extension';
import { severityIcon } from './icons';
import { t } from './l10n';

/** What is going on: the run under way, why there is no report, figures that are stale. */
export class StatusRegion {
  readonly element = element('div', { class: 'status' });
  readonly #run = element('div', { class: 'run' });
  readonly #notices = element('div');
  /** Heard when it changes; progress by the unit is not said aloud. */
  readonly #heard = element('div', { class: 'visually-hidden', role: 'status' });
  readonly #stage = element('span', { class: 'stage', id: 'stage' });
  readonly #bar = element('progress', { attributes: { 'aria-labelledby': 'stage' } });
  #running: string | undefined;
  #shown = '';

  constructor(private readonly extension: Extension) {
    this.element.append(this.#run, this.#notices, this.#heard);
  }

  show(status: StatusMessage): void {
    this.#showRun(status.run);
    const shown = JSON.stringify([status.failure, status.stale, status.other, status.run !== null]);
    if (shown === this.#shown) return;
    this.#shown = shown;
    fill(this.#notices, this.#failure(status), this.#stale(status), this.#other(status));
  }

  #showRun(run: StatusMessage['run']): void {
    if (run === null) {
      if (this.#running !== undefined) this.#heard.textContent = t('The analysis has ended.');
      this.#running = undefined;
      fill(this.#run);
      return;
    }
    if (this.#running === undefined) {
      fill(
        this.#run,
        this.#stage,
        this.#bar,
        button({
          label: t('Cancel'),
          appearance: 'secondary',
          key: 'cancel',
          onClick: () => this.extension.post({ type: 'cancel' }),
        }),
      );
    }
    if (this.#running !== run.stage) this.#heard.textContent = `${run.network}: ${run.stage}`;
    this.#running = run.stage;
    this.#stage.textContent = stageText(run);
    if (run.total > 0) {
      this.#bar.max = run.total;
      this.#bar.value = run.done;
    } else this.#bar.removeAttribute('value');
  }

  #failure({ failure }: StatusMessage): HTMLElement | null {
    if (failure === null) return null;
    const { line } = failure;
    return element(
      'div',
      { class: 'notice error', role: 'alert' },
      severityIcon('error'),
      element(
        'div',
        {},
        element('p', {}, failure.sentence),
        line === null
          ? null
          : element(
              'button',
              {
                class: 'link',
                key: 'failure',
                onClick: () => this.extension.post({ type: 'reveal', target: { kind: 'failure' } }),
              },
              t('Go to line {0}', line),
            ),
        element(
          'button',
          { class: 'link', key: 'again', onClick: () => this.extension.post({ type: 'run', file: 'shown' }) },
          t('Analyze again'),
        ),
        failure.input
          ? null
          : element(
              'button',
              { class: 'link', key: 'log', onClick: () => this.extension.post({ type: 'showLog' }) },
              t('Show the log'),
            ),
      ),
    );
  }

  #stale({ stale, run }: StatusMessage): HTMLElement | null {
    if (!stale || run !== null) return null;
    return element(
      'div',
      { class: 'notice warning' },
      severityIcon('warning'),
      element(
        'div',
        {},
        element('p', {}, t('The file changed since these figures were measured.')),
        element(
          'button',
          { class: 'link', key: 'again', onClick: () => this.extension.post({ type: 'run', file: 'shown' }) },
          t('Analyze again'),
        ),
      ),
    );
  }

  #other({ other, run }: StatusMessage): HTMLElement | null {
    if (other === null || run !== null) return null;
    return element(
      'p',
      { class: 'other' },
      element(
        'button',
        { class: 'link', key: 'other', onClick: () => this.extension.post({ type: 'run', file: 'other' }) },
        t('Analyze {0} instead', other),
      ),
    );
  }
}

/** What is being done, how far it is, and what is left. */
function stageText({ stage, done, total, left }: NonNullable<StatusMessage['run']>): string {
  const now = total > 0 ? t('{0}, {1} of {2}', capital(stage), done, total) : capital(stage);
  return left.length === 0 ? now : t('{0}; then {1}', now, left.join(', '));
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
