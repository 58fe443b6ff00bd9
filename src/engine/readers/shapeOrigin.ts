import { findLayer, type Role } from '../layers';
import { type Call, formatShape, lineText, type Operand, type Shape, sameShape, type ValueId } from '../network';

/** A shape that reaches a layer, and where it was made, in words. */
export interface Incoming {
  readonly shape: Shape;
  readonly origin: string;
}

/** Its origin is looked for when somebody asks: that walks over all calls before, and a file has thousands. */
export const incoming = (shape: Shape, origin: () => string): Incoming => ({
  shape,
  get origin() {
    return origin();
  },
});

/** `[batch, 16] from '0' (Linear, line 3)`. */
export const formatIncoming = ({ shape, origin }: Incoming): string => `${formatShape(shape)} from ${origin}`;

/** A call as far as its shapes go; `source` is where its sizes are written. */
type ShapedCall = Pick<Call, 'id' | 'kind' | 'outputShapes' | 'source'> & { readonly inputs: readonly Operand[] };

/** What keeps the shape that it takes: the shape was made further up. */
const HANDS_ON: readonly Role[] = ['activation', 'norm', 'dropout'];

/**
 * Where the shape of a value was made: the last call before it that did not merely hand it on, with its line, or the
 * network's input. That is what a person changes when a shape does not fit.
 */
export function shapeOrigin(
  value: ValueId,
  calls: readonly ShapedCall[],
  nameOf: (call: ShapedCall) => string = ({ id }) => `'${id}'`,
): string {
  const byId = new Map(calls.map((call) => [call.id, call]));
  let at = value;
  for (;;) {
    const call = byId.get(at) ?? byId.get(at.replace(/:\d+$/, ''));
    if (!call) return `the input '${at}'`;
    const before = handedOn(call, byId);
    if (before === undefined) return `${nameOf(call)} (${call.kind}, ${lineText(call.source)})`;
    at = before;
  }
}

/** The value whose shape the call hands on; undefined where it makes its own. */
function handedOn(
  { kind, inputs, outputShapes }: ShapedCall,
  byId: ReadonlyMap<string, ShapedCall>,
): ValueId | undefined {
  const row = findLayer(kind);
  const flowing = inputs.flatMap((operand) => ('value' in operand ? [operand.value] : []));
  const [only] = flowing;
  if (!row || only === undefined || flowing.length > 1) return undefined;
  if (!HANDS_ON.includes(row.role) && row.kind !== 'Identity') return undefined;
  const made = byId.get(only)?.outputShapes[0];
  // The network's own input is no call; of some activations (GLU) what comes out is smaller.
  return made === undefined || sameShape(made, outputShapes[0] ?? []) ? only : undefined;
}
