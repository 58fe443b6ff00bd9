import type { Attributes, Dim, Shape, Span } from '../../../network';

/** What a layer asks of its input. */
export type Requirement =
  /** A whole shape behind the batch, and behind steps where there are any. */
  | { readonly kind: 'features'; readonly shape: readonly Dim[] }
  /** Channels before so many spatial dimensions; `latent` where it makes an image of a 1×1 one. */
  | { readonly kind: 'image'; readonly channels: number; readonly dimension: number; readonly latent?: true }
  /** An image, or a film, of which nothing says the channels yet. */
  | { readonly kind: 'pixels'; readonly dimension: number }
  /** Whole numbers below the vocabulary. */
  | { readonly kind: 'tokens'; readonly vocabulary: number }
  /** The features of one step, by a cell that the forward calls for each. */
  | { readonly kind: 'step'; readonly features: number }
  /** Features at each step of a sequence. */
  | { readonly kind: 'sequence'; readonly features: number; readonly batchFirst: boolean };

const numbers = (value: unknown): value is readonly number[] =>
  Array.isArray(value) && value.every((item) => typeof item === 'number');

const image = (count: unknown, dimension: number, latent = false): Requirement | undefined =>
  // Of a lazy convolution nothing says the channels.
  typeof count === 'number'
    ? { kind: 'image', channels: count, dimension, ...(latent && { latent }) }
    : { kind: 'pixels', dimension };

const features = (count: unknown): Requirement | undefined =>
  typeof count === 'number' ? { kind: 'features', shape: [count] } : undefined;

const step = ({ input_size }: Attributes): Requirement | undefined =>
  typeof input_size === 'number' ? { kind: 'step', features: input_size } : undefined;

const normalized = ({ normalized_shape }: Attributes): Requirement | undefined =>
  numbers(normalized_shape) ? { kind: 'features', shape: normalized_shape } : undefined;

const recurrent = ({ input_size, batch_first }: Attributes): Requirement | undefined =>
  typeof input_size === 'number'
    ? { kind: 'sequence', features: input_size, batchFirst: batch_first === true }
    : undefined;

const all = (value: unknown, wanted: (item: number) => boolean): boolean =>
  [value].flat().every((item) => wanted(Number(item)));

/** A transposed convolution of stride 1 and without padding, as a generator begins with: it spreads a 1×1 image. */
const spreads = ({ kernel_size, stride, padding }: Attributes): boolean =>
  all(kernel_size, (size) => size > 1) && all(stride, (step) => step === 1) && all(padding, (pad) => pad === 0);

/** The convolutions, which say what comes in and over how many dimensions. */
const convolutions = Object.fromEntries(
  [1, 2, 3].flatMap((dimension) => [
    [`Conv${dimension}d`, ({ in_channels }: Attributes) => image(in_channels, dimension)],
    [
      `ConvTranspose${dimension}d`,
      (attributes: Attributes) => image(attributes.in_channels, dimension, spreads(attributes)),
    ],
  ]),
);

/** What each kind says about an input that comes to it first; a kind that is not here lets the input through. */
const REQUIREMENTS: Readonly<Record<string, (attributes: Attributes) => Requirement | undefined>> = {
  Linear: ({ in_features }) => features(in_features),
  BatchNorm1d: ({ num_features }) => features(num_features),
  ...convolutions,
  BatchNorm2d: ({ num_features }) => image(num_features, 2),
  InstanceNorm2d: ({ num_features }) => image(num_features, 2),
  GroupNorm: ({ num_channels }) => image(num_channels, 2),
  LayerNorm: normalized,
  RMSNorm: normalized,
  Embedding: ({ num_embeddings }) =>
    typeof num_embeddings === 'number' ? { kind: 'tokens', vocabulary: num_embeddings } : undefined,
  one_hot: ({ num_classes }) =>
    typeof num_classes === 'number' && num_classes > 0 ? { kind: 'tokens', vocabulary: num_classes } : undefined,
  RNN: recurrent,
  LSTM: recurrent,
  GRU: recurrent,
  RNNCell: step,
  LSTMCell: step,
  GRUCell: step,
  MultiheadAttention: ({ embed_dim, batch_first }) =>
    typeof embed_dim === 'number'
      ? { kind: 'sequence', features: embed_dim, batchFirst: batch_first === true }
      : undefined,
  /** `x.view(-1, 784)` says it where the first place is the batch or what is left. */
  view: ({ shape }) => {
    if (!Array.isArray(shape)) return undefined;
    const rest = shape.slice(1);
    return rest.length > 0 && numbers(rest) && rest.every((dim) => dim > 0)
      ? { kind: 'features', shape: rest }
      : undefined;
  },
};

export const requirementOf = (kind: string, attributes: Attributes): Requirement | undefined =>
  Object.hasOwn(REQUIREMENTS, kind) ? REQUIREMENTS[kind]!(attributes) : undefined;

/** What a function asks of its input by the shape of the weight that it is given beside it. */
export function requirementByWeight(
  kind: string,
  weight: Shape | undefined,
  attributes: Attributes,
): Requirement | undefined {
  if (!weight?.every((dim) => typeof dim === 'number')) return undefined;
  const [first, second] = weight as readonly number[];
  const [, dimension] = /^Conv([123])d$/.exec(kind) ?? [];
  if (kind === 'Linear' && weight.length === 2) return features(second);
  if (kind === 'matmul' && weight.length === 2) return features(first);
  if (kind === 'Embedding' && first !== undefined) return { kind: 'tokens', vocabulary: first };
  if (!dimension || second === undefined) return undefined;
  return image(second * (typeof attributes.groups === 'number' ? attributes.groups : 1), Number(dimension));
}

/** Thrown by the first layer that says what an input of unknown shape must be. */
export class InputNeeded extends Error {
  constructor(
    readonly input: string,
    readonly requirement: Requirement,
    readonly layer: string,
    readonly source: Span,
  ) {
    super(`${layer} says the shape of ${input}`);
    this.name = 'InputNeeded';
  }
}
