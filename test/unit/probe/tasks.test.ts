import assert from 'node:assert/strict';
import fc from 'fast-check';
import { layoutOf } from '../../../src/engine/probe/data/layout';
import { arrange } from '../../../src/engine/probe/programs/arrange';
import { ProcessRuntime } from '../../../src/engine/runtime';
import { input } from '../../../src/engine/tensor';
import { execute, floats } from '../../execute';
import { measure, networkOf } from '../../measure';

const conv = (out_channels: number) => ({ Conv2d: { out_channels, kernel_size: 3, padding: 1 } });
const linear = (out_features: number) => ({ Linear: { out_features } });
const adam = (lr = 0.01) => ({ Adam: { lr } });

interface Learned {
  readonly what: string;
  readonly description: object;
  /** What is left of the loss, or of what it is above its least, after the steps. */
  readonly left: number;
}

/** Tasks of every kind; each must be learned by a small network in a few steps, or its data could not show a difference. */
const learned: readonly Learned[] = [
  {
    what: 'a class at each pixel',
    description: { input: [3, 16, 16], task: { loss: 'CrossEntropyLoss' }, layers: [conv(16), 'ReLU', conv(5)] },
    left: 0.8,
  },
  {
    what: 'a class at each cell of a coarser output',
    description: {
      input: [3, 16, 16],
      task: { loss: 'CrossEntropyLoss' },
      layers: [conv(16), 'ReLU', { AvgPool2d: { kernel_size: 4 } }, { Conv2d: { out_channels: 5, kernel_size: 1 } }],
    },
    left: 0.8,
  },
  {
    what: 'a bit at each pixel',
    description: { input: [3, 16, 16], task: { loss: 'BCEWithLogitsLoss' }, layers: [conv(12), 'ReLU', conv(1)] },
    left: 0.7,
  },
  {
    what: 'an image from an image',
    description: { input: [3, 16, 16], task: { loss: 'L1Loss' }, layers: [conv(24), 'ReLU', conv(2)] },
    left: 0.75,
  },
  {
    what: 'a class at each step of a sequence',
    description: { input: [12, 8], task: { loss: 'CrossEntropyLoss' }, layers: [linear(32), 'ReLU', linear(5)] },
    left: 0.6,
  },
  {
    what: 'several bits of a vector',
    description: { input: [32], task: { loss: 'BCELoss' }, layers: [linear(48), 'ReLU', linear(6), 'Sigmoid'] },
    left: 0.4,
  },
  {
    what: 'one bit of a vector',
    description: { input: [32], task: { loss: 'BCEWithLogitsLoss' }, layers: [linear(32), 'ReLU', linear(1)] },
    left: 0.4,
  },
  {
    what: 'a distribution',
    description: {
      input: [32],
      task: { loss: { KLDivLoss: { reduction: 'batchmean' } } },
      layers: [linear(48), 'ReLU', linear(6), { LogSoftmax: { dim: 1 } }],
    },
    left: 0.4,
  },
  {
    what: 'class probabilities',
    description: {
      input: [32],
      task: { loss: 'CrossEntropyLoss', targets: 'probabilities' },
      layers: [linear(48), 'ReLU', linear(6)],
    },
    left: 0.8,
  },
  {
    what: 'a class by log-probabilities',
    description: {
      input: [32],
      task: { loss: 'NLLLoss' },
      layers: [linear(48), 'ReLU', linear(6), { LogSoftmax: { dim: 1 } }],
    },
    left: 0.4,
  },
  {
    what: 'a class from two inputs',
    description: {
      input: { left: [16], right: [8] },
      task: { kind: 'classification' },
      layers: [{ cat: { dim: 1 }, from: ['left', 'right'], id: 'both' }, linear(32), 'ReLU', linear(5)],
    },
    left: 0.4,
  },
  {
    what: 'a number at each step, the batch second',
    description: {
      input: { x: { shape: [7, { batch: 1 }, 6] } },
      task: { loss: 'HuberLoss' },
      layers: [linear(32), 'Tanh', linear(3)],
    },
    left: 0.75,
  },
];

describe('synthetic tasks', function () {
  this.timeout(60_000);
  const runtime = new ProcessRuntime();
  after(() => runtime.dispose());

  for (const { what, description, left } of learned) {
    it(`are learned: ${what}`, async () => {
      const network = networkOf({ batch: 32, optimizer: adam(), ...description });
      const { runs } = await measure(runtime, network, { steps: 60, evaluate: 'everything' });
      const { initial, final } = runs[0]!;
      // On samples that it has not seen.
      assert.ok(final!.recomputed < left * initial!.loss, `${initial!.loss} → ${final!.recomputed}`);
    });
  }

  it('put the batch where the network has it, each sample whole (property)', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 0, maxLength: 3 }),
        fc.nat(3),
        fc.integer({ min: 1, max: 3 }),
        fc.boolean(),
        async (dims, place, perSample, interleaved) => {
          const axis = Math.min(place, dims.length);
          const batch = 4;
          const shape = [...dims.slice(0, axis), { batch: perSample }, ...dims.slice(axis)];
          const layout = layoutOf(shape, 'x');
          const size = layout.shape.reduce((product, dim) => product * dim, 1);
          const data = floats(
            [batch, ...layout.shape],
            Array.from({ length: batch * size }, (_, i) => i),
          );
          const { y } = await execute(
            { y: arrange(input('x', [batch, ...layout.shape]), layout, interleaved) },
            { x: data },
            runtime,
          );
          const bound = shape.map((dim) => (typeof dim === 'number' ? dim : dim.batch * batch));
          assert.deepEqual([...y!.shape], bound);
          // Taking one sample's slices out again gives that sample.
          for (let n = 0; n < batch; n++) {
            const own: number[] = [];
            (y!.values as Float32Array).forEach((value, flat) => {
              const inner = dims.slice(axis).reduce((product, dim) => product * dim, 1);
              const along = Math.floor(flat / inner) % bound[axis]!;
              const of = interleaved ? along % batch : Math.floor(along / perSample);
              if (of === n) own.push(value);
            });
            assert.deepEqual(
              own,
              Array.from({ length: size }, (_, i) => n * size + i),
              `${JSON.stringify(shape)}`,
            );
          }
        },
      ),
      { numRuns: 40 },
    );
  });

  it('give a table without a batch once', async () => {
    const network = networkOf({
      input: { x: [4], table: { shape: [4], batched: false } },
      batch: 8,
      layers: [{ mul: {}, from: ['x', 'table'] }, linear(3)],
    });
    const { runs } = await measure(runtime, network, { steps: 3 });
    assert.ok(runs[0]!.losses.every(Number.isFinite));
  });

  it('are told the same for a summed loss as for a mean, times the batch', async () => {
    const of = (reduction: string) =>
      networkOf({
        input: [8],
        batch: 16,
        loss: { MSELoss: { reduction } },
        optimizer: { SGD: { lr: 0 } },
        layers: [linear(4), 'Tanh', linear(1)],
      });
    const [mean, sum] = [await measure(runtime, of('mean')), await measure(runtime, of('sum'))];
    const [a, b] = [mean.runs[0]!, sum.runs[0]!];
    const near = (x: number, y: number) => assert.ok(Math.abs(x / y - 1) < 1e-5, `${x} and ${y}`);
    near(b.losses[0]!, 16 * a.losses[0]!);
    near(b.initial!.loss, 16 * a.initial!.loss);
    for (const id of ['0', '1', '2']) {
      near(sum.layers.get(id)!.outputGradientRms!, mean.layers.get(id)!.outputGradientRms!);
    }
    near(sum.layers.get('0')!.gradientNorm!, 16 * mean.layers.get('0')!.gradientNorm!);
  });
});
