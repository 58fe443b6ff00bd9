import { figureText } from '../../src/engine/report/figureText';
import type { Finding, Report, Severity, Symptom } from '../../src/engine/report/report';
import { evidenceIn, findingsCount, SEVERITIES } from '../../src/engine/report/sentences';
import { element } from '../page/element';
import type { Extension } from '../page/extension';
import { severityIcon } from '../page/icons';
import { figureWords, say, t } from '../page/l10n';

/** The gravest severity by layer, over the findings and what they explain. */
export function flaggedLayers(findings: readonly Finding[]): ReadonlyMap<string, Severity> {
  const flagged = new Map<string, Severity>();
  for (const severity of [...SEVERITIES].reverse()) {
    for (const finding of findings) {
      if (finding.severity !== severity) continue;
      for (const layer of [finding.layer, ...finding.causes.map((symptom) => symptom.layer)]) {
        if (layer !== null) flagged.set(layer, severity);
      }
    }
  }
  return flagged;
}

/** The findings, gravest first, each cause with its symptoms folded under it. */
export function findingsSection(
  { findings, suppressed = [] }: Report,
  extension: Extension,
  folds: Folds,
): HTMLElement {
  const ordered = findings
    .map((finding, index) => ({ finding, index }))
    .sort((a, b) => SEVERITIES.indexOf(a.finding.severity) - SEVERITIES.indexOf(b.finding.severity));
  return element(
    'section',
    { attributes: { 'aria-labelledby': 'findings' } },
    element(
      'h2',
      { id: 'findings' },
      t('Findings'),
      findings.length + suppressed.length === 0
        ? null
        : element('span', { class: 'count' }, findingsCount(findings, suppressed, t)),
    ),
    findings.length === 0
      ? element('p', {}, t('None found.'))
      : element(
          'ul',
          { class: 'findings' },
          ...ordered.map(({ finding, index }) => findingItem(finding, index, extension, folds)),
        ),
  );
}

/** Which parts are unfolded, remembered while the page is made anew. */
export type Folds = Set<string>;

function findingItem(finding: Finding, index: number, extension: Extension, folds: Folds): HTMLElement {
  const { severity, rule, layer, message, evidence, source, causes } = finding;
  return element(
    'li',
    { class: 'finding' },
    severityIcon(severity),
    element(
      'div',
      {},
      element(
        'button',
        {
          class: 'link title',
          key: `finding ${index}`,
          title: t('Show line {0}', source.line),
          onClick: () => extension.post({ type: 'reveal', target: { kind: 'finding', index } }),
        },
        rule,
        layer === null ? null : element('code', {}, layer),
        element('span', { class: 'line' }, t('line {0}', source.line)),
      ),
      element('p', {}, say(message)),
      causes.length === 0 ? null : symptoms(causes, index, extension, folds),
      evidence.length === 0
        ? null
        : fold(
            `evidence ${index}`,
            t('Figures and thresholds'),
            folds,
            element(
              'ul',
              { class: 'evidence' },
              ...evidence.map((each) => element('li', {}, evidenceIn(t, figureWords)(each))),
            ),
          ),
    ),
  );
}

function symptoms(causes: readonly Symptom[], index: number, extension: Extension, folds: Folds): HTMLElement {
  return fold(
    `symptoms ${index}`,
    causes.length === 1 ? t('Explains 1 more layer') : t('Explains {0} more layers', causes.length),
    folds,
    ...symptomUnits(causes),
    element(
      'ul',
      { class: 'symptoms' },
      ...causes.map(({ layer, rule, evidence: [first] }, at) =>
        element(
          'li',
          {},
          element(
            'button',
            {
              class: 'link',
              key: `symptom ${index} ${at}`,
              title: [rule, first && figureWords(first.quantity)].filter(Boolean).join(': '),
              onClick: () => extension.post({ type: 'reveal', target: { kind: 'layer', id: layer } }),
            },
            element('code', {}, layer),
          ),
          first ? element('span', { class: 'figure' }, figureText(first.value)) : null,
        ),
      ),
    ),
  );
}

/** A part that unfolds, and stays so when the page is made anew. */
function fold(key: string, title: string, folds: Folds, ...children: readonly HTMLElement[]): HTMLElement {
  const details: HTMLDetailsElement = element(
    'details',
    { attributes: { open: folds.has(key) } },
    element(
      'summary',
      {
        key,
        // Before it unfolds, and not by its `toggle`, which comes later: new figures may come first.
        onClick: () => {
          if (details.open) folds.delete(key);
          else folds.add(key);
        },
      },
      title,
    ),
    ...children,
  );
  return details;
}

/** What the figures beside the symptoms are. */
function symptomUnits(causes: readonly Symptom[]): HTMLElement[] {
  const quantities = new Set(
    causes.flatMap(({ rule, evidence: [first] }) => (first ? [`${rule}: ${figureWords(first.quantity)}`] : [])),
  );
  return [...quantities].map((quantity) => element('p', { class: 'muted' }, quantity));
}
