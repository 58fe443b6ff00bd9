import { countText, figureText } from './figureText';
import type { Evidence, Finding, Recommendation, Report, Severity, SuppressedFinding } from './report';
import { english, type Translate } from './translate';

/** Severities from the gravest. */
export const SEVERITIES: readonly Severity[] = ['error', 'warning', 'note'];

const plural = (count: number, one: string, many = `${one}s`): string =>
  `${countText(count)} ${count === 1 ? one : many}`;

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
function settingText(value: unknown): string {
  if (!Array.isArray(value)) return String(value);
  const shown = value.slice(0, MOST_SHOWN).join(', ');
  return value.length > MOST_SHOWN ? `[${shown}, … ${countText(value.length)} in all]` : `[${shown}]`;
}

/** Whose data, and where it is from. */
const dataText = ({ kind, generator, files, samples, training, evaluation }: Report['probe']['data']): string =>
  files === undefined
    ? `${kind} data (generator ${generator})`
    : `your own data (${files.join(', ')}: ${plural(samples ?? 0, 'sample')}, of which ${countText(training)} are trained on and ${countText(evaluation)} judged by)`;

/** What was measured, and on what: the first thing a reader must know. */
export function probeSentence(report: Report): string {
  const { probe, network } = report;
  const when =
    probe.steps === 0
      ? 'at initialization alone'
      : `at initialization and over ${plural(probe.steps, 'training step')}`;
  const { optimizer } = probe;
  const words = (settings: object) => Object.entries(settings).map(([name, value]) => `${name} ${settingText(value)}`);
  const clipping = optimizer.clipping
    ? [`gradients clipped at ${optimizer.clipping.kind} ${optimizer.clipping.max}`]
    : [];
  const groups = (optimizer.groups ?? []).map(
    (group) => `${plural(group.parameters, 'parameter')} with ${words(group.settings).join(' ')}`,
  );
  return [
    `Measured ${when}, on ${dataText(probe.data)}`,
    `batch ${probe.batch} (${probe.batch === network.batch.size ? network.batch.origin : `instead of ${network.batch.size}`})`,
    `${plural(probe.seeds, 'seed')} from ${probe.seed}`,
    `${[[optimizer.kind, ...words(optimizer.settings)].join(' '), ...groups, ...clipping].join(', ')} (${optimizer.origin})`,
    probe.loss === null
      ? 'no loss'
      : `${[probe.loss.kind, ...words(probe.loss.settings ?? {})].join(' ')} (${probe.loss.origin})`,
  ].join('; ');
}

/** What a reader must bear in mind: which build ran in another's stead, what was scaled down, what was assumed. */
export function noteSentences({ engine, probe }: Report): string[] {
  return [...(engine.note === null ? [] : [engine.note]), ...probe.reduced, ...probe.notes].map(({ text }) => text);
}

/** Where the loss went; null where nothing was trained. */
export function lossSentence(report: Report): string | null {
  const { probe } = report;
  if (probe.loss === null || probe.steps === 0) return null;
  const { training, evaluation } = probe.loss;
  const last = training.at(-1);
  if (evaluation === null) return null;
  return [
    `Loss on the training batch ${figureText(training[0] ?? null)} → ${last === undefined ? '–' : figureText(last)} in ${plural(probe.steps, 'step')}`,
    `on the evaluation split afterwards ${figureText(evaluation.trainMode)} in training mode`,
    `${figureText(evaluation.running)} with running statistics`,
    `${figureText(evaluation.recomputed)} with statistics recomputed`,
  ].join(', ');
}

/** What the status means; null for a complete report. */
export function statusSentence(report: Report): string | null {
  if (report.status === 'partial') return 'Partial: the time budget ended first. What is missing was not measured.';
  return report.status === 'cancelled' ? 'Cancelled: what is missing was not measured.' : null;
}

/** What the network holds. */
export const networkSentence = (parameters: { total: number; trainable: number }): string =>
  `${plural(parameters.total, 'parameter')}${
    parameters.trainable === parameters.total ? '' : ` (${countText(parameters.trainable)} trainable)`
  }`;

/** A figure, and what it is held against. */
export function evidenceText(evidence: Evidence): string {
  const unit = evidence.unit === '' || evidence.unit === '1' ? '' : ` ${evidence.unit}`;
  const against = [
    ...(evidence.threshold === undefined ? [] : [`threshold ${figureText(evidence.threshold)}`]),
    ...(evidence.thresholdSource === undefined ? [] : [evidence.thresholdSource]),
  ];
  return `${evidence.quantity} ${figureText(evidence.value)}${unit}${against.length > 0 ? ` (${against.join(', ')})` : ''}`;
}

/** The findings, gravest first; those of one severity keep their order. */
export const bySeverity = (findings: readonly Finding[]): readonly Finding[] =>
  SEVERITIES.flatMap((severity) => findings.filter((finding) => finding.severity === severity));

/** How many findings are left out, and by what: `2 suppressed by comments, 1 in the baseline`; empty for none. */
export function suppressedCount(suppressed: readonly SuppressedFinding[] = []): string {
  const counts = { comment: 0, baseline: 0 };
  for (const { suppressed: how } of suppressed) counts[how.by]++;
  return [
    ...(counts.comment === 0
      ? []
      : [`${counts.comment} suppressed by ${counts.comment === 1 ? 'a comment' : 'comments'}`]),
    ...(counts.baseline === 0 ? [] : [`${counts.baseline} in the baseline`]),
  ].join(', ');
}

/** `2 errors, 1 note`, or that there is none; and how many are left out. */
export function findingsCount(findings: readonly Finding[], suppressed: readonly SuppressedFinding[] = []): string {
  const left = suppressedCount(suppressed);
  return left === '' ? shownCount(findings) : `${shownCount(findings)} (${left})`;
}

function shownCount(findings: readonly Finding[]): string {
  const parts = SEVERITIES.flatMap((severity) => {
    const count = findings.filter((finding) => finding.severity === severity).length;
    return count === 0 ? [] : [plural(count, severity)];
  });
  return parts.length === 0 ? 'no findings' : parts.join(', ');
}
