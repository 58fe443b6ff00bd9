import type { FamilyCases, KindCases, LayerCase } from '../layerCase';
import { activation, anyMode, B, batched, each, evaluated, F, fn } from './forms';

const withFixed = (cases: KindCases, ...more: readonly LayerCase[]): KindCases => ({
  ...cases,
  fixed: [...cases.fixed, ...more],
});

export const activations: FamilyCases = {
  ReLU: activation([`${F}.relu`, 'torch.relu', 'Tensor.relu'], [{ inplace: false }]),
  ReLU6: activation([`${F}.relu6`]),
  LeakyReLU: activation(
    [`${F}.leaky_relu`, `${F}.leaky_relu_`],
    [{ negative_slope: 0.2 }, { negative_slope: -0.5 }],
    (draw) => ({ negative_slope: draw.decimal(0, 1.5) }),
  ),
  ELU: activation([`${F}.elu`, `${F}.elu_`], [{ alpha: 0.5 }, { alpha: 2 }], (draw) => ({
    alpha: draw.decimal(0.1, 3),
  })),
  SELU: activation([`${F}.selu`, 'torch.selu']),
  GELU: withFixed(
    activation([`${F}.gelu`], [{ approximate: 'tanh' }], (draw) => ({ approximate: draw.pick(['none', 'tanh']) })),
    fn(`${F}.gelu`, [[B, 6]], { approximate: 'tanh' }),
  ),
  SiLU: activation([`${F}.silu`]),
  Mish: activation([`${F}.mish`]),
  Softplus: activation([`${F}.softplus`], [{ beta: 2 }, { beta: 0.5, threshold: 1 }], (draw) => ({
    beta: draw.decimal(0.3, 3),
    threshold: draw.decimal(1, 25),
  })),
  Hardswish: activation([`${F}.hardswish`]),
  Sigmoid: activation([`${F}.sigmoid`, 'torch.sigmoid', 'Tensor.sigmoid']),
  Tanh: activation([`${F}.tanh`, 'torch.tanh', 'Tensor.tanh']),
  Hardsigmoid: activation([`${F}.hardsigmoid`]),
  Hardtanh: {
    ...activation([`${F}.hardtanh`, `${F}.hardtanh_`], [{ min_val: -2, max_val: 0.5 }], (draw) => ({
      min_val: draw.decimal(-3, -0.5),
      max_val: draw.decimal(0.2, 3),
    })),
    refused: [{ attributes: { min_val: 2, max_val: 1 }, inputs: [[2, 3]] }],
  },
  Softsign: activation([`${F}.softsign`]),
  Softmax: {
    fixed: [
      ...each([[B, 5]], { dim: 1 }, { dim: 0 }, { dim: -1 }),
      ...each([[B, 3, 4]], { dim: 1 }, { dim: null }),
      ...each([[B, 3, 2, 2]], { dim: null }, { dim: -2 }),
      { attributes: { dim: 1 }, inputs: [[B, 5]], spread: 4 },
      fn(`${F}.softmax`, [[B, 5]], { dim: 1 }),
      fn('torch.softmax', [[B, 3, 4]], { dim: -1 }),
      fn('Tensor.softmax', [[B, 3, 4]], { dim: 1 }),
    ],
    random(draw) {
      const rank = draw.int(1, 4);
      const name = draw.chance(0.3) ? draw.pick([`${F}.softmax`, 'torch.softmax', 'Tensor.softmax']) : undefined;
      return {
        attributes: { dim: name === undefined && draw.chance(0.2) ? null : draw.axis(rank) },
        inputs: [batched(draw, rank, 2)],
        batch: draw.int(2, 4),
        spread: draw.pick([1, 4]),
        ...(name !== undefined && { function: name }),
      };
    },
    refused: [{ attributes: { dim: 2 }, inputs: [[2, 3]] }],
  },
  LogSoftmax: {
    fixed: [
      ...each([[B, 5]], { dim: 1 }, { dim: null }),
      { attributes: { dim: 1 }, inputs: [[B, 3, 4]], spread: 20 },
      fn(`${F}.log_softmax`, [[B, 5]], { dim: -1 }),
      fn('Tensor.log_softmax', [[B, 5]], { dim: 0 }),
    ],
    random(draw) {
      const rank = draw.int(1, 4);
      const functions = [`${F}.log_softmax`, 'torch.log_softmax', 'Tensor.log_softmax'];
      const name = draw.chance(0.3) ? draw.pick(functions) : undefined;
      return {
        attributes: { dim: name === undefined && draw.chance(0.2) ? null : draw.axis(rank) },
        inputs: [batched(draw, rank, 2)],
        batch: draw.int(2, 4),
        spread: draw.pick([1, 20]),
        ...(name !== undefined && { function: name }),
      };
    },
  },
  // What training drops is random; test/unit/layers holds that against the formula, with the mask given.
  Dropout: {
    fixed: [
      ...evaluated(each([[B, 5]], {}, { p: 0.9 })),
      ...each([[B, 5]], { p: 0 }, { p: 1 }),
      fn(`${F}.dropout`, [[B, 5]], { p: 0.3, training: false }),
    ],
    random(draw) {
      const inputs = [batched(draw, draw.int(1, 4))];
      const mode = anyMode(draw);
      if (draw.chance(0.3)) return fn(`${F}.dropout`, inputs, { p: draw.decimal(0, 1), training: false });
      return {
        attributes: mode === 'train' ? { p: draw.pick([0, 1]) } : draw.some({ p: draw.decimal(0, 1) }),
        inputs,
        mode,
      };
    },
    refused: [{ attributes: { p: 1.5 }, inputs: [[2, 3]] }, fn(`${F}.dropout`, [[2, 3]], { p: -0.5 })],
  },
};
