import { type Call, type Fact, type Message, message, type Surroundings } from '../../network';
import type { Evidence, Severity } from '../../report';
import type { Found } from '../rule';
import { layerOf } from './graph';
import { usesBatch } from './kinds';
import type { Structure } from './rule';

/** The norms of a network that take their statistics over the batch, SyncBatchNorm's with them. */
export const batchNorms = ({ network, graph }: Structure): readonly Call[] =>
  network.calls.filter((call) => usesBatch(graph, call));

/** A finding at a place of the script, with the norm that it is about beside it. */
export function atFact(
  rule: string,
  severity: Severity,
  fact: Fact<unknown>,
  about: Call,
  text: Message,
  evidence: readonly Evidence[],
): Found {
  return {
    rule,
    severity,
    layer: layerOf(about),
    source: fact.source,
    message: text,
    evidence,
    symptoms: [],
  };
}

/** Where the first norm is called, as a related place. */
export const relatedCall = (call: Call): NonNullable<Found['related']> => [
  { source: call.source, message: message('first-norm', 'the first such norm: {layer}', { layer: layerOf(call) }) },
];

/** The batch of one device where the script's loader says it. */
export const loaderBatch = (surroundings: Surroundings | undefined): number | undefined =>
  surroundings?.loader?.value.batchSize;
