import type { Rule } from '../rule';
import type { Tensor } from '../tensor';

/** Primitives that pick or place elements by index. Indices are int64 and not differentiable. */
export const indexing: {
  gather: Rule<'gather'>;
  takeAlong: Rule<'takeAlong'>;
  putAlong: Rule<'putAlong'>;
  placeAlong: Rule<'placeAlong'>;
} = {
  gather: {
    infer: ([x, indices]) => ({ shape: [...indices!.shape, ...x!.shape.slice(1)], dtype: x!.dtype }),
    grad: (ops, node, dy) => {
      const [x, indices] = node.inputs;
      const row = x!.shape.slice(1);
      const rows = indices!.shape.reduce((product, dim) => product * dim, 1);
      return [ops.putRows(ops.reshape(dy, [rows, ...row]), ops.reshape(indices!, [rows]), x!.shape[0]!), undefined];
    },
    onnx: (emit, inputs) => emit.node('Gather', inputs, { axis: 0 }),
    samples: [{ shapes: [[4, 2], [3]], indices: 4 }],
  },

  takeAlong: {
    infer: ([x, indices]) => ({ shape: indices!.shape, dtype: x!.dtype }),
    grad: (ops, node, dy) => {
      const [x, indices] = node.inputs;
      const { axis } = node.attributes;
      return [ops.putAlong(dy, indices!, axis, x!.shape[axis]!), undefined];
    },
    onnx: (emit, inputs, node) => emit.node('GatherElements', inputs, { axis: node.attributes.axis }),
    samples: [
      {
        shapes: [
          [3, 4],
          [3, 2],
        ],
        attributes: { axis: 1 },
        indices: 4,
      },
    ],
  },

  putAlong: {
    infer: ([updates], { axis, size }) => ({
      shape: updates!.shape.map((dim, i) => (i === axis ? size : dim)),
      dtype: updates!.dtype,
    }),
    grad: (ops, node, dy) => [ops.takeAlong(dy, node.inputs[1]!, node.attributes.axis), undefined],
    onnx: (emit, [updates, indices], node) => {
      const zeros = emit.node('Expand', [emit.scalar(0, node.dtype), emit.int64s(node.shape)]);
      return emit.node('ScatterElements', [zeros, indices!, updates!], {
        axis: node.attributes.axis,
        reduction: 'add',
      });
    },
    samples: [
      {
        shapes: [
          [3, 4],
          [3, 4],
        ],
        attributes: { axis: 1, size: 5 },
        indices: 5,
      },
    ],
  },

  // Replaced values have no gradient. Of extremes, all that are equal to the result share it evenly, as in PyTorch.
  placeAlong: {
    infer: ([x]) => ({ shape: x!.shape, dtype: x!.dtype }),
    grad: (ops, node, dy) => {
      const [x, indices, updates] = node.inputs as readonly [Tensor, Tensor, Tensor];
      const { axis, reduction } = node.attributes;
      if (reduction === 'none') {
        const gone = ops.placeAlong(dy, indices, ops.zeros(updates.shape), { axis, reduction });
        return [gone, undefined, ops.takeAlong(dy, indices, axis)];
      }
      const truths = (condition: Tensor) => ops.cast(condition, 'float32');
      const own = truths(ops.equal(x, node as Tensor));
      const given = truths(ops.equal(updates, ops.takeAlong(node as Tensor, indices, axis)));
      const equals = ops.add(own, ops.putAlong(given, indices, axis, x.shape[axis]!));
      const share = ops.div(dy, equals);
      return [ops.mul(own, share), undefined, ops.mul(given, ops.takeAlong(share, indices, axis))];
    },
    onnx: (emit, inputs, { attributes: { axis, reduction } }) =>
      emit.node('ScatterElements', inputs, { axis, ...(reduction !== 'none' && { reduction }) }),
    samples: (['none', 'max', 'min'] as const).map((reduction) => ({
      shapes: [
        [3, 4],
        [3, 1],
        [3, 1],
      ],
      dtypes: ['float32', 'int64', 'float32'],
      attributes: { axis: 1, reduction },
      indices: 4,
    })),
  },
};
