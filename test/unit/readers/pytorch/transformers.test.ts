import assert from 'node:assert/strict';
import { callsOf, modulesOf, read, whysOf } from './read';

const inputs = [{ shape: [2, 5, 8] }];
const model = (init: string, call: string, above = '') => `${above}class Net(nn.Module):
    def __init__(self):
        super().__init__()
${init
  .split('\n')
  .map((line) => `        ${line}`)
  .join('\n')}
    def forward(self, x):
        return ${call}
`;
const LAYER = 'nn.TransformerEncoderLayer(8, 2, 12, batch_first=True)';

describe('PyTorch reader: transformers', () => {
  it('gives every layer of a stack modules, parameters and a place of its own', async () => {
    const network = await read(
      model(`layer = ${LAYER}\nself.encoder = nn.TransformerEncoder(layer, 2)`, 'self.encoder(x)'),
      {
        inputs,
      },
    );
    const layers = modulesOf(network).filter((name) => /TransformerEncoder|ModuleList/.test(name));
    assert.deepEqual(layers, [
      'encoder TransformerEncoder',
      'encoder.layers ModuleList',
      'encoder.layers.0 TransformerEncoderLayer',
      'encoder.layers.1 TransformerEncoderLayer',
    ]);
    const { container, source } = network.modules.find(({ id }) => id === 'encoder.layers.1')!;
    assert.deepEqual([container, source.start.line], [true, 7]);
    assert.equal(new Set(network.parameters.map(({ id }) => id)).size, 24);
    assert.deepEqual(
      callsOf(network).filter((call) => /^encoder\.layers\.1\.(self_attn|add|norm2)\(/.test(call)),
      [
        'encoder.layers.1.self_attn(encoder.layers.0.norm2, encoder.layers.0.norm2, encoder.layers.0.norm2) [batch, 5, 8]',
        'encoder.layers.1.add(encoder.layers.0.norm2, encoder.layers.1.dropout1) [batch, 5, 8]',
        'encoder.layers.1.norm2(encoder.layers.1.add_1) [batch, 5, 8]',
      ],
    );
  });

  it('calls what a class below it has put in the place of a child, and its own forward', async () => {
    const own = `class Layer(nn.TransformerEncoderLayer):
    def __init__(self):
        super().__init__(8, 2, 12, batch_first=True)
        self.norm1 = nn.RMSNorm(8)
class Short(Layer):
    def forward(self, src, src_mask=None, src_key_padding_mask=None, is_causal=False):
        return src + self.dropout1(self.self_attn(src, src, src)[0])
`;
    const network = await read(
      model(
        'self.first = Layer()\nself.rest = nn.TransformerEncoder(Short(), 1, nn.LayerNorm(8))',
        'self.rest(self.first(x))',
        own,
      ),
      { inputs },
    );
    assert.equal(network.calls.find(({ id }) => id === 'first.norm1')!.kind, 'RMSNorm');
    assert.deepEqual(callsOf(network).slice(-4), [
      'rest.layers.0.self_attn(first.norm2, first.norm2, first.norm2) [batch, 5, 8] [batch, 5, 5]',
      'rest.layers.0.dropout1(rest.layers.0.self_attn) [batch, 5, 8]',
      'rest.layers.0.add(first.norm2, rest.layers.0.dropout1) [batch, 5, 8]',
      'rest.norm(rest.layers.0.add) [batch, 5, 8]',
    ]);
  });

  it('draws the matrices of nn.Transformer anew, and registers its two stacks', async () => {
    const network = await read(
      `class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.t = nn.Transformer(8, 2, 1, 1, 12, batch_first=True)
    def forward(self, x, y):
        return self.t(x, y)
`,
      { inputs: [...inputs, { name: 'y', shape: [2, 3, 8] }] },
    );
    assert.deepEqual(
      modulesOf(network).filter((name) => name.split('.').length <= 2),
      [
        't Transformer',
        't.encoder TransformerEncoder',
        't.encoder.layers ModuleList',
        't.encoder.norm LayerNorm',
        't.decoder TransformerDecoder',
        't.decoder.layers ModuleList',
        't.decoder.norm LayerNorm',
      ].filter((name) => name.split('.').length <= 2),
    );
    const weight = network.parameters.find(({ id }) => id === 't.encoder.layers.0.linear1.weight')!;
    assert.deepEqual(weight.initialization, { kind: 'uniform', low: -Math.sqrt(6 / 20), high: Math.sqrt(6 / 20) });
    assert.deepEqual(whysOf(network), []);
  });

  it("says in PyTorch's words what it refuses, and plainly what is not modelled", async () => {
    await assert.rejects(
      read(model('self.layer = nn.TransformerEncoderLayer(8, 3)', 'self.layer(x)'), { inputs }),
      /embed_dim must be divisible by num_heads/,
    );
    await assert.rejects(
      read(model("self.layer = nn.TransformerEncoderLayer(8, 2, activation='tanh')", 'self.layer(x)'), { inputs }),
      /activation should be relu\/gelu, not tanh/,
    );
    await assert.rejects(
      read(model('self.layer = nn.TransformerDecoderLayer(8, 2)', 'self.layer(x)'), { inputs }),
      /TransformerDecoderLayer.forward\(\) missing 1 required positional argument: 'memory'/,
    );
    const own = `class Layer(nn.TransformerEncoderLayer):
    def _ff_block(self, x):
        return x
`;
    const network = await read(model('self.layer = Layer(8, 2)', 'self.layer(x)', own), { inputs });
    assert.match(whysOf(network)[0]!, /overriding _ff_block is not modelled/);
  });
});
