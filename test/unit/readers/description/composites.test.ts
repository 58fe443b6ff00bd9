import assert from 'node:assert/strict';
import type { Network } from '../../../../src/engine/network';
import { callsOf, modulesOf, read as readPython } from '../pytorch/read';
import { read, refusal } from './reading';

const layer = 'd_model=8, nhead=2, dim_feedforward=12, batch_first=True';

/** Modules, parameters and calls, without places. */
const structure = ({ modules, parameters, calls, outputs }: Network) => ({
  modules: modules.map(({ id, kind, container, attributes }) => ({ id, kind, container, attributes })),
  parameters: parameters.map(({ id, shape, initialization }) => ({ id, shape, initialization })),
  calls: calls.map(({ id, kind, inputs, attributes }) => ({ id, kind, inputs, attributes })),
  outputs,
});

describe('description files: layers made of others', () => {
  it('write a transformer encoder layer out as PyTorch registers and calls it', async () => {
    const network = await read(`
input: [5, 8]
layers:
  - repeat: 2
    layers: [{TransformerEncoderLayer: {nhead: 2, dim_feedforward: 12, batch_first: true}}]
`);
    assert.deepEqual(modulesOf(network).slice(0, 10), [
      '0 TransformerEncoderLayer',
      '0.self_attn MultiheadAttention',
      '0.self_attn.out_proj NonDynamicallyQuantizableLinear',
      '0.linear1 Linear',
      '0.dropout Dropout',
      '0.linear2 Linear',
      '0.norm1 LayerNorm',
      '0.norm2 LayerNorm',
      '0.dropout1 Dropout',
      '0.dropout2 Dropout',
    ]);
    assert.deepEqual(callsOf(network).slice(0, 11), [
      '0.self_attn(input, input, input) [batch, 5, 8]',
      '0.dropout1(0.self_attn) [batch, 5, 8]',
      '0.add(input, 0.dropout1) [batch, 5, 8]',
      '0.norm1(0.add) [batch, 5, 8]',
      '0.linear1(0.norm1) [batch, 5, 12]',
      '0.relu(0.linear1) [batch, 5, 12]',
      '0.dropout(0.relu) [batch, 5, 12]',
      '0.linear2(0.dropout) [batch, 5, 8]',
      '0.dropout2(0.linear2) [batch, 5, 8]',
      '0.add_1(0.norm1, 0.dropout2) [batch, 5, 8]',
      '0.norm2(0.add_1) [batch, 5, 8]',
    ]);
    assert.deepEqual(network.outputs, ['1.norm2']);
  });

  it('are what the PyTorch reader makes of the same class', async () => {
    const described = await read(`
input: {x: [5, 8], memory: [4, 8], padding: [4]}
layers:
  - {TransformerEncoderLayer: {nhead: 2, dim_feedforward: 12, batch_first: true, norm_first: true, activation: gelu}, from: x, id: first}
  - {TransformerDecoderLayer: {nhead: 2, dim_feedforward: 12, batch_first: true, operands: [memory_key_padding_mask]}, from: [first, memory, padding], id: second}
`);
    const inputs = ['x', 'memory', 'padding'].map((name, i) => ({
      name,
      shape: [
        [2, 5, 8],
        [2, 4, 8],
        [2, 4],
      ][i]!,
    }));
    const read_ = await readPython(
      `class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.first = nn.TransformerEncoderLayer(${layer}, norm_first=True, activation=F.gelu)
        self.second = nn.TransformerDecoderLayer(${layer})
    def forward(self, x, memory, padding):
        return self.second(self.first(x), memory, memory_key_padding_mask=padding)
`,
      { inputs },
    );
    assert.deepEqual(structure(described), structure(read_));
  });

  it('say what they lack', () => {
    const refused = (line: string) => refusal(`input: [5, 8]\nlayers:\n  - ${line}\n`);
    assert.equal(
      refused('TransformerDecoderLayer: {nhead: 2, batch_first: true}'),
      "3:5 '0' (TransformerDecoderLayer) takes tgt, memory, but got 1 inputs; name them: from: [tgt, memory]",
    );
    assert.match(
      refused('TransformerEncoderLayer: {heads: 2}'),
      /^3:31 '0' \(TransformerEncoderLayer\) has no attribute 'heads'/,
    );
    assert.match(
      refused('TransformerEncoderLayer: {nhead: 3}'),
      /^3:5 '0.self_attn' \(MultiheadAttention\): embed_dim must be divisible by num_heads/,
    );
  });
});
