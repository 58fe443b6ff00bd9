import { elementCount } from '../../network';
import { abs, exp, log, mul, neg, reciprocal, sqrt, square, type Tensor } from '../../tensor';
import { bool, float, optional, sizes } from '../attribute';
import { onlyInput } from '../dimensions';
import { AttributeError, defineLayer, type LayerRow } from '../row';
import { averagedShape, averageOfWindows } from './averagePooling';
import { channelsBefore, DIMENSIONS, type Dimension } from './dimension';
import { maxOfWindows, maxPooledShape } from './maxPooling';
import { checkWindow } from './windows';

/** xᵖ; NaN for a negative x and a fractional p, as PyTorch has it. */
function power(x: Tensor, p: number): Tensor {
  if (p < 0) return reciprocal(power(x, -p));
  if (p === 0.5) return sqrt(x);
  if (!Number.isInteger(p) || p > 16) return exp(mul(log(x), p));
  if (p === 1) return x;
  const half = square(power(x, Math.floor(p / 2)));
  return p % 2 === 0 ? half : mul(half, x);
}

const powerPooling = (dimension: Dimension): LayerRow => {
  const kind = `LPPool${dimension}d`;
  const maxima = (norm: number) => Math.abs(norm) === Number.POSITIVE_INFINITY;
  return defineLayer({
    kind,
    role: 'pooling',
    module: true,
    attributes: {
      norm_type: float(),
      kernel_size: sizes(dimension),
      stride: optional(sizes(dimension)),
      ceil_mode: bool(false),
    },
    functions: [
      {
        names: [`torch.nn.functional.lp_pool${dimension}d`],
        parameters: ['input', 'norm_type', 'kernel_size', 'stride', 'ceil_mode'],
      },
    ],
    validate({ norm_type, ...window }) {
      if (norm_type === 0) throw new AttributeError('norm_type', 'float division by zero');
      checkWindow({ ...window, padding: window.kernel_size.map(() => 0) });
    },
    outputShapes(inputs, { norm_type, ...given }) {
      const window = { ...given, padding: given.kernel_size.map(() => 0) };
      const shape = maxima(norm_type) ? maxPooledShape : averagedShape;
      return [shape(onlyInput(inputs, kind), dimension, window)];
    },
    // (Σ xᵖ)^(1/p): PyTorch takes the average and multiplies by the whole kernel, which in ceil mode counts what lies outside.
    forward([x], { norm_type, ...given }) {
      const window = { ...given, padding: given.kernel_size.map(() => 0) };
      if (maxima(norm_type)) {
        const largest = (values: Tensor) => maxOfWindows(values, dimension, window);
        return { outputs: [norm_type > 0 ? largest(abs(x!)) : neg(largest(neg(abs(x!))))] };
      }
      const average = averageOfWindows(power(x!, norm_type), window, { count_include_pad: true });
      return { outputs: [power(mul(average, elementCount(given.kernel_size)), 1 / norm_type)] };
    },
    channelAxis: channelsBefore(dimension),
  });
};

export const powerPoolings: readonly LayerRow[] = DIMENSIONS.map(powerPooling);
