import { findLayer } from '../layers';
import type { Attributes, Network, Span } from '../network';
import type { Recommendation, ReportSource } from '../report';
import type { Candidate } from './candidates';

/** Where the changes are, and what is done there, in words. */
export function describeSites(
  candidate: Candidate,
  network: Network,
  toSource: (span: Span) => ReportSource,
): Recommendation['sites'] {
  return candidate.changes.map((change) => {
    const call = network.calls.find(({ id }) => id === change.site)!;
    const module = network.modules.find(({ id }) => id === call.module);
    const written = 'layer' in change ? describeLayer(change.layer) : '';
    const text = {
      insert: `add ${written} behind it`,
      replace: `put ${written} in its place`,
      remove: 'remove it',
      set: 'change its attributes',
    }[change.operation];
    return { layer: call.module ?? call.id, source: toSource((module ?? call).source), change: text };
  });
}

/** Keras's sizes come of its input: what is said is what differs from its defaults. */
function describeKerasLayer(kind: string, attributes: Attributes): string {
  const row = findLayer(kind)!;
  const said = Object.entries(attributes).flatMap(([name, value]) => {
    const attribute = row.attributes[name];
    const usual = attribute?.inferred || JSON.stringify(attribute?.fallback) === JSON.stringify(value);
    return usual ? [] : [`${name}=${Array.isArray(value) ? `[${value.join(', ')}]` : String(value)}`];
  });
  return `${kind.replace(/^Keras/, '')}(${said.join(', ')})`;
}

/** A layer as its framework would write it: `GroupNorm(32, 64)`, `GroupNormalization(groups=8)`. */
const describeLayer = ({ kind, attributes }: { kind: string; attributes: Attributes }): string =>
  findLayer(kind)?.library === 'keras'
    ? describeKerasLayer(kind, attributes)
    : `${kind}(${Object.values(attributes)
        .map((value) => (Array.isArray(value) ? value.join(', ') : String(value)))
        .join(', ')})`;
