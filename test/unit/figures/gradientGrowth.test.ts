import { ProcessRuntime } from '../../../src/engine/runtime';
import { measure, networkOf, repeat } from '../../measure';
import { expectation, gradientGrowth, he, near, plain, slope } from './meanField';

// Yang et al. 2019, "A Mean Field Theory of Batch Normalization": the squared gradient of a deep batch-normalized network
// grows by E[φ′²]/Var φ a layer in the limit of large batches, π/(π − 1) = 1.466942 for ReLU. The figures at finite
// batches were simulated.
describe('the growth of the squared gradient a layer', function () {
  this.timeout(120_000);
  const runtime = new ProcessRuntime();
  after(() => runtime.dispose());
  const growth = (width: number, depth: number, batch: number, seeds: number, ...between: unknown[]) =>
    gradientGrowth(runtime, { width, depth, batch, seeds }, ...between);
  const relu = Math.PI / (Math.PI - 1);

  it('BatchNorm, then ReLU, a large batch: π/(π − 1) = 1.467', async () => {
    near(relu, 1.466942, 1e-6);
    near(await growth(256, 12, 1024, 4, 'BatchNorm1d', 'ReLU'), relu, 0.02);
  });

  const functions: readonly (readonly [name: string, layer: unknown, phi: (z: number) => number])[] = [
    ['Tanh', 'Tanh', Math.tanh],
    ['Sigmoid', 'Sigmoid', (z) => 1 / (1 + Math.exp(-z))],
    ['Softplus', 'Softplus', (z) => Math.log1p(Math.exp(z))],
    ['LeakyReLU(0.2)', { LeakyReLU: { negative_slope: 0.2 } }, (z) => Math.max(z, 0.2 * z)],
    ['SiLU', 'SiLU', (z) => z / (1 + Math.exp(-z))],
  ];
  for (const [name, layer, phi] of functions) {
    const variance = expectation((z) => phi(z) ** 2) - expectation(phi) ** 2;
    const expected = expectation((z) => slope(phi, z) ** 2) / variance;
    it(`BatchNorm, then ${name}, a large batch: E[φ′²]/Var φ = ${expected.toFixed(3)}`, async () => {
      near(await growth(256, 12, 512, 3, 'BatchNorm1d', layer), expected, 0.02);
    });
  }

  it('BatchNorm, then ReLU, batch 32: 1.522', async () => {
    near(await growth(512, 24, 32, 4, 'BatchNorm1d', 'ReLU'), 1.522, 0.02);
  });

  it('BatchNorm, then ReLU, batch 8: 1.788', async () => {
    near(await growth(512, 24, 8, 6, 'BatchNorm1d', 'ReLU'), 1.788, 0.02);
  });

  it('the same as the probe measures it on its own data, at width 1024 over 30 layers', async () => {
    const network = networkOf({
      input: [1024],
      batch: 32,
      layers: [repeat(30, plain(1024), 'BatchNorm1d', 'ReLU'), { Linear: { out_features: 10 } }],
    });
    const { layers } = await measure(runtime, network, { seeds: [0], evaluate: 'final-loss' });
    const linears = network.calls.filter(({ kind }) => kind === 'Linear');
    const squared = (at: number) => layers.get(linears[at]!.id)!.outputGradientRms! ** 2;
    // From the second hidden layer to the last hidden one.
    near((squared(1) / squared(29)) ** (1 / 28), 1.522, 0.02);
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
    near(await growth(512, 16, 64, 4, 'ReLU', 'LayerNorm'), relu, 0.02);
    near(await growth(512, 16, 64, 4, 'ReLU', 'RMSNorm'), 1, 0.02);
  });

  it('He weights and ReLU, no norm: 1.0', async () => {
    near(
      await gradientGrowth(runtime, { width: 512, depth: 16, batch: 64, seeds: 4, weights: he(512) }, 'ReLU'),
      1,
      0.03,
    );
  });

  // Schoenholz et al. 2017, "Deep Information Propagation": χ = σ_w² E[φ′(√q z)²] at the fixed point
  // q = σ_w² E[φ(√q z)²] + σ_b² is 1 on the edge between order and chaos.
  describe('tanh without a norm, σ_b² = 0.05', () => {
    const critical = 1.760955;
    const fixedPoint = (weightVariance: number) => {
      let q = 1;
      for (let i = 0; i < 500; i++) q = weightVariance * expectation((z) => Math.tanh(Math.sqrt(q) * z) ** 2) + 0.05;
      return q;
    };
    const chi = (weightVariance: number) => {
      const q = fixedPoint(weightVariance);
      return weightVariance * expectation((z) => (1 - Math.tanh(Math.sqrt(q) * z) ** 2) ** 2);
    };
    const measured = (weightVariance: number) =>
      gradientGrowth(
        runtime,
        {
          width: 512,
          depth: 24,
          batch: 32,
          seeds: 4,
          weights: {
            Linear: {
              out_features: 512,
              init: {
                weight: { normal: { std: Math.sqrt(weightVariance / 512) } },
                bias: { normal: { std: Math.sqrt(0.05) } },
              },
            },
          },
        },
        'Tanh',
      );

    it('σ_w² = 1.760955 is critical: the gradient keeps its size', async () => {
      near(chi(critical), 1, 1e-6);
      near(await measured(critical), 1, 0.015);
    });

    it('below it vanishes and above it explodes, at the rate that the theory gives', async () => {
      near(await measured(1.2), chi(1.2), 0.02);
      near(await measured(2.5), chi(2.5), 0.02);
    });
  });
});
