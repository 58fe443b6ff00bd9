import assert from 'node:assert/strict';
import { ProcessRuntime } from '../../../src/engine/runtime';
import { amax, cast, equal, greater, mean, mul, not, square, sub } from '../../../src/engine/tensor';
import { measure, networkOf, repeat } from '../../measure';
import { atInitialization } from './atInitialization';
import { average, he, linear, meanSquare, momentGrowth, near, plain } from './meanField';

describe('the signal on its way forward', function () {
  this.timeout(60_000);
  const runtime = new ProcessRuntime();
  after(() => runtime.dispose());

  // He et al. 2015; Glorot & Bengio 2010.
  it('He and ReLU keep the second moment, Glorot halves it', async () => {
    const rule = (name: string, settings: object) => ({
      Linear: { out_features: 512, bias: false, init: { weight: { [name]: settings } } },
    });
    // The first ReLU halves what comes in; the others keep what He's weights double.
    near(await momentGrowth(runtime, 10, rule('kaiming_normal', { nonlinearity: 'relu' }), 'ReLU'), 1, 0.05);
    near(await momentGrowth(runtime, 10, rule('xavier_normal', {}), 'ReLU'), 1 / 2, 0.05);
  });

  // U(±1/√fan_in) has the variance 1/(3·fan_in).
  it('PyTorch’s default takes the second moment to 1/6 a layer with ReLU, to 1/3 without', async () => {
    const byDefault = { Linear: { out_features: 512, bias: false } };
    near(await momentGrowth(runtime, 6, byDefault, 'ReLU'), 1 / 6, 0.05);
    near(await momentGrowth(runtime, 6, byDefault), 1 / 3, 0.05);
  });

  // Klambauer et al. 2017: weights of variance 1/n and SELU pull mean and variance to 0 and 1.
  it('SELU has its fixed point at mean 0, variance 1, and comes there from elsewhere', async () => {
    for (const start of [0.5, 1, 1.5]) {
      const network = networkOf({
        input: [512],
        layers: [linear(512, Math.sqrt(start / 512)), 'SELU', repeat(20, plain(512), 'SELU')],
      });
      const last = network.calls.at(-1)!.id;
      const found = await atInitialization(runtime, network, { batch: 256, seed: 3 }, ({ value }) => ({
        mean: mean(value(last)),
        variance: mean(square(sub(value(last), mean(value(last))))),
      }));
      assert.ok(Math.abs(found.mean![0]!) < 0.03, `mean ${found.mean![0]} from ${start}`);
      near(found.variance![0]!, 1, 0.06);
    }
  });

  // Each branch takes what the stream is, or what its norm makes of it, and adds as much: De & Smith 2020.
  it('a residual stream doubles a block without a norm, and grows by one with BatchNorm or LayerNorm before the branch', async () => {
    const blocks = 10;
    const stream = async (...norm: string[]) => {
      const network = networkOf({
        input: [512],
        layers: [repeat(blocks, { residual: [...norm, 'ReLU', he(512)] })],
      });
      const moments: number[] = [];
      for (let seed = 0; seed < 3; seed++) {
        const { after } = await atInitialization(runtime, network, { batch: 256, seed }, ({ value }) => ({
          after: meanSquare(value(network.outputs[0]!)),
        }));
        moments.push(after![0]!);
      }
      return average(moments);
    };
    near(await stream(), 2 ** blocks, 0.15);
    near(await stream('BatchNorm1d'), blocks + 1, 0.03);
    near(await stream('LayerNorm'), blocks + 1, 0.03);
  });

  it('dead units at depth 50 on 64 Gaussian inputs: 35 % without a norm, 40 % with LayerNorm, none with BatchNorm; half are zero in all', async () => {
    const found = async (...norm: string[]) => {
      const network = networkOf({ input: [256], layers: [repeat(50, he(256), ...norm, 'ReLU')] });
      const last = network.calls.at(-1)!.id;
      const dead: number[] = [];
      const zero: number[] = [];
      for (let seed = 0; seed < 6; seed++) {
        const shares = await atInitialization(runtime, network, { batch: 64, seed }, ({ value }) => ({
          dead: mean(cast(equal(amax(value(last), [0]), 0), 'float32')),
          zero: mean(cast(equal(value(last), 0), 'float32')),
        }));
        dead.push(shares.dead![0]!);
        zero.push(shares.zero![0]!);
      }
      return { dead: average(dead), zero: average(zero) };
    };
    const [none, layer, batch] = [await found(), await found('LayerNorm'), await found('BatchNorm1d')];
    const text = JSON.stringify({ none, layer, batch });
    assert.ok(Math.abs(none.dead - 0.35) < 0.05, text);
    assert.ok(Math.abs(layer.dead - 0.4) < 0.05, text);
    assert.ok(batch.dead < 0.002, text);
    for (const { zero } of [none, layer, batch]) near(zero, 0.5, 0.05);
  });

  it('thirty layers of slope 0.9 pass 0.9³⁰ = 0.042 of the gradient', async () => {
    const network = networkOf({
      input: [1],
      layers: [repeat(30, { Linear: { out_features: 1, bias: false, init: { weight: { constant: 0.9 } } } })],
      loss: 'MSELoss',
    });
    const { layers } = await measure(runtime, network, { evaluate: 'final-loss' });
    const rms = (id: string) => layers.get(id)!.outputGradientRms!;
    near((rms('0') / rms('29')) * 0.9, 0.9 ** 30, 1e-4);
    near(0.9 ** 30, 0.0424, 0.001);
  });

  // A normal of mean −6: 95.4 % of it lies within two standard deviations.
  describe('a sigmoid fed N(−6, 1)', () => {
    const fed = (bias: number) =>
      networkOf({
        input: [256],
        batch: 512,
        layers: [
          { Linear: { out_features: 256 } },
          { BatchNorm1d: { init: { bias: { constant: bias } } } },
          'Sigmoid',
          { Linear: { out_features: 10 } },
        ],
      });

    it('has 95 % of its inputs in [−8, −4]', async () => {
      const { share } = await atInitialization(runtime, fed(-6), { batch: 2048, seed: 0 }, ({ value }) => ({
        share: mean(mul(cast(greater(value('1'), -8), 'float32'), cast(not(greater(value('1'), -4)), 'float32'))),
      }));
      near(share![0]!, 0.9545, 0.003);
    });

    it('is saturated, as the probe measures it; at N(0, 1) it is not', async () => {
      const saturation = async (bias: number) => {
        const { layers } = await measure(runtime, fed(bias), { evaluate: 'final-loss' });
        const { saturationLow, saturationHigh } = layers.get('2')!;
        return { low: saturationLow!, high: saturationHigh! };
      };
      const [low, middle] = [await saturation(-6), await saturation(0)];
      assert.ok(low.low > 0.98 && low.high === 0, JSON.stringify(low));
      assert.ok(middle.low + middle.high < 0.005, JSON.stringify(middle));
    });
  });
});
