import type { Attributes } from '../../../src/engine/network';
import type { FamilyCases, KindCases, LayerCase } from '../layerCase';
import { activation, B, batched, each, evaluated, F, fn } from './forms';

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
  Softmin: {
    fixed: [...each([[B, 3, 4]], { dim: 1 }, { dim: null }), fn(`${F}.softmin`, [[B, 5]], { dim: -1 })],
    random(draw) {
      const rank = draw.int(1, 4);
      const name = draw.chance(0.3) ? `${F}.softmin` : undefined;
      return {
        attributes: { dim: draw.axis(rank) },
        inputs: [batched(draw, rank, 2)],
        batch: draw.int(2, 4),
        ...(name !== undefined && { function: name }),
      };
    },
  },
  Softmax2d: {
    fixed: each([[B, 3, 2, 4]], {}),
    random: (draw) => ({
      inputs: [draw.chance(0.3) ? draw.shape(3, 2) : batched(draw, 4, 2)],
      batch: draw.int(1, 4),
      spread: draw.pick([1, 4]),
    }),
    refused: [{ inputs: [[2, 3]] }],
  },
  CELU: {
    ...activation(
      [`${F}.celu`, 'torch.celu', 'torch.celu_', `${F}.celu_`],
      [{ alpha: 0.5 }, { alpha: 2 }],
      (draw) => ({ alpha: draw.decimal(0.1, 3) }),
      [`${F}.celu`, 'torch.celu'],
    ),
    refused: [{ attributes: { alpha: 0 }, inputs: [[2]] }],
  },
  Hardshrink: withFixed(
    activation([`${F}.hardshrink`, 'torch.hardshrink', 'Tensor.hardshrink'], [{ lambd: 1 }], (draw) => ({
      lambd: draw.decimal(0, 2),
    })),
    { inputs: [[3]], values: [{ numbers: [-0.5, 0.5, 0.75], dtype: 'float32' }] },
  ),
  Softshrink: {
    ...withFixed(
      activation([`${F}.softshrink`], [{ lambd: 1 }, { lambd: 0 }], (draw) => ({ lambd: draw.decimal(0, 2) })),
      { inputs: [[3]], values: [{ numbers: [-0.5, 0.5, 0.75], dtype: 'float32' }] },
    ),
    refused: [{ attributes: { lambd: -1 }, inputs: [[2]] }],
  },
  Tanhshrink: activation([`${F}.tanhshrink`]),
  LogSigmoid: activation([`${F}.logsigmoid`]),
  Threshold: {
    fixed: [
      ...each([[B, 9]], { threshold: 0.1, value: 20 }, { threshold: -1, value: 0 }),
      fn(`${F}.threshold`, [[B, 6]], { threshold: 0.5, value: -2 }),
      fn('torch.threshold', [[B, 6]], { threshold: 0.5, value: -2 }),
      { attributes: { threshold: 1, value: 3 }, inputs: [[3]], values: [{ numbers: [0, 1, 2], dtype: 'float32' }] },
    ],
    random(draw) {
      const attributes = { threshold: draw.decimal(-2, 2), value: draw.decimal(-2, 2) };
      const names = [undefined, `${F}.threshold`, 'torch.threshold', 'torch.threshold_', `${F}.threshold_`] as const;
      const name = draw.pick(names);
      return {
        attributes,
        inputs: [batched(draw, draw.int(1, 4))],
        batch: draw.int(1, 4),
        ...(name && { function: name }),
      };
    },
  },
  GLU: {
    fixed: [...each([[B, 6]], {}), ...each([[B, 4, 3]], { dim: 1 }), fn(`${F}.glu`, [[B, 4, 2]], { dim: -1 })],
    random(draw) {
      const shape = batched(draw, draw.int(2, 4), 1, 4);
      const axis = draw.int(1, shape.length - 1);
      const inputs = [shape.map((size, i) => (i === axis ? 2 * (size as number) : size))];
      const dim = draw.chance() ? axis : axis - shape.length;
      const name = draw.chance(0.4) ? `${F}.glu` : undefined;
      return { attributes: { dim }, inputs, batch: draw.int(1, 4), ...(name && { function: name }) };
    },
    refused: [{ inputs: [[2, 3]] }, { inputs: [[]] }],
  },
  PReLU: {
    fixed: [
      ...each([[B, 5]], {}, { num_parameters: 5, init: 0.1 }),
      ...each([[B, 3, 2, 2]], { num_parameters: 3 }),
      fn(`${F}.prelu`, [[B, 4, 3], [4]]),
      fn(`${F}.prelu`, [[B, 4], [1]]),
    ],
    random(draw) {
      const shape = batched(draw, draw.int(2, 4));
      const channels = draw.chance(0.7) ? (shape[1] as number) : 1;
      const name = draw.chance(0.3) ? draw.pick([`${F}.prelu`, 'torch.prelu', 'Tensor.prelu']) : undefined;
      const batch = draw.int(1, 4);
      if (name !== undefined) return { ...fn(name, [shape, [channels]]), batch };
      return {
        attributes: { num_parameters: channels, ...draw.some({ init: draw.decimal(-1, 1) }) },
        inputs: [shape],
        batch,
      };
    },
    refused: [
      { attributes: { num_parameters: 3 }, inputs: [[2, 4]] },
      { attributes: { num_parameters: 3 }, inputs: [[4]] },
      { attributes: { num_parameters: 3 }, inputs: [[]] },
      fn(`${F}.prelu`, [
        [2, 3],
        [3, 1],
      ]),
    ],
  },
  // Training draws its slopes; test/unit/layers holds that against the formula.
  RReLU: {
    fixed: [
      ...evaluated(each([[B, 9]], {}, { lower: 0.1, upper: 0.9 })),
      ...each([[B, 9]], { lower: 0.25, upper: 0.25 }),
      fn(`${F}.rrelu`, [[B, 6]]),
      fn('torch.rrelu', [[B, 6]], { lower: 0.2, upper: 0.4 }),
    ],
    random(draw) {
      const inputs = [batched(draw, draw.int(1, 4))];
      const [lower, upper] = [draw.decimal(0, 0.4), draw.decimal(0.4, 0.9)];
      const attributes: Attributes = draw.chance(0.8) ? { lower, upper } : {};
      const name = draw.chance(0.3)
        ? draw.pick([`${F}.rrelu`, 'torch.rrelu', 'torch.rrelu_', `${F}.rrelu_`])
        : undefined;
      return { attributes, inputs, mode: 'evaluate', batch: draw.int(1, 4), ...(name && { function: name }) };
    },
    refused: [{ attributes: { lower: 0.5, upper: 0.2 }, inputs: [[2]] }],
  },
};
