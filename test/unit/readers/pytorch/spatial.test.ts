import assert from 'node:assert/strict';
import { InputError } from '../../../../src/engine/network';
import { callsOf, inputsOf, read, whysOf } from './read';

/** A module's forward over `x`, its layers made before. */
const net = (layers: string, forward: string): string => `class Net(nn.Module):
    def __init__(self):
        super().__init__()
${layers
  .split('\n')
  .map((line) => `        ${line}`)
  .join('\n')}
    def forward(self, x):
${forward
  .split('\n')
  .map((line) => `        ${line}`)
  .join('\n')}
`;

const shaped = (...shape: number[]) => ({ inputs: [{ shape }] });

describe('PyTorch reader: spatial layers', () => {
  it('reads convolutions of one and three dimensions by position and by name, ints and tuples', async () => {
    const signal = await read(
      `model = nn.Sequential(
    nn.Conv1d(2, 4, 5, 2, 2),
    nn.ReflectionPad1d((1, 2)),
    nn.MaxPool1d(kernel_size=(2,), stride=2),
    nn.ConvTranspose1d(4, 3, 4, stride=2, padding=1, output_padding=1),
    nn.AdaptiveAvgPool1d(1),
)
`,
      shaped(8, 2, 40),
    );
    assert.deepEqual(callsOf(signal), [
      '0(input) [batch, 4, 20]',
      '1(0) [batch, 4, 23]',
      '2(1) [batch, 4, 11]',
      '3(2) [batch, 3, 23]',
      '4(3) [batch, 3, 1]',
    ]);
    const volume = await read(
      `model = nn.Sequential(
    nn.Conv3d(1, 4, (1, 3, 3), padding=(0, 1, 1), padding_mode='circular'),
    nn.AvgPool3d(2),
    nn.ConvTranspose3d(4, 2, 2, 2, bias=False),
    nn.LPPool3d(2, 2),
    nn.AdaptiveMaxPool3d((None, 2, 1)),
)
`,
      shaped(2, 1, 4, 8, 8),
    );
    assert.deepEqual(callsOf(volume), [
      '0(input) [batch, 4, 4, 8, 8]',
      '1(0) [batch, 4, 2, 4, 4]',
      '2(1) [batch, 2, 4, 8, 8]',
      '3(2) [batch, 2, 2, 4, 4]',
      '4(3) [batch, 2, 2, 2, 1]',
    ]);
    const { attributes } = volume.modules.find(({ id }) => id === '2')!;
    assert.deepEqual([attributes.kernel_size, attributes.stride, attributes.bias], [[2, 2, 2], [2, 2, 2], false]);
  });

  it('reads a U-Net: upsampling, padding to fit, a skip connection', async () => {
    const network = await read(
      net(
        `self.down = nn.Conv2d(3, 4, 3, padding='same')
self.pool = nn.MaxPool2d(2)
self.up = nn.ConvTranspose2d(4, 4, kernel_size=2, stride=2)
self.out = nn.Conv2d(8, 2, 1)`,
        `skip = self.down(x)
x = self.up(self.pool(skip))
diffY = skip.size()[2] - x.size()[2]
diffX = skip.size()[3] - x.size()[3]
x = F.pad(x, [diffX // 2, diffX - diffX // 2, diffY // 2, diffY - diffY // 2])
x = torch.cat([skip, x], dim=1)
return F.interpolate(self.out(x), size=skip.shape[-2:], mode='bilinear', align_corners=False)`,
      ),
      shaped(4, 3, 9, 9),
    );
    assert.deepEqual(callsOf(network), [
      'down(x) [batch, 4, 9, 9]',
      'pool(down) [batch, 4, 4, 4]',
      'up(pool) [batch, 4, 8, 8]',
      'pad(up) [batch, 4, 9, 9]',
      'cat(down, pad) [batch, 8, 9, 9]',
      'out(cat) [batch, 2, 9, 9]',
      'interpolate(out) [batch, 2, 9, 9]',
    ]);
  });

  it('reads functions and methods: pooling, unfolding, shuffling, rolling', async () => {
    const network = await read(
      net(
        'self.shuffle = nn.PixelShuffle(2)',
        `x = F.avg_pool2d(x, 2, stride=(1, 1), padding=1)
x = F.max_pool2d(x, (2, 2), 1)
x = torch.roll(x, shifts=(1, -1), dims=(2, 3))
x = x.flip(2, 3).roll(1, 1)
x = torch.fliplr(x)
x = self.shuffle(x)
x = F.pixel_unshuffle(x, 2)
x = x.unfold(2, 2, 2).unfold(3, 2, 2)
x = x.reshape(x.size(0), 4, 4, -1)
x = F.adaptive_avg_pool2d(x, (2, 4))
x = F.unfold(x, kernel_size=2, stride=2)
return F.fold(x, output_size=(2, 4), kernel_size=2, stride=2)`,
      ),
      shaped(2, 4, 8, 8),
    );
    assert.deepEqual(
      callsOf(network).map((call) => call.replace(/\(.*?\)/, '')),
      [
        'avg_pool2d [batch, 4, 9, 9]',
        'max_pool2d [batch, 4, 8, 8]',
        'roll [batch, 4, 8, 8]',
        'flip [batch, 4, 8, 8]',
        'roll_1 [batch, 4, 8, 8]',
        'fliplr [batch, 4, 8, 8]',
        'shuffle [batch, 1, 16, 16]',
        'pixel_unshuffle [batch, 4, 8, 8]',
        'unfold [batch, 4, 4, 8, 2]',
        'unfold_1 [batch, 4, 4, 4, 2, 2]',
        'reshape [batch, 4, 4, 16]',
        'adaptive_avg_pool2d [batch, 4, 2, 4]',
        'unfold_2 [batch, 16, 2]',
        'fold [batch, 4, 2, 4]',
      ],
    );
    assert.deepEqual(whysOf(network), []);
  });

  it('solves a signal from its first convolution, where the layers behind settle its length', async () => {
    const network = await read(
      'model = nn.Sequential(nn.Conv1d(3, 4, 5), nn.ReLU(), nn.Flatten(), nn.Linear(4 * 60, 2))\n',
    );
    assert.deepEqual(inputsOf(network), [
      'input [batch, 3, 64] from 0, line 4, and the size that the layers behind it take',
    ]);
  });

  it('puts maxima back where they stood', async () => {
    const network = await read(
      net(
        'self.pool = nn.MaxPool2d(2, return_indices=True)\n        self.up = nn.MaxUnpool2d(2)',
        'y, at = self.pool(x)\n        return self.up(y, at)',
      ),
      shaped(2, 1, 8, 8),
    );
    assert.deepEqual(callsOf(network), [
      'pool(x) [batch, 1, 4, 4] [batch, 1, 4, 4]',
      'up(pool, pool:1) [batch, 1, 8, 8]',
    ]);
    assert.deepEqual(whysOf(network), []);
  });

  it('says what is not modelled: indices of maxima, an output size given at the call', async () => {
    const indices = await read(
      'model = nn.Sequential(nn.Conv2d(1, 2, 3), nn.AdaptiveMaxPool2d(2, return_indices=True))\n',
      {
        ...shaped(2, 1, 8, 8),
      },
    );
    assert.deepEqual(whysOf(indices), [
      "4: AdaptiveMaxPool2d: AdaptiveMaxPool2d's return_indices=True is not modelled",
    ]);
    const sized = await read(
      net('self.up = nn.ConvTranspose2d(1, 1, 3, stride=2)', 'return self.up(x, output_size=[8, 8])'),
      shaped(2, 1, 4, 4),
    );
    assert.deepEqual(whysOf(sized), ['9: ConvTranspose2d(output_size=…): its argument output_size is not modelled']);
  });

  it("refuses what does not fit in PyTorch's words, with the layer's line", async () => {
    await assert.rejects(
      read('model = nn.Sequential(nn.Conv1d(3, 4, 5),\n    nn.Conv1d(5, 4, 3))\n', shaped(2, 3, 16)),
      (error) =>
        error instanceof InputError &&
        error.source?.start.line === 5 &&
        /weight of size \[4, 5, 3\], expected input\[batch, 4, 12\] to have 5 channels, but got 4/.test(error.message),
    );
  });
});
