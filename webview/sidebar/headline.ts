import { countText } from '../../src/engine/report/figureText';
import type { Report } from '../../src/engine/report/report';
import { element } from '../page/element';
import type { ReportMessage } from '../protocol';

/** What every figure of the view is: the first line of it. */
export function whatItIs({ probe }: Report): string {
  return `At init, ${probe.data.kind} data, batch ${probe.batch}`;
}

const ENDED: Readonly<Record<Report['status'], string | null>> = {
  complete: null,
  partial: 'The time budget ended first: what is missing was not measured.',
  cancelled: 'The analysis was cancelled: what is missing was not measured.',
};

/** What was measured, and of what. */
export function headline({ report, measured }: NonNullable<ReportMessage['shown']>, running: boolean): HTMLElement {
  const { network, status, probe } = report;
  const at = new Date(measured).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' });
  const name = network.source.file.split('/').pop() ?? network.source.file;
  const ended = running ? null : ENDED[status];
  return element(
    'header',
    {},
    element('h1', {}, whatItIs(report)),
    element(
      'p',
      { class: 'muted' },
      element('code', {}, network.name),
      ` in ${name}: ${countText(network.parameters.total)} parameters, ${probe.seeds === 1 ? 'one seed' : `median of ${probe.seeds} seeds`}, measured at ${at}`,
    ),
    ended === null ? null : element('p', { class: 'muted' }, ended),
  );
}
