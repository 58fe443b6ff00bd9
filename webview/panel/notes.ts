import { durationText } from '../../src/engine/report/figureText';
import type { Report } from '../../src/engine/report/report';
import { lossSentence, networkSentence, noteSentences, statusSentence } from '../../src/engine/report/sentences';
import { element } from '../page/element';
import type { Extension } from '../page/extension';

/** What was reduced, assumed or not modelled. */
export function notesSection(report: Report, extension: Extension): HTMLElement {
  const { network, engine, timings } = report;
  const loss = lossSentence(report);
  const status = statusSentence(report);
  const sentences = [
    ...(status === null ? [] : [status]),
    ...noteSentences(report),
    ...(loss === null ? [] : [`${loss}.`]),
    `${networkSentence(network.parameters)}; ${network.inputs
      .map(({ name, shape, dtype, origin }) => `input ${name} [${shape.join(', ')}] ${dtype} (${origin})`)
      .join('; ')}.`,
  ];
  return element(
    'section',
    { attributes: { 'aria-labelledby': 'notes' } },
    element('h2', { id: 'notes' }, 'Notes'),
    element(
      'ul',
      { class: 'bullets' },
      ...sentences.map((sentence) => element('li', {}, sentence)),
      ...network.unmodelled.map(({ what, why, source }, index) =>
        element(
          'li',
          {},
          `Not modelled: ${what}; ${why} `,
          element(
            'button',
            {
              class: 'link',
              key: `unmodelled ${index}`,
              onClick: () => extension.post({ type: 'reveal', target: { kind: 'unmodelled', index } }),
            },
            `line ${source.line}`,
          ),
        ),
      ),
    ),
    element(
      'p',
      { class: 'muted' },
      `normscope ${engine.version}, ${engine.runtime}. ${Object.entries(timings)
        .map(([stage, milliseconds]) => `${stage} ${durationText(milliseconds)}`)
        .join(', ')}.`,
    ),
  );
}
