import assert from 'node:assert/strict';
import { formatShape } from '../../../../src/engine/network';
import { callsOf, inputsOf, modulesOf, read, whysOf } from './read';

const IMPORT = 'from einops import einsum, pack, parse_shape, rearrange, reduce, repeat, unpack\n';

/** The numbers that an expression gives, as the widths of layers. */
async function numbers(expression: string): Promise<number[]> {
  const code = `x = torch.arange(12).reshape(2, 6) + 1
widths = (${expression}).flatten().tolist()
model = nn.ModuleList([nn.Linear(2, w) for w in widths])
`;
  return (await read(IMPORT + code)).modules.map(({ attributes }) => attributes.out_features as number);
}

describe('PyTorch reader: einops', () => {
  // What einops 0.8 gives for [[1, …, 6], [7, …, 12]].
  const cases: readonly (readonly [expression: string, expected: readonly number[]])[] = [
    ["rearrange(x, 'a b -> b a')", [1, 7, 2, 8, 3, 9, 4, 10, 5, 11, 6, 12]],
    ["rearrange(x, 'a (b c) -> c (a b)', b=2)", [1, 4, 7, 10, 2, 5, 8, 11, 3, 6, 9, 12]],
    ["rearrange(x, 'a (b c) -> a c b', c=2)[0]", [1, 3, 5, 2, 4, 6]],
    ["rearrange(x, '... -> (...)')", [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]],
    ["rearrange([x, x], 'n a b -> a n b')[0]", [1, 2, 3, 4, 5, 6, 1, 2, 3, 4, 5, 6]],
    ["reduce(x.float(), 'a b -> b', 'max').long()", [7, 8, 9, 10, 11, 12]],
    ["reduce(x, 'a (b c) -> c', 'sum', b=3)", [36, 42]],
    ["repeat(x[0, :2], 'a -> a b', b=3)", [1, 1, 1, 2, 2, 2]],
    ["repeat(x[0, :2], 'a -> (b a)', b=2)", [1, 2, 1, 2]],
    ["pack([x, x[:, 0]], 'a *')[0]", [1, 2, 3, 4, 5, 6, 1, 7, 8, 9, 10, 11, 12, 7]],
    ["unpack(*pack([x, x[:, 0]], 'a *'), 'a *')[1]", [1, 7]],
  ];
  for (const [expression, expected] of cases)
    it(`does ${expression}`, async () => assert.deepEqual(await numbers(expression), expected));

  it('names axes of einsum by words, and tells the lengths of axes', async () => {
    const network = await read(`${IMPORT}class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(8, 8)
    def forward(self, x):
        q = rearrange(self.fc(x), 'b n (h d) -> b h n d', h=2)
        a = einsum(q, q, 'batch head i d, batch head j d -> batch head i j').softmax(-1)
        return rearrange(a @ q, 'b h n d -> b n (h d)', **parse_shape(q, '_ h _ d'))
`);
    assert.deepEqual(whysOf(network), []);
    assert.deepEqual(
      network.calls.map(({ outputShapes }) =>
        outputShapes[0]!.map((dim) => (typeof dim === 'number' ? dim : 'b')).join(),
      ),
      ['b,16,8', 'b,16,2,4', 'b,2,16,4', 'b,2,16,16', 'b,2,16,16', 'b,2,16,4', 'b,16,2,4', 'b,16,8'],
    );
  });

  it('has layers, and takes an image of the size that the constructor says for one that nothing else settles', async () => {
    const network = await read(`from einops.layers.torch import Rearrange, Reduce
class Net(nn.Module):
    def __init__(self, image_size=48, patch=16, channels=3):
        super().__init__()
        self.embed = nn.Sequential(
            Rearrange('b c (h p1) (w p2) -> b (h w) (p1 p2 c)', p1=patch, p2=patch),
            nn.Linear(channels * patch ** 2, 8),
            Reduce('b n d -> b d', 'mean'),
        )
    def forward(self, x):
        return self.embed(x)
`);
    assert.deepEqual(modulesOf(network), ['embed Sequential', 'embed.0 Rearrange', 'embed.1 Linear', 'embed.2 Reduce']);
    assert.deepEqual(inputsOf(network), ["x [batch, 3, 48, 48] from Net's image_size"]);
    assert.deepEqual(callsOf(network).slice(-2), [
      'embed.1(embed.0.reshape_1) [batch, 9, 8]',
      'embed.2.mean(embed.1) [batch, 8]',
    ]);
  });

  it('refuses in einops’s words', async () => {
    const refused = (pattern: string, rest = '') =>
      assert.rejects(
        read(
          `${IMPORT}class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(6, 6)
    def forward(self, x):
        return rearrange(self.fc(x), '${pattern}'${rest})
`,
          { inputs: [{ shape: [2, 6] }] },
        ),
        /EinopsError: .*(divide|expected 3 dims|only on one side|infer sizes|balanced)/,
      );
    await refused('a (b c) -> a b c', ', b=4');
    await refused('a b c -> a b c');
    await refused('a b -> a');
    await refused('a (b c) -> a b c');
    await refused('a (b c -> a b c');
  });

  it('puts what an ellipsis in parentheses stands for into one axis', async () => {
    const network = await read(
      `from einops import rearrange
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(8, 8)
    def forward(self, x):
        x = rearrange(self.fc(x), 'b ... d -> b (...) d')
        return rearrange(x, '... n d -> (...) (n d)')
`,
      { inputs: [{ shape: [2, 4, 4, 8] }] },
    );
    assert.deepEqual(whysOf(network), []);
    assert.deepEqual(
      network.calls.map(({ outputShapes }) => formatShape(outputShapes[0]!)),
      ['[batch, 4, 4, 8]', '[batch, 16, 8]', '[batch, 128]'],
    );
  });
});
