import {
  type Dim,
  elementCount,
  type Initialization,
  isBatchDim,
  type Shape,
  sameShape,
  type ValueType,
} from '../network';
import {
  amax,
  and,
  cast,
  constant,
  range as counted,
  div,
  equal,
  gather,
  greater,
  lessOrEqual,
  matmul,
  maximum,
  mul,
  not,
  reshape,
  stopGradient,
  sub,
  sum,
  type Tensor,
  where,
} from '../tensor';
import { bool, channels, choice, float, int, ofCall, optional, subset } from './attribute';
import { fixedDim, formatDim } from './dimensions';
import { AttributeError, defineLayer, type FunctionForm, NotModelled, ShapeError } from './row';

/** N(0, 1), the padding row zero. */
const initialization = (paddingIdx: number | null, rows: number): Initialization => ({
  kind: 'normal',
  mean: 0,
  std: 1,
  ...(paddingIdx !== null && { zeroRow: paddingIdx < 0 ? rows + paddingIdx : paddingIdx }),
});

/** What both kinds take beside their sizes. */
const shared = {
  max_norm: optional(float()),
  norm_type: float(2),
  scale_grad_by_freq: bool(false),
};

interface Shared {
  readonly num_embeddings: number;
  readonly padding_idx: number | null;
  readonly max_norm: number | null;
  readonly scale_grad_by_freq: boolean;
}

function validateShared(kind: string, { num_embeddings, padding_idx, max_norm, scale_grad_by_freq }: Shared): void {
  const refuse = (name: string) => {
    throw new NotModelled(name, `${kind}'s ${name} is not modelled; leave it out`);
  };
  if (max_norm !== null) refuse('max_norm');
  if (scale_grad_by_freq) refuse('scale_grad_by_freq');
  if (padding_idx !== null && (padding_idx >= num_embeddings || padding_idx < -num_embeddings)) {
    throw new AttributeError(
      'padding_idx',
      kind === 'Embedding' ? 'Padding_idx must be within num_embeddings' : 'padding_idx must be within num_embeddings',
    );
  }
}

const NAMES: Readonly<Record<ValueType, string>> = {
  float32: 'torch.FloatTensor',
  int64: 'torch.LongTensor',
  bool: 'CPUBoolType',
};

/** Whole numbers in, floating point out. */
function embeds([indices]: readonly ValueType[]): readonly ValueType[] {
  if (indices === 'int64') return ['float32'];
  throw new ShapeError(
    "Expected tensor for argument #1 'indices' to have one of the following scalar types: Long, Int; but got " +
      `${NAMES[indices ?? 'float32']} instead (while checking arguments for embedding)`,
  );
}

/** Rows of the weight by index, [..., dim]; the padding row gets no gradient. */
function lookedUp(weight: Tensor, indices: Tensor, padding: number | null): Tensor {
  const rows = gather(weight, indices);
  if (padding === null) return rows;
  const isPadding = equal(reshape(indices, [...indices.shape, 1]), paddingRow(padding, weight));
  return where(isPadding, stopGradient(rows), rows);
}

const paddingRow = (padding: number, weight: Tensor): number => (padding < 0 ? weight.shape[0]! + padding : padding);

const sizes = ([, weight]: readonly Shape[]) =>
  weight ? { num_embeddings: fixedDim(weight[0]), embedding_dim: fixedDim(weight[1]) } : {};

export const embedding = defineLayer({
  kind: 'Embedding',
  role: 'embedding',
  module: true,
  attributes: {
    num_embeddings: int(),
    embedding_dim: channels(int()),
    padding_idx: optional(int()),
    ...shared,
    sparse: bool(false),
  },
  functions: [
    {
      names: ['torch.nn.functional.embedding'],
      parameters: ['input', 'weight', 'padding_idx', 'max_norm', 'norm_type', 'scale_grad_by_freq', 'sparse'],
      operands: ['input', 'weight'],
    },
  ],
  infer: sizes,
  validate: (attributes) => validateShared('Embedding', attributes),
  parameters: ({ num_embeddings, embedding_dim, padding_idx }) => ({
    weight: { shape: [num_embeddings, embedding_dim], initialization: initialization(padding_idx, num_embeddings) },
  }),
  types: embeds,
  outputShapes([input, weight], { embedding_dim }) {
    if (!input) throw new ShapeError('Embedding takes 1 input, but got 0');
    if (weight && weight.length !== 2) throw new ShapeError("'weight' must be 2-D");
    return [[...input, embedding_dim]];
  },
  forward(inputs, { padding_idx }, context) {
    const weight = inputs[1] ?? context.parameter('weight');
    return { outputs: [lookedUp(weight, inputs[0]!, padding_idx)] };
  },
  channelAxis: (_, outputRank) => outputRank - 1,
});

/** Where each bag of a flat list of indices lies, as 0s and 1s: [bags, positions]. Bag b begins at offsets[b]. */
function members(offsets: Tensor, positions: number, bags: number): Tensor {
  const at = reshape(cast(counted(positions), 'int64'), [1, positions]);
  const starts = reshape(offsets, [offsets.shape[0]!, 1]);
  // The bag of a position is the last one that has begun: as many as have, less one.
  const begun = sum(cast(lessOrEqual(starts, at), 'float32'), [0], true);
  const bag = reshape(cast(counted(bags), 'float32'), [bags, 1]);
  return equal(sub(begun, 1), bag);
}

const BAG_PARAMETERS = [
  'input',
  'weight',
  'offsets',
  'max_norm',
  'norm_type',
  'scale_grad_by_freq',
  'mode',
  'sparse',
  'per_sample_weights',
  'include_last_offset',
  'padding_idx',
];

/** A bag's operands: the function has its weight as the second. */
const bagForms: readonly FunctionForm[] = [
  {
    names: ['torch.nn.functional.embedding_bag'],
    parameters: BAG_PARAMETERS,
    operands: ['input', 'weight', 'offsets?', 'per_sample_weights?'],
  },
];

/** What may stand behind the indices, and behind the weight where that is an operand. */
const BAG_OPERANDS = ['offsets', 'per_sample_weights'] as const;
type BagOperand = (typeof BAG_OPERANDS)[number];

/** The operands by name; the weight is one where there is an input more than the others make. */
function bagOperands<T>(inputs: readonly T[], present: readonly BagOperand[]) {
  const [input, ...rest] = inputs;
  if (input === undefined) throw new ShapeError('EmbeddingBag takes indices, but got no input');
  const weight = rest.length > present.length ? rest.shift() : undefined;
  const at = (name: BagOperand) =>
    present.includes(name) ? rest[BAG_OPERANDS.filter((each) => present.includes(each)).indexOf(name)] : undefined;
  return { input, weight, offsets: at('offsets'), perSample: at('per_sample_weights') };
}

export const embeddingBag = defineLayer({
  kind: 'EmbeddingBag',
  role: 'embedding',
  module: true,
  attributes: {
    num_embeddings: int(),
    embedding_dim: channels(int()),
    ...shared,
    mode: choice(['sum', 'mean', 'max'], 'mean'),
    sparse: bool(false),
    include_last_offset: bool(false),
    padding_idx: optional(int()),
    /** Which of the two the call gives. */
    operands: ofCall({ ...subset(BAG_OPERANDS), fallback: [] }),
  },
  call: {
    parameters: ['input', 'offsets', 'per_sample_weights'],
    operands: ['input', 'offsets?', 'per_sample_weights?'],
  },
  functions: bagForms,
  infer(inputs, { operands = [] }) {
    const { weight } = bagOperands(inputs, operands as readonly BagOperand[]);
    return sizes(weight ? [inputs[0]!, weight] : []);
  },
  validate: (attributes) => validateShared('EmbeddingBag', attributes),
  parameters: ({ num_embeddings, embedding_dim, padding_idx }) => ({
    weight: { shape: [num_embeddings, embedding_dim], initialization: initialization(padding_idx, num_embeddings) },
  }),
  types: embeds,
  outputShapes(inputs, { embedding_dim, include_last_offset, mode, operands }) {
    const { input, offsets, perSample } = bagOperands(inputs, operands);
    if (input.length !== 1 && input.length !== 2) {
      throw new ShapeError(`input has to be 1D or 2D Tensor, but got Tensor of dimension ${input.length}`);
    }
    if (perSample) {
      if (!sameShape(perSample, input)) {
        const text = (shape: Shape) => `torch.Size([${shape.map(formatDim).join(', ')}])`;
        throw new ShapeError(
          `embedding_bag: If per_sample_weights (${text(perSample)}) is not None, then it must have the same shape as ` +
            `the input (${text(input)})`,
        );
      }
      if (mode !== 'sum') {
        throw new ShapeError(
          'embedding_bag: per_sample_weights was not None. per_sample_weights is only supported for ' +
            `mode='sum' (got mode='${mode}'). Please open a feature request on GitHub.`,
        );
      }
    }
    if (input.length === 2) return [[input[0]!, embedding_dim]];
    if (!offsets) throw new ShapeError('offsets has to be a 1D Tensor but got None');
    if (offsets.length !== 1) throw new ShapeError('offsets has to be a 1D Tensor');
    return [[include_last_offset ? lessOne(offsets[0]!) : offsets[0]!, embedding_dim]];
  },
  forward(inputs, { mode, padding_idx, include_last_offset, operands }, context) {
    const { input, weight: given, offsets, perSample } = bagOperands(inputs, operands);
    const weight = given ?? context.parameter('weight');
    const width = weight.shape[1]!;
    const positions = elementCount(input.shape);
    const flat = reshape(input, [positions]);
    const counts = padding_idx === null ? undefined : not(equal(flat, paddingRow(padding_idx, weight)));
    let rows = gather(weight, flat);
    if (perSample) rows = mul(rows, reshape(perSample, [positions, 1]));

    if (!offsets) {
      const [bags, length] = input.shape as [number, number];
      const kept = counts && reshape(counts, [bags, length, 1]);
      return { outputs: [reduced(reshape(rows, [bags, length, width]), kept, mode)] };
    }
    const bags = offsets.shape[0]! - (include_last_offset ? 1 : 0);
    const inBag = members(offsets, positions, bags);
    const kept = counts ? and(inBag, reshape(counts, [1, positions])) : inBag;
    if (mode === 'max') {
      return { outputs: [reduced(reshape(rows, [1, positions, width]), reshape(kept, [bags, positions, 1]), mode)] };
    }
    const shares = cast(kept, 'float32');
    const total = matmul(shares, rows);
    return { outputs: [mode === 'sum' ? total : div(total, maximum(sum(shares, [1], true), 1))] };
  },
  channelAxis: () => 1,
});

/** Rows [bags, length, width] to [bags, width]; those that are not kept do not count. A bag of none is zero. */
function reduced(rows: Tensor, kept: Tensor | undefined, mode: 'sum' | 'mean' | 'max'): Tensor {
  const length = rows.shape[1]!;
  if (!kept) {
    if (mode === 'max') return amax(rows, [1]);
    const total = sum(rows, [1]);
    return mode === 'sum' ? total : mul(total, 1 / Math.max(1, length));
  }
  const shares = cast(kept, 'float32');
  if (mode === 'max') {
    const most = amax(where(kept, rows, constant(-3.4e38)), [1]);
    return where(greater(sum(shares, [1]), 0), most, 0);
  }
  const total = sum(mul(rows, shares), [1]);
  return mode === 'sum' ? total : div(total, maximum(sum(shares, [1]), 1));
}

function lessOne(dim: Dim): Dim {
  if (isBatchDim(dim)) throw new ShapeError('include_last_offset takes one offset more than the batch');
  return dim - 1;
}

/** Whole numbers as rows of the identity: `one_hot(x, n)`. The number of classes must be said: it is not read off the values. */
export const oneHot = defineLayer({
  kind: 'one_hot',
  role: 'shape',
  module: false,
  attributes: { num_classes: int(-1) },
  functions: [{ names: ['torch.nn.functional.one_hot'], parameters: ['input', 'num_classes'] }],
  validate({ num_classes }) {
    if (num_classes > 0) return;
    throw new NotModelled(
      'num_classes',
      "one_hot's num_classes must be given: the data's own largest class is not known",
    );
  },
  types([input]) {
    if (input === 'int64') return ['int64'];
    throw new ShapeError('one_hot is only applicable to index tensor of type LongTensor.');
  },
  outputShapes([input], { num_classes }) {
    if (!input) throw new ShapeError('one_hot takes 1 input, but got 0');
    return [[...input, num_classes]];
  },
  forward([x], { num_classes }) {
    const classes = cast(counted(num_classes), 'int64');
    return { outputs: [cast(equal(reshape(x!, [...x!.shape, 1]), classes), 'int64')] };
  },
});
