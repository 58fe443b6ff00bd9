import { findLayer, type LayerRow } from '../layers';
import { type Network, outputOf, type ValueId } from '../network';

/** Channels are not taken away below so many: three of an image's stay three. */
const LEAST_CHANNELS = 8;

/** A number of channels in a network narrowed by `factor`. */
export const narrowed = (channels: number, factor: number): number =>
  Math.max(Math.min(channels, LEAST_CHANNELS), Math.round(channels / factor));

/**
 * The layers whose channels are what the network gives, followed back from its output; none where that is a residual stream
 * of several layers, whose width is the network's own.
 */
export function headsOf(network: Network): ReadonlySet<string> {
  const makers = new Map(
    network.calls.flatMap((call) => call.outputShapes.map((_, i) => [outputOf(call.id, i), call])),
  );
  const heads = new Set<string>();
  const seen = new Set<ValueId>();
  const open = network.outputs.slice(0, 1);
  let fromInput = false;
  for (const value of open) {
    if (seen.has(value)) continue;
    seen.add(value);
    const call = makers.get(value);
    if (!call) fromInput = true;
    else if (makesChannels(findLayer(call.kind)!)) heads.add(call.id);
    else open.push(...call.inputs.flatMap((operand) => ('value' in operand ? operand.value : [])));
  }
  return heads.size > 1 && !fromInput ? new Set() : heads;
}

/** The row's attributes that count channels that come out, or groups of them. */
export const countsOf = (row: LayerRow, what: 'channels' | 'groups'): string[] =>
  Object.entries(row.attributes).flatMap(([name, { counts }]) => (counts === what ? name : []));

/** Whether a layer makes channels of its own, however many come in. */
export const makesChannels = (row: LayerRow): boolean =>
  row.module && row.role !== 'activation' && countsOf(row, 'channels').length > 0;
