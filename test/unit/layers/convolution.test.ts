import assert from 'node:assert/strict';
import fc from 'fast-check';
import { completeAttributes, ShapeError } from '../../../src/engine/layers';
import { BATCH, elementCount } from '../../../src/engine/network';
import { row } from './harness';

/** Positions of a window, counted one by one: it begins in the padding and must end within it. */
function countWindows(size: number, kernel: number, stride: number, padding: number, dilation: number): number {
  let count = 0;
  for (let at = -padding; at + dilation * (kernel - 1) < size + padding; at += stride) count++;
  return count;
}

const geometry = fc.record({
  size: fc.integer({ min: 1, max: 40 }),
  kernel: fc.integer({ min: 1, max: 7 }),
  stride: fc.integer({ min: 1, max: 5 }),
  padding: fc.integer({ min: 0, max: 4 }),
  dilation: fc.integer({ min: 1, max: 3 }),
});

describe('convolution arithmetic', () => {
  const conv = row('Conv2d');

  it('has ⌊(W + 2P − d(K − 1) − 1)/S⌋ + 1 outputs, or refuses', () => {
    fc.assert(
      fc.property(geometry, geometry, (h, w) => {
        const attributes = completeAttributes(conv, {
          in_channels: 2,
          out_channels: 5,
          kernel_size: [h.kernel, w.kernel],
          stride: [h.stride, w.stride],
          padding: [h.padding, w.padding],
          dilation: [h.dilation, w.dilation],
        });
        const [rows, columns] = [h, w].map((g) => countWindows(g.size, g.kernel, g.stride, g.padding, g.dilation));
        const shapes = () => conv.outputShapes([[BATCH, 2, h.size, w.size]], attributes);
        if (rows === 0 || columns === 0) assert.throws(shapes, ShapeError);
        else assert.deepEqual(shapes(), [[BATCH, 5, rows, columns]]);
      }),
    );
  });

  it("keeps the size with padding='same'", () => {
    fc.assert(
      fc.property(geometry, ({ size, kernel, dilation }) => {
        const attributes = completeAttributes(conv, {
          in_channels: 1,
          out_channels: 1,
          kernel_size: kernel,
          dilation,
          padding: 'same',
        });
        assert.deepEqual(conv.outputShapes([[BATCH, 1, size, size]], attributes), [[BATCH, 1, size, size]]);
      }),
    );
  });

  it('has K·K·Cin/groups·Cout weights, and Cout biases', () => {
    const size = fc.integer({ min: 1, max: 6 });
    fc.assert(
      fc.property(size, size, size, size, fc.boolean(), (groups, perIn, perOut, kernel, bias) => {
        const [inChannels, outChannels] = [groups * perIn, groups * perOut];
        const parameters = conv.parameters!(
          completeAttributes(conv, {
            in_channels: inChannels,
            out_channels: outChannels,
            kernel_size: kernel,
            groups,
            bias,
          }),
        );
        const total = Object.values(parameters).reduce((sum, { shape }) => sum + elementCount(shape), 0);
        assert.equal(total, (kernel * kernel * inChannels * outChannels) / groups + (bias ? outChannels : 0));
      }),
    );
  });

  it('starts within ±1/√fan_in, weight and bias alike', () => {
    const attributes = completeAttributes(conv, { in_channels: 6, out_channels: 4, kernel_size: [3, 2], groups: 2 });
    const bound = 1 / Math.sqrt(3 * 3 * 2);
    for (const { initialization } of Object.values(conv.parameters!(attributes))) {
      assert.deepEqual(initialization, { kind: 'uniform', low: -bound, high: bound });
    }
  });
});

describe('pooling arithmetic', () => {
  it('in ceil mode takes one more window if it begins inside the input or the padding before it', () => {
    const pool = row('MaxPool2d');
    fc.assert(
      fc.property(geometry, fc.boolean(), ({ size, kernel, stride, dilation }, ceil) => {
        const padding = Math.floor((dilation * (kernel - 1) + 1) / 2);
        const attributes = completeAttributes(pool, {
          kernel_size: kernel,
          stride,
          padding,
          dilation,
          ceil_mode: ceil,
        });
        let expected = countWindows(size, kernel, stride, padding, dilation);
        const next = -padding + expected * stride;
        const covered = next - stride + dilation * (kernel - 1) + 1 >= size + padding;
        if (ceil && expected > 0 && !covered && next < size) expected++;
        fc.pre(expected > 0);
        assert.deepEqual(pool.outputShapes([[BATCH, 3, size, size]], attributes), [[BATCH, 3, expected, expected]]);
      }),
    );
  });
});
