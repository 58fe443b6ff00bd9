import { findingRecords } from '../findingRecord';
import type { Network, Span } from '../network';
import type { Finding, ReportSource } from '../report';
import { findInStructure } from '../rules';

/** What the rules on the structure find in a file's networks: one that stands in several is said once. */
export function structureFindings(
  networks: readonly Network[],
  toSource: (span: Span) => ReportSource,
): readonly Finding[] {
  const found = new Map<string, Finding>();
  for (const network of networks) {
    for (const finding of findingRecords(network, findInStructure(network), toSource)) {
      const { rule, source } = finding;
      const key = `${rule} ${source.file}:${source.line}:${source.column}`;
      if (!found.has(key)) found.set(key, finding);
    }
  }
  return [...found.values()];
}
