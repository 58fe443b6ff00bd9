import { filledColumns, tableLayers } from './figureColumns';
import { figureText } from './figureText';
import { codeMarkdown, proseMarkdown } from './markdownText';
import type { Finding, Recommendation, Report } from './report';
import { sourceText } from './reportSource';
import {
  bySeverity,
  evidenceText,
  findingsCount,
  lossSentence,
  networkSentence,
  normText,
  noteSentences,
  probeSentence,
  recommendationSentence,
  statusSentence,
} from './sentences';

/** A Report in GitHub's Markdown, made for the comment on a pull request. */
export function markdown(report: Report): string {
  const { network, recommendation } = report;
  const loss = lossSentence(report);
  const status = statusSentence(report);
  const sections: readonly (readonly string[])[] = [
    [`## NormScope: ${codeMarkdown(network.name)}`],
    [
      `${codeMarkdown(sourceText(network.source))}, ${networkSentence(network.parameters)}. ${proseMarkdown(`${probeSentence(report)}.`)}`,
    ],
    loss === null ? [] : [proseMarkdown(`${loss}.`)],
    status === null ? [] : [`**${status}**`],
    recommendation === null ? [] : recommendationLines(recommendation),
    [`### Findings: ${findingsCount(report.findings, report.suppressed)}`],
    bySeverity(report.findings).flatMap(findingLines),
    ['<details><summary>Layers at initialization</summary>'],
    layerLines(report),
    ['</details>'],
    noteLines(report),
  ];
  return `${sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n`;
}

const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;

function findingLines(finding: Finding): string[] {
  const layer = finding.layer === null ? '' : ` in ${codeMarkdown(finding.layer)}`;
  return [
    `- **${finding.severity}** ${codeMarkdown(finding.rule)}${layer} at ${codeMarkdown(sourceText(finding.source))}: ${proseMarkdown(finding.message.text)}`,
    ...finding.evidence.map((evidence) => `  - ${proseMarkdown(evidenceText(evidence))}`),
    ...finding.causes.map(
      (symptom) =>
        `  - explains ${codeMarkdown(symptom.rule)} in ${codeMarkdown(symptom.layer)} at ${codeMarkdown(sourceText(symptom.source))}: ${proseMarkdown(symptom.evidence.map(evidenceText).join('; '))}`,
    ),
    ...(finding.fix === null ? [] : [`  - fix: ${proseMarkdown(finding.fix.title)}`]),
    ...(finding.noFix ? [`  - no fix: ${proseMarkdown(finding.noFix.text)}`] : []),
  ];
}

function recommendationLines(recommendation: Recommendation): string[] {
  const { reasons, sites, alternatives, wouldChange } = recommendation;
  const table = alternatives.map(({ label, norm, groups, tried, losses, learningRate, reason, evidence }) =>
    row([
      proseMarkdown(label || normText(norm, groups)),
      tried ? figureText(losses?.[losses.length - 1] ?? null) : 'not tried',
      figureText(learningRate),
      proseMarkdown([reason.text, ...evidence.map(evidenceText)].join('; ')),
    ]),
  );
  return [
    `### ${proseMarkdown(recommendationSentence(recommendation))}`,
    '',
    ...reasons.map(
      ({ message, evidence, source }) =>
        `- ${proseMarkdown([message.text, ...evidence.map(evidenceText)].join('; '))}${source === '' ? '' : ` (${proseMarkdown(source)})`}`,
    ),
    ...sites.map(
      ({ layer, source, change }) =>
        `- at ${codeMarkdown(sourceText(source))}, ${codeMarkdown(layer)}: ${proseMarkdown(change)}`,
    ),
    ...(table.length === 0
      ? []
      : ['', row(['variant', 'evaluation loss', 'learning rate', 'why not']), '| --- | ---: | ---: | --- |', ...table]),
    ...(wouldChange.length === 0
      ? []
      : ['', 'What would change this:', '', ...wouldChange.map(({ text }) => `- ${proseMarkdown(text)}`)]),
  ];
}

function layerLines(report: Report): string[] {
  const layers = tableLayers(report.layers);
  const columns = filledColumns(layers);
  return [
    row(['layer', 'kind', ...columns.map((column) => column.name)]),
    row(['---', '---', ...columns.map(() => '---:')]),
    ...layers.map((layer) =>
      row([
        codeMarkdown(layer.id),
        codeMarkdown(layer.kind),
        ...columns.map((column) => proseMarkdown(column.text(layer))),
      ]),
    ),
    '',
    ...columns.map((column) => `- ${column.name}: ${proseMarkdown(column.definition)}`),
  ];
}

function noteLines(report: Report): string[] {
  const { probe, network } = report;
  return [
    ...noteSentences(report).map((note) => `- ${proseMarkdown(note)}`),
    ...probe.batchNoise.map(
      ({ batch, site, mean, variance }) =>
        `- BatchNorm's statistics at batch ${batch} (${codeMarkdown(site)}): spread of the mean ${figureText(mean)}, of the variance ${figureText(variance)}`,
    ),
    ...network.unmodelled.map(
      ({ what, why, source }) =>
        `- ${codeMarkdown(sourceText(source))}: not modelled: ${proseMarkdown(`${what}; ${why}`)}`,
    ),
  ];
}
