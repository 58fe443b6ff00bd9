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
