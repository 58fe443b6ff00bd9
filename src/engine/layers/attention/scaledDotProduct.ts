import { type Dim, formatShape, multiplyDims, type Shape, sameDim } from '../../network';
import { expand, reshape, type Tensor } from '../../tensor';
import { bool, float, optional, subset } from '../attribute';
import { broadcastShapes } from '../dimensions';
import { checkProbability } from '../dropout';
import { defineLayer, ShapeError } from '../row';
import { saturatedRows } from '../softmax';
import { additive, attend, causalMask } from './attend';

/** [..., H, S, E] with each head repeated so often that there are as many as the query has. */
function repeatHeads(x: Tensor, heads: number): Tensor {
  const [lead, own, rest] = [x.shape.slice(0, -3), x.shape.at(-3)!, x.shape.slice(-2)];
  if (own === heads) return x;
  const repeated = expand(reshape(x, [...lead, own, 1, ...rest]), [...lead, own, heads / own, ...rest]);
  return reshape(repeated, [...lead, heads, ...rest]);
}

/** The shape of key or value after its heads are repeated. @throws ShapeError in PyTorch's words. */
function groupedShape(shape: Shape, heads: Dim | undefined): Shape {
  const own = shape.at(-3);
  if (own === undefined || heads === undefined || sameDim(own, heads)) return shape;
  if (typeof own !== 'number' || typeof heads !== 'number' || heads % own !== 0) {
    throw new ShapeError('Number of heads in key and value must divide the number of heads in ');
  }
  return [...shape.slice(0, -3), heads, ...shape.slice(-2)];
}

/** @throws ShapeError in PyTorch's words: those of the batched product that does not fit. */
function checkProduct(lead: Shape, inner: Dim, rows: Dim): void {
  if (sameDim(inner, rows)) return;
  const batch = multiplyDims(lead) ?? lead[0] ?? 1;
  const [expected, got] = [formatShape([batch, inner]), formatShape([batch, rows])];
  throw new ShapeError(`Expected size for first two dimensions of batch2 tensor to be: ${expected} but got: ${got}.`);
}

export const scaledDotProductAttention = defineLayer({
  kind: 'scaled_dot_product_attention',
  role: 'attention',
  module: false,
  attributes: {
    /** Which of the tensors that may be None are there. */
    operands: subset(['attn_mask']),
    /** Heeded in training alone, as a caller means it who writes `self.p if self.training else 0.0`. */
    dropout_p: float(0),
    is_causal: bool(false),
    /** None: 1/√E. */
    scale: optional(float()),
    enable_gqa: bool(false),
  },
  functions: [
    {
      names: ['torch.nn.functional.scaled_dot_product_attention'],
      parameters: ['query', 'key', 'value', 'attn_mask', 'dropout_p', 'is_causal', 'scale', 'enable_gqa'],
      operands: ['query', 'key', 'value', 'attn_mask?'],
    },
  ],
  validate: ({ dropout_p }) => checkProbability('dropout_p', dropout_p),
  outputShapes(inputs, { operands, is_causal, enable_gqa }) {
    const [query, key, value, mask] = inputs as readonly [Shape, Shape, Shape, Shape?];
    if (inputs.length < 3) throw new ShapeError(`it takes query, key and value, but got ${inputs.length} inputs`);
    if ([query, key, value].some(({ length }) => length < 2)) {
      const ranks = `query.dim: ${query.length} key.dim: ${key.length} and value.dim: ${value.length}`;
      throw new ShapeError(
        `Expected query, key, and value to all be  at least 2 dimensional, but got ${ranks} instead.`,
      );
    }
    if (operands.length > 0 && is_causal) {
      throw new ShapeError('_scaled_dot_product_attention: Explicit attn_mask should not be set when is_causal=True');
    }
    const heads = enable_gqa ? query.at(-3) : undefined;
    const [keys, values] = [groupedShape(key, heads), groupedShape(value, heads)];
    const scored = broadcastShapes(query.slice(0, -2), keys.slice(0, -2));
    checkProduct(scored, query.at(-1)!, keys.at(-1)!);
    const scores = [...scored, query.at(-2)!, keys.at(-2)!];
    if (mask) broadcastShapes(scores, mask);
    const lead = broadcastShapes(scored, values.slice(0, -2));
    checkProduct(lead, keys.at(-2)!, values.at(-2)!);
    return [[...lead, query.at(-2)!, values.at(-1)!]];
  },
  forward([query, key, value, given], { dropout_p, is_causal, scale, enable_gqa }, context) {
    const heads = enable_gqa ? query!.shape.at(-3) : undefined;
    const grouped = (x: Tensor) => (heads === undefined ? x : repeatHeads(x, heads));
    const [keys, values] = [grouped(key!), grouped(value!)];
    const own = given ? additive(given, false) : undefined;
    const mask = is_causal ? causalMask(query!.shape.at(-2)!, keys.shape.at(-2)!) : own;
    const { output, probabilities } = attend(
      {
        query: query!,
        key: keys,
        value: values,
        mask,
        scale: scale ?? 1 / Math.sqrt(query!.shape.at(-1)!),
        dropout: dropout_p,
        // A causal row always has its own position.
        maskedRows: is_causal ? 'NaN' : 'zero',
      },
      context,
    );
    return { outputs: [output], saturated: saturatedRows(probabilities, probabilities.shape.length - 1) };
  },
  channelAxis: (_, outputRank) => outputRank - 1,
});
