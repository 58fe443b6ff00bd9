import { hasChannelsLast, type LayerRow, channelsFirst as toFirst, channelsLast as toLast } from '../layers';
import type { Attributes, Call, ValueId } from '../network';
import type { Tensor } from '../tensor';

/**
 * Which values of a network with its channels last are kept with their channels first, as convolutions compute them:
 * they are moved where the first layer asks for it and back where a layer takes them as the network has them, so that a
 * stack of convolutions, norms and activations moves nothing in between.
 */
export class Layouts {
  readonly #values: ReadonlyMap<ValueId, Tensor>;
  readonly #moved = new Set<ValueId>();
  /** Values in the other layout than they are kept in, made once. */
  readonly #other = new Map<ValueId, Tensor>();

  constructor(values: ReadonlyMap<ValueId, Tensor>) {
    this.#values = values;
  }

  isMoved(id: ValueId): boolean {
    return this.#moved.has(id);
  }

  /** Says that a value of a call whose inputs had their channels first has them so too, where it has channels and positions. */
  gives(id: ValueId, { shape }: Tensor): void {
    if (shape.length > 2) this.#moved.add(id);
  }

  /** The value as the network has it. */
  asIs(id: ValueId): Tensor {
    return this.isMoved(id) ? this.#inOther(id, toLast) : this.#values.get(id)!;
  }

  /** A call's inputs in the layout that its row takes, and whether that is another than the network's. */
  taken(
    call: Call,
    row: LayerRow,
    attributes: Attributes,
    stored: (id: string) => Tensor,
  ): { inputs: readonly Tensor[]; channelsFirst: boolean } {
    const channelsFirst = this.#wantsFirst(call, row, attributes);
    const inputs = call.inputs.map((operand) => {
      if (!('value' in operand)) return stored(operand.parameter);
      if (!channelsFirst) return this.asIs(operand.value);
      return this.isMoved(operand.value) ? this.#values.get(operand.value)! : this.#inOther(operand.value, toFirst);
    });
    return { inputs, channelsFirst };
  }

  #wantsFirst({ inputs }: Call, row: LayerRow, attributes: Attributes): boolean {
    const ranks = inputs.map((operand) => ('value' in operand ? this.#values.get(operand.value)!.shape.length : 0));
    const [rank] = ranks;
    if (rank === undefined || !row.layout || ranks.some((other) => other !== rank)) return false;
    const moved = inputs.some((operand) => 'value' in operand && this.isMoved(operand.value));
    return hasChannelsLast(row, rank, attributes) && (row.layout === 'channelsFirst' || moved);
  }

  #inOther(id: ValueId, move: (x: Tensor) => Tensor): Tensor {
    const known = this.#other.get(id) ?? move(this.#values.get(id)!);
    this.#other.set(id, known);
    return known;
  }
}
