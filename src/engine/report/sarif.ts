import { jsonText } from './json';
import type { Evidence, Finding, Report, ReportSource, Severity, SuppressedFinding, TextEdit } from './report';
import { evidenceText, statusSentence } from './sentences';
import { visibleText } from './visibleText';

const SCHEMA = 'https://json.schemastore.org/sarif-2.1.0.json';

/** What is known of a rule beside its findings. */
export interface RuleHelp {
  readonly severity?: Severity;
  /** One sentence: what it finds. */
  readonly finds: string;
  /** Its page, in Markdown. */
  readonly page: string;
  /** Where the page is to be read; absent where nobody publishes it. */
  readonly uri?: string;
}

/**
 * The findings as a SARIF 2.1.0 log (OASIS standard), one run, for code scanning and editors. What comments or a baseline leave
 * out is there too, as suppressed.
 */
export function sarif(
  report: Report,
  { ruleHelp }: { readonly ruleHelp?: ReadonlyMap<string, RuleHelp> } = {},
): string {
  const suppressed = report.suppressed ?? [];
  const all = [...report.findings, ...suppressed];
  const rules = rulesOf(all);
  const status = statusSentence(report);
  const { file } = report.network.source;
  const log = {
    $schema: SCHEMA,
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: 'NormScope',
            version: report.engine.version,
            rules: rules.map((id) => descriptor(id, ruleHelp?.get(id))),
          },
        },
        // Logs of several networks of a repository stand beside each other.
        automationDetails: { id: `normscope/${visibleText(`${file}::${report.network.name}`)}/` },
        columnKind: 'utf16CodeUnits',
        invocations: [
          {
            executionSuccessful: report.status !== 'cancelled',
            toolExecutionNotifications: status === null ? [] : [{ level: 'warning', message: message(status) }],
          },
        ],
        // A log in which some are suppressed says of the others that they are not.
        results: all.map((finding) => ({
          ...result(finding, rules),
          ...(suppressed.length > 0 && { suppressions: suppressions(finding) }),
        })),
      },
    ],
  };
  return jsonText(log);
}

/** The rules that findings name, their symptoms' too. */
export const rulesOf = (findings: readonly Finding[]): readonly string[] =>
  [...new Set(findings.flatMap((finding) => [finding.rule, ...finding.causes.map((cause) => cause.rule)]))].sort();

function descriptor(id: string, help: RuleHelp | undefined): object {
  const plain = { id, name: pascalCase(id) };
  if (!help) return { ...plain, shortDescription: { text: sentenceCase(id) } };
  const { finds, page, severity, uri: address } = help;
  return {
    ...plain,
    shortDescription: { text: sentenceCase(id) },
    fullDescription: { text: `Finds ${finds}.` },
    help: { text: page.replace(/\*\*/g, ''), markdown: page },
    ...(address !== undefined && { helpUri: address }),
    ...(severity && { defaultConfiguration: { level: severity } }),
  };
}

function suppressions(finding: Finding | SuppressedFinding): object[] {
  if (!('suppressed' in finding)) return [];
  const { suppressed } = finding;
  return suppressed.by === 'comment'
    ? [{ kind: 'inSource', status: 'accepted', location: location(suppressed.source) }]
    : [{ kind: 'external', status: 'accepted', justification: 'It stands in the baseline.' }];
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
    ...(finding.fix !== null &&
      finding.fix.edits.length > 0 && {
        fixes: [{ description: message(finding.fix.title), artifactChanges: artifactChanges(finding.fix.edits) }],
      }),
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
