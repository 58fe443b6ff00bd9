import { type Dim, formatShape, multiplyDims, type Shape, sameDim, sameShape } from '../../network';
import { formatDim } from '../dimensions';
import { ShapeError } from '../row';

/** What the shapes of MultiheadAttention depend on. */
export interface MultiheadSizes {
  readonly embed_dim: number;
  readonly num_heads: number;
  readonly kdim: number | null;
  readonly vdim: number | null;
  readonly batch_first: boolean;
  readonly add_bias_kv: boolean;
  readonly add_zero_attn: boolean;
  readonly operands: readonly ('key_padding_mask' | 'attn_mask')[];
  readonly need_weights: boolean;
  readonly average_attn_weights: boolean;
  readonly is_causal: boolean;
}

/** Whether query, key and value have weights of their own, because their sizes differ. */
export const separateWeights = ({ embed_dim, kdim, vdim }: Pick<MultiheadSizes, 'embed_dim' | 'kdim' | 'vdim'>) =>
  (kdim ?? embed_dim) !== embed_dim || (vdim ?? embed_dim) !== embed_dim;

/** Query, key, value and the masks of a call, by what they are; one tensor alone is all three (self-attention). */
export function operandsOf<T>(inputs: readonly T[], operands: MultiheadSizes['operands']) {
  const tensors = inputs.slice(0, inputs.length - operands.length);
  const mask = (name: MultiheadSizes['operands'][number]): T | undefined =>
    operands.includes(name) ? inputs[tensors.length + operands.indexOf(name)] : undefined;
  const [query, key = query, value = key] = tensors;
  if (query === undefined || tensors.length > 3) {
    throw new ShapeError(`MultiheadAttention takes query, key and value, but got ${tensors.length} inputs`);
  }
  return { query, key: key!, value: value!, padding: mask('key_padding_mask'), mask: mask('attn_mask') };
}

/** The causal hint stands for the mask, which nobody then looks at. */
export const hintAlone = ({ is_causal, need_weights, operands }: MultiheadSizes): boolean =>
  is_causal && !need_weights && !operands.includes('key_padding_mask');

const size = (shape: Shape) => `torch.Size(${formatShape(shape)})`;
const plain = (shape: Shape) => `(${shape.map(formatDim).join(', ')})`;

/** @throws ShapeError in PyTorch's words. */
function checkRanks({ query, key, value, padding, mask }: ReturnType<typeof operandsOf<Shape>>): void {
  if (query.length !== 2 && query.length !== 3) {
    throw new ShapeError(
      `query should be unbatched 2D or batched 3D tensor but received ${query.length}-D query tensor`,
    );
  }
  const of = query.length === 2 ? 'unbatched (2-D)' : 'batched (3-D)';
  if (key.length !== query.length || value.length !== query.length) {
    throw new ShapeError(
      `For ${of} \`query\`, expected \`key\` and \`value\` to be ` +
        `${query.length}-D but found ${key.length}-D and ${value.length}-D tensors respectively`,
    );
  }
  if (padding && padding.length !== query.length - 1) {
    throw new ShapeError(
      `For ${of} \`query\`, expected \`key_padding_mask\` to be \`None\` or ${query.length - 1}-D ` +
        `but found ${padding.length}-D tensor instead`,
    );
  }
  if (mask && mask.length !== 2 && mask.length !== 3) {
    throw new ShapeError(
      `For ${of} \`query\`, expected \`attn_mask\` to be \`None\`, 2-D or 3-D but found ${mask.length}-D tensor instead`,
    );
  }
}

/** @throws ShapeError in PyTorch's words. */
function checkSizes({ query, key, value }: ReturnType<typeof operandsOf<Shape>>, sizes: MultiheadSizes): void {
  const { embed_dim, batch_first } = sizes;
  if (query.at(-1) !== embed_dim) {
    throw new ShapeError(`was expecting embedding dimension of ${embed_dim}, but got ${formatDim(query.at(-1)!)}`);
  }
  // PyTorch says them with the positions in front, wherever they came.
  const turned = (shape: Shape) =>
    batch_first && shape.length === 3
      ? [shape[1]!, shape[0]!, shape[2]!]
      : shape.length === 2
        ? [shape[0]!, 1, shape[1]!]
        : shape;
  const [keys, values] = [turned(key), turned(value)];
  if (separateWeights(sizes)) {
    if (!sameShape(keys.slice(0, 2), values.slice(0, 2))) {
      const [a, b] = [size(keys.slice(0, 2)), size(values.slice(0, 2))];
      throw new ShapeError(`key's sequence and batch dims ${a} do not match value's ${b}`);
    }
    for (const [name, shape, wanted] of [
      ['key', keys, sizes.kdim ?? embed_dim],
      ['value', values, sizes.vdim ?? embed_dim],
    ] as const) {
      if (shape[2] === wanted) continue;
      const [a, b] = [plain([embed_dim, shape[2]!]), size([embed_dim, wanted])];
      throw new ShapeError(`expecting ${name} weights shape of ${a}, but got ${b}`);
    }
  } else if (!sameShape(keys, values)) {
    throw new ShapeError(`key shape ${size(keys)} does not match value shape ${size(values)}`);
  } else if (keys[2] !== embed_dim) {
    throw new ShapeError(`was expecting embedding dimension of ${embed_dim}, but got ${formatDim(keys[2]!)}`);
  }
  if (query.length === 3 && !sameDim(turned(query)[1]!, keys[1]!)) {
    throw new ShapeError(
      `query and key must have one batch size, but got query ${formatShape(query)} and key ${formatShape(key)}`,
    );
  }
}

/** @throws ShapeError in PyTorch's words. */
function checkMasks(
  { query, padding, mask }: ReturnType<typeof operandsOf<Shape>>,
  [batch, length, sources]: readonly [Dim, Dim, Dim],
  sizes: MultiheadSizes,
): void {
  if (sizes.is_causal && !mask) {
    throw new ShapeError(
      'Need attn_mask if specifying the is_causal hint. You may use the Transformer module method ' +
        '`generate_square_subsequent_mask` to create this mask.',
    );
  }
  const rows = multiplyDims([batch, sizes.num_heads]) ?? batch;
  if (mask?.length === 3 && query.length === 2 && !sameShape(mask, [sizes.num_heads, length, sources])) {
    const expected = plain([sizes.num_heads, length, sources]);
    throw new ShapeError(`Expected \`attn_mask\` shape to be ${expected} but got ${size(mask)}`);
  }
  if (mask && !hintAlone(sizes)) {
    const expected: Shape = mask.length === 2 ? [length, sources] : [rows, length, sources];
    if (!sameShape(mask, expected)) {
      throw new ShapeError(
        `The shape of the ${mask.length}D attn_mask is ${size(mask)}, but should be ${plain(expected)}.`,
      );
    }
  }
  const padded: Shape | undefined = padding && (query.length === 2 ? [1, ...padding] : padding);
  // Keys that the layer adds are padded too, so that their number is counted with them.
  const extra = Number(sizes.add_bias_kv) + Number(sizes.add_zero_attn);
  const plus = (dim: Dim): Dim => (typeof dim === 'number' ? dim + extra : dim);
  for (const [axis, wanted] of [batch, sources].entries()) {
    if (!padded || sameDim(padded[axis]!, wanted)) continue;
    const [expected, got] = [wanted, padded[axis]!].map((dim) => formatDim(axis === 1 ? plus(dim) : dim));
    throw new ShapeError(`Expected key_padded_mask.shape[${axis}] to be ${expected}, but got ${got}`);
  }
}

/** Shapes of the attended values and, where they are needed, of the weights. @throws ShapeError in PyTorch's words. */
export function multiheadShapes(inputs: readonly Shape[], sizes: MultiheadSizes): readonly Shape[] {
  const operands = operandsOf(inputs, sizes.operands);
  const { query, key } = operands;
  checkRanks(operands);
  checkSizes(operands, sizes);
  const positions = (shape: Shape): Dim => (shape.length === 2 ? shape[0]! : shape[sizes.batch_first ? 1 : 0]!);
  const batch: Dim = query.length === 2 ? 1 : query[sizes.batch_first ? 0 : 1]!;
  const [length, sources] = [positions(query), positions(key)];
  checkMasks(operands, [batch, length, sources], sizes);
  if (!sizes.need_weights) return [query];
  const extra = Number(sizes.add_bias_kv) + Number(sizes.add_zero_attn);
  if (extra > 0 && typeof sources !== 'number') {
    throw new ShapeError(`the number of keys must be a number, but it is the batch (${formatDim(sources)})`);
  }
  const all = extra > 0 ? (sources as number) + extra : sources;
  const heads = sizes.average_attn_weights ? [] : [sizes.num_heads];
  return [query, [...(query.length === 2 ? [] : [batch]), ...heads, length, all]];
}
