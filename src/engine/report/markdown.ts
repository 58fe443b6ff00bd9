import { filledColumns, tableLayers } from './figureColumns';
import { figureText } from './figureText';
import { codeMarkdown, proseMarkdown } from './markdownText';
import type { Finding, Recommendation, Report, SuppressedFinding } from './report';
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

/** GitHub refuses a comment of more than 65,536 characters. */
const LONGEST = 60_000;

/** A part of the comment. What is too long for it loses its last lines, and says how many. */
interface Part {
  readonly lines: readonly string[];
  /** Folded under this summary. */
  readonly folded?: string;
}

/**
 * A Report in GitHub's Markdown, made for the comment on a pull request: what matters is seen at once, the rest is folded.
 * Text from the model file is nothing but text in it.
 */
export function markdown(report: Report): string {
  const { network, recommendation, findings, suppressed = [] } = report;
  const loss = lossSentence(report);
  const status = statusSentence(report);
  const parts: readonly Part[] = [
    { lines: [`## NormScope: ${codeMarkdown(network.name)}`] },
    { lines: [`**Findings: ${findingsCount(findings, suppressed)}.**`] },
    { lines: status === null ? [] : [`**${status}**`] },
    { lines: findingTable(findings) },
    { lines: bySeverity(findings).flatMap(findingLines), folded: 'Figures, what they explain, and fixes' },
    ...(recommendation === null ? [] : recommendationParts(recommendation)),
    { lines: suppressed.map(suppressedLine), folded: 'Left out' },
    { lines: layerLines(report), folded: 'Layers at initialization' },
    {
      lines: [
        `- ${codeMarkdown(sourceText(network.source))}, ${networkSentence(network.parameters)}.`,
        `- ${proseMarkdown(`${probeSentence(report)}.`)}`,
        ...(loss === null ? [] : [`- ${proseMarkdown(`${loss}.`)}`]),
        ...noteLines(report),
      ],
      folded: 'How it was measured',
    },
  ];
  const written: string[] = [];
  let room = LONGEST;
  for (const part of parts.filter(({ lines }) => lines.length > 0)) {
    const text = partText(part, Math.max(0, room));
    room -= text.length + 2;
    written.push(text);
  }
  return `${written.join('\n\n')}\n`;
}

function partText({ lines, folded }: Part, room: number): string {
  let kept = 0;
  let length = 0;
  while (kept < lines.length && length + lines[kept]!.length + 1 <= room) length += lines[kept++]!.length + 1;
  const shown =
    kept === lines.length
      ? lines
      : [
          ...lines.slice(0, kept),
          '',
          `${lines.length - kept} more lines are too long for a comment; the HTML report has them.`,
        ];
  const text = shown.join('\n');
  return folded === undefined ? text : `<details><summary>${folded}</summary>\n\n${text}\n\n</details>`;
}

const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;

const inLayer = ({ layer }: Pick<Finding, 'layer'>): string => (layer === null ? '' : ` ${codeMarkdown(layer)}`);

const findingTable = (findings: readonly Finding[]): string[] =>
  findings.length === 0
    ? []
    : [
        row(['severity', 'where', 'rule', 'what']),
        row(['---', '---', '---', '---']),
        ...bySeverity(findings).map((finding) =>
          row([
            `**${finding.severity}**`,
            `${codeMarkdown(sourceText(finding.source))}${inLayer(finding)}`,
            codeMarkdown(finding.rule),
            proseMarkdown(finding.message.text),
          ]),
        ),
      ];

const suppressedLine = (finding: SuppressedFinding): string =>
  `- ${codeMarkdown(finding.rule)} at ${codeMarkdown(sourceText(finding.source))}${inLayer(finding)}: ${
    finding.suppressed.by === 'baseline'
      ? 'in the baseline'
      : `by the comment at ${codeMarkdown(sourceText(finding.suppressed.source))}`
  }`;

function findingLines(finding: Finding): string[] {
  const more = [
    ...finding.evidence.map((evidence) => proseMarkdown(evidenceText(evidence))),
    ...(finding.related ?? []).map(
      ({ source, message }) => `${codeMarkdown(sourceText(source))}: ${proseMarkdown(message.text)}`,
    ),
    ...finding.causes.map(
      (symptom) =>
        `explains ${codeMarkdown(symptom.rule)} in ${codeMarkdown(symptom.layer)} at ${codeMarkdown(sourceText(symptom.source))}: ${proseMarkdown(symptom.evidence.map(evidenceText).join('; '))}`,
    ),
    ...(finding.fix === null ? [] : [`fix: ${proseMarkdown(finding.fix.title)}`]),
    ...(finding.noFix ? [`no fix: ${proseMarkdown(finding.noFix.text)}`] : []),
  ];
  if (more.length === 0) return [];
  return [
    `- ${codeMarkdown(finding.rule)} at ${codeMarkdown(sourceText(finding.source))}${inLayer(finding)}`,
    ...more.map((line) => `  - ${line}`),
  ];
}

function recommendationParts(recommendation: Recommendation): Part[] {
  const { reasons, sites, alternatives, wouldChange } = recommendation;
  const tried = alternatives.map(({ label, norm, groups, tried, losses, learningRate, reason, evidence }) =>
    row([
      proseMarkdown(label || normText(norm, groups)),
      tried ? figureText(losses?.[losses.length - 1] ?? null) : 'not tried',
      figureText(learningRate),
      proseMarkdown([reason.text, ...evidence.map(evidenceText)].join('; ')),
    ]),
  );
  return [
    {
      lines: [
        `### ${proseMarkdown(recommendationSentence(recommendation))}`,
        '',
        ...reasons.map(
          ({ message, evidence, source }) =>
            `- ${proseMarkdown([message.text, ...evidence.map(evidenceText)].join('; '))}${source === '' ? '' : ` (${proseMarkdown(source)})`}`,
        ),
      ],
    },
    {
      lines: sites.map(
        ({ layer, source, change }) =>
          `- ${codeMarkdown(sourceText(source))}, ${codeMarkdown(layer)}: ${proseMarkdown(change)}`,
      ),
      folded: 'Where',
    },
    {
      lines:
        tried.length === 0
          ? []
          : [row(['variant', 'evaluation loss', 'learning rate', 'why not']), '| --- | ---: | ---: | --- |', ...tried],
      folded: 'What else was tried',
    },
    {
      lines: (recommendation.known ?? []).map(
        ({ message, source }) => `- ${proseMarkdown(`${message.text} [${source}]`)}`,
      ),
      folded: 'Known elsewhere',
    },
    {
      lines: [
        ...(recommendation.disagreement ? [`- ${proseMarkdown(recommendation.disagreement.text)}`] : []),
        ...wouldChange.map(({ text }) => `- ${proseMarkdown(text)}`),
      ],
      folded: 'What would change this',
    },
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
