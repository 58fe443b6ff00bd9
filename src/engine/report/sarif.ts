import { jsonText } from './json';
import type { Evidence, Finding, Report, ReportSource, TextEdit } from './report';
import { evidenceText, statusSentence } from './sentences';
import { visibleText } from './visibleText';

const SCHEMA = 'https://json.schemastore.org/sarif-2.1.0.json';

/** The findings as a SARIF 2.1.0 log (OASIS standard), one run, for code scanning and editors. */
export function sarif(report: Report): string {
  const rules = [
    ...new Set(report.findings.flatMap((finding) => [finding.rule, ...finding.causes.map((cause) => cause.rule)])),
  ].sort();
  const status = statusSentence(report);
  const log = {
    $schema: SCHEMA,
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: 'NormScope',
            version: report.engine.version,
            rules: rules.map((id) => ({ id, name: pascalCase(id), shortDescription: { text: sentenceCase(id) } })),
          },
        },
        columnKind: 'utf16CodeUnits',
        invocations: [
          {
            executionSuccessful: report.status !== 'cancelled',
            toolExecutionNotifications: status === null ? [] : [{ level: 'warning', message: message(status) }],
          },
        ],
        results: report.findings.map((finding) => result(finding, rules)),
      },
    ],
  };
  return jsonText(log);
}

function result(finding: Finding, rules: readonly string[]): object {
  return {
    ruleId: finding.rule,
    ruleIndex: rules.indexOf(finding.rule),
    level: finding.severity,
    message: message([finding.message.text, ...finding.evidence.map(evidenceText)].join(' | ')),
    locations: [{ ...location(finding.source), ...logicalLocation(finding.layer) }],
    relatedLocations: [
      ...(finding.related ?? []).map((place) => ({ ...location(place.source), message: message(place.message.text) })),
      ...finding.causes.map((symptom) => ({
        ...location(symptom.source),
        ...logicalLocation(symptom.layer),
        message: message(`${symptom.rule}: ${symptom.evidence.map(evidenceText).join('; ')}`),
      })),
    ].map((place, id) => ({ id, ...place })),
    // A result is the same one tomorrow when its rule and layer are, whatever line it has moved to.
    partialFingerprints: { 'ruleAndLayer/v1': `${finding.rule}:${finding.layer ?? ''}` },
    ...(finding.fix === null
      ? {}
      : { fixes: [{ description: message(finding.fix.title), artifactChanges: artifactChanges(finding.fix.edits) }] }),
    properties: { evidence: finding.evidence.map((evidence: Evidence) => ({ ...evidence })) },
  };
}

/** A path as a relative URI reference; a document that is no file has a URI already. */
function uri(file: string): string {
  const wellFormed = file.replace(/\p{Cs}/gu, '\ufffd');
  return /^[a-z][a-z0-9+.-]+:/i.test(file)
    ? encodeURI(wellFormed)
    : wellFormed.split('/').map(encodeURIComponent).join('/');
}

const location = (source: ReportSource): object => ({
  physicalLocation: {
    artifactLocation: { uri: uri(source.file) },
    region: { startLine: source.line, startColumn: source.column },
  },
});

const logicalLocation = (layer: string | null): object =>
  layer === null ? {} : { logicalLocations: [{ fullyQualifiedName: visibleText(layer), kind: 'module' }] };

function artifactChanges(edits: readonly TextEdit[]): object[] {
  const files = [...new Set(edits.map((edit) => edit.file))];
  return files.map((file) => ({
    artifactLocation: { uri: uri(file) },
    replacements: edits
      .filter((edit) => edit.file === file)
      .map(({ range: { start, end }, newText }) => ({
        deletedRegion: { startLine: start.line, startColumn: start.column, endLine: end.line, endColumn: end.column },
        insertedContent: { text: newText },
      })),
  }));
}

/** A plain message; a placeholder (`{0}`) or an embedded link (`[text](0)`) in a model's own words is kept from being one. */
const message = (text: string): { text: string } => ({
  text: visibleText(text)
    .replace(/\{(\d+)\}/g, '{{$1}}')
    .replace(/\[(?=[^\]]*\]\()/g, '\\['),
});

const words = (rule: string): string[] => rule.split('-');
const capital = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1);
const pascalCase = (rule: string): string => words(rule).map(capital).join('');
const sentenceCase = (rule: string): string => capital(words(rule).join(' '));
