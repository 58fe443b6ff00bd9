import { constant } from '../../network';
import { float, inferred, int } from '../attribute';
import { fixedDim, onlyInput } from '../dimensions';
import { defineLayer, ShapeError } from '../row';
import { normalizeByRunning } from './statistics';

/** BatchNorm with everything fixed, as detection models carry it: four buffers, in training and inference alike. */
export const frozenBatchNorm = defineLayer({
  kind: 'FrozenBatchNorm2d',
  role: 'norm',
  module: true,
  classes: [
    'torchvision.ops.FrozenBatchNorm2d',
    'torchvision.ops.misc.FrozenBatchNorm2d',
    'detectron2.layers.FrozenBatchNorm2d',
  ],
  irreplaceable: () => true,
  attributes: { num_features: inferred(int()), eps: float(1e-5) },
  infer: ([input]) => ({ num_features: fixedDim(input?.[1]) }),
  buffers({ num_features }) {
    const vector = (value: number) => ({ shape: [num_features], initialization: constant(value) });
    return { weight: vector(1), bias: vector(0), running_mean: vector(0), running_var: vector(1) };
  },
  outputShapes(inputs, { num_features }) {
    const input = onlyInput(inputs, 'FrozenBatchNorm2d');
    if (input.length !== 4) throw new ShapeError(`expected 4D input (got ${input.length}D input)`);
    if (input[1] !== num_features) {
      const channels = fixedDim(input[1]) ?? 'batch';
      throw new ShapeError(
        `The size of tensor a (${channels}) must match the size of tensor b (${num_features}) at non-singleton dimension 1`,
      );
    }
    return [input];
  },
  forward([x], { eps }, context) {
    const running = { mean: context.buffer('running_mean'), variance: context.buffer('running_var') };
    const affine = { scale: context.buffer('weight'), shift: context.buffer('bias') };
    return { outputs: [normalizeByRunning(x!, running, affine, eps)] };
  },
  channelAxis: () => 1,
});
