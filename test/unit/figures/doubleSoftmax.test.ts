import assert from 'node:assert/strict';
import { ProcessRuntime } from '../../../src/engine/runtime';
import { constant, softmax } from '../../../src/engine/tensor';
import { lossOf } from '../../../src/engine/training';
import { execute } from '../../execute';
import { measure, networkOf } from '../../measure';
import { near } from './meanField';

const TASK = { kind: 'classification', loss: 'CrossEntropyLoss', origin: 'the test' } as const;

// Probabilities taken for logits: at best 1 for the right class and 0 for the others.
describe('softmax applied twice', function () {
  this.timeout(60_000);
  const runtime = new ProcessRuntime();
  after(() => runtime.dispose());
  const floor = (classes: number) => Math.log(1 + (classes - 1) / Math.E);

  it('the loss of a perfect answer is ln(1 + (C − 1)/e): 1.461 for ten classes', async () => {
    near(floor(10), 1.461, 1e-3);
    for (const classes of [2, 10, 100]) {
      // Each of C samples certain of its own class.
      const logits = constant(
        Array.from({ length: classes ** 2 }, (_, i) => (i % (classes + 1) === 0 ? 200 : 0)),
        [classes, classes],
      );
      const target = constant(
        Array.from({ length: classes }, (_, i) => i),
        [classes],
        'int64',
      );
      const { loss } = await execute({ loss: lossOf(TASK, softmax(logits, 1), target) }, {}, runtime);
      near(Number(loss!.values[0]), floor(classes), 1e-5);
    }
  });

  it('a training comes down to it, and never below', async () => {
    const description = (...head: unknown[]) =>
      networkOf({
        input: [64],
        batch: 64,
        task: { kind: 'classification', classes: 10 },
        optimizer: { Adam: { lr: 0.01 } },
        layers: [{ Linear: { out_features: 128 } }, 'ReLU', { Linear: { out_features: 10 } }, ...head],
      });
    const lowest = async (...head: unknown[]) => {
      const { runs } = await measure(runtime, description(...head), { steps: 150, evaluate: 'final-loss' });
      return Math.min(...runs[0]!.losses);
    };
    const [twice, once] = [await lowest({ Softmax: { dim: 1 } }), await lowest()];
    assert.ok(twice >= floor(10) - 1e-5 && twice < floor(10) + 0.05, `${twice} with a Softmax before the loss`);
    assert.ok(once < 0.1, `${once} without`);
  });
});
