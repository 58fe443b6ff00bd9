import type { Attributes, Dim, Span } from '../../../network';

/** What a layer asks of its input: a whole shape behind the batch, or the channels before so many spatial dimensions. */
export type Requirement =
  | { readonly shape: readonly Dim[] }
  | { readonly channels: number; readonly dimension: number };

const numbers = (value: unknown): value is readonly number[] =>
  Array.isArray(value) && value.every((item) => typeof item === 'number');

const channels = (count: unknown, dimension: number): Requirement | undefined =>
  typeof count === 'number' ? { channels: count, dimension } : undefined;

/** The convolutions, which say what comes in and over how many dimensions. */
const convolutions = Object.fromEntries(
  [1, 2, 3].flatMap((dimension) =>
    ['Conv', 'ConvTranspose'].map((name) => [
      `${name}${dimension}d`,
      ({ in_channels }: Attributes) => channels(in_channels, dimension),
    ]),
  ),
);

/** What each kind says about an input that comes to it first; a kind that is not here lets the input through. */
const REQUIREMENTS: Readonly<Record<string, (attributes: Attributes) => Requirement | undefined>> = {
  Linear: ({ in_features }) => (typeof in_features === 'number' ? { shape: [in_features] } : undefined),
  BatchNorm1d: ({ num_features }) => (typeof num_features === 'number' ? { shape: [num_features] } : undefined),
  ...convolutions,
  BatchNorm2d: ({ num_features }) => channels(num_features, 2),
  InstanceNorm2d: ({ num_features }) => channels(num_features, 2),
  GroupNorm: ({ num_channels }) => channels(num_channels, 2),
  LayerNorm: ({ normalized_shape }) => (numbers(normalized_shape) ? { shape: normalized_shape } : undefined),
  RMSNorm: ({ normalized_shape }) => (numbers(normalized_shape) ? { shape: normalized_shape } : undefined),
  /** `x.view(-1, 784)` says it where the first place is the batch or what is left. */
  view: ({ shape }) => {
    if (!Array.isArray(shape)) return undefined;
    const rest = shape.slice(1);
    return rest.length > 0 && numbers(rest) && rest.every((dim) => dim > 0) ? { shape: rest } : undefined;
  },
};

export const requirementOf = (kind: string, attributes: Attributes): Requirement | undefined =>
  Object.hasOwn(REQUIREMENTS, kind) ? REQUIREMENTS[kind]!(attributes) : undefined;

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
