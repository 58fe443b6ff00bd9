import type { Network, Span } from './network';
import { type Finding, figure, type ReportSource } from './report';
import type { Found } from './rules';

/** Findings as reports have them: each at its own place, or where its layer is made, else where the network is. */
export function findingRecords(
  network: Network,
  found: readonly Found[],
  toSource: (span: Span) => ReportSource,
): Finding[] {
  const sources = new Map<string, Span>();
  for (const { id, source } of network.calls) sources.set(id, source);
  for (const { id, source } of network.modules) sources.set(id, source);
  const placeOf = (layer: string | null): ReportSource =>
    toSource((layer !== null && sources.get(layer)) || network.source);
  const figures = (evidence: Found['evidence']) =>
    evidence.map((item) => ({ ...item, value: figure(Number(item.value)) }));
  return found.map(({ rule, severity, layer, message, source, related, evidence, symptoms }) => ({
    rule,
    severity,
    layer,
    message,
    source: source ? toSource(source) : placeOf(layer),
    ...(related && { related: related.map((place) => ({ source: toSource(place.source), message: place.message })) }),
    evidence: figures(evidence),
    causes: symptoms.map((symptom) => ({
      layer: symptom.layer,
      rule: symptom.rule,
      source: placeOf(symptom.layer),
      evidence: figures(symptom.evidence),
    })),
    fix: null,
  }));
}
