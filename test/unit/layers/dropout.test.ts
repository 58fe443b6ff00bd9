import assert from 'node:assert/strict';
import { completeAttributes, functionForms } from '../../../src/engine/layers';
import { constant, gradients, input, mul, sum, type Tensor } from '../../../src/engine/tensor';
import { evaluate, express, listOf, row, suiteRuntime } from './harness';

describe('Dropout', () => {
  const runtime = suiteRuntime();
  const shape = [2, 3];
  const x = [1, -2, 3, 4, 5, -6];
  const mask = [1, 0, 1, 1, 0, 0];

  /** A context's `bernoulli` that gives one leaf named `mask`, and what was asked of it. */
  const maskSource = () => {
    const asked: { shape: readonly number[]; keep: number }[] = [];
    const bernoulli = (wanted: readonly number[], keep: number): Tensor => {
      asked.push({ shape: wanted, keep });
      return input('mask', wanted);
    };
    return { asked, bernoulli };
  };

  it('keeps with probability 1 − p and divides by it, once; the gradient too', async () => {
    const { asked, bernoulli } = maskSource();
    const { forward, inputs } = express('Dropout', { p: 0.2 }, [shape], { bernoulli });
    assert.deepEqual(asked, [{ shape, keep: 0.8 }]);
    const cotangent = [1, 2, 3, 4, 5, 6];
    const [dx] = gradients(sum(mul(forward.outputs[0]!, constant(cotangent, shape))), inputs);
    const found = await evaluate(
      { y: forward.outputs[0]!, dx: dx! },
      { 'input.0': [shape, x], mask: [shape, mask] },
      runtime,
    );
    const scaled = (values: readonly number[]) => values.map((value, i) => Math.fround((value * mask[i]!) / 0.8));
    assert.deepEqual(listOf(found.y), scaled(x));
    assert.deepEqual(listOf(found.dx), scaled(cotangent));
  });

  it('is the identity in evaluation and at p = 0, without asking for a mask', () => {
    for (const [attributes, mode] of [
      [{ p: 0.7 }, 'evaluate'],
      [{ p: 0 }, 'train'],
    ] as const) {
      const { forward, inputs } = express('Dropout', attributes, [shape], { mode });
      assert.equal(forward.outputs[0], inputs[0]);
    }
  });

  it('as a function drops in evaluation too, unless it is told the mode', () => {
    const { form } = functionForms.get('torch.nn.functional.dropout')!;
    const drops = (given: Record<string, boolean | null>) => {
      const { asked, bernoulli } = maskSource();
      const attributes = completeAttributes(row('Dropout'), given, [shape], form.defaults);
      express('Dropout', attributes, [shape], { mode: 'evaluate', bernoulli });
      return asked.length === 1;
    };
    assert.equal(drops({}), true);
    assert.equal(drops({ training: false }), false);
    assert.equal(drops({ training: null }), false);
  });

  it('in attention drops probabilities, in training only', () => {
    const attributes = { embed_dim: 4, num_heads: 2, dropout: 0.25, batch_first: true };
    const { asked, bernoulli } = maskSource();
    express('MultiheadAttention', attributes, [[3, 5, 4]], { bernoulli });
    assert.deepEqual(asked, [{ shape: [3, 2, 5, 5], keep: 0.75 }]);
    express('MultiheadAttention', attributes, [[3, 5, 4]], { mode: 'evaluate' });
  });
});
