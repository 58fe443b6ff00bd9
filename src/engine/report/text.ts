import { filledColumns, tableLayers } from './figureColumns';
import { durationText, figureText, NO_FIGURE } from './figureText';
import { findingLines } from './findingText';
import type { Alternative, Report } from './report';
import { sourceText } from './reportSource';
import {
  bySeverity,
  findingsCount,
  lossSentence,
  networkSentence,
  normText,
  noteSentences,
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

  section(`Findings: ${findingsCount(report.findings, report.suppressed)}`);
  for (const finding of bySeverity(report.findings)) lines.push(...findingLines(finding, options));

  if (report.recommendation !== null) {
    const { recommendation } = report;
    section('Recommendation');
    lines.push(
      ...wrap(recommendationSentence(recommendation), options.columns).map((line) => style.bold(visibleText(line))),
    );
    for (const reason of recommendation.reasons) {
      say(`${reason.message.text}${reason.source === '' ? '' : ` [${reason.source}]`}`, '    ', '  - ');
    }
    const { family, disagreement, known = [] } = recommendation;
    if (disagreement) say(disagreement.text, '    ', '  - ');
    if (family) say(`Recognized: ${family.kind}. ${family.because.text}`, '    ', '  ');
    if (known.length > 0) say('Known elsewhere:', '  ');
    for (const { message: said, source } of known) say(`${said.text} [${source}]`, '      ', '    - ');
    if (recommendation.sites.length > 0) say('Where:', '  ');
    for (const line of siteLines(recommendation.sites)) say(line, '      ', '    ');
    if (recommendation.alternatives.length > 0) say('Alternatives:', '  ');
    for (const alternative of recommendation.alternatives) say(alternativeText(alternative), '      ', '    ');
    if (recommendation.wouldChange.length > 0) say('What would change this:', '  ');
    for (const { text: sentence } of recommendation.wouldChange) say(sentence, '      ', '    - ');
  }

  if (report.probe.batchNoise.length > 0) {
    section("BatchNorm's own noise by batch size, at its noisiest layer");
    lines.push(...noiseTable(report.probe.batchNoise).map((line, index) => (index === 0 ? style.dim(line) : line)));
  }

  const notes = noteSentences(report);
  const unmodelled = network.unmodelled.map(
    ({ what, why, source }) => `${sourceText(source)}: not modelled: ${what}; ${why}`,
  );
  if (notes.length + unmodelled.length > 0) section('Notes');
  for (const note of [...notes, ...unmodelled]) say(note, '    ', '  - ');

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

/** One column a batch size: how far the batch mean and variance scatter. */
function noiseTable(noise: Report['probe']['batchNoise']): string[] {
  const labels = {
    title: 'batch',
    align: 'left' as const,
    cells: ['spread of the mean, in standard deviations', 'spread of the variance, in variances'],
  };
  const columns = noise.map(({ batch, mean, variance }) => ({
    title: String(batch),
    align: 'right' as const,
    // One sample has no variance over the batch to speak of.
    cells: [figureText(mean), batch === 1 ? NO_FIGURE : figureText(variance)],
  }));
  return textTable([labels, ...columns]).map((line) => `  ${line}`);
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

/** Where to change what: layers that one line makes, and that change alike, stand together. */
function siteLines(sites: NonNullable<Report['recommendation']>['sites']): string[] {
  const alike = new Map<string, string[]>();
  for (const { source, layer, change } of sites) {
    const key = `${sourceText(source)}\n${change}`;
    alike.set(key, [...(alike.get(key) ?? []), layer]);
  }
  return [...alike].map(([key, layers]) => {
    const [place, change] = key.split('\n');
    const count = layers.length > 1 ? ` (${layers.length} layers)` : '';
    return `${place}  ${layers.join(', ')}${count}: ${change}`;
  });
}

/** One alternative in a line: what it is, and what it came to or why it was not tried. */
function alternativeText({ label, norm, groups, reason, learningRate, tried }: Alternative): string {
  const rate = learningRate === null ? '' : ` (at learning rate ${figureText(learningRate)})`;
  return `${label || normText(norm, groups)}${tried ? '' : ' (not tried)'}: ${reason.text}${rate}`;
}
