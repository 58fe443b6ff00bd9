import assert from 'node:assert/strict';
import { fromBinary } from '@bufbuild/protobuf';
import { ModelProtoSchema } from '../../../src/engine/onnx/onnx_pb';
import { add, greater, input, lower, mul, sub, type Tensor } from '../../../src/engine/tensor';
import { execute, floats } from '../../execute';

/** How many nodes of each kind compute a value. */
const kinds = (y: Tensor): string[] =>
  fromBinary(ModelProtoSchema, lower({ y }).model).graph!.node.map(({ opType }) => opType);

describe('a single number as an operand', () => {
  const rate = input('rate', []);
  const feeds = { x: floats([2, 3, 1, 1], [1, 2, 3, 4, 5, 6]), rate: floats([], [10]) };
  const x = input('x', [2, 3, 1, 1]);

  it('gets the axes of a tensor that has axes of one value, where onnxruntime would go value by value', async () => {
    assert.deepEqual(kinds(mul(x, rate)), ['Reshape', 'Mul']);
    assert.deepEqual(kinds(greater(rate, x)), ['Reshape', 'Greater']);
    // A known number is written with its axes.
    assert.deepEqual(kinds(mul(x, 0.9)), ['Mul']);
    const y = sub(add(mul(x, rate), 0.5), rate);
    const out = await execute({ y }, feeds);
    assert.deepEqual(
      [out.y!.shape, [...out.y!.values]],
      [
        [2, 3, 1, 1],
        [0.5, 10.5, 20.5, 30.5, 40.5, 50.5],
      ],
    );
  });

  it('is left as it is elsewhere', () => {
    assert.deepEqual(kinds(mul(input('w', [2, 3]), rate)), ['Mul']);
    assert.deepEqual(kinds(mul(input('w', [2, 3, 1]), input('c', [3, 1]))), ['Mul']);
  });
});
