import assert from 'node:assert/strict';
import { countParameters } from '../../../../src/engine/network';
import { modulesOf, read, whysOf } from './read';

// Totals and kinds are PyTorch's own after the first forward.
describe('PyTorch reader: lazy layers', () => {
  const convolutional = (script: string) => `model = nn.Sequential(
    nn.LazyConv2d(6, kernel_size=5, padding=2), nn.LazyBatchNorm2d(), nn.ReLU(), nn.MaxPool2d(2),
    nn.LazyConvTranspose2d(4, 2, stride=2), nn.LazyInstanceNorm2d(affine=True), nn.Flatten(),
    nn.LazyLinear(8), nn.LazyLinear(3, bias=False))
${script}`;

  it('take their sizes from the first input, and become the layers that they stand for', async () => {
    const network = await read(convolutional('model(torch.randn(4, 1, 28, 28))\n'));
    assert.deepEqual(whysOf(network), []);
    assert.deepEqual(
      modulesOf(network).map((each) => each.split(' ')[1]),
      [
        'Conv2d',
        'BatchNorm2d',
        'ReLU',
        'MaxPool2d',
        'ConvTranspose2d',
        'InstanceNorm2d',
        'Flatten',
        'Linear',
        'Linear',
      ],
    );
    const convolutions = 6 * 25 + 6 + 12 + 6 * 4 * 4 + 4 + 8;
    assert.equal(countParameters(network).total, convolutions + 4 * 28 * 28 * 8 + 8 + 24);
    assert.deepEqual(network.modules[7]!.attributes.in_features, 4 * 28 * 28);
  });

  it('are read as images of three channels where nobody says an input', async () => {
    const network = await read(convolutional(''));
    assert.deepEqual(network.parameters[0]!.shape, [6, 3, 5, 5]);
    assert.deepEqual(whysOf(network), []);
  });

  it('stay without parameters where no input is known, which is said', async () => {
    const network = await read('model = nn.Sequential(nn.LazyLinear(8), nn.ReLU(), nn.LazyLinear(2))\n');
    assert.equal(countParameters(network).total, 0);
    assert.deepEqual(whysOf(network), [
      '4: LazyLinear: its sizes come with the first input, and none reaches it: its parameters are not counted',
    ]);
  });

  it('of a copy take the sizes of what comes to the copy', async () => {
    const network = await read(`import copy

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.a = nn.LazyLinear(5)
        self.b = copy.deepcopy(self.a)
    def forward(self, x):
        return self.b(self.a(x))

net = Net()
net(torch.randn(2, 7))
`);
    assert.deepEqual(
      network.parameters.map(({ id, shape }) => [id, shape]),
      [
        ['a.weight', [5, 7]],
        ['a.bias', [5]],
        ['b.weight', [5, 5]],
        ['b.bias', [5]],
      ],
    );
  });

  it('are refused in PyTorch’s words where what comes in does not fit', async () => {
    await assert.rejects(
      read('model = nn.Sequential(nn.LazyConv2d(4, 3, groups=2))\nmodel(torch.randn(2, 3, 8, 8))\n'),
      /in_channels must be divisible by groups/,
    );
  });
});
