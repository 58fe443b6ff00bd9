import type { MarkdownString, Uri } from 'vscode';
import { filledColumns } from '../../src/engine/report/figureColumns';
import { shapeText } from '../../src/engine/report/figureText';
import { proseMarkdown } from '../../src/engine/report/markdownText';
import type { Finding, MeasuredLayer } from '../../src/engine/report/report';
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

function layerText(shown: ShownReport, layers: readonly MeasuredLayer[], stale: boolean): string {
  const columns = filledColumns(layers);
  const row = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const rows = layers
    .slice(0, MOST_ROWS)
    .map((layer) =>
      row([
        proseMarkdown(layer.id),
        proseMarkdown(layer.kind),
        shapeText(layer.outputShape).replace(/[[\]]/g, '\\$&'),
        ...columns.map((column) => proseMarkdown(column.text(layer))),
      ]),
    );
  const more = layers.length - MOST_ROWS;
  const ids = new Set(layers.map(({ id }) => id));
  const sections = [
    ...(stale ? ['**Stale:** the file was edited after these figures were measured.'] : []),
    [
      row(['layer', 'kind', 'output', ...columns.map(({ title }) => title)]),
      row(['---', '---', '---', ...columns.map(() => '--:')]),
      ...rows,
    ].join('\n'),
    ...(more > 0 ? [`and ${more} more layers at this line`] : []),
    ...shown.report.findings.filter(({ layer }) => layer !== null && ids.has(layer)).map(findingText),
    proseMarkdown(`${probeSentence(shown.report)}.`),
  ];
  return sections.join('\n\n');
}

const findingText = ({ severity, rule, message, evidence }: Finding): string =>
  [
    `**${severity}** ${proseMarkdown(rule)}: ${proseMarkdown(message.text)}`,
    ...evidence.map((each) => `- ${proseMarkdown(evidenceText(each))}`),
  ].join('\n');
