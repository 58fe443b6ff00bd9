import type { Message } from '../network';
import { countText, figureText } from './figureText';
import type { Evidence, Finding, Recommendation, Report, Severity, SuppressedFinding } from './report';
import { english, type Translate } from './translate';

/** Severities from the gravest. */
export const SEVERITIES: readonly Severity[] = ['error', 'warning', 'note'];

/** A number of things, `many` with the number in place of `{0}`. */
const counted = (count: number, one: string, many: (count: string) => string): string =>
  count === 1 ? one : many(countText(count));

const steps = (count: number, t: Translate) => counted(count, t('1 training step'), (n) => t('{0} training steps', n));
const samplesOf = (count: number, t: Translate) => counted(count, t('1 sample'), (n) => t('{0} samples', n));
const seedsOf = (count: number, t: Translate) => counted(count, t('1 seed'), (n) => t('{0} seeds', n));
const parametersOf = (count: number, t: Translate) => counted(count, t('1 parameter'), (n) => t('{0} parameters', n));

/** A norm for a person: `GroupNorm (8 groups)`. */
export const normText = (norm: string, groups: number | null, t: Translate = english): string =>
  groups === null ? norm : groups === 1 ? t('{0} (1 group)', norm) : t('{0} ({1} groups)', norm, groups);

/** How sure a recommendation is, as its sentence says it. */
export const confidenceText = (confidence: Recommendation['confidence'], t: Translate = english): string =>
  ({ strong: t('strong'), moderate: t('moderate'), weak: t('weak') })[confidence];

/** The recommendation in one sentence. */
export function recommendationSentence(recommendation: Recommendation, t: Translate = english): string {
  const { action, norm, groups, placement, sites, confidence } = recommendation;
  const name = normText(norm, groups, t);
  const at =
    sites.length === 0 ? '' : sites.length === 1 ? t(' at 1 site') : t(' at {0} sites', countText(sites.length));
  const before: Readonly<Record<Recommendation['placement'], string>> = {
    'before-activation': t(' before the activation'),
    'after-activation': t(' after the activation'),
    'as-is': '',
    none: '',
  };
  const where = `${before[placement]}${at}`;
  const sentences: Readonly<Record<Recommendation['action'], string>> = {
    add: t('Add {0}{1}', name, where),
    replace:
      norm === 'none' ? t('Take the normalization away{0}', at) : t('Replace the normalization by {0}{1}', name, where),
    keep: norm === 'none' ? t('Keep the network without normalization') : t('Keep {0} as it is', name),
    remove: norm === 'none' ? t('Remove the normalization{0}', at) : t('Remove {0}{1}', name, at),
  };
  return t('{0} (confidence: {1}).', sentences[action], confidenceText(confidence, t));
}

const MOST_SHOWN = 4;

/** A setting's value; of a long list its first ones. */
function settingText(value: unknown, t: Translate): string {
  if (!Array.isArray(value)) return String(value);
  const shown = value.slice(0, MOST_SHOWN).join(', ');
  return value.length > MOST_SHOWN ? t('[{0}, … {1} in all]', shown, countText(value.length)) : `[${shown}]`;
}

/** Whose data, and where it is from. */
const dataText = (
  { kind, generator, files, samples, training, evaluation }: Report['probe']['data'],
  t: Translate,
): string =>
  files === undefined
    ? kind === 'synthetic'
      ? t('synthetic data (generator {0})', generator)
      : t('{0} data (generator {1})', kind, generator)
    : t(
        'your own data ({0}: {1}, of which {2} are trained on and {3} judged by)',
        files.join(', '),
        samplesOf(samples ?? 0, t),
        countText(training),
        countText(evaluation),
      );

/** What was measured, and on what: the first thing a reader must know. */
export function probeSentence(report: Report, t: Translate = english): string {
  const { probe, network } = report;
  const data = dataText(probe.data, t);
  const { optimizer } = probe;
  const words = (settings: object) =>
    Object.entries(settings).map(([name, value]) => `${name} ${settingText(value, t)}`);
  const clipping = optimizer.clipping
    ? [t('gradients clipped at {0} {1}', optimizer.clipping.kind, optimizer.clipping.max)]
    : [];
  const groups = (optimizer.groups ?? []).map((group) =>
    t('{0} with {1}', parametersOf(group.parameters, t), words(group.settings).join(' ')),
  );
  return [
    probe.steps === 0
      ? t('Measured at initialization alone, on {0}', data)
      : t('Measured at initialization and over {0}, on {1}', steps(probe.steps, t), data),
    probe.batch === network.batch.size
      ? t('batch {0} ({1})', probe.batch, network.batch.origin)
      : t('batch {0} (instead of {1})', probe.batch, network.batch.size),
    t('{0} from {1}', seedsOf(probe.seeds, t), probe.seed),
    `${[[optimizer.kind, ...words(optimizer.settings)].join(' '), ...groups, ...clipping].join(', ')} (${optimizer.origin})`,
    probe.loss === null
      ? t('no loss')
      : `${[probe.loss.kind, ...words(probe.loss.settings ?? {})].join(' ')} (${probe.loss.origin})`,
  ].join('; ');
}

/** What a reader must bear in mind: which build ran in another's stead, what was scaled down, what was assumed. */
export const notesOf = ({ engine, probe }: Report): readonly Message[] => [
  ...(engine.note === null ? [] : [engine.note]),
  ...probe.reduced,
  ...probe.notes,
];

/** The same as texts. */
export const noteSentences = (report: Report): string[] => notesOf(report).map(({ text }) => text);

/** Where the loss went; null where nothing was trained. */
export function lossSentence(report: Report, t: Translate = english): string | null {
  const { probe } = report;
  if (probe.loss === null || probe.steps === 0) return null;
  const { training, evaluation } = probe.loss;
  const last = training.at(-1);
  if (evaluation === null) return null;
  return t(
    'Loss on the training batch {0} → {1} in {2}, on the evaluation split afterwards {3} in training mode, {4} with running statistics, {5} with statistics recomputed',
    figureText(training[0] ?? null),
    last === undefined ? '–' : figureText(last),
    counted(probe.steps, t('1 step'), (n) => t('{0} steps', n)),
    figureText(evaluation.trainMode),
    figureText(evaluation.running),
    figureText(evaluation.recomputed),
  );
}

/** What the status means; null for a complete report. */
export function statusSentence(report: Report, t: Translate = english): string | null {
  if (report.failure !== undefined) return t('Partial: {0} What is missing was not measured.', report.failure);
  if (report.status === 'partial') return t('Partial: the time budget ended first. What is missing was not measured.');
  return report.status === 'cancelled' ? t('Cancelled: what is missing was not measured.') : null;
}

/** What the network holds. */
export const networkSentence = (parameters: { total: number; trainable: number }, t: Translate = english): string => {
  const all = parametersOf(parameters.total, t);
  return parameters.trainable === parameters.total
    ? all
    : t('{0} ({1} trainable)', all, countText(parameters.trainable));
};

/** A figure, and what it is held against. */
export const evidenceText = (evidence: Evidence): string => evidenceIn(english)(evidence);

/** The same in a language, which says the names of figures, units and sources too. */
export const evidenceIn =
  (t: Translate, words: (text: string) => string = (text) => text) =>
  ({ quantity, value, unit, threshold, thresholdSource }: Evidence): string => {
    const counted = unit === '' || unit === '1' ? '' : ` ${words(unit)}`;
    const against = [
      ...(threshold === undefined ? [] : [t('threshold {0}', figureText(threshold))]),
      ...(thresholdSource === undefined ? [] : [words(thresholdSource)]),
    ];
    return `${words(quantity)} ${figureText(value)}${counted}${against.length > 0 ? ` (${against.join(', ')})` : ''}`;
  };

/** The findings, gravest first; those of one severity keep their order. */
export const bySeverity = (findings: readonly Finding[]): readonly Finding[] =>
  SEVERITIES.flatMap((severity) => findings.filter((finding) => finding.severity === severity));

/** How many findings are left out, and by what: `2 suppressed by comments, 1 in the baseline`; empty for none. */
export function suppressedCount(suppressed: readonly SuppressedFinding[] = [], t: Translate = english): string {
  const counts = { comment: 0, baseline: 0 };
  for (const { suppressed: how } of suppressed) counts[how.by]++;
  return [
    ...(counts.comment === 0
      ? []
      : [counts.comment === 1 ? t('1 suppressed by a comment') : t('{0} suppressed by comments', counts.comment)]),
    ...(counts.baseline === 0 ? [] : [t('{0} in the baseline', counts.baseline)]),
  ].join(', ');
}

/** `2 errors, 1 note`, or that there is none; and how many are left out. */
export function findingsCount(
  findings: readonly Finding[],
  suppressed: readonly SuppressedFinding[] = [],
  t: Translate = english,
): string {
  const left = suppressedCount(suppressed, t);
  return left === '' ? shownCount(findings, t) : `${shownCount(findings, t)} (${left})`;
}

function shownCount(findings: readonly Finding[], t: Translate): string {
  const parts = SEVERITIES.flatMap((severity) => {
    const count = findings.filter((finding) => finding.severity === severity).length;
    return count === 0 ? [] : [severityCount(severity, count, t)];
  });
  return parts.length === 0 ? t('no findings') : parts.join(', ');
}

function severityCount(severity: Severity, count: number, t: Translate): string {
  const words: Readonly<Record<Severity, string>> = {
    error: counted(count, t('1 error'), (n) => t('{0} errors', n)),
    warning: counted(count, t('1 warning'), (n) => t('{0} warnings', n)),
    note: counted(count, t('1 note'), (n) => t('{0} notes', n)),
  };
  return words[severity];
}
