import assert from 'node:assert/strict';
import type { Network } from '../../../../src/engine/network';
import type { DescriptionFormat } from '../../../../src/engine/readers';
import { writeDescription } from '../../../../src/engine/readers/description';
import { read } from './reading';

/** The network without spans, without what a first reader could not model, and without what its source alone says. */
export function essence(network: Network): unknown {
  const { source: _, unmodelled: __, surroundings: ___, writtenNorms: _____, plannedSteps: ______, ...rest } = network;
  const spanless = <T extends { source: unknown }>({ source: ____, ...entry }: T) => entry;
  return { ...rest, modules: network.modules.map(spanless), calls: network.calls.map(spanless) };
}

/** Writes the network, reads it back and finds the same; the reader's own network is written the same again. */
export function assertRoundTrip(network: Network, format: DescriptionFormat = 'yaml'): void {
  const text = writeDescription(network, format);
  if (format === 'json') JSON.parse(text);
  const again = read(text);
  assert.deepEqual(essence(again), essence(network));
  assert.equal(writeDescription(again, format), text);
}
