import assert from 'node:assert/strict';
import { callsOf, read, whysOf } from './read';

describe('PyTorch reader: losses inside a network', () => {
  const autoencoder = (returned: string) => `class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.encode = nn.Linear(8, 3)
        self.decode = nn.Linear(3, 8)
        self.distance = nn.MSELoss(reduction='sum')

    def forward(self, x):
        y = self.decode(torch.relu(self.encode(x)))
        return ${returned}
`;

  it('computes them, and trains a network that gives nothing else by its own', async () => {
    const network = await read(autoencoder("F.mse_loss(y, x, reduction='none').sum(-1).mean() + self.distance(y, x)"));
    assert.deepEqual(whysOf(network), []);
    assert.deepEqual(callsOf(network).slice(3), [
      'mse_loss(decode, x) [batch, 8]',
      'sum(mse_loss) [batch]',
      'mean(sum) []',
      'distance.mse_loss(decode, x) []',
      'add(mean, distance.mse_loss) []',
    ]);
    assert.equal(network.task.targets, 'none');
    assert.match(network.task.origin, /its own loss/);
  });

  it('puts them behind the values that a network gives beside them', async () => {
    const network = await read(autoencoder('(F.l1_loss(y, x), y)'));
    assert.deepEqual(network.outputs, ['decode', 'l1_loss']);
    assert.equal(network.task.loss, 'L1Loss');
    assert.equal(network.task.targets, undefined);
  });

  it('divides by how many samples there are', async () => {
    const network = await read(autoencoder('F.mse_loss(y, x, reduction="sum") / x.shape[0]'));
    assert.deepEqual(whysOf(network), []);
    assert.deepEqual(callsOf(network).slice(-3), ['ones() [batch]', 'sum(ones) []', 'div(mse_loss, sum) []']);
  });

  it('takes log-probabilities at every position for classes along their axis', async () => {
    for (const [dim, classAxis, classes] of [
      [-1, 2, 6],
      [1, 1, 5],
    ] as const) {
      const { task } = await read(`# normscope: input=5x4 batch=2
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(4, 6)
    def forward(self, x):
        return F.log_softmax(self.fc(x), dim=${dim})
`);
      assert.deepEqual([task.loss, task.classAxis, task.classes], ['NLLLoss', classAxis, classes]);
      assert.match(task.origin, /assumed from the log_softmax/);
    }
  });

  it('names a loss that it does not know', async () => {
    const network = await read(autoencoder('nn.CTCLoss()(y, x)'));
    assert.match(whysOf(network).join(), /CTCLoss: a loss inside the network is not modelled/);
  });
});
