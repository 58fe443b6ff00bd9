import assert from 'node:assert/strict';
import { callsOf, read, whysOf } from './read';

const model = (call: string, parameters = 'x, padding') => `class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.attn = nn.MultiheadAttention(4, 2, batch_first=True)
        self.register_buffer('mask', torch.zeros(5, 5))
    def forward(self, ${parameters}):
        y, weights = ${call}
        return y if weights is None else weights
`;
const inputs = [{ shape: [2, 5, 4] }, { name: 'padding', shape: [2, 5] }];

describe('PyTorch reader: attention', () => {
  it('takes each mask by itself, and what the call says of the weights', async () => {
    const network = await read(model('self.attn(x, x, x, padding, need_weights=False, attn_mask=self.mask)'), {
      inputs,
    });
    assert.deepEqual(callsOf(network), ['attn(x, x, x, padding, mask) [batch, 5, 4]']);
    const { operands, need_weights, is_causal } = network.calls[0]!.attributes;
    assert.deepEqual([operands, need_weights, is_causal], [['key_padding_mask', 'attn_mask'], false, false]);
    assert.deepEqual(network.outputs, ['attn']);
  });

  it('leaves out a mask that is None, and gives the weights as the second of two', async () => {
    const call = 'self.attn(x, x, x, key_padding_mask=None, attn_mask=self.mask, average_attn_weights=False)';
    const network = await read(model(call, 'x'), { inputs: inputs.slice(0, 1) });
    assert.deepEqual(callsOf(network), ['attn(x, x, x, mask) [batch, 5, 4] [batch, 2, 5, 5]']);
    assert.deepEqual(network.calls[0]!.attributes.operands, ['attn_mask']);
    assert.deepEqual(network.outputs, ['attn:1']);
  });

  it('says where a mask does not fit', async () => {
    const code = model('self.attn(x, x, x, attn_mask=self.mask)', 'x');
    await assert.rejects(
      read(code, { inputs: [{ shape: [2, 3, 4] }] }),
      /attn \(MultiheadAttention\).*The shape of the 2D attn_mask is torch.Size\(\[5, 5\]\), but should be \(3, 3\)/,
    );
  });

  it('reads scaled_dot_product_attention with what it is told', async () => {
    const code = `class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.qkv = nn.Linear(4, 4)
    def forward(self, x):
        q = self.qkv(x)
        return F.scaled_dot_product_attention(q, q, q, dropout_p=0.1, is_causal=True)
`;
    const network = await read(code, { inputs: inputs.slice(0, 1) });
    assert.deepEqual(callsOf(network).at(-1), 'scaled_dot_product_attention(qkv, qkv, qkv) [batch, 5, 4]');
    const { is_causal, dropout_p } = network.calls.at(-1)!.attributes;
    assert.deepEqual([is_causal, dropout_p], [true, 0.1]);
    assert.deepEqual(whysOf(network), []);
  });
});
