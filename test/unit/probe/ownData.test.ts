import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { DataArray, GivenData } from '../../../src/engine/dataFiles';
import { InputError, type Network } from '../../../src/engine/network';
import { CompiledProbe, fitData, probeNetwork } from '../../../src/engine/probe';
import { splitSamples } from '../../../src/engine/probe/data/ownSamples';
import { ProcessRuntime } from '../../../src/engine/runtime';
import { networkOf } from '../../measure';

const float = (
  place: string,
  shape: readonly number[],
  value: (i: number) => number = (i) => Math.sin(i),
): DataArray => ({
  place,
  shape,
  values: Float32Array.from({ length: shape.reduce((product, dim) => product * dim, 1) }, (_, i) => value(i)),
});
const whole = (place: string, shape: readonly number[], value: (i: number) => number): DataArray => ({
  place,
  shape,
  values: BigInt64Array.from({ length: shape.reduce((product, dim) => product * dim, 1) }, (_, i) => BigInt(value(i))),
});
const given = (target: DataArray, ...inputs: readonly DataArray[]): GivenData => ({
  inputs,
  target,
  files: [...inputs, target].map(({ place }) => place),
});

const mlp = (more: object = {}): Network =>
  networkOf({ input: [4], batch: 8, layers: [{ Linear: { out_features: 3 } }], ...more });
const labels = whole('y.npy', [6], (i) => i % 3);

function refusal(network: Network, data: GivenData): string {
  try {
    fitData(network, data);
  } catch (error) {
    assert.ok(error instanceof InputError, `not an InputError: ${error}`);
    assert.match(error.message, /^[^\n]+; [^\n]+$/);
    return error.message;
  }
  return assert.fail('the data was taken');
}

describe('own data', () => {
  it('is put to the inputs by name, by usual names, else in order', () => {
    const two = networkOf({
      input: { left: [2], right: [3] },
      layers: [{ cat: { dim: 1 }, from: ['left', 'right'] }, { Linear: { out_features: 3 } }],
    });
    const [a, b] = [float('a.npy', [6, 2], (i) => i), float('b.npy', [6, 3], (i) => 100 + i)];
    const first = Uint32Array.of(0, 5);
    for (const inputs of [
      [a, b],
      [
        { ...b, name: 'right' },
        { ...a, name: 'left' },
      ],
    ]) {
      const { own } = fitData(two, given(labels, ...inputs));
      assert.deepEqual([...own.input('left', first).values], [0, 1, 10, 11]);
      assert.deepEqual([...own.input('right', first).values], [100, 101, 102, 115, 116, 117]);
    }
    const extra = given(
      labels,
      { ...float('d.npz[ids]', [6]), name: 'ids' },
      { ...float('d.npz[x]', [6, 4]), name: 'x' },
    );
    assert.equal(fitData(mlp(), extra).own.samples, 6);
    assert.match(
      refusal(two, given(labels, a)),
      /takes 2 inputs \(left \[batch, 2\], right \[batch, 3\]\), and the data has 1 .*--data left=left\.npy,right=right\.npy,y=y\.npy/,
    );
  });

  it('of another shape is refused with both shapes and how to mend it', () => {
    assert.match(
      refusal(mlp(), given(labels, float('x.npy', [6, 5]))),
      /^x\.npy: its samples are \[5\], and the input input takes \[4\]; give samples of that shape/,
    );
    const cnn = networkOf({
      input: [3, 8, 6],
      layers: [{ Conv2d: { out_channels: 2, kernel_size: 3 } }, 'Flatten', { Linear: { out_features: 3 } }],
    });
    assert.match(refusal(cnn, given(labels, float('x.npy', [6, 8, 6, 3]))), /np\.transpose\(x, \(0, 3, 1, 2\)\)/);
    assert.match(refusal(cnn, given(labels, float('x.npy', [6, 144]))), /reshape them: x\.reshape\(-1, 3, 8, 6\)/);
    assert.match(refusal(mlp(), given(labels, float('x.npy', []))), /this is one number/);
    assert.match(
      refusal(mlp(), given(labels, float('x.npy', [5, 4]))),
      /x\.npy: it holds 5 samples, and y\.npy 6 targets/,
    );
    const one = given(
      whole('y.npy', [1], () => 0),
      float('x.npy', [1, 4]),
    );
    assert.match(refusal(mlp(), one), /x\.npy: it holds one sample; give two or more/);
  });

  it('may have axes of one that the network has not, and the other way round', () => {
    const image = networkOf({
      input: [1, 4, 4],
      layers: [{ Conv2d: { out_channels: 2, kernel_size: 3 } }, 'Flatten', { Linear: { out_features: 3 } }],
    });
    const { own } = fitData(
      image,
      given(
        whole('y.npy', [6, 1], (i) => i % 3),
        float('x.npy', [6, 4, 4]),
      ),
    );
    assert.deepEqual(
      [own.input('input', Uint32Array.of(1, 2)).shape, own.target(Uint32Array.of(1, 2)).shape],
      [[2, 1, 4, 4], [2]],
    );
  });

  it('with NaN, infinities or numbers beyond float32 is refused, the first place named', () => {
    const at = (value: number) =>
      given(
        labels,
        float('x.npy', [6, 4], (i) => (i === 14 || i === 20 ? value : i)),
      );
    assert.match(
      refusal(mlp(), at(Number.NaN)),
      /^x\.npy: 2 of 24 values are no finite float32, the first at \[3, 2\] \(NaN\); /,
    );
    assert.match(refusal(mlp(), at(Number.POSITIVE_INFINITY)), /\(infinite\)/);
    const wide: DataArray = { place: 'x.npy', shape: [2, 4], values: Float64Array.of(0, 0, 0, 1e39, 0, 0, 0, 0) };
    const two = whole('y.npy', [2], () => 0);
    assert.match(
      refusal(mlp(), given(two, wide)),
      /1 of 8 values is no finite float32, the first at \[0, 3\] \(1e\+39, beyond/,
    );
    const regression = mlp({ loss: 'MSELoss' });
    const target = float('y.npy', [6, 3], () => Number.NaN);
    assert.match(refusal(regression, given(target, float('x.npy', [6, 4]))), /^y\.npy: 18 of 18/);
  });

  it('of classes has them in range, counted from 0', () => {
    const x = float('x.npy', [6, 4]);
    const of = (value: (i: number) => number) => given(whole('y.npy', [6], value), x);
    assert.match(
      refusal(
        mlp(),
        of((i) => 1 + (i % 3)),
      ),
      /go from 1 to 3, and the network gives scores for 0 to 2; count classes from 0: y - 1/,
    );
    assert.match(
      refusal(
        mlp(),
        of((i) => i),
      ),
      /go from 0 to 5.*let the network give 6 scores/,
    );
    assert.match(
      refusal(
        mlp(),
        of((i) => (i === 0 ? -1 : 0)),
      ),
      /from -1 to 0.*count classes from 0/,
    );
    assert.match(
      refusal(
        mlp(),
        given(
          float('y.npy', [6], (i) => i / 4),
          x,
        ),
      ),
      /CrossEntropyLoss takes class indices, but target 1 is 0\.25; write classes as 0, 1, 2/,
    );
    // Whole numbers that a table or another type holds as floats are classes too.
    const { own } = fitData(mlp(), given({ ...labels, values: Float64Array.from([0, 1, 2, 2, 1, 0]) }, x));
    assert.deepEqual([...own.target(Uint32Array.of(0, 1, 2)).values], [0n, 1n, 2n]);
  });

  it('may leave classes out by the index that the loss ignores', () => {
    const x = float('x.npy', [6, 4]);
    const masked = given(
      whole('y.npy', [6], (i) => (i === 0 ? -100 : 1)),
      x,
    );
    assert.deepEqual(fitData(mlp(), masked).network.task.lossSettings, { ignore_index: -100 });
    assert.equal(fitData(mlp(), given(labels, x)).network.task.lossSettings, undefined);
    const stated = mlp({ loss: { CrossEntropyLoss: { ignore_index: 9 } } });
    const nine = given(
      whole('y.npy', [6], (i) => (i === 0 ? 9 : 1)),
      x,
    );
    assert.deepEqual(fitData(stated, nine).network.task.lossSettings, { ignore_index: 9 });
  });

  it('may be probabilities of classes, bits, distributions, numbers', () => {
    const x = float('x.npy', [6, 4]);
    const oneHot = whole('y.npy', [6, 3], (i) => Number(i % 3 === Math.floor(i / 3) % 3));
    assert.equal(fitData(mlp(), given(oneHot, x)).network.task.targets, 'probabilities');
    assert.match(
      refusal(
        mlp(),
        given(
          float('y.npy', [6, 3], () => 0.5),
          x,
        ),
      ),
      /targets of this shape are probabilities, but those of sample 0 are 1\.500 together/,
    );
    const bits = mlp({ loss: 'BCEWithLogitsLoss' });
    assert.match(
      refusal(
        bits,
        given(
          float('y.npy', [6, 3], (i) => i),
          x,
        ),
      ),
      /takes numbers from 0 to 1, but target 2 is 2/,
    );
    assert.equal(fitData(bits, given(oneHot, x)).own.target(Uint32Array.of(1, 0)).dtype, 'float32');
    const divergence = mlp({ loss: { KLDivLoss: { log_target: true } } });
    const logarithms = float('y.npy', [6, 3], () => Math.log(1 / 3));
    assert.equal(fitData(divergence, given(logarithms, x)).own.samples, 6);
    assert.match(
      refusal(
        divergence,
        given(
          float('y.npy', [6, 3], () => 0),
          x,
        ),
      ),
      /logarithms of probabilities, .* 3\.000 together/,
    );
  });

  it('of tokens is below the vocabulary', () => {
    const network = networkOf({
      input: { tokens: { shape: [5], vocabulary: 10 }, x: [4] },
      layers: [{ Linear: { out_features: 3 }, from: 'x' }],
    });
    const x = float('x.npy', [6, 4]);
    const of = (value: (i: number) => number) => given(labels, whole('t.npy', [6, 5], value), x);
    assert.equal(
      fitData(
        network,
        of((i) => i % 10),
      ).own.input('tokens', Uint32Array.of(0)).dtype,
      'int64',
    );
    assert.match(
      refusal(
        network,
        of((i) => i % 11),
      ),
      /t\.npy: value 10 is 10, and tokens takes 0 to 9/,
    );
    const fractions = given(
      labels,
      float('t.npy', [6, 5], (i) => i / 8),
      x,
    );
    assert.match(refusal(network, fractions), /tokens takes whole numbers, but value 1 is 0\.125/);
  });

  it('of columns with tables of their own is below the rows of each', () => {
    const columns = [9, 2].flatMap((rows, column): unknown[] => [
      { select: { dim: 1, index: column }, from: 'x' },
      { Embedding: { num_embeddings: rows, embedding_dim: 4 }, id: `table${column}` },
    ]);
    const network = networkOf({
      input: { x: { shape: [2], vocabulary: 9 } },
      layers: [...columns, { add: {}, from: ['table0', 'table1'] }, { Linear: { out_features: 3 } }],
    });
    const of = (values: readonly number[]) =>
      given(
        labels,
        whole('x.npy', [6, 2], (i) => values[i % 2]!),
      );
    assert.equal(fitData(network, of([8, 1])).own.input('x', Uint32Array.of(0)).dtype, 'int64');
    assert.match(refusal(network, of([1, 8])), /x\.npy: value 1 is 8, and x takes 0 to 1/);
  });

  it('is split without overlap, the same for every seed, of all samples alike (property)', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 200 }), fc.nat(120), fc.nat(120), (samples, a, b) => {
        const evaluation = Math.min(a, Math.floor(samples / 2));
        const training = Math.min(b, samples - evaluation);
        const split = splitSamples(samples, { training, evaluation });
        assert.deepEqual([split.training.length, split.evaluation.length], [training, evaluation]);
        const all = [...split.training, ...split.evaluation];
        assert.equal(new Set(all).size, all.length);
        assert.ok(all.every((index) => index < samples));
      }),
    );
    // Of files sorted by class each part has every class.
    const { evaluation } = splitSamples(1000, { training: 300, evaluation: 300 });
    const low = evaluation.filter((index) => index < 500).length;
    assert.ok(Math.abs(low - 150) < 40, `${low}`);
  });

  describe('in a probe', () => {
    const runtime = new ProcessRuntime();
    after(() => runtime.dispose());

    it('is what the network is trained on and judged by', async () => {
      // y = 1 where x₀ > 0: learned from the data, or not at all.
      const x = float('x.npy', [800, 4], (i) => Math.sin(12.9898 * (i + 1)) * 2);
      const y: DataArray = {
        ...labels,
        shape: [800],
        values: BigInt64Array.from({ length: 800 }, (_, n) => BigInt(x.values[4 * n]! > 0)),
      };
      const network = mlp({ layers: [{ Linear: { out_features: 2 } }], optimizer: { Adam: { lr: 0.1 } } });
      const { network: fitted, own } = fitData(network, given(y, x));
      const probe = new CompiledProbe(fitted, 8, 60, own);
      assert.deepEqual(probe.samples, { training: 480, evaluation: 256, limited: false });
      const slot = await runtime.lease();
      try {
        const run = (seed: number) =>
          probeNetwork(slot, probe, {
            seed,
            learningRate: 0.1,
            steps: 60,
            firstStepApart: true,
            evaluate: 'everything',
          });
        const [first, again, other] = [await run(0), await run(0), await run(1)];
        const { initial, final } = first;
        assert.ok(final!.recomputed < 0.1 && final!.recomputed < initial!.loss / 3, `${final!.recomputed}`);
        assert.deepEqual(again.losses, first.losses);
        assert.notDeepEqual(other.losses, first.losses);
      } finally {
        slot.release();
      }
    });

    it('of few samples is halved, and more than the steps take is left', () => {
      const counts = (samples: number, steps: number) => {
        const data = given(
          whole('y.npy', [samples], () => 0),
          float('x.npy', [samples, 4]),
        );
        const { network, own } = fitData(mlp(), data);
        return new CompiledProbe(network, 8, steps, own).samples;
      };
      assert.deepEqual(counts(10, 20), { training: 5, evaluation: 5, limited: true });
      assert.deepEqual(counts(600, 20), { training: 256, evaluation: 256, limited: false });
      assert.deepEqual(counts(5000, 100), { training: 800, evaluation: 256, limited: false });
    });
  });
});
