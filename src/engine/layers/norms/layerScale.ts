import { constant } from '../../network';
import { mul, reshape } from '../../tensor';
import { bool, float, inferred, int } from '../attribute';
import { fixedDim, formatDim, onlyInput } from '../dimensions';
import { defineLayer, type LayerRow, ShapeError } from '../row';

/** γ·x by channel, γ small at first (Touvron et al. 2021): timm's classes; `axis` is where the channels stand. */
const layerScaleAt = (kind: string, classes: readonly string[], axis: -1 | 1): LayerRow =>
  defineLayer({
    kind,
    role: 'arithmetic',
    module: true,
    classes,
    attributes: { dim: inferred(int()), init_values: float(1e-5), inplace: bool(false) },
    infer: ([input]) => ({ dim: fixedDim(input?.at(axis)) }),
    parameters: ({ dim, init_values }) => ({ gamma: { shape: [dim], initialization: constant(init_values) } }),
    outputShapes(inputs, { dim }) {
      const input = onlyInput(inputs, kind);
      if (input.at(axis) !== dim) {
        throw new ShapeError(
          `The size of tensor a (${formatDim(input.at(axis) ?? 1)}) must match the size of tensor b (${dim}) ` +
            `at non-singleton dimension ${axis === 1 ? 1 : input.length - 1}`,
        );
      }
      return [input];
    },
    forward([x], { dim }, context) {
      const gamma = context.parameter('gamma');
      return { outputs: [mul(x!, axis === 1 ? reshape(gamma, [dim, ...x!.shape.slice(2).map(() => 1)]) : gamma)] };
    },
  });

export const layerScale = layerScaleAt(
  'LayerScale',
  ['timm.layers.LayerScale', 'timm.models.vision_transformer.LayerScale', 'timm.models.beit.LayerScale'],
  -1,
);
export const layerScale2d = layerScaleAt('LayerScale2d', ['timm.layers.LayerScale2d'], 1);
