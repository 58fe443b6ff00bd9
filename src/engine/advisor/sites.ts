import { findLayer } from '../layers';
import { type Call, type Network, type Shape, valueShapes } from '../network';

/** A place where a norm stands, or could stand. */
export interface Site {
  /** The norm's call where one stands, else the call behind which one would be inserted. */
  readonly call: Call;
  readonly existing: boolean;
  /** Shape of what is normalized. */
  readonly shape: Shape;
}

/** What kind of data flows, which decides what the norms mean and which evidence applies. */
export type Family = 'image' | 'vector' | 'sequence';

/** The family by the layers: convolutions over images, attention or a length axis, else vectors. */
export function familyOf(network: Network): Family {
  const shapes = [...valueShapes(network).values()];
  const convolved = network.calls.flatMap(
    ({ kind }) => /Conv(?:Transpose)?(\d)[dD](?:Transpose)?$/.exec(kind)?.[1] ?? [],
  );
  if (convolved.some((dimension) => dimension !== '1')) return 'image';
  if (network.calls.some(({ kind }) => /^(Multihead|KerasMultiHead)Attention$/.test(kind))) return 'sequence';
  // What is convolved along its length has its channels first, and takes an image's norms.
  if (convolved.length > 0) return 'image';
  return shapes.some((shape) => shape.length === 3) ? 'sequence' : 'vector';
}

/** A norm that another could stand in place of. */
const isNorm = ({ kind, module, attributes }: Call): boolean => {
  const row = findLayer(kind);
  return module !== undefined && row?.role === 'norm' && !row.irreplaceable?.(attributes);
};

/**
 * The network's sites: the norms that stand, and the places between a layer with weights and the activation that
 * alone follows it. Where norms stand at most such places, the few without one (a classifier's head) are left as they
 * are, and so are the inner places of sequence blocks, whose norms stand on the residual stream.
 */
export function findSites(network: Network): Site[] {
  const shapes = valueShapes(network);
  const site = (call: Call, existing: boolean): Site => ({ call, existing, shape: shapes.get(call.id)! });
  const norms = network.calls.filter(isNorm);

  const users = new Map<string, Call[]>();
  for (const call of network.calls) {
    for (const operand of call.inputs) {
      if ('value' in operand) users.set(operand.value, [...(users.get(operand.value) ?? []), call]);
    }
  }
  const empty = network.calls.flatMap((call) => {
    if (findLayer(call.kind)?.role !== 'affine') return [];
    const [user, ...others] = users.get(call.id) ?? [];
    const followed = user && others.length === 0 && findLayer(user.kind)?.role === 'activation';
    const ends = network.outputs.includes(call.id) || (user !== undefined && network.outputs.includes(user.id));
    return followed && !ends ? [site(call, false)] : [];
  });
  const standing = norms.map((call) => site(call, true));
  const leaveEmpty = standing.length > 0 && (familyOf(network) === 'sequence' || standing.length >= empty.length);
  return leaveEmpty ? standing : [...standing, ...empty];
}
