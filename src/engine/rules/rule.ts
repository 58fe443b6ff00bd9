import type { Mend } from '../change';
import type { Message, Network, Span } from '../network';
import type { LayerFigures, Measurements } from '../probe';
import type { Evidence, Severity } from '../report';

/** What a rule looks at: the network, and what was measured of it. */
export interface Measured {
  readonly network: Network;
  readonly batch: number;
  readonly layers: ReadonlyMap<string, LayerFigures>;
  readonly runs: readonly Measurements[];
}

/** What a rule found: one cause, at one layer, with the layers that it reaches. */
export interface Found {
  readonly rule: string;
  readonly severity: Severity;
  /** null for the network as a whole. */
  readonly layer: string | null;
  readonly message: Message;
  /** Where it stands, if not where its layer is made. */
  readonly source?: Span;
  /** Other places that have to do with it, each with what it is. */
  readonly related?: readonly { readonly source: Span; readonly message: Message }[];
  readonly evidence: readonly Evidence[];
  readonly symptoms: readonly {
    readonly rule: string;
    readonly layer: string;
    readonly evidence: readonly Evidence[];
  }[];
  /** What would mend it, where the network or a call around it can be changed; a text edit is made of it where one is safe. */
  readonly mend?: Mend;
}

/** Looks for one fault in the numbers. Ids are fixed once published. */
export interface Rule {
  readonly id: string;
  /** One sentence: what it finds. */
  readonly finds: string;
  check(measured: Measured): readonly Found[];
}

/** A symptom with its figures alone: the cause above it states the threshold and its source. */
export const symptom = (rule: string, layer: string, evidence: readonly Evidence[]): Found['symptoms'][number] => ({
  rule,
  layer,
  evidence: evidence.map(({ quantity, value, unit }) => ({ quantity, value, unit })),
});
