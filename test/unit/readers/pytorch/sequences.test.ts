import assert from 'node:assert/strict';
import { BATCH } from '../../../../src/engine/network';
import { callsOf, modulesOf, read, whysOf } from './read';

const steps = { inputs: [{ shape: [2, 5, 3] }] };

describe('PyTorch reader: recurrent layers', () => {
  it('unpacks what LSTM gives: the output, and the last states inside a tuple', async () => {
    const network = await read(
      `class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(3, 4, num_layers=2, batch_first=True, bidirectional=True)
        self.head = nn.Linear(4, 2)
    def forward(self, x):
        out, (h, c) = self.lstm(x)
        return self.head(h), out, c
`,
      steps,
    );
    assert.deepEqual(modulesOf(network), ['lstm LSTM', 'head Linear']);
    assert.deepEqual(callsOf(network), [
      'lstm(x) [batch, 5, 8] [4, batch, 4] [4, batch, 4]',
      'head(lstm:1) [4, batch, 2]',
    ]);
    assert.deepEqual(network.outputs, ['head', 'lstm', 'lstm:2']);
    assert.deepEqual(
      network.parameters.slice(0, 8).map(({ id }) => id),
      [
        'lstm.weight_ih_l0',
        'lstm.weight_hh_l0',
        'lstm.bias_ih_l0',
        'lstm.bias_hh_l0',
        'lstm.weight_ih_l0_reverse',
        'lstm.weight_hh_l0_reverse',
        'lstm.bias_ih_l0_reverse',
        'lstm.bias_hh_l0_reverse',
      ],
    );
  });

  it('hands states on, from one layer to the next and from an encoder to a decoder', async () => {
    const network = await read(
      `class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder = nn.LSTM(3, 4, batch_first=True)
        self.decoder = nn.LSTM(4, 4, batch_first=True)
        self.gru = nn.GRU(4, 4, batch_first=True)
    def forward(self, x):
        y, state = self.encoder(x)
        y, (h, _) = self.decoder(y, state)
        y, h = self.gru(y, h)
        return self.gru(y, hx=h)[0]
`,
      steps,
    );
    assert.deepEqual(callsOf(network).slice(1), [
      'decoder(encoder, encoder:1, encoder:2) [batch, 5, 4] [1, batch, 4] [1, batch, 4]',
      'gru(decoder, decoder:1) [batch, 5, 4] [1, batch, 4]',
      'gru@2(gru, gru:1) [batch, 5, 4] [1, batch, 4]',
    ]);
    assert.deepEqual(network.outputs, ['gru@2']);
  });

  it('runs cells step by step in a loop', async () => {
    const network = await read(
      `class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.cell = nn.LSTMCell(3, 4)
        self.plain = nn.GRUCell(4, 4)
    def forward(self, x):
        h, c = self.cell(x)
        for _ in range(2):
            h, c = self.cell(x, (h, c))
        return self.plain(h)
`,
      { inputs: [{ shape: [2, 3] }] },
    );
    assert.deepEqual(callsOf(network), [
      'cell(x) [batch, 4] [batch, 4]',
      'cell@2(x, cell, cell:1) [batch, 4] [batch, 4]',
      'cell@3(x, cell@2, cell@2:1) [batch, 4] [batch, 4]',
      'plain(cell@3) [batch, 4]',
    ]);
  });

  const packing = (
    lengths: string,
    then: string,
  ) => `from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(3, 4)
        self.head = nn.Linear(4, 2)
    def forward(self, x${lengths === 'lengths' ? ', lengths' : ''}):
        packed = pack_padded_sequence(x, ${lengths}, batch_first=True, enforce_sorted=False)
        packed, (h, c) = self.lstm(packed)
        ${then}
`;
  const padded = { inputs: [{ shape: [2, 5, 3] }, { name: 'lengths', shape: [2], dtype: 'int64' as const }] };

  it('takes the lengths of a packed sequence as an input, in the layout that it was packed in', async () => {
    const code = packing(
      'lengths',
      'y, _ = pad_packed_sequence(packed, batch_first=True)\n        return self.head(y)',
    );
    const network = await read(code, padded);
    assert.deepEqual(callsOf(network), [
      'lstm(x, lengths) [batch, 5, 4] [1, batch, 4] [1, batch, 4]',
      'head(lstm) [batch, 5, 2]',
    ]);
    const { attributes } = network.calls[0]!;
    assert.deepEqual([attributes.batch_first, attributes.padded], [true, true]);
    assert.equal(network.modules[0]!.attributes.batch_first, false);
  });

  it('takes lengths that are written down, and turns the output where it is unpacked in the other layout', async () => {
    const network = await read(packing('[4, 2]', 'return self.head(pad_packed_sequence(packed)[0])'), steps);
    assert.deepEqual(network.calls[0]!.attributes.lengths, [4, 2]);
    assert.deepEqual(network.calls[0]!.outputShapes[0], [BATCH, 4, 4]);
    assert.deepEqual(callsOf(network).slice(1), [
      'pad_packed_sequence(lstm) [4, batch, 4]',
      'head(pad_packed_sequence) [4, batch, 2]',
    ]);
  });

  it('says what of a packed sequence it does not model', async () => {
    const inside = await read(packing('lengths', 'return self.head(packed.data)'), padded);
    assert.match(whysOf(inside)[0]!, /what is inside a PackedSequence is not modelled/);
    const filled = 'y, _ = pad_packed_sequence(packed, padding_value=-1.0)\n        return self.head(y)';
    assert.match(whysOf(await read(packing('lengths', filled), padded))[0]!, /padding_value other than 0/);
    const longer = 'y, _ = pad_packed_sequence(packed, True, 0.0, 9)\n        return self.head(y)';
    assert.match(whysOf(await read(packing('lengths', longer), padded))[0]!, /total_length other than the input has/);
  });

  it('says where states do not fit', async () => {
    const code = `class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.first = nn.GRU(3, 4, batch_first=True)
        self.second = nn.GRU(4, 6, batch_first=True)
    def forward(self, x):
        y, h = self.first(x)
        return self.second(y, h)
`;
    await assert.rejects(
      read(code, steps),
      /second \(GRU\).*Expected hidden size \(1, batch, 6\), got \[1, batch, 4\]/,
    );
  });
});
