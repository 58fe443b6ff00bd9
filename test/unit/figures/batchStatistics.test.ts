import assert from 'node:assert/strict';
import { findLayer } from '../../../src/engine/layers';
import { ProcessRuntime, type TensorData } from '../../../src/engine/runtime';
import { constant, input, lowerLoop, mean, mul, square, sub, sum, sumSquare } from '../../../src/engine/tensor';
import { floats } from '../../execute';
import { networkOf } from '../../measure';
import { atInitialization } from './atInitialization';
import { average, linear, meanSquare, near, plain } from './meanField';

describe('batch statistics', function () {
  this.timeout(60_000);
  const runtime = new ProcessRuntime();
  after(() => runtime.dispose());

  it('BatchNorm at batch 2 gives ±1 and passes almost no gradient', async () => {
    const network = networkOf({ input: [256], layers: [linear(256, 1), 'BatchNorm1d'] });
    const passed = async (batch: number) => {
      const { y, before, after } = await atInitialization(
        runtime,
        network,
        { batch, seed: 0 },
        ({ value, gradient }) => ({
          y: value('1'),
          // In units of what a norm that only divides by σ would pass: σ is 16 here.
          before: meanSquare(mul(gradient('0'), 16)),
          after: meanSquare(gradient('1')),
        }),
      );
      return { y: y!, share: before![0]! / after![0]! };
    };
    const two = await passed(2);
    const plainOnes = two.y.filter((value) => Math.abs(Math.abs(value) - 1) < 1e-3).length;
    // A pair that happens to lie close together is the ε's: less than one in a hundred.
    assert.ok(plainOnes > 0.99 * two.y.length, `${plainOnes} of ${two.y.length} are ±1`);
    assert.ok(two.share < 1e-2, `${two.share} of the squared gradient comes through`);
    // At a large batch nearly all of it does.
    near((await passed(1024)).share, 1, 0.05);
  });

  it('the estimate of the variance from m values scatters by √(2/(m − 1)) of it', async () => {
    // Momentum 1: the running variance is the batch's own, unbiased. One estimate a channel.
    const network = networkOf({ input: [2048], layers: [{ BatchNorm1d: { momentum: 1 } }] });
    for (const m of [4, 8, 32, 128]) {
      const estimates: number[] = [];
      for (let seed = 0; seed < 4; seed++) {
        const { variance } = await atInitialization(runtime, network, { batch: m, seed }, ({ buffer }) => ({
          variance: buffer('0.running_var'),
        }));
        estimates.push(...variance!);
      }
      const center = average(estimates);
      near(center, 1, 0.03);
      const spread = Math.sqrt(average(estimates.map((value) => (value - center) ** 2))) / center;
      near(spread, Math.sqrt(2 / (m - 1)), 0.04);
    }
  });

  it('running statistics carry (1 − m)ⁿ of their start: under 5 % after 29 steps at PyTorch’s 0.1, after 299 at Keras’s 0.01', async () => {
    for (const [momentum, steps] of [
      [0.1, 29],
      [0.01, 299],
    ] as const) {
      // Channels without any spread: all that the running variance holds is left from its start of 1.
      const row = findLayer('BatchNorm1d')!;
      const attributes = { num_features: 3, eps: 1e-5, momentum, affine: false, track_running_stats: true, bias: true };
      const state = { running_mean: input('running_mean', [3]), running_var: input('running_var', [3]) };
      const { buffers } = row.forward([constant([1, 2, 3, 1, 2, 3], [2, 3])], attributes, {
        mode: 'train',
        batch: 2,
        parameter: () => assert.fail('no parameters without affine'),
        buffer: (name) => state[name as keyof typeof state],
        bernoulli: () => assert.fail('nothing is random'),
        uniform: () => assert.fail('nothing is random'),
      });
      const program = lowerLoop({
        state: Object.entries(state).map(([name, leaf]) => ({ leaf, next: buffers![name]! })),
        perStep: [],
        scans: [{ name: 'left', value: buffers!.running_var! }],
      });
      const slot = await runtime.lease();
      const feeds: Record<string, TensorData> = {
        running_mean: floats([3], [0, 0, 0]),
        running_var: floats([3], [1, 1, 1]),
        steps: { dtype: 'int64', shape: [], values: BigInt64Array.of(BigInt(steps)) },
      };
      const found = await slot.run({ program, feeds, fetch: ['left@end'] }).finally(() => slot.release());
      const left = (step: number) => Number(found['left@end']!.values[(step - 1) * 3]);
      near(left(steps), (1 - momentum) ** steps, 1e-3);
      assert.ok(left(steps) < 0.05 && left(steps - 1) > 0.05, `${left(steps - 1)}, then ${left(steps)}`);
    }
  });

  describe('a norm after W', () => {
    // Weights so large that the norm's epsilon does not count.
    const network = (scale: number) =>
      networkOf({ input: [64], layers: [linear(32, scale), 'BatchNorm1d', 'Tanh', linear(16, 0.2)] });
    const weights = (scale: number) =>
      network(scale)
        .parameters.filter(({ shape }) => shape.length === 2)
        .map(({ id }) => id) as [string, string];

    it('⟨grad W, W⟩ is 0 a row', async () => {
      const [normed, free] = weights(1);
      const rows = async (id: string) => {
        const { inner, scale } = await atInitialization(
          runtime,
          network(1),
          { batch: 32, seed: 1 },
          ({ parameter, parameterGradient }) => ({
            inner: sum(mul(parameter(id), parameterGradient(id)), [1]),
            scale: mul(sumSquare(parameter(id), [1]), sumSquare(parameterGradient(id), [1])),
          }),
        );
        return Array.from(inner!, (value, i) => Math.abs(value) / Math.sqrt(scale![i]!));
      };
      assert.ok(Math.max(...(await rows(normed))) < 1e-5);
      assert.ok(Math.max(...(await rows(free))) > 1e-2);
    });

    it('scaling W by c leaves the output as it is and scales the gradient by 1/c', async () => {
      const at = async (scale: number) => {
        const found = await atInitialization(
          runtime,
          network(scale),
          { batch: 32, seed: 1 },
          ({ value, parameterGradient }) => ({
            output: value('3'),
            gradient: meanSquare(parameterGradient(weights(scale)[0])),
          }),
        );
        return { output: found.output!, gradient: Math.sqrt(found.gradient![0]!) };
      };
      const [one, eight] = [await at(1), await at(8)];
      near(one.gradient / eight.gradient, 8, 1e-4);
      const apart = one.output.map((value, i) => Math.abs(value - eight.output[i]!));
      assert.ok(Math.max(...apart) < 1e-4);
    });
  });

  // Li et al. 2019, "Understanding the Disharmony between Dropout and Batch Normalization by Variance Shift".
  it('Dropout 0.5, ReLU, then BatchNorm: the variance in evaluation is 0.405 of that in training', async () => {
    // Train: E[(2mφ)²] − E[φ]² = 1 − 1/2π; evaluation: 1/2 − 1/2π, for inputs N(0, 1).
    const network = networkOf({ input: [256], layers: [plain(256), { Dropout: { p: 0.5 } }, 'ReLU', 'BatchNorm1d'] });
    const variance = async (mode: 'train' | 'evaluate') => {
      const { spread } = await atInitialization(runtime, network, { batch: 2048, seed: 2, mode }, ({ value }) => ({
        spread: mean(square(sub(value('2'), mean(value('2'), [0], true)))),
      }));
      return spread![0]!;
    };
    const expected = (0.5 - 1 / (2 * Math.PI)) / (1 - 1 / (2 * Math.PI));
    near(expected, 0.405, 0.001);
    near((await variance('evaluate')) / (await variance('train')), expected, 0.02);
  });
});
