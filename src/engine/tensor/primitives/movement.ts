import { broadcastShapes } from '../broadcast';
import type { Operations, Rule } from '../rule';
import type { Tensor } from '../tensor';

const count = (shape: readonly number[]) => shape.reduce((product, dim) => product * dim, 1);

/** How many elements a slice takes along one axis. */
const sliced = (start: number, end: number, step: number) => Math.max(0, Math.ceil((end - start) / step));

/** What lies between the pads, every step-th: pads cut off, and zeros for what negative ones had cropped. */
function withoutPads(
  ops: Operations,
  dy: Tensor,
  before: readonly number[],
  after: readonly number[],
  steps: readonly number[] = before.map(() => 1),
): Tensor {
  const missing = (pads: readonly number[]) => pads.map((pad) => Math.max(0, -pad));
  const whole = ops.pad(dy, missing(before), missing(after));
  const surplus = (pads: readonly number[]) => pads.map((pad) => Math.max(0, pad));
  const end = surplus(after);
  return ops.slice(
    whole,
    surplus(before),
    whole.shape.map((dim, axis) => dim - end[axis]!),
    steps,
  );
}

/** Primitives that move elements and compute nothing. */
export const movements: {
  reshape: Rule<'reshape'>;
  transpose: Rule<'transpose'>;
  expand: Rule<'expand'>;
  slice: Rule<'slice'>;
  spread: Rule<'spread'>;
  pad: Rule<'pad'>;
  concat: Rule<'concat'>;
  part: Rule<'part'>;
  flip: Rule<'flip'>;
} = {
  reshape: {
    infer: ([x], { shape }) => {
      if (count(shape) !== count(x!.shape)) throw new Error(`cannot reshape [${x!.shape}] into [${shape}]`);
      return { shape, dtype: x!.dtype };
    },
    grad: (ops, node, dy) => [ops.reshape(dy, node.inputs[0]!.shape)],
    // Without allowzero, a 0 would stand for the input's own size.
    onnx: (emit, [x], node) =>
      emit.node('Reshape', [x!, emit.int64s(node.shape)], node.shape.includes(0) ? { allowzero: 1 } : {}),
    flops: () => 0,
    samples: [{ shapes: [[2, 6]], attributes: { shape: [3, 4] } }],
  },

  transpose: {
    infer: ([x], { perm }) => ({ shape: perm.map((axis) => x!.shape[axis]!), dtype: x!.dtype }),
    grad: (ops, node, dy) => {
      const inverse: number[] = [];
      node.attributes.perm.forEach((axis, i) => {
        inverse[axis] = i;
      });
      return [ops.transpose(dy, inverse)];
    },
    onnx: (emit, inputs, node) => emit.node('Transpose', inputs, { perm: node.attributes.perm }),
    samples: [{ shapes: [[2, 3, 4]], attributes: { perm: [2, 0, 1] } }],
  },

  expand: {
    infer: ([x], { shape }) => ({ shape: broadcastShapes(x!.shape, shape), dtype: x!.dtype }),
    grad: (ops, node, dy) => [ops.sumTo(dy, node.inputs[0]!.shape)],
    onnx: (emit, [x], node) => emit.node('Expand', [x!, emit.int64s(node.shape)]),
    samples: [
      { shapes: [[3, 1]], attributes: { shape: [2, 3, 4] } },
      { shapes: [[]], attributes: { shape: [2] } },
    ],
  },

  slice: {
    infer: ([x], { starts, ends, steps }) => ({
      shape: x!.shape.map((_, axis) => sliced(starts[axis]!, ends[axis]!, steps[axis]!)),
      dtype: x!.dtype,
    }),
    grad: (ops, node, dy) => {
      const { starts, steps } = node.attributes;
      const after = node.inputs[0]!.shape.map((dim, axis) => {
        const span = node.shape[axis]! === 0 ? 0 : (node.shape[axis]! - 1) * steps[axis]! + 1;
        return dim - starts[axis]! - span;
      });
      return [ops.spread(dy, steps, starts, after)];
    },
    onnx: (emit, [x], { attributes: { starts, ends, steps }, inputs }) => {
      // Only the axes that are cut: ORT copies a full axis faster when it is not named.
      const cut = inputs[0]!.shape.flatMap((dim, axis) =>
        starts[axis] === 0 && ends[axis] === dim && steps[axis] === 1 ? [] : [axis],
      );
      const pick = (values: readonly number[]) => emit.int64s(cut.map((axis) => values[axis]!));
      return emit.node('Slice', [x!, pick(starts), pick(ends), emit.int64s(cut), pick(steps)]);
    },
    samples: [
      { shapes: [[4, 5]], attributes: { starts: [1, 0], ends: [3, 5], steps: [1, 2] } },
      { shapes: [[7]], attributes: { starts: [1], ends: [7], steps: [3] } },
    ],
  },

  spread: {
    infer: ([x], { steps, before, after }) => ({
      shape: x!.shape.map((dim, axis) => before[axis]! + (dim === 0 ? 0 : (dim - 1) * steps[axis]! + 1) + after[axis]!),
      dtype: x!.dtype,
    }),
    grad: (ops, node, dy) => {
      const { steps, before, after } = node.attributes;
      return [withoutPads(ops, dy, before, after, steps)];
    },
    // [n] → [n, 1] → pad to [n, step] → [n·step]: the zeros come out between the neighbours, step − 1 too many at the end.
    onnx: (emit, [x], node) => {
      const { before, after } = node.attributes;
      const shape = node.inputs[0]!.shape;
      // Between none there is nothing to put.
      const steps = node.attributes.steps.map((step, axis) => (shape[axis] === 0 ? 1 : step));
      const dtype = node.dtype;
      let value = x!;
      if (steps.some((step) => step > 1)) {
        const split = shape.flatMap((dim, axis) => (steps[axis]! > 1 ? [dim, 1] : [dim]));
        const zeros = shape.flatMap((_, axis) => (steps[axis]! > 1 ? [0, steps[axis]! - 1] : [0]));
        const joined = shape.map((dim, axis) => dim * steps[axis]!);
        const zeroStays = { allowzero: shape.includes(0) ? 1 : 0 };
        value = emit.node('Reshape', [value, emit.int64s(split)], zeroStays);
        value = emit.node('Pad', [value, emit.int64s([...zeros.map(() => 0), ...zeros]), emit.scalar(0, dtype)]);
        value = emit.node('Reshape', [value, emit.int64s(joined)], zeroStays);
      }
      // A negative pad crops: the surplus zeros go together with the padding at the end.
      const end = after.map((pad, axis) => pad - (steps[axis]! - 1));
      if ([...before, ...end].every((pad) => pad === 0)) return value;
      return emit.node('Pad', [value, emit.int64s([...before, ...end]), emit.scalar(0, dtype)]);
    },
    samples: [
      { shapes: [[2, 3]], attributes: { steps: [1, 2], before: [0, 1], after: [1, 0] } },
      { shapes: [[3]], attributes: { steps: [3], before: [0], after: [0] } },
      { shapes: [[0, 2]], attributes: { steps: [2, 2], before: [1, 0], after: [2, 0] } },
      // Negative pads crop.
      { shapes: [[4, 3]], attributes: { steps: [2, 1], before: [-1, 1], after: [-2, -1] } },
    ],
  },

  pad: {
    infer: ([x], { before, after }) => ({
      shape: x!.shape.map((dim, axis) => before[axis]! + dim + after[axis]!),
      dtype: x!.dtype,
    }),
    grad: (ops, node, dy) => {
      const { before, after } = node.attributes;
      return [withoutPads(ops, dy, before, after)];
    },
    onnx: (emit, [x], { attributes: { before, after, value }, dtype }) =>
      emit.node('Pad', [x!, emit.int64s([...before, ...after]), emit.scalar(value, dtype)]),
    samples: [
      { shapes: [[2, 3]], attributes: { before: [0, 1], after: [2, 0], value: 0.5 } },
      { shapes: [[2, 4]], attributes: { before: [1, -1], after: [-1, -1], value: 0 } },
    ],
  },

  concat: {
    infer: (inputs, { axis }) => ({
      shape: inputs[0]!.shape.map((dim, i) =>
        i === axis ? inputs.reduce((sum, input) => sum + input.shape[axis]!, 0) : dim,
      ),
      dtype: inputs[0]!.dtype,
    }),
    grad: (ops, node, dy) => {
      const { axis } = node.attributes;
      let offset = 0;
      return node.inputs.map((input: Tensor) => {
        const starts = input.shape.map((_, i) => (i === axis ? offset : 0));
        const ends = input.shape.map((dim, i) => (i === axis ? offset + dim : dim));
        offset += input.shape[axis]!;
        return ops.slice(dy, starts, ends);
      });
    },
    onnx: (emit, inputs, node) => emit.node('Concat', inputs, { axis: node.attributes.axis }),
    samples: [
      {
        shapes: [
          [2, 1],
          [2, 3],
        ],
        attributes: { axis: 1 },
      },
    ],
  },

  part: {
    infer: ([x], { count: parts }) => {
      const [rows = 0, ...rest] = x!.shape;
      if (rows % parts !== 0) throw new Error(`[${x!.shape}] has no ${parts} equal parts`);
      return { shape: [rows / parts, ...rest], dtype: x!.dtype };
    },
    grad: (ops, { shape, attributes: { index, count: parts } }, dy) => {
      const others = (places: number) => [places * shape[0]!, ...shape.slice(1).map(() => 0)];
      return [ops.pad(dy, others(index), others(parts - 1 - index))];
    },
    onnx: (emit, [x], { attributes: { index, count: parts } }) =>
      emit.once(`${parts} parts of ${x}`, () => emit.outputs('Split', [x!], { axis: 0, num_outputs: parts }, parts))[
        index
      ]!,
    samples: [
      { shapes: [[6, 2]], attributes: { index: 1, count: 3 } },
      { shapes: [[4]], attributes: { index: 3, count: 4 } },
    ],
  },

  flip: {
    infer: ([x]) => ({ shape: x!.shape, dtype: x!.dtype }),
    grad: (ops, node, dy) => [ops.flip(dy, node.attributes.axes)],
    onnx: (emit, [x], { attributes: { axes } }) => {
      const all = (value: number) => emit.int64s(axes.map(() => value));
      return emit.node('Slice', [x!, all(-1), all(-(2 ** 31)), emit.int64s(axes), all(-1)]);
    },
    samples: [{ shapes: [[2, 3, 2]], attributes: { axes: [1, 2] } }],
  },
};
