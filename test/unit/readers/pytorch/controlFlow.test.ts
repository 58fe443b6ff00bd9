import assert from 'node:assert/strict';
import type { Network } from '../../../../src/engine/network';
import { read, whysOf } from './read';

const net = (forward: string, init = 'pass') =>
  read(`import random
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.a = nn.Linear(4, 8)
        self.b = nn.Linear(8, 8)
        self.p = 0.5
        ${init}
    def forward(self, x):
${forward
  .split('\n')
  .map((line) => `        ${line}`)
  .join('\n')}
`);

const modulesCalled = ({ calls }: Network) => calls.flatMap(({ module }) => module ?? []);
const assumed = ({ surroundings }: Network) => surroundings?.assumptions.map(({ what, why }) => `${what}: ${why}`);

describe('PyTorch reader: control flow that hangs on values', () => {
  it('reads the way that computes most where all agree in their shapes', async () => {
    for (const forward of [
      'x = self.a(x)\nif x.sum() > 0:\n    x = self.b(x)\nreturn x',
      'x = self.a(x)\nif x.sum() > 0:\n    x = x * 2\nelse:\n    x = self.b(x)\nreturn x',
      'x = self.a(x)\nreturn self.b(x) if x.mean() > 0 else x',
      'x = self.a(x)\nif torch.rand(1).item() < self.p:\n    return self.b(x)\nelse:\n    return x',
    ]) {
      const network = await net(forward);
      assert.deepEqual(modulesCalled(network), ['a', 'b'], forward);
      assert.deepEqual(network.unmodelled, [], forward);
      assert.match(assumed(network)!.join(), /agree in their shapes/);
      assert.equal(network.calls.filter(({ id }) => id === 'b').length, 1);
    }
  });

  it('goes on where stochastic depth would return', async () => {
    const network = await net(
      'x = self.a(x)\nif self.training and torch.rand(1) < self.p:\n    return x\nreturn x + self.b(x)',
    );
    assert.deepEqual(modulesCalled(network), ['a', 'b']);
    assert.match(assumed(network)!.join(), /the way that goes on is read/);
  });

  it('passes over a way that only raises', async () => {
    const network = await net('if torch.isnan(x).any():\n    raise ValueError("nan")\nreturn self.b(self.a(x))');
    assert.deepEqual(modulesCalled(network), ['a', 'b']);
    assert.deepEqual([network.unmodelled, assumed(network)], [[], []]);
  });

  it('says in plain words where the ways differ in their shapes', async () => {
    const network = await net('if x.sum() > 0:\n    x = self.a(x)\nreturn x');
    assert.deepEqual(modulesCalled(network), ['a']);
    assert.deepEqual(whysOf(network), [
      '13: x.sum() > 0: it hangs on values, and its ways differ in their shapes; the one that computes most is read',
    ]);
  });

  it('leaves nothing of the way that is not taken: calls, ids, lists', async () => {
    const network = await net(
      'outs = []\nx = self.a(x)\nif x.sum() > 0:\n    outs.append(F.relu(x))\nelse:\n    outs.append(self.b(F.relu(x)))\nreturn torch.cat(outs, 1)',
    );
    assert.deepEqual(
      network.calls.map(({ id }) => id),
      ['a', 'relu', 'b', 'cat'],
    );
    assert.deepEqual(network.calls.at(-1)!.outputShapes, [[{ batch: 1 }, 8]]);
  });

  it('reads one round of a loop over values, and says so', async () => {
    const network = await net('x = self.a(x)\nwhile x.norm() > 1:\n    x = self.b(x)\nreturn x');
    assert.deepEqual(modulesCalled(network), ['a', 'b']);
    assert.match(whysOf(network).join(), /how often this loop runs hangs on values; one round of it is read/);
  });

  it("takes training's way by `self.training`", async () => {
    const network = await net('x = self.a(x)\nif self.training:\n    x = self.b(x)\nreturn x');
    assert.deepEqual(modulesCalled(network), ['a', 'b']);
    assert.deepEqual(assumed(network), []);
  });

  it('ends what has no end, with a note or an error and without a hang', async () => {
    const started = performance.now();
    for (const forward of [
      'while True:\n    x = self.b(self.a(x))',
      'x = self.a(x)\ndef f(n):\n    return f(n + 1)\nreturn f(0)',
      'big = [0] * 10**12\nreturn self.a(x)',
      'y = [i for i in range(10**9)]\nreturn self.a(x)',
      'for i in range(10**8):\n    x = x + 1\nreturn x',
      's = "a" * 10**11\nreturn self.a(x)',
    ]) {
      const said = await net(forward).then(whysOf, (error: Error) => [error.message]);
      assert.ok(said.length > 0, forward);
    }
    assert.ok(performance.now() - started < 60_000);
  });
});
