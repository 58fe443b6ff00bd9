import type { Network, Span } from './network';
import { type Finding, figure, type ReportSource, type SuppressedFinding } from './report';
import { type Found, layerPlaces, placeOf } from './rules';
import type { Ignored } from './suppression';

/** Findings as reports have them: each at its own place, or where its layer is made, else where the network is. */
export function findingRecords(
  network: Network,
  found: readonly Found[],
  toSource: (span: Span) => ReportSource,
): Finding[] {
  const layerPlace = layerPlaces(network);
  const figures = (evidence: Found['evidence']) =>
    evidence.map((item) => ({ ...item, value: figure(Number(item.value)) }));
  return found.map((one) => ({
    rule: one.rule,
    severity: one.severity,
    layer: one.layer,
    message: one.message,
    source: toSource(placeOf(one, layerPlace)),
    ...(one.related && {
      related: one.related.map((place) => ({ source: toSource(place.source), message: place.message })),
    }),
    evidence: figures(one.evidence),
    causes: one.symptoms.map((symptom) => ({
      layer: symptom.layer,
      rule: symptom.rule,
      source: toSource(layerPlace(symptom.layer)),
      evidence: figures(symptom.evidence),
    })),
    fix: null,
  }));
}

/** The same of findings that comments leave out. */
export const ignoredRecords = (
  network: Network,
  ignored: readonly Ignored[],
  toSource: (span: Span) => ReportSource,
): SuppressedFinding[] =>
  ignored.flatMap(({ found, comment }) =>
    findingRecords(network, [found], toSource).map((record) => ({
      ...record,
      suppressed: { by: 'comment', source: toSource(comment) },
    })),
  );
