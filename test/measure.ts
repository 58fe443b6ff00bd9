import { type Network, sourceDocument } from '../src/engine/network';
import { CompiledProbe, type LayerFigures, layerFigures, type Measurements, probeNetwork } from '../src/engine/probe';
import { readDescription } from '../src/engine/readers/description';
import type { Found } from '../src/engine/rules';
import { findFaults } from '../src/engine/rules';
import type { Runtime } from '../src/engine/runtime';
import { learningRateOf } from '../src/engine/training';

/** A network from a description, as a file would hold it. */
export const networkOf = (description: object): Network =>
  readDescription(sourceDocument('file:///models/net.normscope.json', JSON.stringify(description)), {});

export interface Measuring {
  /** Default 0: initialization alone. */
  readonly steps?: number;
  /** Default [0]. */
  readonly seeds?: readonly number[];
  /** Default: the network's own. */
  readonly learningRate?: number;
  readonly evaluate?: 'everything' | 'final-loss';
  readonly firstStepApart?: boolean;
}

export interface Measured {
  readonly runs: readonly Measurements[];
  readonly layers: ReadonlyMap<string, LayerFigures>;
  readonly found: readonly Found[];
}

/** Probes a network under each seed, and looks for faults. */
export async function measure(runtime: Runtime, network: Network, options: Measuring = {}): Promise<Measured> {
  const { steps = 0, seeds = [0], evaluate = 'everything', firstStepApart = false } = options;
  const batch = network.batch.size;
  const probe = new CompiledProbe(network, batch, steps);
  const slot = await runtime.lease();
  const runs: Measurements[] = [];
  try {
    for (const seed of seeds) {
      const learningRate = options.learningRate ?? learningRateOf(network.optimizer);
      runs.push(await probeNetwork(slot, probe, { seed, learningRate, steps, firstStepApart, evaluate }));
    }
  } finally {
    slot.release();
  }
  const layers = layerFigures(network, batch, runs);
  return { runs, layers, found: findFaults({ network, batch, layers, runs }) };
}

/** A layer n times, as lines of a description. */
export const repeat = (count: number, ...layers: readonly unknown[]): object => ({ repeat: count, layers });
