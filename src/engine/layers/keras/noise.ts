import { add, cos, log, mul, sqrt, sub, type Tensor } from '../../tensor';
import { float } from '../attribute';
import { onlyInput } from '../dimensions';
import { AttributeError, defineLayer, type ForwardContext, type LayerRow } from '../row';

/** N(0, 1) by Box and Muller, u₁ in (0, 1]. */
const standardNormal = (shape: readonly number[], context: ForwardContext): Tensor =>
  mul(sqrt(mul(log(sub(1, context.uniform(shape))), -2)), cos(mul(context.uniform(shape), 2 * Math.PI)));

const shared = { library: 'keras', layout: 'any', module: true } as const;

/** x + N(0, stddev²) in training. */
const gaussianNoise = defineLayer({
  ...shared,
  kind: 'KerasGaussianNoise',
  role: 'arithmetic',
  classes: ['keras.layers.GaussianNoise'],
  attributes: { stddev: float() },
  outputShapes: (inputs) => [onlyInput(inputs, 'GaussianNoise')],
  forward([x], { stddev }, context) {
    if (stddev === 0 || context.mode === 'evaluate') return { outputs: [x!] };
    return { outputs: [add(x!, mul(standardNormal(x!.shape, context), stddev))] };
  },
});

/** x times N(1, rate/(1 − rate)) in training. */
const gaussianDropout = defineLayer({
  ...shared,
  kind: 'KerasGaussianDropout',
  role: 'dropout',
  classes: ['keras.layers.GaussianDropout'],
  attributes: { rate: float() },
  validate({ rate }) {
    if (rate >= 0 && rate < 1) return;
    const what = 'Invalid value received for argument `rate`. Expected a float value between 0 and 1.';
    throw new AttributeError('rate', `${what} Received: rate=${rate}`);
  },
  outputShapes: (inputs) => [onlyInput(inputs, 'GaussianDropout')],
  forward([x], { rate }, context) {
    if (rate === 0 || context.mode === 'evaluate') return { outputs: [x!] };
    const spread = Math.sqrt(rate / (1 - rate));
    return { outputs: [mul(x!, add(mul(standardNormal(x!.shape, context), spread), 1))] };
  },
});

export const noises: readonly LayerRow[] = [gaussianNoise, gaussianDropout];
