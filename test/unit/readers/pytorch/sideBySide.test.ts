import assert from 'node:assert/strict';
import { modulesOf, read } from './read';

// A file of its own: only the first reads of a process start the parser.
describe('PyTorch reader: several files at once', () => {
  it('reads each as if it were alone', async () => {
    const networks = await Promise.all(
      [1, 2, 3].map((width) => read(`model = nn.Sequential(nn.Linear(4, ${width}))\n`)),
    );
    assert.deepEqual(
      networks.map((network) => [modulesOf(network), network.modules[0]!.attributes.out_features]),
      [1, 2, 3].map((width) => [['0 Linear'], width]),
    );
  });
});
