import assert from 'node:assert/strict';
import { InputError, sourceDocument } from '../../../src/engine/network';
import { readDescription } from '../../../src/engine/readers/description';
import { pytorchReader } from '../../../src/engine/readers/pytorch';

/** The one line that a person reads, and where it points. */
interface Refusal {
  readonly line: number;
  readonly text: string;
}

const refusalOf = async (read: () => unknown): Promise<Refusal> => {
  try {
    await read();
  } catch (error) {
    assert.ok(error instanceof InputError, String(error));
    assert.ok(!error.message.includes('\n'), error.message);
    return { line: error.source!.start.line, text: error.message };
  }
  return assert.fail('it was read');
};

const described = (text: string) =>
  refusalOf(() => readDescription(sourceDocument('file:///net.normscope.yaml', text), {}));

const written = (text: string, input: readonly number[] = [2, 8]) =>
  refusalOf(() => pytorchReader.read(sourceDocument('file:///net.py', text), { inputs: [{ shape: input }] }));

const sequential = (...layers: string[]) =>
  `from torch import nn\nmodel = nn.Sequential(\n${layers.map((layer) => `    ${layer},\n`).join('')})\n`;

describe('what does not fit', () => {
  describe('names both shapes, the layer that made the one and the layer that takes the other, each with its line', () => {
    it('in a class: through activations to what made the size, and to the call', async () => {
      const { line, text } = await written(
        `from torch import nn
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem = nn.Conv2d(3, 16, 3)
        self.norm = nn.BatchNorm2d(16)
        self.act = nn.ReLU()
        self.next = nn.Conv2d(32, 64, 3)
    def forward(self, x):
        x = self.act(self.norm(self.stem(x)))
        return self.next(x)
`,
        [2, 3, 8, 8],
      );
      assert.equal(line, 8);
      assert.equal(
        text,
        'next (Conv2d), called on line 11, does not fit its input [batch, 16, 6, 6] from stem (Conv2d, line 5): ' +
          'Given groups=1, weight of size [64, 32, 3, 3], expected input[batch, 16, 6, 6] to have 32 channels, but got ' +
          '16 channels instead; change its arguments, the layer before it or the input',
      );
    });

    it('of two operands, each', async () => {
      const { line, text } = await written(`from torch import nn
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.a = nn.Linear(8, 16)
        self.b = nn.Linear(8, 12)
    def forward(self, x):
        return self.a(x).relu() + self.b(x)
`);
      assert.equal(line, 8);
      assert.match(
        text,
        /\[batch, 16\] from a \(Linear, line 5\) and \[batch, 12\] from b \(Linear, line 6\): The size of/,
      );
    });

    it('in a Sequential, and of the input itself', async () => {
      const made = await written(sequential('nn.Linear(8, 16)', 'nn.ReLU()', 'nn.Linear(12, 10)'));
      assert.equal(made.line, 5);
      assert.match(
        made.text,
        /^2 \(Linear\), called on line 2, does not fit its input \[batch, 16\] from 0 \(Linear, line 3\)/,
      );
      const given = await written(sequential('nn.ReLU()', 'nn.Linear(12, 10)'));
      assert.match(given.text, /its input \[batch, 8\] from the input 'input'/);
    });

    it('in a description', async () => {
      const { line, text } = await described(
        'input: [8]\nlayers:\n  - Linear: {out_features: 16}\n  - Sigmoid\n  - Linear: {in_features: 12, out_features: 4}\n',
      );
      assert.equal(line, 5);
      assert.match(
        text,
        /^'2' \(Linear\) does not fit its input \[batch, 16\] from '0' \(Linear, line 3\): mat1 and mat2/,
      );
    });
  });

  // PyTorch's words, and what to write instead.
  const refused: readonly (readonly [what: string, layer: string, line: string, words: RegExp])[] = [
    [
      'groups that do not divide the channels',
      'nn.GroupNorm(3, 16)',
      'GroupNorm: {num_groups: 3}',
      /num_channels \(16\) must be divisible by num_groups \(3\); let num_groups be one of 1, 2, 4, 8, 16$/,
    ],
    [
      'groups that do not divide the channels of a convolution',
      'nn.Conv2d(16, 6, 1, groups=4)',
      'Conv2d: {out_channels: 6, kernel_size: 1, groups: 4}',
      /out_channels must be divisible by groups; with 16 channels in and 6 out, let groups be one of 1, 2$/,
    ],
    [
      'heads that do not divide the width',
      'nn.MultiheadAttention(16, 3)',
      'MultiheadAttention: {embed_dim: 16, num_heads: 3}',
      /embed_dim must be divisible by num_heads; let num_heads be one of 1, 2, 4, 8, 16$/,
    ],
    [
      'a dropout that is no probability',
      'nn.Dropout(1.5)',
      'Dropout: {p: 1.5}',
      /dropout probability has to be between 0 and 1, but got 1.5; give p as the share that is dropped: 0.5 for half$/,
    ],
    [
      'InstanceNorm on one position',
      'nn.InstanceNorm2d(16)',
      'InstanceNorm2d',
      /Expected more than 1 spatial element when training, got input size torch.Size\(\[batch, 16, 1, 1\]\); put it where a channel has more than one position, or take LayerNorm or GroupNorm there$/,
    ],
  ];
  for (const [what, layer, line, words] of refused) {
    it(`${what}: what PyTorch says, at its line, and how to mend it`, async () => {
      const here = await written(sequential('nn.Conv2d(3, 16, 3)', 'nn.AdaptiveAvgPool2d(1)', layer), [2, 3, 8, 8]);
      assert.equal(here.line, 5);
      assert.match(here.text, words);
      const inside = await written(
        `from torch import nn
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(nn.Conv2d(3, 16, 3), nn.AdaptiveAvgPool2d(1))
        self.last = ${layer}
    def forward(self, x):
        return self.last(self.body(x))
`,
        [2, 3, 8, 8],
      );
      assert.equal(inside.line, 6);
      assert.match(inside.text, words);
      const there = await described(
        `input: [3, 8, 8]\nlayers:\n  - Conv2d: {out_channels: 16, kernel_size: 3}\n  - AdaptiveAvgPool2d: {output_size: 1}\n  - ${line}\n`,
      );
      assert.equal(there.line, 5);
      assert.match(there.text, words);
    });
  }

  it('a function is refused as PyTorch refuses it, not passed over as unknown', async () => {
    const { line, text } = await written(`from torch import nn
import torch.nn.functional as F
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(8, 16)
    def forward(self, x):
        return F.dropout(self.fc(x), p=-0.5)
`);
    assert.equal(line, 8);
    assert.match(text, /ValueError: dropout probability has to be between 0 and 1, but got -0.5; give p as/);
  });
});
