import type { Call, Network } from '../../network';
import type { Graph } from './graph';

const BATCH_NORMS = /^(BatchNorm[123]d|SyncBatchNorm|batch_norm|BatchRenorm|KerasBatchNormalization)$/;
const INSTANCE_NORMS = /^(InstanceNorm[123]d|instance_norm)$/;
const LAYER_NORMS = /^(LayerNorm|KerasLayerNormalization)$/;
const GROUP_NORMS = /^(GroupNorm|KerasGroupNormalization)$/;
const RMS_NORMS = /^(RMSNorm|KerasRMSNormalization)$/;

/** What a rule says of a Keras layer: its own name. */
export const kindText = (kind: string): string => kind.replace(/^Keras/, '');

export const isKeras = (kind: string): boolean => kind.startsWith('Keras');

/** BatchNorm in any of its forms, but not one with frozen statistics. */
export const isBatchNorm = ({ kind }: Call): boolean => BATCH_NORMS.test(kind);
export const isInstanceNorm = ({ kind }: Call): boolean => INSTANCE_NORMS.test(kind);
export const isLayerNorm = ({ kind }: Call): boolean => LAYER_NORMS.test(kind);
export const isGroupNorm = ({ kind }: Call): boolean => GROUP_NORMS.test(kind);

/** A norm of activations that measures its own statistics: not of weights, not frozen, not an L2 length. */
export const isFeatureNorm = (call: Call): boolean =>
  isBatchNorm(call) || isInstanceNorm(call) || isLayerNorm(call) || isGroupNorm(call) || RMS_NORMS.test(call.kind);

/** A norm that takes the mean away. */
export const subtractsMean = (call: Call): boolean =>
  isFeatureNorm(call) && !RMS_NORMS.test(call.kind) && call.attributes.rms_scaling !== true;

/** BatchNorm that normalizes by the batch in training: one whose gain and shift are both frozen is taken as frozen. */
export function usesBatch(graph: Graph, call: Call): boolean {
  if (!isBatchNorm(call) || graph.row(call)?.batchStatistics?.(call.attributes) !== true) return false;
  const module = graph.module(call);
  const own = Object.keys(module?.parameters ?? {}).map((name) => graph.parameter(call, name));
  return own.length === 0 || own.some((parameter) => parameter?.trainable);
}

const RECTIFIERS = /^(ReLU|ReLU6|LeakyReLU|PReLU|RReLU|KerasPReLU)$/;
export const isRectifier = ({ kind }: Call): boolean => RECTIFIERS.test(kind);

/** Whether a call only moves elements about, or does nothing in training but pass them on. */
export const passesOn = (graph: Graph, call: Call): boolean =>
  call.kind === 'Identity' || call.kind === 'to' || graph.role(call) === 'shape';

/** Whether the loss is stated with the network itself: by Keras's compile(). */
export const isCompiled = ({ task }: Network): boolean => task.origin.startsWith('compile(');

/** Whether somebody wrote it: the file, a flag or a directive, not an assumption of ours. */
export const isStated = (origin: string): boolean => !/^(assumed|default)/.test(origin);

/** A batch that training is known to use: an example that the model is once called with says nothing of it. */
export const isTrainingBatch = (origin: string): boolean => isStated(origin) && !/^(the example|--input)/.test(origin);
