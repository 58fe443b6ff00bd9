/** How a parameter's or buffer's first values are drawn; bounds and deviations are numbers by the time they stand here. */
export type Initialization =
  | { readonly kind: 'constant'; readonly value: number }
  /** Known numbers, row-major. */
  | { readonly kind: 'values'; readonly values: readonly number[] | Float32Array }
  | { readonly kind: 'uniform'; readonly low: number; readonly high: number }
  | {
      readonly kind: 'normal';
      readonly mean: number;
      readonly std: number;
      /** A row of the first axis that is zero: an embedding's padding. */
      readonly zeroRow?: number;
    }
  /** N(mean, std²) between `a` and `b`. */
  | {
      readonly kind: 'trunc_normal';
      readonly mean: number;
      readonly std: number;
      readonly a: number;
      readonly b: number;
    }
  /** `gain` times orthonormal rows, or columns where there are fewer of these; further dimensions count as columns. */
  | { readonly kind: 'orthogonal'; readonly gain: number }
  /** In each column of a matrix this share of zeros (rounded up), the rest N(0, std²). */
  | { readonly kind: 'sparse'; readonly sparsity: number; readonly std: number }
  /** `gain` on a matrix's diagonal. */
  | { readonly kind: 'eye'; readonly gain: number }
  /** A convolution that passes its channels on, group by group. */
  | { readonly kind: 'dirac'; readonly groups: number }
  /** L2 norms of the first values of the parameter `of`, one for each index of axis `dim`, or of all of them together. */
  | { readonly kind: 'norm'; readonly of: string; readonly dim: number | null }
  /**
   * The first left or right singular vector of the first values of the parameter `of`, axis `dim` as its rows, as so many
   * iterations of the power method find it from a drawn unit vector.
   */
  | {
      readonly kind: 'singular_vector';
      readonly of: string;
      readonly side: 'left' | 'right';
      readonly dim: number;
      readonly iterations: number;
    }
  /** One way, but for boxes of it: of two that overlap the later holds. */
  | { readonly kind: 'parts'; readonly rest: Initialization; readonly parts: readonly InitializedPart[] };

/** A box of a tensor, from `from` (inclusive) to `to` (exclusive) on each axis, and how its first values are drawn. */
export interface InitializedPart {
  readonly from: readonly number[];
  readonly to: readonly number[];
  readonly initialization: Initialization;
}

export const constant = (value: number): Initialization => ({ kind: 'constant', value });
/** Known numbers; a constant where all are one. */
export const valuesOf = (values: readonly number[]): Initialization =>
  values.length > 0 && values.every((value) => value === values[0]) ? constant(values[0]!) : { kind: 'values', values };
export const uniform = (low: number, high: number): Initialization => ({ kind: 'uniform', low, high });
export const normal = (mean: number, std: number): Initialization => ({ kind: 'normal', mean, std });
export const truncatedNormal = (mean: number, std: number, a: number, b: number): Initialization => ({
  kind: 'trunc_normal',
  mean,
  std,
  a,
  b,
});
export const orthogonal = (gain = 1): Initialization => ({ kind: 'orthogonal', gain });
export const sparse = (sparsity: number, std = 0.01): Initialization => ({ kind: 'sparse', sparsity, std });
export const eye = (gain = 1): Initialization => ({ kind: 'eye', gain });
export const dirac = (groups = 1): Initialization => ({ kind: 'dirac', groups });

/** The same but for a box of it. */
export function withPart(whole: Initialization, part: InitializedPart): Initialization {
  const { initialization } = part;
  if (whole.kind === 'constant' && initialization.kind === 'constant' && whole.value === initialization.value)
    return whole;
  const { rest, parts } = whole.kind === 'parts' ? whole : { rest: whole, parts: [] };
  return { kind: 'parts', rest, parts: [...parts, part] };
}

/** Whether random numbers go into it. */
export const isDrawn = (initialization: Initialization): boolean =>
  initialization.kind === 'parts'
    ? isDrawn(initialization.rest) || initialization.parts.some((part) => isDrawn(part.initialization))
    : !/^(constant|values|eye|dirac|norm)$/.test(initialization.kind);

/** Why a tensor of that shape cannot be filled so, in the words of `torch.nn.init`; undefined where it can. */
export function unfitting(initialization: Initialization, shape: readonly number[]): string | undefined {
  const rank = shape.length;
  switch (initialization.kind) {
    case 'normal': {
      const row = initialization.zeroRow;
      const fits = row === undefined || (Number.isInteger(row) && row >= 0 && row < (shape[0] ?? 0));
      return fits ? undefined : `there is no row ${row} in [${shape.join(', ')}]`;
    }
    case 'orthogonal':
      return rank < 2 ? 'Only tensors with 2 or more dimensions are supported' : undefined;
    case 'sparse':
    case 'eye':
      return rank !== 2 ? 'Only tensors with 2 dimensions are supported' : undefined;
    case 'dirac':
      if (rank < 3 || rank > 5) return 'Only tensors with 3, 4, or 5 dimensions are supported';
      return shape[0]! % initialization.groups !== 0 ? 'dim 0 must be divisible by groups' : undefined;
    case 'values': {
      const count = shape.reduce((product, dim) => product * dim, 1);
      return count !== initialization.values.length
        ? `${initialization.values.length} values do not fill [${shape.join(', ')}]`
        : undefined;
    }
    case 'parts': {
      const outside = initialization.parts.find(
        ({ from, to }) =>
          from.length !== rank ||
          to.length !== rank ||
          !shape.every((dim, axis) => 0 <= from[axis]! && from[axis]! <= to[axis]! && to[axis]! <= dim),
      );
      if (outside)
        return `there is no part from [${outside.from.join(', ')}] to [${outside.to.join(', ')}] in [${shape.join(', ')}]`;
      const refusals = initialization.parts.map((part) =>
        unfitting(
          part.initialization,
          part.from.map((start, axis) => part.to[axis]! - start),
        ),
      );
      return unfitting(initialization.rest, shape) ?? refusals.find((refusal) => refusal !== undefined);
    }
    default:
      return undefined;
  }
}

/** The initialization of scale·x + shift; undefined where no kind says it. */
export function affineOf(from: Initialization, scale: number, shift: number): Initialization | undefined {
  const map = (value: number) => value * scale + shift;
  switch (from.kind) {
    case 'constant':
      return constant(map(from.value));
    case 'values':
      return { kind: 'values', values: from.values.map(map) };
    case 'uniform':
      return uniform(Math.min(map(from.low), map(from.high)), Math.max(map(from.low), map(from.high)));
    case 'normal':
      return normal(map(from.mean), from.std * Math.abs(scale));
    case 'trunc_normal': {
      const ends = [map(from.a), map(from.b)] as const;
      return truncatedNormal(map(from.mean), from.std * Math.abs(scale), Math.min(...ends), Math.max(...ends));
    }
    case 'orthogonal':
      return shift === 0 ? orthogonal(from.gain * scale) : undefined;
    case 'eye':
      return shift === 0 ? eye(from.gain * scale) : undefined;
    case 'sparse':
      return shift === 0 ? sparse(from.sparsity, from.std * Math.abs(scale)) : undefined;
    case 'dirac':
    case 'norm':
    case 'singular_vector':
      return scale === 1 && shift === 0 ? from : undefined;
    case 'parts': {
      const rest = affineOf(from.rest, scale, shift);
      const parts = from.parts.map((part) => ({
        ...part,
        initialization: affineOf(part.initialization, scale, shift),
      }));
      const known = parts.filter((part): part is InitializedPart => part.initialization !== undefined);
      return rest && known.length === parts.length ? { kind: 'parts', rest, parts: known } : undefined;
    }
  }
}

/** Fan-in and fan-out: how many values each output is a sum of, and each input goes into. */
export interface Fans {
  readonly fanIn: number;
  readonly fanOut: number;
}

/**
 * Fan-in and fan-out of a weight as `torch.nn.init` counts them: dimension 1 and dimension 0, each times the
 * receptive field (the product of the further dimensions). The shape must have at least two dimensions.
 */
export function fans(shape: readonly number[]): Fans {
  const receptiveField = shape.slice(2).reduce((product, dim) => product * dim, 1);
  return { fanIn: shape[1]! * receptiveField, fanOut: shape[0]! * receptiveField };
}

/** The gain of `torch.nn.init.calculate_gain`; undefined for a name that PyTorch does not know. */
export function calculateGain(nonlinearity: string, parameter?: number): number | undefined {
  if (nonlinearity === 'tanh') return 5 / 3;
  if (nonlinearity === 'relu') return Math.SQRT2;
  if (nonlinearity === 'leaky_relu') return Math.sqrt(2 / (1 + (parameter ?? 0.01) ** 2));
  if (nonlinearity === 'selu') return 3 / 4;
  return /^(linear|sigmoid|conv(_transpose)?[123]d)$/.test(nonlinearity) ? 1 : undefined;
}

const symmetric = (bound: number): Initialization => uniform(-bound, bound);

/** `kaiming_uniform_`: U(±√3·gain/√fan). */
export const kaimingUniform = (fan: number, gain: number): Initialization =>
  symmetric((Math.sqrt(3) * gain) / Math.sqrt(fan));

/** `kaiming_normal_`: N(0, (gain/√fan)²). */
export const kaimingNormal = (fan: number, gain: number): Initialization => normal(0, gain / Math.sqrt(fan));

/** `xavier_uniform_`: U(±gain·√(6/(fan_in + fan_out))). */
export function xavierUniform(shape: readonly number[], gain = 1): Initialization {
  const { fanIn, fanOut } = fans(shape);
  return symmetric(gain * Math.sqrt(6 / (fanIn + fanOut)));
}

/** `xavier_normal_`: N(0, gain²·2/(fan_in + fan_out)). */
export function xavierNormal(shape: readonly number[], gain = 1): Initialization {
  const { fanIn, fanOut } = fans(shape);
  return normal(0, gain * Math.sqrt(2 / (fanIn + fanOut)));
}

/** What Linear and Conv do by default, weight and bias alike: kaiming_uniform_(a=√5), which is U(±1/√fan_in). */
export const pytorchDefault = (fanIn: number): Initialization => symmetric(fanIn > 0 ? 1 / Math.sqrt(fanIn) : 0);
