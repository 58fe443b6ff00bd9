import { durationText } from '../../src/engine/report/figureText';
import type { Report } from '../../src/engine/report/report';
import {
  lossSentence,
  networkSentence,
  notesOf,
  probeSentence,
  statusSentence,
} from '../../src/engine/report/sentences';
import { element } from '../page/element';
import type { Extension } from '../page/extension';
import { say, t } from '../page/l10n';

/** What was measured and how; what was reduced, assumed or not modelled. */
export function notesSection(report: Report, extension: Extension): HTMLElement {
  const { network, engine, probe, timings } = report;
  const loss = lossSentence(report, t);
  const status = statusSentence(report, t);
  const reduced = new Set(probe.reduced);
  const inputs = network.inputs.map(({ name, shape, dtype, origin }) =>
    t('input {0} [{1}] {2} ({3})', name, shape.join(', '), dtype, origin),
  );
  return element(
    'section',
    { attributes: { 'aria-labelledby': 'notes' } },
    element('h2', { id: 'notes' }, t('What was measured, and how')),
    element(
      'ul',
      { class: 'bullets' },
      ...[
        `${probeSentence(report, t)}.`,
        ...(status === null ? [] : [status]),
        `${networkSentence(network.parameters, t)}; ${inputs.join('; ')}.`,
        ...(loss === null ? [] : [`${loss}.`]),
        ...notesOf(report)
          .filter((message) => !reduced.has(message))
          .map(say),
      ].map((sentence) => element('li', {}, sentence)),
      ...network.unmodelled.map(({ what, why, source }, index) =>
        element(
          'li',
          {},
          t('Not modelled: {0}; {1} ', what, why),
          element(
            'button',
            {
              class: 'link',
              key: `unmodelled ${index}`,
              onClick: () => extension.post({ type: 'reveal', target: { kind: 'unmodelled', index } }),
            },
            t('line {0}', source.line),
          ),
        ),
      ),
    ),
    element('h3', {}, t('What was reduced')),
    probe.reduced.length === 0
      ? element('p', {}, t('Nothing: the network was measured as it is, within the budget.'))
      : element('ul', { class: 'bullets' }, ...probe.reduced.map((message) => element('li', {}, say(message)))),
    element(
      'p',
      { class: 'muted' },
      `normscope ${engine.version}, ${engine.runtime}. ${Object.entries(timings)
        .map(([stage, milliseconds]) => `${stage} ${durationText(milliseconds)}`)
        .join(', ')}.`,
    ),
  );
}
