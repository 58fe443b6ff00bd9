import assert from 'node:assert/strict';
import { read, whysOf } from './read';

/** A model whose only layer is as wide as the expression says. */
const width = async (expression: string, before = ''): Promise<number | string> => {
  const network = await read(`import math
import numpy as np

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        ${before || 'pass'}
        self.layer = nn.Linear(${expression}, 3)

    def forward(self, x):
        return self.layer(x)
`);
  const weight = network.parameters.find(({ id }) => id === 'layer.weight');
  return weight ? weight.shape[1]! : whysOf(network).join('; ');
};

describe('numbers that a constructor makes with tensors', () => {
  for (const [expression, expected] of [
    ['int(torch.arange(5).sum())', 10],
    ['torch.linspace(4, 8, 5)[2].item().__int__() if False else int(torch.linspace(4, 8, 5)[2].item())', 6],
    ['torch.tensor([3, 5, 7]).cumsum(0).tolist()[-1]', 15],
    ['(torch.round(torch.tensor([2.5, 3.5, 20.4])).int().tolist())[2]', 20],
    ['int(torch.diff(torch.tensor([1, 4, 13])).max())', 9],
    ['int(np.prod([2, 3, 4]))', 24],
    ['int(np.linspace(0, 10, 6)[3])', 6],
    ['int(np.linspace(0, 10, 5, endpoint=False)[3])', 6],
    ['np.arange(8).reshape(2, 4).tolist()[1][2]', 6],
    ['int(np.sqrt(81))', 9],
    ['int(np.ceil(np.array([1.2, 7.1])).sum())', 10],
    ['len(torch.zeros(4, 5)[0].tolist())', 5],
    ['torch.Tensor(torch.zeros(7, 5).size()).size(0)', 7],
    ['int(np.cumsum([2, 3, 4])[-1])', 9],
    ['int(np.cumsum(np.array([[1, 2], [3, 4]]))[3])', 10],
    ['torch.FloatTensor(torch.zeros(7, 5).shape).shape[1]', 5],
    ['torch.Tensor((7, 5)).size(0)', 2],
  ] as const) {
    it(`${expression} is ${expected}`, async () => assert.equal(await width(expression), expected));
  }

  it('decide conditions, and stop at what is drawn', async () => {
    assert.equal(await width('4 if torch.arange(3).max() > 1 else 5'), 4);
    assert.match(String(await width('int(torch.randn(3).abs().sum().item()) + 1')), /not known before running/);
  });
});

describe('parts of parameters', () => {
  const initializationOf = async (code: string, id = 'layer.bias') => {
    const network = await read(`class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.layer = nn.Linear(4, 8)
        ${code}

    def forward(self, x):
        return self.layer(x)
`);
    assert.deepEqual(whysOf(network), []);
    return network.parameters.find((parameter) => parameter.id === id)!.initialization;
  };
  const one = { kind: 'constant', value: 1 } as const;
  const zero = { kind: 'constant', value: 0 } as const;

  it('are initialized apart, by slices, numbers and assignment', async () => {
    const rest = { kind: 'uniform', low: -0.5, high: 0.5 };
    const from2to4 = { kind: 'parts', rest, parts: [{ from: [2], to: [4], initialization: one }] };
    assert.deepEqual(await initializationOf('self.layer.bias.data[2:4].fill_(1.)'), from2to4);
    assert.deepEqual(await initializationOf('self.layer.bias.data[2:4] = 1'), from2to4);
    assert.deepEqual(await initializationOf('nn.init.ones_(self.layer.bias[2:4])'), from2to4);
    assert.deepEqual(await initializationOf('self.layer.bias.data[2:4].copy_(torch.ones(2))'), from2to4);
    assert.deepEqual(await initializationOf('self.layer.weight.data[-1].zero_()', 'layer.weight'), {
      kind: 'parts',
      rest,
      parts: [{ from: [7, 0], to: [8, 4], initialization: zero }],
    });
    assert.deepEqual(await initializationOf('self.layer.weight.data[..., 1:] = 0', 'layer.weight'), {
      kind: 'parts',
      rest,
      parts: [{ from: [0, 1], to: [8, 4], initialization: zero }],
    });
  });

  it('are what `data` is set to', async () => {
    assert.deepEqual(await initializationOf('self.layer.bias.data = torch.ones(8)'), one);
    assert.deepEqual(await initializationOf('self.layer.bias.data = -3 * torch.Tensor([1 / 3] * 8) + 2'), one);
    assert.deepEqual(await initializationOf('self.layer.weight.data = torch.randn(8, 4) * 0.2', 'layer.weight'), {
      kind: 'normal',
      mean: 0,
      std: 0.2,
    });
    const drawn = { kind: 'uniform', low: -0.5, high: 0.5 };
    assert.deepEqual(await initializationOf('self.layer.bias.data = self.layer.bias.data.float().cpu()'), drawn);
  });

  it('are the whole where they are all of it, and nothing where they change nothing', async () => {
    assert.deepEqual(await initializationOf('self.layer.bias.data[:] = 1'), one);
    assert.deepEqual(await initializationOf('nn.init.zeros_(self.layer.bias); self.layer.bias.data[:2] = 0'), zero);
  });
});
