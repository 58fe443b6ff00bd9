import { countText } from '../../src/engine/report/figureText';
import type { Report } from '../../src/engine/report/report';
import { element } from '../page/element';
import { t } from '../page/l10n';
import type { ReportMessage } from '../protocol';

/** What every figure of the view is: the first line of it. */
export function whatItIs({ probe }: Report): string {
  return probe.data.files === undefined
    ? t('At init, synthetic data, batch {0}', probe.batch)
    : t('At init, your own data, batch {0}', probe.batch);
}

const ended = ({ status, failure }: Report): string | null =>
  ({
    complete: null,
    partial:
      failure === undefined
        ? t('The time budget ended first: what is missing was not measured.')
        : t('The engine failed: what is missing was not measured.'),
    cancelled: t('The analysis was cancelled: what is missing was not measured.'),
  })[status];

/** What was measured, and of what. */
export function headline({ report, measured }: NonNullable<ReportMessage['shown']>, running: boolean): HTMLElement {
  const { network, probe } = report;
  const at = new Date(measured).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' });
  const name = network.source.file.split('/').pop() ?? network.source.file;
  const end = running ? null : ended(report);
  return element(
    'header',
    {},
    element('h1', {}, whatItIs(report)),
    element(
      'p',
      { class: 'muted' },
      element('code', {}, network.name),
      t(
        ' in {0}: {1} parameters, {2}, measured at {3}',
        name,
        countText(network.parameters.total),
        probe.seeds === 1 ? t('one seed') : t('median of {0} seeds', probe.seeds),
        at,
      ),
    ),
    end === null ? null : element('p', { class: 'muted' }, end),
  );
}
