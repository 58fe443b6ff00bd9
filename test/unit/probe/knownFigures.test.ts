import assert from 'node:assert/strict';
import { NativeRuntime } from '../../../src/engine/runtime';
import { mean, mul, square, sub, sum, sumSquare, type Tensor } from '../../../src/engine/tensor';
import { measure, networkOf, repeat } from '../../measure';
import { atInitialization } from './atInitialization';

// Figures that are known without any data set: Gaussian weights, wide layers, no bias, affine at 1 and 0.

const meanSquare = (x: Tensor): Tensor => mul(sumSquare(x), 1 / x.shape.reduce((product, dim) => product * dim, 1));
const average = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
const log = (x: number) => Math.log(x);

/** Within a share of what is expected. */
const near = (found: number, expected: number, share: number) =>
  assert.ok(Math.abs(found / expected - 1) < share, `${found} instead of ${expected}`);

describe('figures known without any data set', function () {
  this.timeout(120_000);
  const runtime = new NativeRuntime();
  after(() => runtime.dispose());

  const linear = (width: number, std: number) => ({
    Linear: { out_features: width, bias: false, init: { weight: { normal: { std } } } },
  });
  const plain = (width: number) => linear(width, 1 / Math.sqrt(width));

  /**
   * Growth a layer of the squared gradient at the linear layers' outputs on its way back. Not of the very first: it takes
   * the input itself, whose second moment is not that of an activation.
   */
  async function growth(width: number, depth: number, batch: number, seeds: number, ...between: unknown[]) {
    const network = networkOf({ input: [width], layers: [repeat(depth, plain(width), ...between)] });
    const linears = network.calls.filter(({ kind }) => kind === 'Linear').map(({ id }) => id);
    const [first, last] = [linears[1]!, linears.at(-1)!];
    const rates: number[] = [];
    for (let seed = 0; seed < seeds; seed++) {
      const { a, b } = await atInitialization(runtime, network, { batch, seed }, ({ gradient }) => ({
        a: meanSquare(gradient(first)),
        b: meanSquare(gradient(last)),
      }));
      rates.push(log(a![0]! / b![0]!) / (depth - 2));
    }
    return Math.exp(average(rates));
  }

  // E[φ′²]/Var φ = π/(π − 1) in the limit of large batches; at B = 32 it is 1.522.
  it('BatchNorm, then ReLU, batch 32: the squared gradient grows by 1.522 a layer', async () => {
    near(await growth(512, 24, 32, 4, 'BatchNorm1d', 'ReLU'), 1.522, 0.02);
  });

  it('the same as the probe measures it on its own data, at width 1024 over 30 layers', async () => {
    const network = networkOf({
      input: [1024],
      batch: 32,
      layers: [repeat(30, plain(1024), 'BatchNorm1d', 'ReLU'), { Linear: { out_features: 10 } }],
    });
    const { layers } = await measure(runtime, network, { seeds: [0, 1, 2] });
    const linears = network.calls.filter(({ kind }) => kind === 'Linear');
    const squared = (at: number) => layers.get(linears[at]!.id)!.outputGradientRms! ** 2;
    // From the second hidden layer to the last hidden one.
    near((squared(1) / squared(29)) ** (1 / 28), 1.522, 0.02);
  });

  it('BatchNorm, then ReLU, batch 8: 1.788', async () => {
    near(await growth(512, 24, 8, 6, 'BatchNorm1d', 'ReLU'), 1.788, 0.02);
  });

  it('BatchNorm, then ReLU, a large batch: π/(π − 1) = 1.467', async () => {
    near(await growth(256, 12, 1024, 4, 'BatchNorm1d', 'ReLU'), Math.PI / (Math.PI - 1), 0.02);
  });

  it('BatchNorm alone at batch B: (B − 2)/(B − 3)', async () => {
    near(await growth(512, 16, 8, 4, 'BatchNorm1d'), 6 / 5, 0.02);
    near(await growth(512, 16, 5, 8, 'BatchNorm1d'), 3 / 2, 0.05);
  });

  it('LayerNorm or RMSNorm before ReLU: 1.0', async () => {
    near(await growth(512, 16, 64, 4, 'LayerNorm', 'ReLU'), 1, 0.02);
    near(await growth(512, 16, 64, 4, 'RMSNorm', 'ReLU'), 1, 0.02);
  });

  it('LayerNorm after ReLU as BatchNorm: π/(π − 1); RMSNorm after ReLU: 1.0', async () => {
    near(await growth(512, 16, 64, 4, 'ReLU', 'LayerNorm'), Math.PI / (Math.PI - 1), 0.02);
    near(await growth(512, 16, 64, 4, 'ReLU', 'RMSNorm'), 1, 0.02);
  });

  /** Factor a layer by which the second moment of the activations changes. */
  async function secondMoment(depth: number, ...layers: unknown[]) {
    const width = 512;
    const network = networkOf({ input: [width], layers: [repeat(depth, ...layers)] });
    const last = network.calls.at(-1)!.id;
    const rates: number[] = [];
    for (let seed = 0; seed < 4; seed++) {
      const { after } = await atInitialization(runtime, network, { batch: 64, seed }, ({ value }) => ({
        after: meanSquare(value(last)),
      }));
      rates.push(log(after![0]!) / depth);
    }
    return Math.exp(average(rates));
  }

  it('He and ReLU keep the second moment, Glorot halves it', async () => {
    const rule = (name: string) => ({
      Linear: {
        out_features: 512,
        bias: false,
        init: { weight: { [name]: name === 'kaiming_normal' ? { nonlinearity: 'relu' } : {} } },
      },
    });
    // The first ReLU halves what comes in; the others keep what He's weights double.
    near(await secondMoment(10, rule('kaiming_normal'), 'ReLU'), 1, 0.05);
    near(await secondMoment(10, rule('xavier_normal'), 'ReLU'), 1 / 2, 0.05);
  });

  it('PyTorch’s default takes the second moment to 1/6 a layer with ReLU, to 1/3 without', async () => {
    const byDefault = { Linear: { out_features: 512, bias: false } };
    near(await secondMoment(6, byDefault, 'ReLU'), 1 / 6, 0.05);
    near(await secondMoment(6, byDefault), 1 / 3, 0.05);
  });

  it('with a norm after W, ⟨grad W, W⟩ is 0 a row', async () => {
    const network = networkOf({
      input: [64],
      // Weights so large that the norm's epsilon does not count.
      layers: [linear(32, 1), 'BatchNorm1d', 'Tanh', linear(16, 0.2)],
    });
    const [normed, free] = network.parameters.filter(({ shape }) => shape.length === 2).map(({ id }) => id);
    const rows = async (id: string) => {
      const { inner, scale } = await atInitialization(
        runtime,
        network,
        { batch: 32, seed: 1 },
        ({ parameter, parameterGradient }) => ({
          inner: sum(mul(parameter(id), parameterGradient(id)), [1]),
          scale: mul(sumSquare(parameter(id), [1]), sumSquare(parameterGradient(id), [1])),
        }),
      );
      return Array.from(inner!, (value, i) => Math.abs(value) / Math.sqrt(scale![i]!));
    };
    assert.ok(Math.max(...(await rows(normed!))) < 1e-5);
    assert.ok(Math.max(...(await rows(free!))) > 1e-2);
  });

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
