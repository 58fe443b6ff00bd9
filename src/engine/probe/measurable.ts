import { type Message, message, type Network } from '../network';
import { CompiledProbe } from './compiledProbe';
import type { OwnData } from './data/ownData';
import { CallRefused } from './trace';

/** A network's programs at a batch that it can be trained at, and what to say where that is not its own. */
export interface MeasurableProbe {
  readonly probe: CompiledProbe;
  readonly otherBatch?: Message;
}

/**
 * Compiles a network at its own batch, or, where a norm over the batch has too few values there, at `otherwise`: its
 * figures are then those of a batch that it can be trained at.
 * @throws InputError, in PyTorch's words, where it can be trained at neither.
 */
export function measurableProbe(
  network: Network,
  otherwise: number,
  steps: number,
  data?: OwnData,
  evaluated?: number,
): MeasurableProbe {
  const own = network.batch.size;
  const compiled = (batch: number): CompiledProbe => {
    const probe = new CompiledProbe(network, batch, steps, data, evaluated);
    // A program is made when it is first asked for.
    return probe.training && probe;
  };
  try {
    return { probe: compiled(own) };
  } catch (error) {
    const overBatch = error instanceof CallRefused && error.row.batchStatistics?.(error.call.attributes);
    if (!overBatch || otherwise <= own) throw error;
    const { id, kind, module } = error.call;
    const args = { other: otherwise, own, layer: module ?? id, kind };
    return {
      probe: compiled(otherwise),
      otherBatch: message(
        'reduced-batch',
        'Batch: {other} for all figures. At {own}, {layer} ({kind}) cannot be trained.',
        args,
      ),
    };
  }
}
