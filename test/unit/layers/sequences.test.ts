import assert from 'node:assert/strict';
import { evaluate, express, listOf, suiteRuntime, type Values } from './harness';

describe('attention with masked rows', () => {
  const runtime = suiteRuntime();
  const size = [1, 2, 2] as const;
  const identity = [1, 0, 0, 1];
  const weights: Values = {
    'input.0': [size, [1, 2, -1, 1]],
    in_proj_weight: [
      [6, 2],
      [...identity, ...identity, ...identity],
    ],
    'out_proj.weight': [[2, 2], identity],
  };
  const attributes = { embed_dim: 2, num_heads: 1, bias: false, batch_first: true, operands: ['attn_mask'] };

  /** Outputs where the second query sees no key, its scores lowered by `by`. */
  const masked = async (by: number, needWeights: boolean) => {
    const { forward } = express('MultiheadAttention', { ...attributes, need_weights: needWeights }, [size, [2, 2]]);
    const outputs = Object.fromEntries(forward.outputs.map((output, i) => [String(i), output]));
    return evaluate(
      outputs,
      {
        ...weights,
        'input.1': [
          [2, 2],
          [0, 0, by, by],
        ],
      },
      runtime,
    );
  };

  it('is NaN in such a row and in no other where −∞ goes through softmax', async () => {
    const found = await masked(Number.NEGATIVE_INFINITY, true);
    assert.deepEqual(listOf(found[1]).map(Number.isNaN), [false, false, true, true]);
    assert.deepEqual(listOf(found[0]).map(Number.isNaN), [false, false, true, true]);
  });

  it('is zero there without the weights, as scaled_dot_product_attention has it', async () => {
    assert.deepEqual(listOf((await masked(Number.NEGATIVE_INFINITY, false))[0]).slice(2), [0, 0]);
  });

  it('spreads evenly over the keys where −2³² + 1 stands for −∞', async () => {
    const found = await masked(-(2 ** 32) + 1, true);
    assert.deepEqual(listOf(found[1]).slice(2), [0.5, 0.5]);
    assert.deepEqual(listOf(found[0]).slice(2), [0, 1.5]);
  });
});

describe('saturation of recurrent layers', () => {
  const runtime = suiteRuntime();
  const size = [1, 1, 1] as const;

  /** Which gates of one LSTM unit after one step are flat, low and high, at these inputs of i, f, g and o. */
  const flat = async (gates: readonly [number, number, number, number]) => {
    const { forward } = express('LSTM', { input_size: 1, hidden_size: 1, bias: false }, [size]);
    const found = await evaluate(
      { ...forward.saturated! },
      {
        'input.0': [size, [1]],
        weight_ih_l0: [[4, 1], gates],
        weight_hh_l0: [
          [4, 1],
          [0, 0, 0, 0],
        ],
      },
      runtime,
    );
    return [listOf(found.low), listOf(found.high)];
  };

  it("takes the gates' inputs, sigmoid's beyond ±3.637 and tanh's beyond ±1.818", async () => {
    // In the order of the layer's figures: the gates i, f, o, then the candidate g.
    assert.deepEqual(await flat([3.6, -3.6, 1.8, 0]), [
      [0, 0, 0, 0],
      [0, 0, 0, 0],
    ]);
    assert.deepEqual(await flat([3.65, -3.65, -1.83, 0]), [
      [0, 1, 0, 1],
      [1, 0, 0, 0],
    ]);
  });

  it('is taken at eight steps at most, the last among them, of every layer and direction', () => {
    const shapeOf = (steps: number) =>
      express('GRU', { input_size: 2, hidden_size: 3, num_layers: 2, bidirectional: true }, [[steps, 4, 2]]).forward
        .saturated!.high.shape;
    // Three gates of two layers in two directions, one behind the other, each of [steps, units, samples].
    assert.deepEqual(shapeOf(5), [12 * 5, 3, 4]);
    assert.deepEqual(shapeOf(40), [12 * 8, 3, 4]);
  });

  it('has inactive units instead where RNN uses relu', () => {
    const { forward } = express('RNN', { input_size: 1, hidden_size: 1, nonlinearity: 'relu' }, [size]);
    assert.equal(forward.saturated, undefined);
    assert.deepEqual(forward.inactive?.shape, [1, 1, 1]);
  });
});

describe('dropout between recurrent layers', () => {
  it('is asked for behind every layer but the last, in training alone', () => {
    const attributes = { input_size: 2, hidden_size: 3, num_layers: 3, dropout: 0.4, bidirectional: true };
    const asked: (readonly number[])[] = [];
    const bernoulli = (shape: readonly number[], keep: number) => {
      assert.equal(keep, 0.6);
      asked.push(shape);
      return express('Identity', {}, [shape]).inputs[0]!;
    };
    express('LSTM', attributes, [[5, 4, 2]], { bernoulli });
    assert.deepEqual(asked, [
      [5, 4, 6],
      [5, 4, 6],
    ]);
    express('LSTM', attributes, [[5, 4, 2]], { bernoulli, mode: 'evaluate' });
    assert.equal(asked.length, 2);
  });
});
