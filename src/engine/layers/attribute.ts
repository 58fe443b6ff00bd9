import { type AttributeValue, type Dim, isBatchDim } from '../network';

/** One attribute of a layer kind: what values it takes, and what it is when nobody says. */
export interface Attribute<T extends AttributeValue> {
  /** What it takes, for an error: "a whole number". */
  readonly takes: string;
  /** The value in its completed form (a pair for `kernel_size: 3`), or undefined where it does not fit. */
  accept(value: AttributeValue): T | undefined;
  /** JSON Schema of what a description file may write. */
  readonly schema: object;
  /** PyTorch's default; absent where the attribute is required. */
  readonly fallback?: T;
  /** True where a description file may leave it out because the input's shape says it. */
  readonly inferred?: true;
  /** Where it says how many channels (units, features) come out, or in how many groups (heads) they go: what a narrower network has fewer of. */
  readonly counts?: 'channels' | 'groups';
  /** True where it is said when the layer is called, not when it is made (`need_weights`). */
  readonly ofCall?: true;
}

/** The completed attributes' type, read off their specifications. */
export type AttributesOf<S> = { readonly [K in keyof S]: S[K] extends Attribute<infer T> ? T : never };

const make = <T extends AttributeValue>(
  takes: string,
  schema: object,
  accept: (value: AttributeValue) => T | undefined,
  fallback?: T,
): Attribute<T> => (fallback === undefined ? { takes, schema, accept } : { takes, schema, accept, fallback });

const wholeNumber = (value: AttributeValue): number | undefined =>
  typeof value === 'number' && Number.isInteger(value) ? value : undefined;

export const int = (fallback?: number): Attribute<number> =>
  make('a whole number', { type: 'integer' }, wholeNumber, fallback);

export const float = (fallback?: number): Attribute<number> =>
  make('a number', { type: 'number' }, (value) => (typeof value === 'number' ? value : undefined), fallback);

export const bool = (fallback?: boolean): Attribute<boolean> =>
  make('true or false', { type: 'boolean' }, (value) => (typeof value === 'boolean' ? value : undefined), fallback);

export const choice = <const C extends string>(choices: readonly C[], fallback?: C): Attribute<C> =>
  make(
    `one of ${choices.join(', ')}`,
    { enum: choices },
    (value) => choices.find((candidate) => candidate === value),
    fallback,
  );

/** Some of the names, in any order. */
export const subset = <const C extends string>(names: readonly C[]): Attribute<readonly C[]> =>
  make(
    `a list of ${names.join(', ')}`,
    { type: 'array', items: { enum: names } },
    (value) => {
      if (!Array.isArray(value)) return undefined;
      const found = value.map((item) => names.find((name) => name === item));
      return found.includes(undefined) ? undefined : (found as C[]);
    },
    [],
  );

const COUNTS = ['', 'one', 'two', 'three'] as const;

/** One value for each of the spatial dimensions, or one for all of them. */
export const perDimension = <T extends AttributeValue>(
  attribute: Attribute<T>,
  dimension: 1 | 2 | 3,
  fallback?: T,
): Attribute<readonly T[]> => {
  const repeated = (value: T) => Array.from({ length: dimension }, () => value);
  const list = { type: 'array', items: attribute.schema, minItems: dimension, maxItems: dimension };
  return make<readonly T[]>(
    dimension === 1 ? attribute.takes : `${attribute.takes} or ${COUNTS[dimension]}`,
    { oneOf: [attribute.schema, list] },
    (value) => {
      if (Array.isArray(value)) {
        const items = value.map((item) => attribute.accept(item));
        return items.length === dimension && !items.includes(undefined) ? (items as T[]) : undefined;
      }
      const one = attribute.accept(value);
      return one === undefined ? undefined : repeated(one);
    },
    fallback === undefined ? undefined : repeated(fallback),
  );
};

/** A whole number for all spatial dimensions, or one for each, outermost first: (height, width). */
export const sizes = (dimension: 1 | 2 | 3, fallback?: number): Attribute<readonly number[]> =>
  perDimension(int(), dimension, fallback);

/** Whole numbers; one alone stands for a list of one. */
export const ints = (fallback?: readonly number[]): Attribute<readonly number[]> =>
  make(
    'a whole number or a list of them',
    { oneOf: [{ type: 'integer' }, { type: 'array', items: { type: 'integer' } }] },
    (value) => {
      if (Array.isArray(value)) return value.every(Number.isInteger) ? (value as readonly number[]) : undefined;
      const one = wholeNumber(value);
      return one === undefined ? undefined : [one];
    },
    fallback,
  );

const isDim = (value: AttributeValue): value is Dim =>
  wholeNumber(value) !== undefined ||
  (typeof value === 'object' && value !== null && !Array.isArray(value) && isBatchDim(value as Dim));

const DIM_SCHEMA = { oneOf: [{ type: 'integer' }, { type: 'object', properties: { batch: { type: 'integer' } } }] };

/** A shape; −1 for one that follows from the rest, `{batch: k}` for k batches; one size alone stands for a list of one. */
export const dims = (): Attribute<readonly Dim[]> =>
  make('a list of sizes', { oneOf: [DIM_SCHEMA, { type: 'array', items: DIM_SCHEMA }] }, (value) => {
    if (Array.isArray(value)) return value.every(isDim) ? (value as readonly Dim[]) : undefined;
    return isDim(value) ? [value] : undefined;
  });

/** The attribute, or null for PyTorch's None. */
export const optional = <T extends AttributeValue>(
  attribute: Attribute<T>,
  fallback: T | null = null,
): Attribute<T | null> =>
  make<T | null>(
    `${attribute.takes} or none`,
    { oneOf: [attribute.schema, { type: 'null' }] },
    (value) => (value === null ? null : attribute.accept(value)),
    fallback,
  );

/** The attribute, which a description file may leave to the input's shape. */
export const inferred = <T extends AttributeValue>(attribute: Attribute<T>): Attribute<T> => ({
  ...attribute,
  inferred: true,
});

/** The attribute, which counts the channels that come out. */
export const channels = <T extends AttributeValue>(attribute: Attribute<T>): Attribute<T> => ({
  ...attribute,
  counts: 'channels',
});

/** The attribute, which counts groups of channels. */
export const groupsOf = <T extends AttributeValue>(attribute: Attribute<T>): Attribute<T> => ({
  ...attribute,
  counts: 'groups',
});

/** The attribute, which a call says and no constructor. It needs a default. */
export const ofCall = <T extends AttributeValue>(attribute: Attribute<T>): Attribute<T> => ({
  ...attribute,
  ofCall: true,
});
