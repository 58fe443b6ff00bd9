import type { Rule } from '../rule';
import type { Tensor } from '../tensor';
import { emitBlockedConvolution, worthBlocks } from './blockedConvolution';
import { outputSizes } from './convolutionSizes';
import { convolutionWeightGradient } from './convolutionWeightGradient';
import { transposedConvolution } from './transposedConvolution';

const count = (shape: readonly number[]) => shape.reduce((product, dim) => product * dim, 1);

/** Cross-correlation over any number of spatial dimensions. */
export const convolution: Rule<'convolution'> = {
  infer: ([x, weight], geometry) => {
    const [outChannels, perGroup, ...kernel] = weight!.shape as [number, number, ...number[]];
    if (x!.shape[1] !== perGroup * geometry.groups) {
      throw new Error(`a weight of [${weight!.shape}] in ${geometry.groups} groups does not fit [${x!.shape}]`);
    }
    return { shape: [x!.shape[0]!, outChannels, ...outputSizes(x!.shape, kernel, geometry)], dtype: x!.dtype };
  },
  // ∂L/∂x is the transposed convolution of ∂L/∂y: convolutions again, so that second derivatives need no further rule.
  grad: (ops, node, dy) => {
    const [x, weight] = node.inputs as readonly [Tensor, Tensor];
    return [
      transposedConvolution(ops, dy, weight, node.attributes, x.shape.slice(2)),
      convolutionWeightGradient(ops, node, dy),
    ];
  },
  onnx(emit, inputs, node) {
    const { strides, padsBegin, padsEnd, dilations, groups: group } = node.attributes;
    const kernel_shape = node.inputs[1]!.shape.slice(2);
    const attributes = { kernel_shape, strides, pads: [...padsBegin, ...padsEnd], dilations, group };
    return emit.blocks && worthBlocks(node)
      ? emitBlockedConvolution(emit, inputs as readonly [string, string], node, attributes)
      : emit.node('Conv', inputs, attributes);
  },
  // Blocks of what goes in and of what comes out.
  memory: (node) => {
    const [x, weight] = node.inputs as readonly [Tensor, Tensor];
    const values = worthBlocks(node) ? count(x.shape) + 2 * count(weight.shape) + count(node.shape) : 0;
    return { held: 0, passing: 4 * values };
  },
  flops: (node) => 2 * count(node.shape) * count(node.inputs[1]!.shape.slice(1)),
  product: true,
  samples: [
    {
      shapes: [
        [2, 2, 5, 4],
        [3, 2, 3, 2],
      ],
      attributes: { strides: [2, 1], padsBegin: [1, 0], padsEnd: [1, 1], dilations: [1, 2], groups: 1 },
    },
    {
      shapes: [
        [1, 4, 4, 4],
        [2, 2, 3, 3],
      ],
      attributes: { strides: [1, 1], padsBegin: [1, 1], padsEnd: [1, 1], dilations: [1, 1], groups: 2 },
    },
    // Large enough a kernel for shifts of both operands; uneven padding, and a step between the kernel's rows.
    {
      shapes: [
        [2, 3, 5, 4],
        [3, 3, 3, 3],
      ],
      attributes: { strides: [1, 1], padsBegin: [2, 0], padsEnd: [1, 1], dilations: [1, 1], groups: 1 },
    },
    {
      shapes: [
        [4, 3, 5, 3],
        [3, 3, 3, 3],
      ],
      attributes: { strides: [1, 1], padsBegin: [1, 1], padsEnd: [3, 1], dilations: [2, 1], groups: 1 },
    },
    // Three dimensions, the first of them shifted on the side of the output's gradient.
    {
      shapes: [
        [2, 2, 3, 3, 3],
        [2, 2, 3, 2, 2],
      ],
      attributes: { strides: [1, 1, 1], padsBegin: [1, 0, 1], padsEnd: [1, 1, 0], dilations: [1, 1, 1], groups: 1 },
    },
    // The padding is wider than the kernel reaches, and the stride leaves a row over.
    {
      shapes: [
        [1, 1, 5],
        [1, 1, 1],
      ],
      attributes: { strides: [3], padsBegin: [1], padsEnd: [0], dilations: [1], groups: 1 },
    },
  ],
};
