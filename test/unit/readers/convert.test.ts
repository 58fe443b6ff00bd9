import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileDocument } from '../../../src/engine/network';
import { DESCRIPTION_FORMATS } from '../../../src/engine/readers';
import { writeDescription } from '../../../src/engine/readers/description';
import { pythonReader } from '../../../src/engine/readers/pythonFiles';
import { read as readDescription } from './description/reading';
import { assertRoundTrip } from './description/roundTrip';
import { read } from './pytorch/read';

const FOLDERS = ['examples', 'test/bench/models', 'test/parity/models', 'test/parity/keras/models'];
const files = FOLDERS.flatMap((folder) => readdirSync(folder).map((file) => path.join(folder, file))).filter((file) =>
  file.endsWith('.py'),
);

describe('convert: a Python file as a description', () => {
  for (const file of files) {
    it(`${file}: reads back the same network`, async () => {
      const networks = await pythonReader.read(fileDocument(path.resolve(file), readFileSync(file, 'utf8')), {
        // Nothing in the file says the tokens that its mean runs over.
        ...(path.basename(file) === 'transformer.py' && { inputs: [{ shape: [2, 16, 256] }] }),
      });
      assert.ok(networks.length > 0);
      for (const network of networks) for (const format of DESCRIPTION_FORMATS) assertRoundTrip(network, format);
    });
  }

  it('keeps numbers that JSON has no word for', async () => {
    const network = await read(`
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.w = nn.Parameter(torch.tensor([1.0, -0.0, float('nan'), float('-inf')]))
    def forward(self, x):
        return x.masked_fill(x > 0, float('nan')).clamp(max=float('inf')) + self.w
model = Net()
model(torch.randn(2, 4))
`);
    assert.deepEqual(network.unmodelled, []);
    assert.match(writeDescription(network, 'json'), /"values": \[1, -0, "NaN", "-Infinity"\]/);
    for (const format of DESCRIPTION_FORMATS) assertRoundTrip(network, format);
  });

  it('keeps shared modules, tied weights, several inputs and outputs, and what the script trains with', async () => {
    const network = await read(`
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed = nn.Embedding(50, 8)
        self.twice = nn.utils.parametrizations.weight_norm(nn.Linear(8, 8))
        self.again = self.twice
        self.head = nn.Linear(8, 50, bias=False)
        self.head.weight = self.embed.weight
        self.rnn = nn.LSTM(8, 8, batch_first=True)
        self.register_buffer('scale', torch.full((8,), 2.0))
    def forward(self, tokens, extra):
        x = self.twice(self.twice(self.embed(tokens))) * self.scale + extra
        x, (h, c) = self.rnn(x)
        return self.head(x), h
model = Net()
model(torch.randint(0, 50, (4, 6)), torch.randn(4, 6, 8))
optimizer = torch.optim.AdamW(model.parameters(), lr=3e-4, weight_decay=0.1)
loss = nn.CrossEntropyLoss(label_smoothing=0.1)
`);
    assert.deepEqual(network.unmodelled, []);
    assert.equal(network.inputs.length, 2);
    assert.equal(network.outputs.length, 2);
    assert.ok(network.modules.some(({ aliases }) => aliases.length > 0));
    for (const format of DESCRIPTION_FORMATS) assertRoundTrip(network, format);
  });

  it('leaves out what could not be modelled, a layer of unknown sizes included', async () => {
    const network = await read(`
import mystery
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.a = nn.Linear(8, mystery.width())
        self.b = nn.ReLU()
    def forward(self, x):
        return self.b(self.a(x))
model = Net()
model(torch.randn(2, 8))
`);
    assert.ok(network.unmodelled.length > 0);
    assertRoundTrip(network);
    assert.deepEqual(readDescription(writeDescription(network)).unmodelled, []);
  });
});
