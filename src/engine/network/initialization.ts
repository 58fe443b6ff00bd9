/** How a parameter's or buffer's first values are drawn; bounds and deviations are numbers by the time they stand here. */
export type Initialization =
  | { readonly kind: 'constant'; readonly value: number }
  | { readonly kind: 'uniform'; readonly low: number; readonly high: number }
  | { readonly kind: 'normal'; readonly mean: number; readonly std: number };

export const constant = (value: number): Initialization => ({ kind: 'constant', value });
export const uniform = (low: number, high: number): Initialization => ({ kind: 'uniform', low, high });
export const normal = (mean: number, std: number): Initialization => ({ kind: 'normal', mean, std });

/**
 * Fan-in and fan-out of a weight as `torch.nn.init` counts them: dimension 1 and dimension 0, each times the
 * receptive field (the product of the further dimensions). The shape must have at least two dimensions.
 */
export function fans(shape: readonly number[]): { fanIn: number; fanOut: number } {
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

/** `kaiming_uniform_`: U(±√3·gain/√fan). */
export const kaimingUniform = (fan: number, gain: number): Initialization => {
  const bound = (Math.sqrt(3) * gain) / Math.sqrt(fan);
  return uniform(-bound, bound);
};

/** `kaiming_normal_`: N(0, (gain/√fan)²). */
export const kaimingNormal = (fan: number, gain: number): Initialization => normal(0, gain / Math.sqrt(fan));

/** `xavier_uniform_`: U(±gain·√(6/(fan_in + fan_out))). */
export function xavierUniform(shape: readonly number[], gain = 1): Initialization {
  const { fanIn, fanOut } = fans(shape);
  const bound = gain * Math.sqrt(6 / (fanIn + fanOut));
  return uniform(-bound, bound);
}

/** `xavier_normal_`: N(0, gain²·2/(fan_in + fan_out)). */
export function xavierNormal(shape: readonly number[], gain = 1): Initialization {
  const { fanIn, fanOut } = fans(shape);
  return normal(0, gain * Math.sqrt(2 / (fanIn + fanOut)));
}

/** What Linear and Conv do by default, weight and bias alike: kaiming_uniform_(a=√5), which is U(±1/√fan_in). */
export const pytorchDefault = (fanIn: number): Initialization => {
  const bound = fanIn > 0 ? 1 / Math.sqrt(fanIn) : 0;
  return uniform(-bound, bound);
};
