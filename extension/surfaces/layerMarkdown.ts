import type { MarkdownString, Uri } from 'vscode';
import { filledColumns } from '../../src/engine/report/figureColumns';
import { countText, NO_FIGURE, shapeText } from '../../src/engine/report/figureText';
import { proseMarkdown } from '../../src/engine/report/markdownText';
import { normalizedAxes } from '../../src/engine/report/normalizedAxes';
import type { Finding, MeasuredLayer, Report } from '../../src/engine/report/report';
import { evidenceText, probeSentence } from '../../src/engine/report/sentences';
import type { ShownReport } from '../analysis';
import type { Vscode } from '../vscodeApi';

/** A loop can make hundreds of layers at one line: more rows than this say nothing more. */
const MOST_ROWS = 16;

/** The figures of the layers at one line, for a tooltip or a hover. Text of the model file has no power in it. */
export function layerMarkdown(
  vscode: Pick<Vscode, 'MarkdownString'>,
  shown: ShownReport,
  layers: readonly MeasuredLayer[],
  uri: Uri,
): MarkdownString {
  const markdown = new vscode.MarkdownString(layerText(shown, layers, shown.staleAt(uri)));
  markdown.isTrusted = false;
  markdown.supportHtml = false;
  markdown.supportThemeIcons = false;
  return markdown;
}

function layerText({ report }: ShownReport, layers: readonly MeasuredLayer[], stale: boolean): string {
  const ids = new Set(layers.map(({ id }) => id));
  const sections = [
    ...(stale ? ['**Stale:** the file was edited after these figures were measured.'] : []),
    ...figures(layers),
    ...axes(layers),
    ...report.findings.filter(({ layer }) => layer !== null && ids.has(layer)).map(findingText),
    ...symptoms(report, ids),
    ...advice(report, ids),
    proseMarkdown(`${probeSentence(report)}.`),
  ];
  return sections.join('\n\n');
}

/** A table: a row a layer with its shape, its parameters and what was measured of it. */
function figures(layers: readonly MeasuredLayer[]): string[] {
  const columns = filledColumns(layers);
  const row = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const rows = layers
    .slice(0, MOST_ROWS)
    .map((layer) =>
      row([
        proseMarkdown(layer.id),
        proseMarkdown(layer.kind),
        shapeText(layer.outputShape).replace(/[[\]]/g, '\\$&'),
        layer.parameters === 0 ? NO_FIGURE : countText(layer.parameters),
        ...columns.map((column) => proseMarkdown(column.text(layer))),
      ]),
    );
  const table = [
    row(['layer', 'kind', 'output', 'parameters', ...columns.map(({ title }) => title)]),
    row(['---', '---', '---', '--:', ...columns.map(() => '--:')]),
    ...rows,
  ].join('\n');
  const more = layers.length - MOST_ROWS;
  return more > 0 ? [table, `and ${more} more layers at this line`] : [table];
}

/** Over what the norms among the layers normalize, and what follows: once for those that do alike. */
function axes(layers: readonly MeasuredLayer[]): string[] {
  const said = layers.flatMap((layer) => {
    const found = normalizedAxes(layer);
    return found ? `**Normalizes** ${proseMarkdown(found.over)}. ${proseMarkdown(found.why)}` : [];
  });
  const different = [...new Set(said)];
  return different.length > 2 ? different.slice(0, 2) : different;
}

/** The findings that explain what is seen at the layers, each once. */
function symptoms({ findings }: Report, ids: ReadonlySet<string>): string[] {
  return findings.flatMap(({ rule, layer, causes }) => {
    if (layer !== null && ids.has(layer)) return [];
    const here = new Set(causes.filter((symptom) => ids.has(symptom.layer)).map((symptom) => symptom.rule));
    if (here.size === 0) return [];
    const where = layer === null ? '' : ` at ${layer}`;
    return `**Why:** ${proseMarkdown(`${[...here].join(', ')} here comes of ${rule}${where}.`)}`;
  });
}

/** What the recommendation does at the layers, and its first reason. */
function advice({ recommendation }: Report, ids: ReadonlySet<string>): string[] {
  const here = recommendation?.sites.filter(({ layer }) => ids.has(layer)) ?? [];
  if (!recommendation || here.length === 0) return [];
  const changes = [...new Set(here.map(({ change }) => change))].slice(0, 2).join('; ');
  const [reason] = recommendation.reasons;
  return [`**Advice:** ${proseMarkdown(`${changes}.${reason ? ` ${reason.message.text}` : ''}`)}`];
}

const findingText = ({ severity, rule, message, evidence }: Finding): string =>
  [
    `**${severity}** ${proseMarkdown(rule)}: ${proseMarkdown(message.text)}`,
    ...evidence.map((each) => `- ${proseMarkdown(evidenceText(each))}`),
  ].join('\n');
