import assert from 'node:assert/strict';
import { AttributeError, completeAttributes, ShapeError } from '../../../src/engine/layers';
import { BATCH, type Shape } from '../../../src/engine/network';
import { abs, gradients, maxPool, mul, neg, sum } from '../../../src/engine/tensor';
import { relativeError } from '../../execute';
import { evaluate, express, listOf, row, suiteRuntime } from './harness';

const wave = (count: number): number[] => Array.from({ length: count }, (_, i) => Math.sin(1 + i * i));
const shapeOf = (kind: string, attributes: Record<string, never> | object, ...inputs: Shape[]) =>
  row(kind).outputShapes(inputs, completeAttributes(row(kind), attributes as never, inputs));

describe('spatial layers', () => {
  const runtime = suiteRuntime();

  it('take one number for all dimensions, or one for each', () => {
    for (const kind of ['Conv1d', 'Conv2d', 'Conv3d', 'MaxPool1d', 'AvgPool2d', 'LPPool3d']) {
      const dimension = Number(kind.at(-2));
      const { kernel_size } = row(kind).attributes;
      const all = Array.from({ length: dimension }, () => 3);
      assert.deepEqual(kernel_size!.accept(3), all);
      assert.deepEqual(kernel_size!.accept(all), all);
      assert.equal(kernel_size!.accept([...all, 3]), undefined);
      assert.equal(kernel_size!.accept(1.5), undefined);
      assert.equal(kernel_size!.accept([...all.slice(1), 'a']), undefined);
    }
    assert.deepEqual(row('ReflectionPad2d').attributes.padding!.accept(2), [2, 2, 2, 2]);
  });

  it('keep the batch a symbol', () => {
    assert.deepEqual(shapeOf('ConvTranspose2d', { out_channels: 3, kernel_size: 2, stride: 2 }, [BATCH, 4, 5, 6]), [
      [BATCH, 3, 10, 12],
    ]);
    assert.deepEqual(shapeOf('Upsample', { scale_factor: 2 }, [BATCH, 4, 5]), [[BATCH, 4, 10]]);
    assert.deepEqual(shapeOf('pad', { pad: [1, 2] }, [BATCH, 4]), [[BATCH, 7]]);
    assert.deepEqual(shapeOf('roll', { shifts: 1, dims: 0 }, [BATCH, 4]), [[BATCH, 4]]);
    assert.throws(() => shapeOf('pad', { pad: [0, 0, 1, 1] }, [BATCH, 4]), ShapeError);
    assert.throws(() => shapeOf('Tensor.unfold', { dimension: 0, size: 2, step: 1 }, [BATCH, 4]), ShapeError);
  });

  it("know a transposed convolution's channels by its weight and its groups", () => {
    const [input, weight]: Shape[] = [
      [BATCH, 6, 5],
      [6, 4, 3],
    ];
    assert.deepEqual(shapeOf('ConvTranspose1d', { groups: 3 }, input!, weight!), [[BATCH, 12, 7]]);
    assert.deepEqual(shapeOf('ConvTranspose1d', {}, input!, weight!), [[BATCH, 4, 7]]);
  });

  it('say plainly what of PyTorch is not modelled', () => {
    for (const [kind, attributes] of [
      ['AdaptiveMaxPool2d', { output_size: 2, return_indices: true }],
      ['AdaptiveMaxPool3d', { output_size: 2, return_indices: true }],
    ] as const) {
      assert.throws(
        () => completeAttributes(row(kind), attributes),
        (error) => error instanceof AttributeError && /return_indices=True is not modelled/.test(error.message),
      );
    }
  });

  it('an infinite LPPool is the maximum of magnitudes, its negative that of their opposites', async () => {
    const shape = [1, 2, 4, 4];
    const window = { kernel: [2, 2], strides: [2, 2], padsBegin: [0, 0], padsEnd: [0, 0], dilations: [1, 1] };
    for (const norm_type of [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
      const { forward, inputs } = express('LPPool2d', { norm_type, kernel_size: 2 }, [shape]);
      const magnitudes = abs(inputs[0]!);
      const expected = norm_type > 0 ? maxPool(magnitudes, window) : neg(maxPool(neg(magnitudes), window));
      const found = await evaluate({ y: forward.outputs[0]!, expected }, { 'input.0': [shape, wave(32)] }, runtime);
      assert.deepEqual(found.y!.values, found.expected!.values);
    }
  });

  it('folding is the transpose of unfolding: ⟨unfold x, y⟩ = ⟨x, fold y⟩', async () => {
    const blocks = { kernel_size: [3, 2], stride: [2, 1], padding: [1, 0], dilation: [1, 2] };
    const [image, columns] = [
      [2, 3, 5, 6],
      [2, 18, 12],
    ];
    const unfold = express('Unfold', blocks, [image!]);
    const fold = express('Fold', { output_size: [5, 6], ...blocks }, [columns!]);
    const x = { 'input.0': [image!, wave(180)] as const };
    const y = { 'input.0': [columns!, wave(432).reverse()] as const };
    const [unfolded, folded] = [
      listOf((await evaluate({ y: unfold.forward.outputs[0]! }, x, runtime)).y),
      listOf((await evaluate({ y: fold.forward.outputs[0]! }, y, runtime)).y),
    ];
    const dot = (a: readonly number[], b: readonly number[]) => a.reduce((total, value, i) => total + value * b[i]!, 0);
    const [left, right] = [dot(unfolded, y['input.0'][1]), dot(x['input.0'][1], folded)];
    assert.ok(Math.abs(left - right) < 1e-4 * Math.abs(left), `${left} and ${right}`);
  });

  it('of equal values the first of an adaptive window gets the gradient, as in PyTorch', async () => {
    // Windows of 5 in 3 positions are 0–1, 1–3 and 3–4; the zeros of a ReLU are equal everywhere.
    const { forward, inputs } = express('AdaptiveMaxPool1d', { output_size: 3 }, [[1, 1, 5]]);
    const [dx] = gradients(sum(mul(forward.outputs[0]!, 1)), inputs);
    const { slope } = await evaluate(
      { slope: dx! },
      {
        'input.0': [
          [1, 1, 5],
          [0, 0, 0, 0, 0],
        ],
      },
      runtime,
    );
    assert.deepEqual(listOf(slope), [1, 1, 0, 1, 0]);
  });

  it('a linear map along a long signal takes no matrix of its length squared', async () => {
    const shape = [1, 1, 20_000];
    const { forward } = express('AvgPool1d', { kernel_size: 400, stride: 160 }, [shape]);
    const signal = wave(20_000);
    const { y } = await evaluate({ y: forward.outputs[0]! }, { 'input.0': [shape, signal] }, runtime);
    const expected = Array.from({ length: 123 }, (_, i) => {
      const window = signal.slice(160 * i, 160 * i + 400);
      return window.reduce((total, value) => total + value, 0) / 400;
    });
    assert.ok(relativeError(y!.values as Float32Array, expected) < 1e-4);
  });
});
