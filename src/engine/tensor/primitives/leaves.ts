import type { Rule } from '../rule';

const noInference = () => {
  throw new Error('a leaf is made with its type');
};

/** Expressions without inputs. */
export const leaves: { input: Rule<'input'>; constant: Rule<'constant'>; range: Rule<'range'> } = {
  input: {
    infer: noInference,
    grad: null,
    onnx: (_emit, _inputs, node) => {
      throw new Error(`input ${node.attributes.name} is not bound to anything`);
    },
    flops: () => 0,
    samples: [],
  },
  constant: {
    infer: noInference,
    grad: null,
    onnx: (emit, _inputs, node) => emit.constant(node.attributes.values, node.shape, node.dtype),
    flops: () => 0,
    samples: [],
  },
  range: {
    infer: (_inputs, { length }) => ({ shape: [length], dtype: 'int32' }),
    grad: null,
    onnx: (emit, _inputs, node) =>
      emit.node('Range', [
        emit.scalar(0, 'int32'),
        emit.scalar(node.attributes.length, 'int32'),
        emit.scalar(1, 'int32'),
      ]),
    samples: [{ shapes: [], attributes: { length: 5 } }],
  },
};
