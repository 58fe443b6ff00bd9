import assert from 'node:assert/strict';
import { countParameters, type Network } from '../../../../src/engine/network';
import { ProcessRuntime } from '../../../../src/engine/runtime';
import { measure } from '../../../measure';
import { callsOf, modulesOf, read, whysOf } from './read';

const NAMES = `from torch.nn.utils import weight_norm as hook_norm, spectral_norm as hook_spectral
from torch.nn.utils.parametrizations import spectral_norm, weight_norm
import torch.nn.utils.parametrize as P
`;

const sequential = (layers: string, input = 'torch.randn(4, 3, 8, 8)') =>
  read(`${NAMES}net = nn.Sequential(${layers})\nnet(${input})\n`);

const shapesOf = ({ parameters, buffers }: Network) =>
  [...parameters, ...buffers].map(({ id, shape }) => `${id} [${shape.join(', ')}]`);

// The names, classes, shapes and orders are PyTorch 2.13's.
describe('parametrized weights in a model file', () => {
  it('weight_norm of torch.nn.utils.parametrizations', async () => {
    const network = await sequential(
      'weight_norm(nn.Conv2d(3, 8, 3)), nn.Flatten(), weight_norm(nn.Linear(288, 2), dim=1)',
    );
    assert.deepEqual(modulesOf(network), [
      '0 ParametrizedConv2d',
      '0.parametrizations ModuleDict',
      '0.parametrizations.weight ParametrizationList',
      '0.parametrizations.weight.0 _WeightNorm',
      '1 Flatten',
      '2 ParametrizedLinear',
      '2.parametrizations ModuleDict',
      '2.parametrizations.weight ParametrizationList',
      '2.parametrizations.weight.0 _WeightNorm',
    ]);
    assert.deepEqual(shapesOf(network), [
      '0.bias [8]',
      '0.parametrizations.weight.original0 [8, 1, 1, 1]',
      '0.parametrizations.weight.original1 [8, 3, 3, 3]',
      '2.bias [2]',
      '2.parametrizations.weight.original0 [1, 288]',
      '2.parametrizations.weight.original1 [2, 288]',
    ]);
    assert.deepEqual(callsOf(network), [
      '0.parametrizations.weight.0(0.parametrizations.weight.original0, 0.parametrizations.weight.original1) [8, 3, 3, 3]',
      '0(input, 0.parametrizations.weight.0, 0.bias) [batch, 8, 6, 6]',
      '1(0) [batch, 288]',
      '2.parametrizations.weight.0(2.parametrizations.weight.original0, 2.parametrizations.weight.original1) [2, 288]',
      '2(1, 2.parametrizations.weight.0, 2.bias) [batch, 2]',
    ]);
    assert.deepEqual(whysOf(network), []);
    const containers = network.modules.filter(({ container }) => container).map(({ kind }) => kind);
    assert.deepEqual([...new Set(containers)], ['ModuleDict', 'ParametrizationList']);
  });

  it('the older weight_norm, of everything together too', async () => {
    const network = await sequential('hook_norm(nn.Conv1d(3, 4, 2, bias=False), dim=None)', 'torch.randn(4, 3, 8)');
    assert.deepEqual(modulesOf(network), ['0 Conv1d']);
    assert.deepEqual(shapesOf(network), ['0.weight_g []', '0.weight_v [4, 3, 2]']);
    assert.deepEqual(callsOf(network), [
      '0._weight_norm(0.weight_g, 0.weight_v) [4, 3, 2]',
      '0(input, 0._weight_norm) [batch, 4, 7]',
    ]);
  });

  it('spectral_norm, whose rows of a transposed convolution are its second axis', async () => {
    const network = await sequential(
      'spectral_norm(nn.ConvTranspose2d(3, 4, 2, stride=2), n_power_iterations=2), hook_spectral(nn.Conv2d(4, 2, 3))',
    );
    assert.deepEqual(shapesOf(network), [
      '0.bias [4]',
      '0.parametrizations.weight.original [3, 4, 2, 2]',
      '1.bias [2]',
      '1.weight_orig [2, 4, 3, 3]',
      '0.parametrizations.weight.0._u [4]',
      '0.parametrizations.weight.0._v [12]',
      '1.weight_u [2]',
      '1.weight_v [36]',
    ]);
    assert.deepEqual(network.calls[0]!.attributes, {
      weight_shape: [3, 4, 2, 2],
      n_power_iterations: 2,
      dim: 1,
      eps: 1e-12,
    });
    assert.equal(callsOf(network)[2], '1._spectral_norm(1.weight_orig, 1.weight_u, 1.weight_v) [2, 4, 3, 3]');
    assert.deepEqual(network.buffers[0]!.initialization, {
      kind: 'singular_vector',
      of: '0.parametrizations.weight.original',
      side: 'left',
      dim: 1,
      iterations: 15,
    });
  });

  it('a parametrization of the file’s own, and a weight that forward asks for itself', async () => {
    const network = await read(`${NAMES}
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.lin = weight_norm(nn.Linear(4, 4))
        for module in self.modules():
            if isinstance(module, nn.Linear):
                nn.init.zeros_(module.bias)
    def forward(self, x):
        return F.linear(x, self.lin.weight) + self.lin(x)

net = Net()
net(torch.randn(2, 4))
`);
    assert.deepEqual(callsOf(network).slice(0, 4), [
      'lin.parametrizations.weight.0(lin.parametrizations.weight.original0, lin.parametrizations.weight.original1) [4, 4]',
      'linear(x, lin.parametrizations.weight.0) [batch, 4]',
      'lin.parametrizations.weight.0@2(lin.parametrizations.weight.original0, lin.parametrizations.weight.original1) [4, 4]',
      'lin(x, lin.parametrizations.weight.0@2, lin.bias) [batch, 4]',
    ]);
    assert.deepEqual(network.parameters[0]!.initialization, { kind: 'constant', value: 0 });
  });

  it('a parametrization that is removed leaves the layer as it was', async () => {
    const network = await read(`${NAMES}
net = nn.Sequential(weight_norm(nn.Linear(4, 3)), hook_norm(nn.Linear(3, 2)))
P.remove_parametrizations(net[0], 'weight')
nn.utils.remove_weight_norm(net[1])
net(torch.randn(2, 4))
`);
    assert.deepEqual(modulesOf(network), ['0 Linear', '1 Linear']);
    assert.deepEqual(shapesOf(network), ['0.bias [3]', '0.weight [3, 4]', '1.bias [2]', '1.weight [2, 3]']);
    assert.deepEqual(callsOf(network), ['0(input) [batch, 3]', '1(0) [batch, 2]']);
  });

  it('names what it cannot compute, and says what PyTorch would', async () => {
    const orthogonal = await read(
      `from torch.nn.utils.parametrizations import orthogonal\nnet = nn.Sequential(orthogonal(nn.Linear(4, 4)))\nnet(torch.randn(2, 4))\n`,
    );
    assert.match(whysOf(orthogonal).join(), /orthogonal: this parametrization is not modelled/);
    assert.equal(countParameters(orthogonal).total, 20);
    const made = (layer: string) =>
      read(`${NAMES}
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.layer = ${layer}
    def forward(self, x):
        return self.layer(x)
`);
    await assert.rejects(
      made('weight_norm(nn.ReLU())'),
      /Module 'ReLU\(\)' has no parameter or buffer with name 'weight'/,
    );
    await assert.rejects(
      made('spectral_norm(nn.Linear(4, 4), n_power_iterations=0)'),
      /Expected n_power_iterations to be positive, but got n_power_iterations=0/,
    );
  });

  describe('where it is measured', () => {
    const runtime = new ProcessRuntime();
    after(() => runtime.dispose());
    const conv = (wrap: string) => `${wrap}(nn.Conv2d(3, 8, 3))`;
    const at = async (wrap: string) => {
      const network = await sequential(`${conv(wrap)}, nn.ReLU(), nn.Flatten(), nn.Linear(288, 10)`);
      return { network, ...(await measure(runtime, network, { steps: 3 })) };
    };

    it('a weight norm starts from the weights that stand there without it, and its layer has all their gradient', async () => {
      const plain = await at('');
      for (const wrap of ['weight_norm', 'hook_norm']) {
        const normed = await at(wrap);
        const [a, b] = [plain, normed].map(({ runs }) => runs[0]!.losses[0]!) as [number, number];
        assert.ok(Math.abs(a - b) < 1e-5 * a, `${a} ${b}`);
        const norm = ({ layers }: typeof plain) => layers.get('0')!.gradientNorm!;
        // Along v there is none, along g there is: together what the plain weight has is not exceeded by much.
        assert.ok(norm(normed) > 0.1 * norm(plain), wrap);
        assert.equal(normed.layers.get('0')!.role, 'affine');
      }
    });

    it('a spectral norm begins at a weight of norm 1, and moves its vectors on', async () => {
      const { network, runs } = await at('spectral_norm');
      assert.ok(runs[0]!.losses.every(Number.isFinite));
      assert.equal(network.buffers.length, 2);
    });
  });
});
