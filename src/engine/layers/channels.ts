import type { Attributes } from '../network';
import { type Tensor, transpose } from '../tensor';
import type { Forward, ForwardContext, LayerRow } from './row';

/** [N, …, C] as [N, C, …]. */
export const channelsFirst = (x: Tensor): Tensor =>
  transpose(x, [0, x.shape.length - 1, ...x.shape.slice(2).map((_, i) => i + 1)]);

/** [N, C, …] as [N, …, C]. */
export const channelsLast = (x: Tensor): Tensor => transpose(x, [0, ...x.shape.slice(2).map((_, i) => i + 2), 1]);

/** Whether inputs of that rank have their channels last by the row, so that they may be given with their channels first. */
export const hasChannelsLast = ({ channelAxis }: LayerRow, rank: number, attributes: Attributes): boolean =>
  rank > 2 && (channelAxis?.(undefined, rank, attributes) ?? rank - 1) === rank - 1;

/** A row's forward by itself: inputs and outputs as the network has them, whatever layout the row computes in. */
export function forwardByItself(
  row: LayerRow,
  inputs: readonly Tensor[],
  attributes: Attributes,
  context: ForwardContext,
): Forward {
  const moves = row.layout === 'channelsFirst' && hasChannelsLast(row, inputs[0]?.shape.length ?? 0, attributes);
  if (!moves) return row.forward(inputs, attributes, context);
  const made = row.forward(inputs.map(channelsFirst), attributes, { ...context, channelsFirst: true });
  return { ...made, outputs: made.outputs.map((output) => (output.shape.length > 2 ? channelsLast(output) : output)) };
}
