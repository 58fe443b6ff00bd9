import assert from 'node:assert/strict';
import { applyChanges } from '../../../src/engine/change';
import type { Network } from '../../../src/engine/network';
import { CompiledProbe, median, probeNetwork } from '../../../src/engine/probe';
import { ProcessRuntime } from '../../../src/engine/runtime';
import { type Measured, measure, networkOf, repeat } from '../../measure';
import { RecordingSlot, valuesFed } from '../../parity/recordingSlot';
import { read } from '../readers/pytorch/read';

const bias = (initialization: object) => ({
  Linear: {
    out_features: 4096,
    init: { weight: { constant: 0 }, bias: initialization },
  },
});
const normal = (mean: number, std: number) => ({ normal: { mean, std } });

describe('probeNetwork', () => {
  const runtime = new ProcessRuntime();
  after(() => runtime.dispose());

  const mlp = networkOf({
    input: [32],
    batch: 32,
    optimizer: { SGD: { lr: 0.1, momentum: 0.9 } },
    layers: [{ Linear: { out_features: 64 } }, 'ReLU', { Linear: { out_features: 10 } }],
  });
  const withNorm = networkOf({
    input: [16],
    batch: 32,
    optimizer: { SGD: { lr: 0.3 } },
    layers: [
      { Linear: { out_features: 32 } },
      'BatchNorm1d',
      'ReLU',
      { Dropout: { p: 0.3 } },
      { Linear: { out_features: 10 } },
    ],
  });

  it('the synthetic data can be learned, and what is learned holds on the other split', async () => {
    const { runs } = await measure(runtime, mlp, { steps: 40, seeds: [0, 1] });
    for (const { losses, initial, final } of runs) {
      assert.ok(Math.abs(initial!.loss - Math.log(10)) < 0.3, `${initial!.loss}`);
      assert.ok(losses.at(-1)! < 0.5 * losses[0]!, `${losses}`);
      assert.ok(final!.recomputed < 0.5 * initial!.loss, `${final!.recomputed} from ${initial!.loss}`);
      // Without norms and dropout the three ways to evaluate are one.
      const { recomputed, running, trainMode } = final!;
      assert.deepEqual([running, trainMode], [recomputed, recomputed]);
    }
  });

  it('so can images', async () => {
    const { runs } = await measure(
      runtime,
      networkOf({
        input: [3, 12, 12],
        batch: 32,
        optimizer: { SGD: { lr: 0.1, momentum: 0.9 } },
        layers: [
          { Conv2d: { out_channels: 8, kernel_size: 3, padding: 1 } },
          'ReLU',
          { MaxPool2d: { kernel_size: 2 } },
          'Flatten',
          { Linear: { out_features: 10 } },
        ],
      }),
      { steps: 30 },
    );
    assert.ok(runs[0]!.final!.recomputed < 0.6 * runs[0]!.initial!.loss);
  });

  it('steps 0 measures initialization alone', async () => {
    const { runs, layers } = await measure(runtime, mlp, { steps: 0 });
    const [run] = runs;
    assert.equal(run!.final, undefined);
    assert.equal(run!.losses.length, 1);
    assert.ok(layers.get('0')!.gradientNorm! > 0);
    assert.deepEqual(layers.get('0')!.history.gradientNorm, [layers.get('0')!.gradientNorm]);
    const trained = await measure(runtime, mlp, { steps: 4 });
    // What is said of initialization does not depend on the steps after it: the first batch may be another one.
    assert.equal(trained.runs[0]!.initial!.loss, run!.initial!.loss);
    assert.equal(trained.runs[0]!.losses.length, 4);
  });

  it('the same seed gives the same numbers, in whatever chunks; another seed gives others', async () => {
    const series = ({ runs }: Measured) => runs.map(({ losses, series, final }) => [losses, [...series], final]);
    const whole = series(await measure(runtime, withNorm, { steps: 6, seeds: [3] }));
    assert.deepEqual(series(await measure(runtime, withNorm, { steps: 6, seeds: [3], firstStepApart: true })), whole);
    assert.notDeepEqual(series(await measure(runtime, withNorm, { steps: 6, seeds: [4] })), whole);
    // Nor does it matter what ran before in the same slot.
    const both = await measure(runtime, withNorm, { steps: 6, seeds: [9, 3] });
    assert.deepEqual(series({ ...both, runs: both.runs.slice(1) }), whole);
  });

  it('leaves frozen parameters as they began, in whatever chunks, and trains the others', async () => {
    const frozen: Network = {
      ...withNorm,
      parameters: withNorm.parameters.map((each) => (each.id.startsWith('1.') ? { ...each, trainable: false } : each)),
    };
    for (const firstStepApart of [false, true]) {
      const { runs } = await measure(runtime, frozen, { steps: 20, seeds: [0], firstStepApart });
      assert.ok(runs[0]!.losses.at(-1)! < runs[0]!.losses[0]!, `${runs[0]!.losses}`);
      assert.ok(Number.isFinite(runs[0]!.final!.running));
    }
  });

  it('a variant with more norms starts from the same weights', async () => {
    const weights = async (network: Network) => {
      const probe = new CompiledProbe(network, 8, 1);
      const slot = new RecordingSlot(await runtime.lease());
      try {
        await probeNetwork(slot, probe, {
          seed: 1,
          learningRate: 0.1,
          steps: 1,
          firstStepApart: false,
          evaluate: 'final-loss',
        });
      } finally {
        slot.release();
      }
      const training = slot.runs.find(({ program }) => program === probe.training.program)!;
      return mlp.parameters.map(({ id }) => valuesFed(training, `parameter:${id}`).values);
    };
    const layer = { kind: 'BatchNorm1d', attributes: { num_features: 64 } };
    const changed = applyChanges(mlp, [{ operation: 'insert', site: '0', layer }]);
    assert.deepEqual(await weights(changed), await weights(mlp));
  });

  it('draws other weights on the same data, or the same ones larger, where that is asked for', async () => {
    const network = networkOf({
      input: [8],
      batch: 8,
      layers: [{ Linear: { out_features: 6 } }, 'BatchNorm1d', 'ReLU'],
    });
    const norms = async (weights: { seed?: number; scale?: number }) => {
      const slot = await runtime.lease();
      try {
        const probe = new CompiledProbe(network, 8, 0);
        const run = await probeNetwork(slot, probe, {
          seed: 0,
          weights,
          learningRate: 0.1,
          steps: 0,
          firstStepApart: false,
          evaluate: 'final-loss',
        });
        return ['0', '1'].map((id) => run.series.get(id)!.weightNorm![0]!);
      } finally {
        slot.release();
      }
    };
    const [linear, gain] = await norms({});
    const [twice, sameGain] = await norms({ scale: 2 });
    // What is drawn is scaled; a norm's gain of one is not drawn.
    assert.ok(Math.abs(twice! / linear! - 2) < 1e-6, `${twice} ${linear}`);
    assert.equal(sameGain, gain);
    assert.deepEqual(await norms({ seed: 0, scale: 1 }), [linear, gain]);
    assert.notEqual((await norms({ seed: 1 }))[0], linear);
  });

  it('tells the lag of running statistics from the rest', async () => {
    const { runs } = await measure(runtime, withNorm, { steps: 5 });
    const { running, recomputed, trainMode } = runs[0]!.final!;
    // After five steps a running average still holds 0.9⁵ = 59 % of its start.
    assert.ok(Math.abs(running! - recomputed) > 0.01, `${running} ${recomputed}`);
    // Dropout stays on in training mode.
    assert.ok(trainMode! > recomputed);
  });

  it('evaluates only what it is asked to', async () => {
    const { runs } = await measure(runtime, withNorm, { steps: 2, evaluate: 'final-loss' });
    assert.equal(runs[0]!.initial, undefined);
    assert.deepEqual(Object.keys(runs[0]!.final!), ['recomputed']);
    const everything = await measure(runtime, withNorm, { steps: 2 });
    assert.equal(everything.runs[0]!.final!.recomputed, runs[0]!.final!.recomputed);
  });

  it('saturation is as the closed form says: sigmoid of N(−6, 1) and of N(0, 1)', async () => {
    const sigmoid = async (mean: number) => {
      const network = networkOf({
        input: [4],
        batch: 8,
        layers: [bias(normal(mean, 1)), 'Sigmoid', { Linear: { out_features: 10 } }],
      });
      return (await measure(runtime, network)).layers;
    };
    const far = await sigmoid(-6);
    assert.ok(Math.abs(far.get('0')!.activationMean! + 6) < 0.08);
    assert.ok(Math.abs(far.get('0')!.activationStd! - 1) < 0.05);
    // σ′(z) < 0.1·σ′(0) below ln((1 − √0.9)/(1 + √0.9)) = −3.636; Φ(6 − 3.636) = 0.9910.
    const { saturationLow, saturationHigh } = far.get('1')!;
    assert.ok(Math.abs(saturationLow! - 0.991) < 0.006, `${saturationLow}`);
    assert.equal(saturationHigh, 0);
    const near = (await sigmoid(0)).get('1')!;
    // 2·Φ(−3.636) = 0.00028
    assert.ok(near.saturationLow! + near.saturationHigh! < 0.003);
  });

  it('95 % of N(−6, 1) are within [−8, −4], as a clipped copy shows', async () => {
    const network = networkOf({
      input: [4],
      batch: 8,
      layers: [bias(normal(-6, 1)), { Hardtanh: { min_val: -8, max_val: -4 } }, { Linear: { out_features: 10 } }],
    });
    const { saturationLow, saturationHigh } = (await measure(runtime, network)).layers.get('1')!;
    assert.ok(Math.abs(1 - saturationLow! - saturationHigh! - 0.9545) < 0.015, `${saturationLow} ${saturationHigh}`);
  });

  it('a channel is dead where no sample wakes it; a share of zeros is not', async () => {
    const network = networkOf({
      input: [16],
      batch: 16,
      layers: [
        { Linear: { out_features: 64, init: { bias: normal(0, 30) } } },
        'ReLU',
        { Linear: { out_features: 64, init: { bias: { constant: 0 } } } },
        'ReLU',
        { Linear: { out_features: 10 } },
      ],
    });
    const { layers } = await measure(runtime, network);
    const first = layers.get('1')!;
    assert.ok(first.dead!.share > 0.35 && first.dead!.share < 0.65, `${first.dead!.share}`);
    assert.deepEqual([first.dead!.channels, first.dead!.samples], [64, 256]);
    assert.ok(Math.abs(first.inactive! - first.dead!.share) < 0.1);
  });

  it('half of He’s ReLUs are inactive at a time, and hardly any is dead', async () => {
    const he = {
      Linear: { out_features: 128, bias: false, init: { weight: { kaiming_normal: { nonlinearity: 'relu' } } } },
    };
    const network = networkOf({
      input: [128],
      batch: 32,
      layers: [repeat(3, he, 'ReLU'), { Linear: { out_features: 10 } }],
    });
    const { layers } = await measure(runtime, network);
    for (const id of ['1', '3', '5']) {
      assert.ok(Math.abs(layers.get(id)!.inactive! - 0.5) < 0.06, `${layers.get(id)!.inactive}`);
      assert.ok(layers.get(id)!.dead!.share < 0.05);
    }
  });

  it('a module that is called twice is one layer: gradients of both uses, calls pooled', async () => {
    const network = networkOf({
      input: { x: [8] },
      batch: 4,
      graph: {
        modules: [
          { id: 'shared', kind: 'Linear', attributes: { out_features: 8 } },
          { id: 'act', kind: 'Sigmoid' },
          { id: 'head', kind: 'Linear', attributes: { out_features: 10 } },
        ],
        calls: [
          { module: 'shared', inputs: ['x'] },
          { module: 'act', inputs: ['shared'] },
          { module: 'shared', inputs: ['act'] },
          { module: 'head', inputs: ['shared@2'] },
        ],
      },
    });
    const { runs, layers } = await measure(runtime, network, { steps: 2 });
    const { series } = runs[0]!;
    const first = series.get('shared')!.outputGradientRms![0]!;
    const second = series.get('shared@2')!.outputGradientRms![0]!;
    const pooled = layers.get('shared')!;
    assert.ok(Math.abs(pooled.outputGradientRms! - Math.sqrt((first ** 2 + second ** 2) / 2)) < 1e-6 * second);
    const means = ['shared', 'shared@2'].map((id) => series.get(id)!.activationMean![0]!);
    assert.ok(Math.abs(pooled.activationMean! - (means[0]! + means[1]!) / 2) < 1e-6);
    assert.ok(pooled.gradientNorm! > 0);
    assert.ok(!layers.has('shared@2'));
  });

  it('figures are medians over seeds; a seed that fails is not hidden', async () => {
    const seeds = [0, 1, 2];
    const { layers } = await measure(runtime, mlp, { seeds });
    const each: number[] = [];
    for (const seed of seeds)
      each.push((await measure(runtime, mlp, { seeds: [seed] })).layers.get('0')!.gradientNorm!);
    assert.equal(layers.get('0')!.gradientNorm, [...each].sort((a, b) => a - b)[1]);
    assert.equal(median([3, 1]), 2);
    assert.ok(Number.isNaN(median([1, Number.NaN, 2])));
    assert.ok(Number.isNaN(median([])));
  });

  it('measures a gradient down to 1e-30', async () => {
    // Ten linear layers whose weights shrink the gradient 1,000 times each.
    const shrink = { Linear: { out_features: 16, bias: false, init: { weight: { normal: { std: 0.00025 } } } } };
    const network = networkOf({ input: [16], batch: 8, layers: [repeat(9, shrink), { Linear: { out_features: 10 } }] });
    const { layers } = await measure(runtime, network);
    const ratio = (at: number) =>
      layers.get(String(at))!.outputGradientRms! / layers.get(String(at + 1))!.outputGradientRms!;
    for (let at = 0; at < 8; at++) assert.ok(Math.abs(Math.log10(ratio(at)) + 3) < 0.4, `${at}: ${ratio(at)}`);
    assert.ok(layers.get('0')!.outputGradientRms! < 1e-24);
  });

  describe('care', () => {
    /** Trains as a variant is trained, and tells how often each program ran. */
    const trained = async (probe: CompiledProbe, learningRate: number, seed = 0) => {
      const slot = new RecordingSlot(await runtime.lease());
      try {
        const run = { seed, learningRate, steps: 3, firstStepApart: false, evaluate: 'final-loss' } as const;
        const { losses, series } = await probeNetwork(slot, probe, run);
        const times = (program: object) => slot.runs.filter((one) => one.program === program).length;
        return {
          figures: { losses, series },
          plain: times(probe.training.program),
          careful: times(probe.carefulTraining.program),
        };
      } finally {
        slot.release();
      }
    };
    // Values that differ by a hundredth of their mean: sums of their squares hold too few digits.
    const offset = networkOf({
      input: [16],
      batch: 32,
      layers: [
        { Linear: { out_features: 16, init: { weight: normal(0, 0.01), bias: { constant: 4 } } } },
        'Tanh',
        { Linear: { out_features: 10 } },
      ],
    });
    const probeOf = () => new CompiledProbe(offset, 32, 3);

    it('is taken at once for a start that needed it, and by one step’s loss for another', async () => {
      const probe = probeOf();
      const first = await trained(probe, 0.01);
      assert.deepEqual([first.plain, first.careful], [1, 1]);
      const second = await trained(probe, 0.1);
      assert.deepEqual([second.plain, second.careful], [0, 1]);
      assert.deepEqual(second.figures, (await trained(probeOf(), 0.1)).figures);
      const other = await trained(probe, 0.1, 1);
      assert.deepEqual([other.plain, other.careful], [1, 1]);
      assert.deepEqual(other.figures, (await trained(probeOf(), 0.1, 1)).figures);
    });

    it('is not needed for what no loss depends on: its gradient is zero', async () => {
      const network = await read(`
# normscope: input=16 batch=32
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Linear(16, 16)
        self.aux = nn.Linear(16, 4)
        self.head = nn.Linear(16, 10)
    def forward(self, x):
        y = torch.tanh(self.body(x))
        seen = self.aux(y)
        return self.head(y), seen
`);
      const { figures, plain, careful } = await trained(new CompiledProbe(network, 32, 3), 0.1);
      assert.deepEqual([plain, careful], [1, 0]);
      assert.deepEqual(figures.series.get('aux')!.gradientNorm, [0, 0, 0]);
      assert.deepEqual(figures.series.get('aux')!.outputGradientRms, [0, 0, 0]);
      assert.ok(figures.series.get('head')!.gradientNorm![0]! > 0);
    });
  });
});
