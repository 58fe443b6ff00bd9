import assert from 'node:assert/strict';
import { completeAttributes, layers, ShapeError } from '../../../src/engine/layers';
import { type Attributes, elementCount } from '../../../src/engine/network';
import { constant, gradients, mul, sum } from '../../../src/engine/tensor';
import { relativeError } from '../../execute';
import { evaluate, express, listOf, row, suiteRuntime, type Values } from './harness';

const near = (actual: readonly number[], expected: readonly number[], tolerance = 1e-6) =>
  assert.ok(relativeError(actual, expected) <= tolerance, `[${actual}] against [${expected}]`);

describe('BatchNorm', () => {
  const runtime = suiteRuntime();
  const column: Values = {
    'input.0': [
      [4, 1],
      [1, 2, 3, 6],
    ],
    weight: [[1], [1]],
    bias: [[1], [0]],
  };
  const start: Values = { running_mean: [[1], [0]], running_var: [[1], [1]] };

  /** Buffers after one training step. */
  const step = async (attributes: Attributes, values: Values) => {
    const { forward } = express('BatchNorm1d', { num_features: 1, ...attributes }, [[4, 1]]);
    const found = await evaluate(
      {
        y: forward.outputs[0]!,
        ...Object.fromEntries(Object.entries(forward.buffers!).map(([name, next]) => [`next ${name}`, next])),
      },
      { ...column, ...values },
      runtime,
    );
    return Object.fromEntries(Object.entries(found).map(([name, data]) => [name.replace('next ', ''), listOf(data)]));
  };

  it('gives [1, 2, 3, 6] the running mean 0.3 and variance 1.3666667', async () => {
    const { y, running_mean, running_var } = await step({}, start);
    near(running_mean!, [0.3]);
    near(running_var!, [1.3666667]);
    // Normalized by the biased variance 3.5.
    near(
      y!,
      [-2, -1, 0, 3].map((d) => d / Math.sqrt(3.5 + 1e-5)),
    );
  });

  it('averages cumulatively without a momentum', async () => {
    // The fourth batch counts for a quarter: 0.75·10 + 0.25·3, 0.75·2 + 0.25·14/3.
    const values = await step(
      { momentum: null },
      { running_mean: [[1], [10]], running_var: [[1], [2]], num_batches_tracked: [[], [3]] },
    );
    near(values.num_batches_tracked!, [4]);
    near(values.running_mean!, [8.25]);
    near(values.running_var!, [1.5 + 14 / 12]);
  });

  it('in inference is γ/√(Var + ε)·x + (β − γE/√(Var + ε))', async () => {
    const { forward } = express('BatchNorm2d', { num_features: 2, eps: 0.01 }, [[1, 2, 1, 2]], { mode: 'evaluate' });
    const [gamma, beta, average, variance] = [
      [2, -1],
      [0.5, 3],
      [1, -2],
      [4, 0.25],
    ] as const;
    const x = [1, -3, 2, 5];
    const found = await evaluate(
      { y: forward.outputs[0]! },
      {
        'input.0': [[1, 2, 1, 2], x],
        weight: [[2], gamma],
        bias: [[2], beta],
        running_mean: [[2], average],
        running_var: [[2], variance],
      },
      runtime,
    );
    const expected = x.map((value, i) => {
      const c = Math.floor(i / 2);
      return (gamma[c]! * (value - average[c]!)) / Math.sqrt(variance[c]! + 0.01) + beta[c]!;
    });
    near(listOf(found.y), expected);
    assert.equal(forward.buffers, undefined);
  });

  it('undoes itself with γ = √(σ² + ε) and β = μ', async () => {
    const { forward } = express('BatchNorm1d', { num_features: 1 }, [[4, 1]]);
    const values = { ...column, ...start, weight: [[1], [Math.sqrt(3.5 + 1e-5)]], bias: [[1], [3]] } as Values;
    near(listOf((await evaluate({ y: forward.outputs[0]! }, values, runtime)).y), [1, 2, 3, 6]);
  });

  it('passes a gradient without a mean and without a part along x̂, and Σ dy for β', async () => {
    const { forward, inputs, parameters } = express('BatchNorm1d', { num_features: 1, eps: 1e-12 }, [[4, 1]]);
    const y = forward.outputs[0]!;
    const cotangent = [0.3, -1, 2, 0.7];
    const [dx, dBeta] = gradients(sum(mul(y, constant(cotangent, [4, 1]))), [inputs[0]!, parameters.bias!]);
    const found = await evaluate({ dx: dx!, dBeta: dBeta!, y }, { ...column, ...start }, runtime);
    const slope = listOf(found.dx);
    const normal = listOf(found.y);
    assert.ok(Math.abs(slope.reduce((total, value) => total + value, 0)) < 1e-6);
    assert.ok(Math.abs(slope.reduce((total, value, i) => total + value * normal[i]!, 0)) < 1e-6);
    near(listOf(found.dBeta), [2]);
  });

  it('says that it depends on the batch, alone among the rows', () => {
    const dependent = layers.filter((layer) => layer.batchStatistics).map(({ kind }) => kind);
    assert.deepEqual(dependent, [
      'BatchNorm1d',
      'BatchNorm2d',
      'BatchNorm3d',
      'SyncBatchNorm',
      'BatchRenorm',
      'batch_norm',
      'SPADE',
      'KerasBatchNormalization',
    ]);
    assert.equal(row('SPADE').batchStatistics!({ normalization: 'instance' }), false);
    assert.equal(row('KerasBatchNormalization').batchStatistics!({ trainable: false }), false);
    assert.equal(row('batch_norm').batchStatistics!({ training: false }), false);
  });

  it('refuses one value a channel in training only', () => {
    assert.throws(() => express('BatchNorm1d', { num_features: 4 }, [[1, 4]]), {
      name: 'ShapeError',
      message: 'Expected more than 1 value per channel when training, got input size torch.Size([1, 4])',
    });
    express('BatchNorm1d', { num_features: 4 }, [[1, 4]], { mode: 'evaluate' });
    express('BatchNorm2d', { num_features: 4 }, [[1, 4, 2, 1]]);
    assert.throws(() => express('InstanceNorm2d', { num_features: 4 }, [[2, 4, 1, 1]]), ShapeError);
  });
});

describe('norms over a sample', () => {
  const runtime = suiteRuntime();
  const shape = [2, 4, 3, 3];
  const values = Array.from({ length: elementCount(shape) }, (_, i) => Math.sin(i * 1.7) * 3 + i * 0.05);

  const output = async (kind: string, attributes: Attributes) => {
    const { forward } = express(kind, attributes, [shape]);
    return listOf((await evaluate({ y: forward.outputs[0]! }, { 'input.0': [shape, values] }, runtime)).y);
  };

  it('GroupNorm of one group is LayerNorm over [C, H, W], of C groups InstanceNorm', async () => {
    const group = (num_groups: number) => output('GroupNorm', { num_groups, num_channels: 4, affine: false });
    near(await group(1), await output('LayerNorm', { normalized_shape: [4, 3, 3], elementwise_affine: false }));
    near(await group(4), await output('InstanceNorm2d', { num_features: 4 }));
    assert.ok(relativeError(await group(2), await group(1)) > 0.1);
  });

  it('RMSNorm divides by the root mean square, without taking the mean away', async () => {
    const rms = await output('RMSNorm', { normalized_shape: [4, 3, 3], elementwise_affine: false });
    const power = values.slice(0, 36).reduce((total, value) => total + value * value, 0) / 36;
    near(
      rms.slice(0, 36),
      values.slice(0, 36).map((value) => value / Math.sqrt(power + 2 ** -23)),
    );
  });

  it('GroupNorm with one value a group gives zeros in silence, as PyTorch does', async () => {
    const { forward } = express('GroupNorm', { num_groups: 4, num_channels: 4, affine: false }, [[2, 4]]);
    const x: Values = {
      'input.0': [
        [2, 4],
        [1, 2, 3, 4, 5, 6, 7, 8],
      ],
    };
    const y = listOf((await evaluate({ y: forward.outputs[0]! }, x, runtime)).y);
    assert.deepEqual(y.map(Math.abs), new Array(8).fill(0));
  });

  it('counts its parameters', () => {
    const count = (kind: string, attributes: Attributes) => {
      const completed = completeAttributes(row(kind), attributes);
      return Object.values(row(kind).parameters!(completed)).reduce(
        (total, { shape: own }) => total + elementCount(own),
        0,
      );
    };
    assert.equal(count('GroupNorm', { num_groups: 2, num_channels: 4 }), 8);
    assert.equal(count('LayerNorm', { normalized_shape: [3, 3] }), 18);
    assert.equal(count('RMSNorm', { normalized_shape: [3] }), 3);
    assert.equal(count('InstanceNorm2d', { num_features: 4 }), 0);
  });
});
