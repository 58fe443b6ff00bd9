import assert from 'node:assert/strict';
import { adviseUntrained } from '../../../src/engine/advisor/adviseUntrained';
import { reportSource } from '../../../src/engine/report';
import { read } from '../readers/pytorch/read';

/** A block of a language model, its norm as written in `norm`, applied as `self.norm(x)` and `F.layer_norm`. */
const model = (norm: string) => `
# normscope: input=16:int64 batch=8
class Norm(nn.Module):
    def __init__(self, dim):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(dim))
    def forward(self, x):
        return ${norm}

class Block(nn.Module):
    def __init__(self, dim):
        super().__init__()
        self.norm = Norm(dim)
        self.attn = nn.MultiheadAttention(dim, 4, batch_first=True)
        self.ln = Norm(dim)
        self.up = nn.Linear(dim, 4 * dim)
        self.down = nn.Linear(4 * dim, dim)
    def forward(self, x):
        h = self.norm(x)
        x = x + self.attn(h, h, h, need_weights=False)[0]
        return x + self.down(F.gelu(self.up(self.ln(x))))

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed = nn.Embedding(100, 32)
        self.blocks = nn.Sequential(Block(32), Block(32))
        self.head = nn.Linear(32, 100)
    def forward(self, x):
        return self.head(self.blocks(self.embed(x)))
`;

const advised = async (code: string) => {
  const network = await read(code, { name: 'Net' });
  return adviseUntrained(network, { batchNoise: [] }, (span) => reportSource(span, '/'))?.recommendation;
};

describe('advice without trainings', () => {
  for (const [name, norm, kind] of [
    ['are functions', 'F.layer_norm(x, self.weight.shape, self.weight, None)', 'LayerNorm'],
    ['are written by hand', 'x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + 1e-6) * self.weight', 'RMSNorm'],
  ] as const) {
    it(`keeps norms that ${name}, and says that no other was tried and what is known`, async () => {
      const recommendation = (await advised(model(norm)))!;
      const { action, norm: kept, confidence, sites, reasons } = recommendation;
      assert.deepEqual([action, kept, confidence, sites], ['keep', kind, 'moderate', []]);
      assert.equal(reasons.at(-1)!.message.id, 'reason-fixed');
      assert.ok(reasons.length > 1 && reasons.every(({ evidence }) => evidence.length === 0));
    });
  }

  it('has none where there is no norm and no place for one', async () => {
    const bare =
      '# normscope: input=8 batch=4\nclass Net(nn.Module):\n    def forward(self, x):\n        return torch.tanh(x)\n';
    assert.equal(await advised(bare), undefined);
  });
});
