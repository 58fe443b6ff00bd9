import assert from 'node:assert/strict';
import type { Network } from '../../../src/engine/network';
import { type Found, rules } from '../../../src/engine/rules';
import { ProcessRuntime } from '../../../src/engine/runtime';
import { type Measuring, measure, networkOf, repeat } from '../../measure';

const head = { Linear: { out_features: 10 } };
const linear = (width: number, init: object = {}) => ({ Linear: { out_features: width, init } });
const normal = (std: number) => ({ weight: { normal: { std } } });

describe('rules on the numbers', function () {
  this.timeout(60_000);
  const runtime = new ProcessRuntime();
  after(() => runtime.dispose());

  const faultsOf = async (network: Network, options?: Measuring): Promise<readonly Found[]> =>
    (await measure(runtime, network, options)).found;
  const ids = (found: readonly Found[]) => found.map(({ rule }) => rule);
  const vectors = (...layers: unknown[]) => networkOf({ input: [64], batch: 16, layers });
  const images = (...layers: unknown[]) => networkOf({ input: [3, 8, 8], batch: 16, layers });

  /** One finding of the rule and no other; every finding has what a surface shows. */
  const only = (found: readonly Found[], rule: string): Found => {
    assert.deepEqual(ids(found), [rule]);
    const [finding] = found as [Found];
    assert.ok(finding.evidence.length > 0);
    const [leading] = finding.evidence;
    assert.ok(rule === 'non-finite' || leading!.threshold !== undefined, 'no threshold');
    assert.ok(leading!.thresholdSource, 'no source of the threshold');
    assert.ok(!finding.message.text.includes('{'));
    return finding;
  };

  it('have ids of their own in kebab case, and say what they find', () => {
    const all = rules.map(({ id }) => id);
    assert.equal(new Set(all).size, all.length);
    for (const { id, finds } of rules) {
      assert.match(id, /^[a-z]+(-[a-z]+)*$/);
      assert.ok(finds.length > 20);
    }
  });

  describe('vanishing-gradient', () => {
    it('is found in a deep stack of sigmoids, at its first layer, with the others under it', async () => {
      const finding = only(await faultsOf(vectors(repeat(8, linear(64), 'Sigmoid'), head)), 'vanishing-gradient');
      assert.equal(finding.layer, '0');
      const ratio = Number(finding.evidence[0]!.value);
      assert.ok(ratio < 1e-3, `${ratio}`);
      assert.match(finding.message.text, /7 sigmoids \(whose derivative is at most 1\/4\)/);
      assert.ok(finding.symptoms.length >= 3);
      assert.ok(finding.symptoms.every(({ rule }) => /^(vanishing-gradient|collapsed-representations)$/.test(rule)));
    });

    it('says so where nothing at all is left', async () => {
      const finding = only(await faultsOf(vectors(repeat(60, linear(16), 'Sigmoid'), head)), 'vanishing-gradient');
      assert.equal(finding.severity, 'error');
      assert.match(finding.message.text, /is zero in float32/);
    });

    // The head's few outputs each take a large part of the loss's gradient: that is no vanishing.
    it('not behind two sigmoids and a narrow head', async () => {
      assert.deepEqual(await faultsOf(vectors(repeat(2, linear(64), 'Sigmoid'), head)), []);
    });

    it('not behind one sigmoid, nor in twelve tanh layers that start as they should', async () => {
      assert.deepEqual(await faultsOf(vectors(linear(64), 'Sigmoid', head)), []);
      const xavier = { weight: { xavier_normal: { gain: 5 / 3 } }, bias: { constant: 0 } };
      assert.deepEqual(await faultsOf(vectors(repeat(12, linear(64, xavier), 'Tanh'), head)), []);
    });

    // Goyal et al. 2017 start each residual branch at zero: its convolutions get exactly no gradient at first.
    it('not in branches whose last gain starts at zero', async () => {
      const branch = [
        { Conv2d: { out_channels: 8, kernel_size: 3, padding: 1, bias: false } },
        'BatchNorm2d',
        'ReLU',
        { Conv2d: { out_channels: 8, kernel_size: 3, padding: 1, bias: false } },
        { BatchNorm2d: { init: { weight: { constant: 0 } } } },
      ];
      const network = images(
        { Conv2d: { out_channels: 8, kernel_size: 3, padding: 1, bias: false } },
        'BatchNorm2d',
        'ReLU',
        ...Array.from({ length: 3 }, () => ({ residual: branch })),
        { Conv2d: { out_channels: 8, kernel_size: 1 } },
        'ReLU',
        { AdaptiveAvgPool2d: { output_size: 1 } },
        'Flatten',
        head,
      );
      assert.deepEqual(await faultsOf(network, { steps: 3, learningRate: 0.1 }), []);
      // At initialization alone no later step tells a sleeping branch from a dead one.
      assert.deepEqual(await faultsOf(network), []);
    });

    it('not in Transformer blocks, where queries and keys get a tenth of the values’ gradient', async () => {
      const block = [
        { residual: ['LayerNorm', { MultiheadAttention: { num_heads: 4, batch_first: true } }] },
        { residual: ['LayerNorm', linear(64), 'GELU', linear(32)] },
      ];
      const network = networkOf({
        input: [12, 32],
        batch: 8,
        layers: [repeat(3, ...block), 'LayerNorm', { mean: { dim: 1 } }, head],
      });
      assert.deepEqual(await faultsOf(network), []);
    });
  });

  describe('exploding-gradient', () => {
    it('is found where BatchNorm and ReLU alternate fifty times', async () => {
      const finding = only(
        await faultsOf(vectors(repeat(50, linear(64, normal(0.125)), 'BatchNorm1d', 'ReLU'), head)),
        'exploding-gradient',
      );
      // The first layer or the second: the first takes inputs twice as large, which divides its gradient.
      assert.ok(['0', '3'].includes(finding.layer!), finding.layer!);
      // 1.211 a layer at a large batch, some more at 16.
      const growth = Number(finding.evidence.find(({ quantity }) => quantity === 'growth a layer')!.value);
      assert.ok(growth > 1.15 && growth < 1.4, `${growth}`);
    });

    it('not in a plain 30-layer Conv-BatchNorm-ReLU network, which trains', async () => {
      const network = networkOf({
        input: [3, 8, 8],
        batch: 16,
        layers: [
          repeat(30, { Conv2d: { out_channels: 12, kernel_size: 3, padding: 1, bias: false } }, 'BatchNorm2d', 'ReLU'),
          { AdaptiveAvgPool2d: { output_size: 1 } },
          'Flatten',
          head,
        ],
      });
      assert.deepEqual(await faultsOf(network), []);
    });

    it('not in a deep network with He’s initialization', async () => {
      const he = { weight: { kaiming_normal: { nonlinearity: 'relu' } }, bias: { constant: 0 } };
      assert.deepEqual(await faultsOf(vectors(repeat(15, linear(64, he), 'ReLU'), head)), []);
    });
  });

  describe('saturated-activation', () => {
    const shifted = (kind: string, mean: number) =>
      vectors(linear(64, { bias: { normal: { mean, std: 1 } } }), kind, linear(64), 'LeakyReLU', head);

    it('is found on either side of a bounded function, with the side', async () => {
      const low = only(await faultsOf(shifted('Sigmoid', -6)), 'saturated-activation');
      assert.equal(low.layer, '1');
      assert.match(low.message.text, /most on the low side/);
      assert.ok(Number(low.evidence[0]!.value) > 0.9);
      const high = only(await faultsOf(shifted('Tanh', 6)), 'saturated-activation');
      assert.match(high.message.text, /most on the high side/);
    });

    it('not of functions without bounds, LeakyReLU among them', async () => {
      for (const kind of ['LeakyReLU', 'ReLU', 'GELU', 'SiLU', 'Softplus']) {
        const found = await faultsOf(shifted(kind, -6));
        assert.ok(!ids(found).includes('saturated-activation'), kind);
      }
      // A slope of 0.2 passes what half a layer of sigmoids would.
      const leaky = vectors(
        linear(64, { bias: { constant: -3 } }),
        { LeakyReLU: { negative_slope: 0.2 } },
        linear(64),
        'ReLU',
        head,
      );
      assert.deepEqual(await faultsOf(leaky), []);
    });

    it('not of N(0, 1), nor of what the network ends in', async () => {
      assert.deepEqual(await faultsOf(shifted('Sigmoid', 0)), []);
      const confident = vectors(linear(64), 'ReLU', linear(4, { bias: { constant: 8 } }), 'Sigmoid');
      assert.deepEqual(await faultsOf(confident), []);
    });

    // Keras's loss is put on the scores: the softmax behind them is computed, and nothing comes back through it.
    it('not of what leads to no output', async () => {
      const network = networkOf({
        input: { x: [64] },
        batch: 16,
        graph: {
          modules: [
            {
              id: 'scores',
              kind: 'Linear',
              attributes: { out_features: 10 },
              init: { weight: { normal: { std: 3 } } },
            },
            { id: 'shown', kind: 'Softmax', attributes: { dim: -1 } },
          ],
          calls: [
            { module: 'scores', inputs: ['x'] },
            { module: 'shown', inputs: ['scores'] },
          ],
          outputs: ['scores'],
        },
      });
      const { layers, runs } = await measure(runtime, network);
      assert.ok(layers.get('shown')!.saturationHigh! > 0.5, 'it is no test of the rule');
      const rule = rules.find(({ id }) => id === 'saturated-activation')!;
      assert.deepEqual(rule.check({ network, batch: 16, layers, runs }), []);
    });

    it('is the cause of the gradient that vanishes through it: one finding', async () => {
      const saturated = { bias: { normal: { mean: -6, std: 1 } } };
      const finding = only(
        await faultsOf(vectors(repeat(4, linear(64, saturated), 'Sigmoid'), head)),
        'saturated-activation',
      );
      const symptoms = finding.symptoms.map(({ rule }) => rule);
      assert.ok(symptoms.includes('saturated-activation') && symptoms.includes('vanishing-gradient'), `${symptoms}`);
      const layers = finding.symptoms.map(({ layer, rule }) => `${rule} ${layer}`);
      assert.equal(new Set(layers).size, layers.length);
    });
  });

  describe('dead-units', () => {
    it('is found where most channels never wake', async () => {
      const network = vectors(linear(64, { bias: { constant: -20 } }), 'ReLU', linear(64), 'ReLU', head);
      const found = await faultsOf(network);
      const finding = found.find(({ rule }) => rule === 'dead-units')!;
      assert.equal(finding.layer, '1');
      assert.equal(finding.evidence[0]!.value, 1);
      assert.match(finding.message.text, /100 % of the 64 channels of 1 are inactive for each of 256 samples/);
    });

    // A branch that ends in a gain of zero, and squeeze-and-excitation behind it: all of it is at rest until the gain moves.
    it('not where nothing comes in yet', async () => {
      const conv = (out_channels: number, more: object = {}) => ({ Conv2d: { out_channels, kernel_size: 1, ...more } });
      const branch = [
        conv(16),
        { BatchNorm2d: { init: { weight: { constant: 0 } } }, id: 'rest' },
        { AdaptiveAvgPool2d: { output_size: 1 } },
        conv(8, { bias: false }),
        'ReLU',
        conv(16),
        { Sigmoid: {}, id: 'gate' },
        { mul: {}, from: ['1.rest', '1.gate'] },
      ];
      assert.deepEqual(await faultsOf(images(conv(16), { residual: branch }, 'ReLU', 'Flatten', head)), []);
    });

    it('not where half of the outputs are zero, as they are in health', async () => {
      assert.deepEqual(await faultsOf(vectors(linear(64), 'ReLU', linear(64), 'ReLU', head)), []);
    });
  });

  describe('collapsed-representations', () => {
    // Means over positions of images of one brightness are alike: so may a gate's few numbers be that are made of them.
    it('not in a gate of means over positions', async () => {
      const conv = (out_channels: number, init: object = {}) => ({ Conv2d: { out_channels, kernel_size: 1, init } });
      const network = networkOf({
        input: [3, 16, 16],
        batch: 16,
        layers: [
          conv(32, { weight: { kaiming_normal: {} } }),
          { ReLU: {}, id: 'x' },
          { AdaptiveAvgPool2d: { output_size: 1 } },
          conv(8, { weight: { uniform: { low: 0, high: 0.3 } } }),
          'SiLU',
          conv(32),
          { Sigmoid: {}, id: 'gate' },
          { mul: {}, from: ['x', 'gate'] },
          'Flatten',
          head,
        ],
      });
      const { found, layers } = await measure(runtime, network);
      assert.deepEqual(ids(found), []);
      assert.ok(layers.get('4')!.effectiveRank!.value < 1.25, 'the gate is no test of the rule');
    });

    // A gated linear unit is no squeeze-and-excitation: its factors are to tell samples apart.
    it('in a factor of a gated unit that is alike for all', async () => {
      const alike = linear(64, { weight: { normal: { mean: 0, std: 1e-7 } }, bias: { normal: { mean: 0, std: 1 } } });
      const gated = vectors(
        { ...linear(64), id: 'x' },
        { ...alike, id: 'factor' },
        { mul: {}, from: ['x', 'factor'] },
        head,
      );
      const found = (await faultsOf(gated)).filter(({ rule }) => rule === 'collapsed-representations');
      assert.deepEqual(
        found.map(({ layer }) => layer),
        ['factor'],
      );
    });
  });

  describe('non-finite', () => {
    const plain = vectors(linear(64), 'ReLU', linear(64), 'ReLU', head);

    it('is found at the step after which a huge learning rate has thrown the weights away', async () => {
      const finding = only(await faultsOf(plain, { steps: 6, learningRate: 1e30 }), 'non-finite');
      assert.equal(finding.severity, 'error');
      const step = Number(finding.evidence[0]!.value);
      assert.ok(step >= 1 && step <= 3, `${step}`);
      assert.match(finding.message.text, new RegExp(`from step ${step} on`));
      assert.ok(finding.symptoms.length > 0);
    });

    it('is found at the first layer that overflows, at step 0, and explains all the rest', async () => {
      const huge = vectors(
        linear(64),
        'ReLU',
        linear(64, normal(1e30)),
        'ReLU',
        linear(64, normal(1e30)),
        'ReLU',
        head,
      );
      const finding = only(await faultsOf(huge), 'non-finite');
      assert.equal(finding.layer, '4');
      assert.equal(finding.evidence[0]!.value, 0);
      assert.ok(finding.symptoms.some(({ layer }) => layer === '5'));
    });

    it('is found in one seed of several', async () => {
      const { runs, layers } = await measure(runtime, plain, { steps: 2, seeds: [0, 1, 2] });
      const spoiled = runs.map((run, i) => (i === 1 ? { ...run, losses: [run.losses[0]!, Number.NaN] } : run));
      const found = rules.flatMap((rule) => rule.check({ network: plain, batch: 16, layers, runs: spoiled }));
      assert.deepEqual(ids(found), ['non-finite']);
      assert.match(found[0]!.message.text, /The loss is not a finite number from step 1 on/);
    });

    it('not in a network that trains', async () => {
      assert.deepEqual(await faultsOf(plain, { steps: 10, learningRate: 0.1 }), []);
    });
  });
});
