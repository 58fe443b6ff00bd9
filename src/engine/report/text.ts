import { filledColumns, tableLayers } from './figureColumns';
import { durationText, figureText } from './figureText';
import type { Alternative, Finding, Report } from './report';
import { sourceText } from './reportSource';
import {
  bySeverity,
  evidenceText,
  findingsCount,
  lossSentence,
  networkSentence,
  normText,
  probeSentence,
  recommendationSentence,
  statusSentence,
} from './sentences';
import { emphasis, textTable, wrap } from './terminal';
import { visibleText } from './visibleText';

export interface TextOptions {
  /** The terminal's width; tables are made for 100 and more. */
  readonly columns: number;
  readonly colour: boolean;
}

/** A Report for a terminal: what was measured, the layers, the findings by cause, the recommendation. */
export function text(report: Report, options: TextOptions): string {
  const style = emphasis(options.colour);
  const lines: string[] = [];
  const say = (sentence: string, indent = '', first = indent): void => {
    lines.push(...wrap(first + visibleText(sentence), options.columns, indent));
  };
  const section = (title: string): void => {
    lines.push('', style.bold(title));
  };

  const { network, engine } = report;
  lines.push(style.bold(visibleText(`${network.name}, ${sourceText(network.source)}`)));
  say(
    `${networkSentence(network.parameters)}; inputs ${network.inputs.map((input) => `${input.name} [${input.shape.join(', ')}]`).join(', ')}`,
  );
  say(`${probeSentence(report)}.`);
  const loss = lossSentence(report);
  if (loss !== null) say(`${loss}.`);
  const status = statusSentence(report);
  if (status !== null) lines.push(style.severity('warning', status));

  section('Layers at initialization');
  lines.push(...layerTable(report, options.columns).map((line, index) => (index === 0 ? style.dim(line) : line)));
  lines.push('');
  for (const column of filledColumns(tableLayers(report.layers))) {
    for (const line of wrap(`  ${column.title.padEnd(9)}  ${column.definition}`, options.columns, ' '.repeat(13))) {
      lines.push(style.dim(line));
    }
  }

  section(`Findings: ${findingsCount(report.findings)}`);
  for (const finding of bySeverity(report.findings)) lines.push(...findingLines(finding, options));

  if (report.recommendation !== null) {
    const { recommendation } = report;
    section('Recommendation');
    lines.push(
      ...wrap(recommendationSentence(recommendation), options.columns).map((line) => style.bold(visibleText(line))),
    );
    for (const reason of recommendation.reasons) {
      say(`${reason.message.text}${reason.source === '' ? '' : ` [${reason.source}]`}`, '    ', '  - ');
      for (const evidence of reason.evidence) say(evidenceText(evidence), '      ');
    }
    if (recommendation.sites.length > 0) say('Where:', '  ');
    for (const site of recommendation.sites)
      say(`${sourceText(site.source)}  ${site.layer}: ${site.change}`, '      ', '    ');
    if (recommendation.alternatives.length > 0) say('Alternatives:', '  ');
    for (const alternative of recommendation.alternatives) say(alternativeText(alternative), '      ', '    ');
    if (recommendation.wouldChange.length > 0) say('What would change this:', '  ');
    for (const { text: sentence } of recommendation.wouldChange) say(sentence, '      ', '    - ');
  }

  const notes = [...report.probe.reduced, ...report.probe.notes].map((note) => note.text);
  const unmodelled = network.unmodelled.map(
    ({ what, why, source }) => `${sourceText(source)}: not modelled: ${what}; ${why}`,
  );
  const noise = report.probe.batchNoise.map(
    ({ batch, site, mean, variance }) =>
      `BatchNorm's statistics at batch ${batch} (${site}): the batch mean spreads by ${figureText(mean)} of the standard deviation, the batch variance by ${figureText(variance)} of the variance`,
  );
  if (notes.length + unmodelled.length + noise.length > 0) section('Notes');
  for (const note of [...notes, ...noise, ...unmodelled]) say(note, '    ', '  - ');

  const timings = Object.entries(report.timings).map(
    ([stage, milliseconds]) => `${stage} ${durationText(milliseconds)}`,
  );
  lines.push('');
  for (const line of wrap(
    visibleText(`normscope ${engine.version}, ${engine.runtime}. ${timings.join(', ')}`),
    options.columns,
  )) {
    lines.push(style.dim(line));
  }
  return `${lines.join('\n')}\n`;
}

function layerTable(report: Report, columns: number): string[] {
  const layers = tableLayers(report.layers);
  const figures = filledColumns(layers).map((column) => ({
    title: column.title,
    align: 'right' as const,
    cells: layers.map((layer) => column.text(layer)),
  }));
  const kinds = {
    title: 'kind',
    align: 'left' as const,
    cells: layers.map((layer) => visibleText(layer.kind)),
    maximum: 14,
  };
  const taken = textTable([kinds, ...figures]).reduce((width, line) => Math.max(width, line.length), 0);
  const ids = {
    title: 'layer',
    align: 'left' as const,
    cells: layers.map((layer) => visibleText(layer.id)),
    maximum: Math.max(8, columns - taken - 2),
  };
  return textTable([ids, kinds, ...figures]);
}

function findingLines(finding: Finding, options: TextOptions): string[] {
  const style = emphasis(options.colour);
  const indented = (sentence: string, indent: string): string[] =>
    wrap(indent + visibleText(sentence), options.columns, indent);
  const place = `${sourceText(finding.source)}: ${finding.rule}${finding.layer === null ? '' : `, ${finding.layer}`}`;
  return [
    `  ${style.severity(finding.severity, finding.severity)} ${style.bold(visibleText(place))}`,
    ...indented(finding.message.text, '    '),
    ...finding.evidence.flatMap((evidence) => indented(evidenceText(evidence), '      ')),
    ...(finding.causes.length > 0 ? ['    This explains:'] : []),
    ...finding.causes.flatMap((symptom) =>
      indented(
        `${sourceText(symptom.source)}: ${symptom.rule}, ${symptom.layer}: ${symptom.evidence.map(evidenceText).join('; ')}`,
        '      ',
      ),
    ),
    ...(finding.fix === null ? [] : indented(`Fix: ${finding.fix.title}`, '    ')),
  ];
}

/** One alternative in a line: what it is, whether it was tried, what it came to, why it was not chosen. */
function alternativeText(alternative: Alternative): string {
  const name = alternative.label || normText(alternative.norm, alternative.groups);
  const last = alternative.losses?.[alternative.losses.length - 1];
  const result =
    last === undefined
      ? alternative.tried
        ? ''
        : ' (not tried)'
      : ` (evaluation loss ${figureText(last)}${alternative.learningRate === null ? '' : ` at learning rate ${figureText(alternative.learningRate)}`})`;
  return `${name}${result}: ${[alternative.reason.text, ...alternative.evidence.map(evidenceText)].join('; ')}`;
}
