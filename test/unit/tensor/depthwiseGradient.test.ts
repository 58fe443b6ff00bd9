import assert from 'node:assert/strict';
import { fromBinary } from '@bufbuild/protobuf';
import { ModelProtoSchema } from '../../../src/engine/onnx/onnx_pb';
import { convolution, gradients, input, lower, square, sum } from '../../../src/engine/tensor';

/** The nodes of the gradient of 8 channels' kernels of 3 × 3, each channel by itself. */
function nodesOf(stride: number) {
  const x = input('x', [4, 8, 9, 9]);
  const weight = input('w', [8, 1, 3, 3]);
  const geometry = { strides: [stride, stride], padsBegin: [1, 1], padsEnd: [1, 1], dilations: [1, 1], groups: 8 };
  const [slope] = gradients(sum(square(convolution(x, weight, geometry))), [weight]);
  return fromBinary(ModelProtoSchema, lower({ slope: slope! }).model).graph!.node;
}

describe('the gradient of a depthwise kernel', () => {
  it('is summed for each offset: no batch of products of one value each', () => {
    const kinds = nodesOf(1).map(({ opType }) => opType);
    assert.ok(!kinds.includes('FusedMatMul'), kinds.join(' '));
    assert.ok(kinds.filter((kind) => kind === 'Mul').length >= 9);
  });

  it('cuts the windows of a stride from one part a remainder', () => {
    const nodes = nodesOf(2);
    const slices = nodes.filter(({ opType }) => opType === 'Slice');
    const [padded] = nodes.find(({ opType }) => opType === 'Pad')!.output;
    assert.equal(slices.filter(({ input: [from] }) => from === padded).length, 4);
    assert.ok(slices.length > 4);
  });
});
