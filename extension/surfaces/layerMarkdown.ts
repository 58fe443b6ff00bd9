import type { MarkdownString, Uri } from 'vscode';
import { filledColumns } from '../../src/engine/report/figureColumns';
import { countText, NO_FIGURE, shapeText } from '../../src/engine/report/figureText';
import { proseMarkdown } from '../../src/engine/report/markdownText';
import { normalizedAxes } from '../../src/engine/report/normalizedAxes';
import type { Finding, MeasuredLayer, Report } from '../../src/engine/report/report';
import { evidenceIn, probeSentence } from '../../src/engine/report/sentences';
import type { Translate } from '../../src/engine/report/translate';
import type { ShownReport } from '../analysis';
import { said, saidWords } from '../said';
import type { Vscode } from '../vscodeApi';

type L10n = Vscode['l10n'];

/** A loop can make hundreds of layers at one line: more rows than this say nothing more. */
const MOST_ROWS = 16;

/** The figures of the layers at one line, for a tooltip or a hover. Text of the model file has no power in it. */
export function layerMarkdown(
  vscode: Pick<Vscode, 'MarkdownString' | 'l10n'>,
  shown: ShownReport,
  layers: readonly MeasuredLayer[],
  uri: Uri,
): MarkdownString {
  const markdown = new vscode.MarkdownString(layerText(shown, layers, shown.staleAt(uri), vscode.l10n));
  markdown.isTrusted = false;
  markdown.supportHtml = false;
  markdown.supportThemeIcons = false;
  return markdown;
}

function layerText({ report }: ShownReport, layers: readonly MeasuredLayer[], stale: boolean, l10n: L10n): string {
  const { t } = l10n;
  const ids = new Set(layers.map(({ id }) => id));
  const sections = [
    ...(stale ? [t('**Stale:** the file was edited after these figures were measured.')] : []),
    // A table of many layers is long: what is to be said in a sentence stands above it.
    ...axes(layers, l10n),
    ...advice(report, ids, l10n),
    ...symptoms(report, ids, t),
    ...figures(layers, t),
    ...report.findings
      .filter(({ layer }) => layer !== null && ids.has(layer))
      .map((finding) => findingText(finding, l10n)),
    proseMarkdown(`${probeSentence(report, t)}.`),
  ];
  return sections.join('\n\n');
}

/** A table: a row a layer with its shape, its parameters and what was measured of it. */
function figures(layers: readonly MeasuredLayer[], t: Translate): string[] {
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
    row([t('layer'), t('kind'), t('output'), t('parameters'), ...columns.map(({ title }) => title)]),
    row(['---', '---', '---', '--:', ...columns.map(() => '--:')]),
    ...rows,
  ].join('\n');
  const more = layers.length - MOST_ROWS;
  return more > 0 ? [table, t('and {0} more layers at this line', more)] : [table];
}

/** Over what the norms among the layers normalize, and what follows: once for those that do alike. */
function axes(layers: readonly MeasuredLayer[], l10n: L10n): string[] {
  const words = (text: string) => proseMarkdown(saidWords('word', text, l10n));
  const said = layers.flatMap((layer) => {
    const found = normalizedAxes(layer);
    return found ? l10n.t('**Normalizes** {0}. {1}', words(found.over), words(found.why)) : [];
  });
  const different = [...new Set(said)];
  return different.length > 2 ? different.slice(0, 2) : different;
}

/** The findings that explain what is seen at the layers, each once. */
function symptoms({ findings }: Report, ids: ReadonlySet<string>, t: Translate): string[] {
  return findings.flatMap(({ rule, layer, causes }) => {
    if (layer !== null && ids.has(layer)) return [];
    const here = new Set(causes.filter((symptom) => ids.has(symptom.layer)).map((symptom) => symptom.rule));
    if (here.size === 0) return [];
    const seen = [...here].join(', ');
    const sentence =
      layer === null ? t('{0} here comes of {1}.', seen, rule) : t('{0} here comes of {1} at {2}.', seen, rule, layer);
    return t('**Why:** {0}', proseMarkdown(sentence));
  });
}

/** What the recommendation does at the layers, and its first reason. */
function advice({ recommendation }: Report, ids: ReadonlySet<string>, l10n: L10n): string[] {
  const here = recommendation?.sites.filter(({ layer }) => ids.has(layer)) ?? [];
  if (!recommendation || here.length === 0) return [];
  const changes = [...new Set(here.map(({ change }) => change))].slice(0, 2).join('; ');
  const [reason] = recommendation.reasons;
  return [l10n.t('**Advice:** {0}', proseMarkdown(`${changes}.${reason ? ` ${said(reason.message, l10n)}` : ''}`))];
}

const findingText = ({ severity, rule, message, evidence }: Finding, l10n: L10n): string =>
  [
    `**${severity}** ${proseMarkdown(rule)}: ${proseMarkdown(said(message, l10n))}`,
    ...evidence.map(
      (each) => `- ${proseMarkdown(evidenceIn(l10n.t, (text) => saidWords('figure', text, l10n))(each))}`,
    ),
  ].join('\n');
