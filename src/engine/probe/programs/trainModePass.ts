import type { Network } from '../../network';
import { input, lowerLoop, mul, type Program, sub } from '../../tensor';
import { lossOf, sumsOverBatch } from '../../training';
import { traceNetwork } from '../trace';
import { randomDraws } from './dropoutMask';
import { networkLeaves } from './leaves';
import { MASK_SEED, STEP } from './names';

export const PASS_LOSS = 'passLoss';

/**
 * Forward passes in training mode without an optimizer: the loss there, and running statistics recomputed as
 * `torch.optim.swa_utils.update_bn` does it: with momentum None a batch norm keeps the plain average over the batches
 * that it saw. Dropout stays on, as it does there.
 */
export function trainModePass(network: Network, batch: number, samples: number): Program {
  const leaves = networkLeaves(network, batch, samples);
  const maskSeed = input(MASK_SEED, [], 'int32');
  const step = input(STEP, []);
  const trace = traceNetwork(network, {
    batch,
    mode: 'train',
    input: leaves.batchOf,
    parameter: (id) => leaves.parameters.get(id)!,
    // Batches counted so far: what a cumulative average needs, whether or not the file's own momentum does.
    buffer: (id) => leaves.buffers.get(id) ?? sub(step, 1),
    ...randomDraws(maskSeed, step),
    attributes: (call) => ('momentum' in call.attributes ? { ...call.attributes, momentum: null } : call.attributes),
  });
  const scale = sumsOverBatch(network.task) ? network.batch.size / batch : 1;
  const loss = mul(lossOf(network.task, trace.outputs[0]!, leaves.target), scale);
  const state = [...leaves.buffers].map(([id, leaf]) => ({ leaf, next: trace.buffers.get(id) ?? leaf }));
  return lowerLoop({ state, perStep: [leaves.order, step], scans: [{ name: PASS_LOSS, value: loss }] });
}
