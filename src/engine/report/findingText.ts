import { figureText } from './figureText';
import type { Finding, SuppressedFinding } from './report';
import { sourceText } from './reportSource';
import { bySeverity, evidenceText, findingsCount } from './sentences';
import { emphasis, wrap } from './terminal';
import type { TextOptions } from './text';
import { visibleText } from './visibleText';

/** Findings that need no probe, under a heading of their own; nothing where there are none. */
export const structureLines = (
  findings: readonly Finding[],
  options: TextOptions,
  suppressed: readonly SuppressedFinding[] = [],
): string[] =>
  findings.length + suppressed.length === 0
    ? []
    : [
        emphasis(options.colour).bold(`Findings without a probe: ${findingsCount(findings, suppressed)}`),
        ...bySeverity(findings).flatMap((finding) => findingLines(finding, options)),
      ];

/** The same as a text. */
export const findingsText = (
  findings: readonly Finding[],
  options: TextOptions,
  suppressed: readonly SuppressedFinding[] = [],
): string => `${structureLines(findings, options, suppressed).join('\n')}\n`;

/** A finding for a terminal: where, what, the figures, what it explains and what has to do with it. */
export function findingLines(finding: Finding, options: TextOptions): string[] {
  const style = emphasis(options.colour);
  const indented = (sentence: string, indent: string): string[] =>
    wrap(indent + visibleText(sentence), options.columns, indent);
  const place = `${sourceText(finding.source)}: ${finding.rule}${finding.layer === null ? '' : `, ${finding.layer}`}`;
  return [
    `  ${style.severity(finding.severity, finding.severity)} ${style.bold(visibleText(place))}`,
    ...indented(finding.message.text, '    '),
    ...finding.evidence.flatMap((evidence) => indented(evidenceText(evidence), '      ')),
    ...(finding.related ?? []).flatMap(({ source, message }) =>
      indented(`${sourceText(source)}: ${message.text}`, '      '),
    ),
    ...symptomLines(finding, options),
    ...(finding.fix === null ? [] : indented(`Fix: ${finding.fix.title}`, '    ')),
    ...(finding.noFix ? indented(`No fix: ${finding.noFix.text}`, '    ') : []),
  ];
}

/** What a cause explains: by rule and quantity, then a line a layer. */
function symptomLines({ causes }: Finding, options: TextOptions): string[] {
  const headings = new Map<string, string[]>();
  for (const { rule, layer, source, evidence } of causes) {
    const [first] = evidence;
    const heading = first ? `${rule}, ${first.quantity}:` : `${rule}:`;
    const figure = first ? `  ${figureText(first.value)}` : '';
    headings.set(heading, [...(headings.get(heading) ?? []), `${sourceText(source)}  ${layer}${figure}`]);
  }
  return [...headings].flatMap(([heading, rows]) => [
    ...wrap(`    also ${visibleText(heading)}`, options.columns, '      '),
    ...rows.map((row) => `      ${visibleText(row)}`),
  ]);
}
