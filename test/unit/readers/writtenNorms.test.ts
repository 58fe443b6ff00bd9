import assert from 'node:assert/strict';
import { describeWrittenNorm, type WrittenNorm } from '../../../src/engine/network';
import { read } from './pytorch/read';

/** The norms of a model that computes `forward` of an image [batch, 8, 6, 6], or of features [batch, 5, 8]. */
async function normsOf(forward: string, input: 'image' | 'features' = 'features'): Promise<readonly WrittenNorm[]> {
  const network = await read(
    `class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.gain = nn.Parameter(torch.ones(8${input === 'image' ? ', 1, 1' : ''}))
        self.shift = nn.Parameter(torch.zeros(8${input === 'image' ? ', 1, 1' : ''}))
        self.eps = 1e-6
    def forward(self, x):
${forward
  .split('\n')
  .map((line) => `        ${line}`)
  .join('\n')}
`,
    { inputs: [{ shape: input === 'image' ? [2, 8, 6, 6] : [2, 5, 8] }] },
  );
  assert.deepEqual(network.unmodelled, []);
  return network.writtenNorms ?? [];
}

const described = async (...args: Parameters<typeof normsOf>): Promise<string[]> =>
  (await normsOf(...args)).map(describeWrittenNorm);

describe('norms written by hand', () => {
  it("describes the annotated Transformer's LayerNorm with all that differs", async () => {
    const [norm, ...more] = await normsOf(
      'mean = x.mean(-1, keepdim=True)\nstd = x.std(-1, keepdim=True)\nreturn self.gain * (x - mean) / (std + self.eps) + self.shift',
    );
    assert.ok(norm);
    assert.equal(more.length, 0);
    assert.deepEqual(
      [norm.kind, norm.axes, norm.eps, norm.differences],
      ['LayerNorm', [2], 1e-6, ['unbiased', 'eps-outside']],
    );
    assert.deepEqual([norm.input, norm.output, norm.scope], ['x', 'div', '']);
    assert.deepEqual(new Set(norm.calls), new Set(['mean', 'std', 'sub', 'mul', 'add', 'div']));
    assert.equal(norm.source.start.line, 13);
    assert.equal(
      describeWrittenNorm(norm),
      'LayerNorm over axis 2, written by hand; its variance is the unbiased one, divided by n − 1; eps (0.000001) is added to the root and not below it',
    );
  });

  const forms: readonly (readonly [what: string, forward: string, expected: string, input?: 'image'])[] = [
    [
      'the standard form',
      'm = x.mean(-1, keepdim=True)\nv = x.var(-1, keepdim=True, unbiased=False)\nreturn (x - m) / torch.sqrt(v + 1e-5)',
      'LayerNorm over axis 2, written by hand',
    ],
    [
      'var by correction',
      'm = x.mean(-1, keepdim=True)\nv = torch.var(x, -1, correction=0, keepdim=True)\nreturn (x - m) * torch.rsqrt(v + 1e-5)',
      'LayerNorm over axis 2, written by hand',
    ],
    [
      'torch.var as it is',
      'm = x.mean(-1, keepdim=True)\nreturn (x - m) * (x.var(-1, keepdim=True) + 1e-5) ** -0.5',
      'LayerNorm over axis 2, written by hand; its variance is the unbiased one, divided by n − 1',
    ],
    [
      'E[x²] − E[x]²',
      'm = x.mean(-1, keepdim=True)\nv = (x ** 2).mean(-1, keepdim=True) - m ** 2\nreturn (x - m) / (v + 1e-5).sqrt()',
      'LayerNorm over axis 2, written by hand',
    ],
    [
      'no eps',
      'm = x.mean(-1, keepdim=True)\nreturn (x - m) / ((x - m).pow(2).mean(-1, keepdim=True)).sqrt()',
      'LayerNorm over axis 2, written by hand; it has no eps',
    ],
    [
      'a divisor cut off',
      'm = x.mean(-1, keepdim=True)\nreturn (x - m) / (x.std(-1, keepdim=True, unbiased=False)).clamp(min=1e-5)',
      'LayerNorm over axis 2, written by hand; its divisor is cut off at 0.00001, and eps not added below the root',
    ],
    [
      'RMSNorm with a change of type',
      'h = x.float()\nh = h * torch.rsqrt(h.pow(2).mean(-1, keepdim=True) + 1e-6)\nreturn self.gain * h.type_as(x)',
      'RMSNorm over axis 2, written by hand',
    ],
    [
      'RMSNorm by a norm',
      'rms = x.norm(2, dim=-1, keepdim=True) / math.sqrt(x.size(-1))\nreturn x / rms * self.gain',
      'RMSNorm over axis 2, written by hand; it has no eps',
    ],
    [
      'RMSNorm by normalize',
      'return F.normalize(x, dim=-1) * 8 ** 0.5 * self.gain',
      'RMSNorm over axis 2, written by hand; its divisor is cut off at 1e-12, and eps not added below the root',
    ],
    [
      'LayerNorm over channels',
      'u = x.mean(1, keepdim=True)\ns = (x - u).pow(2).mean(1, keepdim=True)\nreturn self.gain * ((x - u) / torch.sqrt(s + 1e-6)) + self.shift',
      'LayerNorm over axis 1, written by hand',
      'image',
    ],
    [
      'BatchNorm',
      'm = x.mean((0, 2, 3), keepdim=True)\nv = x.var((0, 2, 3), keepdim=True, unbiased=False)\nreturn self.gain * (x - m) / (v + 1e-5) ** 0.5',
      'BatchNorm over axes 0, 2, 3, written by hand',
      'image',
    ],
    [
      'InstanceNorm, unbiased',
      'v, m = torch.var_mean(x, dim=(2, 3), keepdim=True)\nreturn (x - m) * (v + 1e-5).rsqrt()',
      'InstanceNorm over axes 2, 3, written by hand; its variance is the unbiased one, divided by n − 1',
      'image',
    ],
    [
      'GroupNorm',
      'n, c, h, w = x.shape\nx = x.view(n, 4, -1)\nm = x.mean(-1, keepdim=True)\nv = x.var(-1, keepdim=True, unbiased=False)\nreturn ((x - m) / (v + 1e-5).sqrt()).view(n, c, h, w)',
      'GroupNorm in 4 groups, written by hand',
      'image',
    ],
    [
      'FilterResponseNorm',
      'x = x * torch.rsqrt((x ** 2).mean((2, 3), keepdim=True) + 1e-6)\nreturn torch.max(self.gain * x, self.shift)',
      'FilterResponseNorm over axes 2, 3, written by hand',
      'image',
    ],
    [
      'GlobalResponseNorm',
      'g = torch.norm(x, p=2, dim=(2, 3), keepdim=True)\nreturn self.gain * (x * (g / (g.mean(1, keepdim=True) + 1e-6))) + x',
      'GlobalResponseNorm over axes 2, 3, written by hand',
      'image',
    ],
    [
      'axes that differ',
      'm = x.mean((2, 3), keepdim=True)\nv = x.var((1, 2, 3), keepdim=True, unbiased=False)\nreturn (x - m) / (v + 1e-5).sqrt()',
      'LayerNorm over axes 1, 2, 3, written by hand; its mean and its spread are taken over different axes',
      'image',
    ],
  ];
  for (const [what, forward, expected, input] of forms)
    it(`recognizes ${what}`, async () =>
      assert.deepEqual(await described(`import math\n${forward}`, input), [expected]));

  it('takes nothing else for a norm', async () => {
    for (const forward of [
      'return x / x.std(-1, keepdim=True)',
      'return (x - x.mean(-1, keepdim=True)) / 2.0',
      'return x / (x.sum(-1, keepdim=True) + 1e-5)',
      'y = x * 2\nreturn (x - x.mean(-1, keepdim=True)) / (y.var(-1, keepdim=True) + 1e-5).sqrt()',
      'return F.normalize(x, dim=-1) * 10',
      'return F.layer_norm(x, (8,))',
    ])
      assert.deepEqual(await described(forward), [], forward);
  });

  it('names the module that a norm stands in', async () => {
    const network = await read(`class Norm(nn.Module):
    def forward(self, x):
        return x * torch.rsqrt(x.square().mean(-1, keepdim=True) + 1e-6)
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(4, 8)
        self.block = nn.Sequential(Norm(), nn.ReLU(), Norm())
    def forward(self, x):
        return self.block(self.fc(x))
`);
    assert.deepEqual(
      network.writtenNorms?.map(({ scope, input }) => [scope, input]),
      [
        ['block.0', 'fc'],
        ['block.2', 'block.1'],
      ],
    );
  });
});
