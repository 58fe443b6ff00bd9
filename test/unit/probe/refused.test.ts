import assert from 'node:assert/strict';
import { InputError } from '../../../src/engine/network';
import { ProcessRuntime } from '../../../src/engine/runtime';
import { measure, networkOf } from '../../measure';

describe('what a layer refuses at one batch size', () => {
  const runtime = new ProcessRuntime();
  after(() => runtime.dispose());
  const described = (batch: number) =>
    networkOf({
      input: [4],
      batch,
      layers: [{ GroupNorm: { num_groups: 4, num_channels: 4 } }, { Linear: { out_features: 3 } }],
    });

  it('is said with the layer, its line, the shape and PyTorch’s words', async () => {
    const network = described(1);
    await assert.rejects(measure(runtime, network), (error) => {
      assert.ok(error instanceof InputError, String(error));
      assert.match(
        error.message,
        /^0 \(GroupNorm\) cannot be computed on \[1, 4\] at batch 1: Expected more than 1 value per channel when training, got input size \[1, 4\]; take fewer groups than channels/,
      );
      assert.equal(error.source, network.calls[0]!.source);
      return true;
    });
    assert.ok((await measure(runtime, described(2))).layers.has('0'));
  });
});
