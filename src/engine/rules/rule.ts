import type { Message, Network } from '../network';
import type { LayerFigures, Measurements } from '../probe';
import type { Evidence, Severity } from '../report';

/** What a rule looks at: the network, and what was measured of it. */
export interface Measured {
  readonly network: Network;
  readonly batch: number;
  readonly layers: ReadonlyMap<string, LayerFigures>;
  readonly runs: readonly Measurements[];
}

/** One layer that shows what the rule looks for. */
export interface Trace {
  readonly layer: string;
  readonly evidence: readonly Evidence[];
}

/** What a rule found: one cause, at one layer, with the layers that it reaches. */
export interface Found {
  readonly rule: string;
  readonly severity: Severity;
  /** null for the network as a whole. */
  readonly layer: string | null;
  readonly message: Message;
  readonly evidence: readonly Evidence[];
  readonly symptoms: readonly (Trace & { readonly rule: string })[];
}

/** Looks for one fault in the numbers. Ids are fixed once published. */
export interface Rule {
  readonly id: string;
  /** One sentence: what it finds. */
  readonly finds: string;
  check(measured: Measured): readonly Found[];
}

/** A figure as a sentence shows it: three digits, powers of ten where it is very small or large. */
export function inWords(value: number): string {
  if (value === 0 || !Number.isFinite(value)) return String(value);
  const magnitude = Math.abs(value);
  if (magnitude >= 1e6 || magnitude < 1e-3) return value.toExponential(1);
  if (magnitude >= 100) return Math.round(value).toLocaleString('en-US');
  return String(Number(value.toPrecision(3)));
}

/** A share in words: "62 %". */
export const percent = (share: number): string => `${Number((100 * share).toPrecision(share < 0.1 ? 2 : 3))} %`;
