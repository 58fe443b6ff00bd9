import assert from 'node:assert/strict';
import fc from 'fast-check';
import { BATCH, InputError, type Network, type NetworkInput } from '../../../src/engine/network';
import { type DataPlan, planData } from '../../../src/engine/probe/data/plan';
import { sources } from '../../../src/engine/probe/data/sources';
import { networkTarget } from '../../../src/engine/probe/programs/leaves';
import type { TensorData } from '../../../src/engine/runtime';
import { networkOf } from '../../measure';

const planOf = (network: Network): DataPlan => planData(network, networkTarget(network));

/** What a plan makes: every input by its name, and the target. */
function made(plan: DataPlan, samples: number, seed = 1): { inputs: Record<string, TensorData>; target: TensorData } {
  const { causes, cells } = plan;
  const draw = { seed, split: 'training', samples, causes, cells };
  const make = ({ source, spec }: DataPlan['target']) => sources[source]({ ...draw, ...spec });
  return {
    inputs: Object.fromEntries([...plan.inputs].map(([name, planned]) => [name, make(planned)])),
    target: make(plan.target),
  };
}

const numbers = ({ values }: TensorData): number[] => Array.from(values as Float32Array, Number);
const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;

/** A network that its inputs and its output alone describe. */
const shaped = (inputs: readonly Partial<NetworkInput>[], output: NetworkInput['shape'], task: object): Network => {
  const base = networkOf({ input: [4], layers: ['ReLU'] });
  return {
    ...base,
    inputs: inputs.map((input, i) => ({ name: `x${i}`, shape: [], dtype: 'float32', origin: '', ...input })),
    calls: base.calls.map((call) => ({ ...call, outputShapes: [output] })),
    task: { kind: 'classification', loss: 'CrossEntropyLoss', origin: '', ...task },
  };
};

describe('the data of a network', () => {
  it('for classes at every pixel shows at each pixel its class', () => {
    const image = { shape: [BATCH, 3, 16, 12] };
    const { inputs, target } = made(planOf(shaped([image], [BATCH, 5, 16, 12], {})), 200);
    assert.deepEqual([...target.shape], [200, 16, 12]);
    const [pixels, classes] = [numbers(inputs.x0!), numbers(target)];
    assert.deepEqual(new Set(classes), new Set([0, 1, 2, 3, 4]));
    // The mean colour of each class; its distance from the others' is what there is to learn.
    const colours = Array.from({ length: 5 }, (_, wanted) =>
      [0, 1, 2].map((channel) =>
        mean(
          classes.flatMap((label, at) =>
            label === wanted ? [pixels[Math.floor(at / 192) * 576 + channel * 192 + (at % 192)]!] : [],
          ),
        ),
      ),
    );
    const nearest = (colour: readonly number[]) => {
      const distances = colours.map((own) => own.reduce((sum, value, i) => sum + (value - colour[i]!) ** 2, 0));
      return distances.indexOf(Math.min(...distances));
    };
    const right = classes.filter((label, at) => {
      const colour = [0, 1, 2].map((channel) => pixels[Math.floor(at / 192) * 576 + channel * 192 + (at % 192)]!);
      return nearest(colour) === label;
    });
    // Twice as often as by chance from a single pixel; a network sees its neighbours too.
    assert.ok(right.length / classes.length > 0.35, `${right.length / classes.length}`);
    // Neighbours mostly share their class, and classes change within an image.
    const same = classes.filter((label, at) => at % 12 > 0 && classes[at - 1] === label).length;
    assert.ok(same / classes.length > 0.6);
    assert.ok(new Set(classes.slice(0, 192)).size > 2);
  });

  it('for a coarser output keeps each cell within one target', () => {
    const { inputs, target } = made(planOf(shaped([{ shape: [BATCH, 1, 64, 64] }], [BATCH, 4, 4, 4], {})), 3);
    assert.deepEqual([...target.shape], [3, 4, 4]);
    assert.deepEqual([...inputs.x0!.shape], [3, 1, 64, 64]);
    assert.deepEqual(planOf(shaped([{ shape: [BATCH, 1, 64, 64] }], [BATCH, 4, 4, 4], {})).cells, [4, 4]);
  });

  it('for images to images has targets that follow from the same place', () => {
    const task = { kind: 'regression', loss: 'MSELoss' };
    const { target } = made(planOf(shaped([{ shape: [BATCH, 2, 16, 16] }], [BATCH, 3, 32, 32], task)), 50);
    assert.deepEqual([...target.shape], [50, 3, 32, 32]);
    const values = numbers(target);
    const average = mean(values);
    const variance = mean(values.map((value) => (value - average) ** 2));
    assert.ok(variance > 0.4 && variance < 2, `${variance}`);
    assert.ok(new Set(values.slice(0, 1024)).size > 4);
  });

  it('for one bit a sample, or a pixel, has both', () => {
    const bits = { kind: 'classification', loss: 'BCEWithLogitsLoss' };
    for (const output of [[BATCH], [BATCH, 1], [BATCH, 1, 8, 8]]) {
      const image = output.length === 4 ? [BATCH, 3, 8, 8] : [BATCH, 7];
      const { target } = made(planOf(shaped([{ shape: image }], output, bits)), 400);
      const share = mean(numbers(target));
      assert.ok(Math.abs(share - 0.5) < 0.1, `${output}: ${share}`);
      assert.deepEqual(new Set(numbers(target)), new Set([0, 1]));
    }
    const labels = made(planOf(shaped([{ shape: [BATCH, 7] }], [BATCH, 30], bits)), 400).target;
    assert.deepEqual(new Set(numbers(labels)), new Set([0, 1]));
  });

  it('for distributions adds up to one along their axis', () => {
    const task = (more: object) => ({ kind: 'regression', loss: 'KLDivLoss', ...more });
    for (const [input, output, axis] of [
      [[BATCH, 6], [BATCH, 5], 1],
      [[BATCH, 3, 8, 8], [BATCH, 4, 8, 8], 1],
      [[BATCH, 9, 6], [BATCH, 9, 4], 2],
    ] as const) {
      const given = task({ classAxis: axis });
      const { target } = made(planOf(shaped([{ shape: input }], output, given)), 20);
      const inner = (output.slice(axis + 1) as number[]).reduce((product, dim) => product * dim, 1);
      const values = numbers(target);
      const classes = output[axis] as number;
      for (let i = 0; i < values.length; i += classes * inner) {
        for (let k = 0; k < inner; k++) {
          const total = Array.from({ length: classes }, (_, c) => values[i + c * inner + k]!).reduce((a, b) => a + b);
          assert.ok(Math.abs(total - 1) < 1e-5, `${output}: ${total}`);
        }
      }
      const logarithms = numbers(
        made(planOf(shaped([{ shape: input }], output, { ...given, lossSettings: { log_target: true } })), 20).target,
      );
      logarithms.forEach((value, i) => {
        assert.ok(Math.abs(Math.exp(value) - values[i]!) < 1e-5);
      });
    }
  });

  const tokens = { shape: [BATCH, 24], dtype: 'int64', vocabulary: 500 } as const;

  it('of tokens for a class a sample prefers the words of the class', () => {
    const { inputs, target } = made(planOf(shaped([tokens], [BATCH, 4], {})), 600);
    const [words, classes] = [numbers(inputs.x0!), numbers(target)];
    assert.ok(words.every((word) => Number.isInteger(word) && word >= 0 && word < 500));
    // Words that a class shows often, learned on the first half, tell the class of the second.
    const counts = Array.from({ length: 4 }, () => new Float64Array(500).fill(0.1));
    for (let i = 0; i < 300 * 24; i++) counts[classes[Math.floor(i / 24)]!]![words[i]!]! += 1;
    const totals = counts.map((each) => each.reduce((a, b) => a + b));
    let right = 0;
    for (let n = 300; n < 600; n++) {
      const scores = counts.map((each, c) => {
        let score = 0;
        for (let t = 0; t < 24; t++) score += Math.log(each[words[n * 24 + t]!]! / totals[c]!);
        return score;
      });
      if (scores.indexOf(Math.max(...scores)) === classes[n]) right++;
    }
    assert.ok(right > 280, `${right} of 300`);
  });

  it('of a language model asks for the next token, which often follows from the last', () => {
    const network = shaped([tokens], [BATCH, 24, 500], { classAxis: 2, classes: 500 });
    // Beside them an input that nothing is done with, as a forward takes targets for a loss of its own.
    const beside = shaped([tokens, { ...tokens, vocabulary: undefined }], [BATCH, 24, 500], {
      classAxis: 2,
      classes: 500,
    });
    assert.deepEqual(made(planOf(beside), 9).target, made(planOf(network), 9).target);
    const { inputs, target } = made(planOf(network), 200);
    const [words, next] = [numbers(inputs.x0!), numbers(target)];
    assert.deepEqual([...target.shape], [200, 24]);
    for (let i = 0; i < words.length; i++) if (i % 24 < 23) assert.equal(next[i], words[i + 1]);
    const follows = new Map<number, Map<number, number>>();
    words.forEach((word, i) => {
      const counts = follows.get(word) ?? new Map<number, number>();
      follows.set(word, counts.set(next[i]!, (counts.get(next[i]!) ?? 0) + 1));
    });
    const best = [...follows.values()].reduce((sum, counts) => sum + Math.max(...counts.values()), 0);
    const share = best / words.length;
    assert.ok(share > 0.55 && share < 0.7, `${share}`);
  });

  it('of a tagger gives each word a kind', () => {
    const { inputs, target } = made(planOf(shaped([tokens], [BATCH, 24, 7], { classAxis: 2, classes: 7 })), 50);
    const kinds = new Map<number, number>();
    numbers(inputs.x0!).forEach((word, i) => {
      const kind = numbers(target)[i]!;
      assert.equal(kinds.get(word) ?? kind, kind);
      kinds.set(word, kind);
    });
    assert.equal(new Set(kinds.values()).size, 7);
  });

  it('of a decoder speaks of its own tokens, not of the source', () => {
    const network = shaped(
      [
        { ...tokens, name: 'source', shape: [BATCH, 9] },
        { ...tokens, name: 'sofar' },
      ],
      [BATCH, 24, 500],
      { classAxis: 2, classes: 500 },
    );
    const { inputs, target } = made(planOf(network), 5);
    assert.deepEqual(numbers(target).slice(0, 23), numbers(inputs.sofar!).slice(1, 24));
    assert.deepEqual([...inputs.source!.shape], [5, 9]);
  });

  it('of ragged sequences ends each sample where its length and mask say', () => {
    const network = shaped(
      [
        { name: 'x', shape: [BATCH, 10, 3] },
        { name: 'lengths', shape: [BATCH], dtype: 'int64' },
        { name: 'attention_mask', shape: [BATCH, 10], dtype: 'int64' },
        { name: 'words', shape: [BATCH, 10], dtype: 'int64', vocabulary: 50 },
        { name: 'position_ids', shape: [BATCH, 10], dtype: 'int64' },
      ],
      [BATCH, 4],
      {},
    );
    const { inputs } = made(planOf(network), 300);
    const lengths = numbers(inputs.lengths!);
    assert.deepEqual(new Set(lengths), new Set([5, 6, 7, 8, 9, 10]));
    const [x, mask, words, positions] = ['x', 'attention_mask', 'words', 'position_ids'].map((name) =>
      numbers(inputs[name]!),
    ) as [number[], number[], number[], number[]];
    for (let i = 0; i < 3000; i++) {
      const inside = i % 10 < lengths[Math.floor(i / 10)]!;
      assert.equal(mask[i], Number(inside));
      assert.equal(x[3 * i] === 0, !inside);
      if (!inside) assert.equal(words[i], 0);
      assert.equal(positions[i], i % 10);
    }
  });

  it('of ragged sequences has the ignored index behind their ends, where the loss says one', () => {
    const inputs = [
      { name: 'x', shape: [BATCH, 10, 3] },
      { name: 'lengths', shape: [BATCH], dtype: 'int64' },
    ] as const;
    const tagged = (lossSettings: object) =>
      made(planOf(shaped(inputs, [BATCH, 10, 4], { classAxis: 2, lossSettings })), 100);
    const { inputs: data, target } = tagged({ ignore_index: -100 });
    numbers(target).forEach((label, i) => {
      assert.equal(label === -100, i % 10 >= numbers(data.lengths!)[Math.floor(i / 10)]!);
    });
    assert.ok(numbers(tagged({}).target).every((label) => label >= 0));
  });

  it('has a vocabulary from the table that looks the tokens up, or asks for one', () => {
    const unused = shaped([{ shape: [BATCH, 6], dtype: 'int64' }], [BATCH, 4], {});
    // Nothing is done with them.
    assert.deepEqual(new Set(numbers(made(planOf(unused), 10).inputs.x0!)), new Set([0]));
    const bare = { ...unused, calls: unused.calls.map((call) => ({ ...call, inputs: [{ value: 'x0' }] })) };
    assert.throws(
      () => planOf(bare),
      (error) => error instanceof InputError && /x0 takes whole numbers, .*; state it/.test(error.message),
    );
    const looked = {
      ...bare,
      calls: bare.calls.map((call) => ({ ...call, attributes: { num_embeddings: 33 }, inputs: [{ value: 'x0' }] })),
    };
    assert.ok(Math.max(...numbers(made(planOf(looked), 100).inputs.x0!)) < 33);
  });

  it('has a vocabulary for each column that has a table of its own, or rows of its own in one table', () => {
    const largest = (rest: object): number[] => {
      const network = networkOf({ input: { x: { shape: [3], vocabulary: 40 } }, ...rest });
      const values = numbers(made(planOf(network), 300).inputs.x!);
      return [0, 1, 2].map((column) => Math.max(...values.filter((_, i) => i % 3 === column)));
    };
    const table = (rows: number) => ({ Embedding: { num_embeddings: rows, embedding_dim: 4 } });
    const column = (index: number) => ({ getitem: { index: [['slice', null, null, null], index] }, from: 'x' });
    const sum = { add: {}, from: ['a', 'b'] };
    const own = [column(0), { ...table(24), id: 'a' }, column(-1), { ...table(2), id: 'b' }, sum];
    // What nothing looks up is as any other.
    assert.deepEqual(largest({ layers: [...own, { Linear: { out_features: 3 } }] }), [23, 23, 1]);
    const call = (kind: string, inputs: readonly string[], attributes: object) => ({
      id: kind,
      kind,
      inputs,
      attributes,
    });
    const shared = [
      call('tensor', [], { shape: [3], values: [0, 7, 36], dtype: 'int64' }),
      call('add', ['x', 'tensor'], {}),
      { id: 'table', module: 'table', inputs: ['add'] },
      call('mean', ['table'], { dim: 1 }),
    ];
    const modules = [{ id: 'table', kind: 'Embedding', attributes: { num_embeddings: 40, embedding_dim: 4 } }];
    assert.deepEqual(largest({ graph: { modules, calls: shared, outputs: ['mean'] } }), [6, 28, 3]);
  });

  it('has as many tokens as one-hot rows are long', () => {
    const network = networkOf({
      input: { x: { shape: [6], vocabulary: 1000 } },
      layers: [{ one_hot: { num_classes: 5 } }, { to: { dtype: 'float32' } }, { Linear: { out_features: 3 } }],
    });
    assert.equal(Math.max(...numbers(made(planOf(network), 100).inputs.x!)), 4);
  });

  it('refuses the batch on two axes', () => {
    assert.throws(() => planOf(shaped([{ shape: [BATCH, BATCH] }], [BATCH, 2], {})), /x0 has the batch on two axes/);
  });

  it('is a pure function of seed and split, more samples beginning with fewer (property)', () => {
    const networks = [
      shaped([{ shape: [BATCH, 2, 6, 6] }], [BATCH, 3, 6, 6], {}),
      shaped([tokens], [BATCH, 24, 500], { classAxis: 2, classes: 500 }),
      shaped([tokens], [BATCH, 3], {}),
      shaped([{ shape: [5, BATCH, 3] }], [5, BATCH, 2], { kind: 'regression', loss: 'L1Loss' }),
      shaped([{ shape: [BATCH, 4] }], [BATCH, 3, 5], { classAxis: 1 }),
    ];
    fc.assert(
      fc.property(fc.constantFrom(...networks), fc.nat(50), fc.integer({ min: 1, max: 6 }), (network, seed, few) => {
        const plan = planOf(network);
        const [some, all] = [made(plan, few, seed), made(plan, 7, seed)];
        const begins = (a: TensorData, b: TensorData) => {
          assert.deepEqual(numbers(a), numbers(b).slice(0, a.values.length));
          assert.deepEqual(a.shape.slice(1), b.shape.slice(1));
        };
        begins(some.target, all.target);
        for (const name of Object.keys(some.inputs)) begins(some.inputs[name]!, all.inputs[name]!);
        const other = made(plan, 7, seed + 1);
        assert.notDeepEqual(numbers(other.inputs.x0!), numbers(all.inputs.x0!));
      }),
      { numRuns: 40 },
    );
  });
});
