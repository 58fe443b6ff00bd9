import { findingRecords } from '../findingRecord';
import type { Network, SourceDocument, Span } from '../network';
import type { Finding, ReportSource, RuleSeverities } from '../report';
import { findInStructure } from '../rules';
import { sourceTexts, withoutIgnored } from '../suppression';

/**
 * What the rules on the structure find in a file's networks, without what its comments leave out: one that stands in
 * several is said once.
 */
export function structureFindings(
  networks: readonly Network[],
  document: SourceDocument,
  toSource: (span: Span) => ReportSource,
  rules?: RuleSeverities,
): readonly Finding[] {
  const found = new Map<string, Finding>();
  const texts = sourceTexts(document);
  for (const network of networks) {
    const { kept } = withoutIgnored(network, findInStructure(network, rules), texts);
    for (const finding of findingRecords(network, kept, toSource)) {
      const { rule, source } = finding;
      const key = `${rule} ${source.file}:${source.line}:${source.column}`;
      if (!found.has(key)) found.set(key, finding);
    }
  }
  return [...found.values()];
}
