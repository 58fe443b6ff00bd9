import assert from 'node:assert/strict';
import { formatShape } from '../../../../src/engine/network';
import { read, whysOf } from './read';

const unet = `class UNet(nn.Module):
    def __init__(self, n_channels, n_classes, width=4):
        super().__init__()
        self.body = nn.Conv2d(n_channels, width, 3, padding=1)
        self.head = nn.Conv2d(width, n_classes, 1)
    def forward(self, x):
        return self.head(torch.relu(self.body(x)))
`;

describe('PyTorch reader: usual values of arguments that nobody says', () => {
  it('stand for them where that is asked for, and are said', async () => {
    await assert.rejects(read(unet), /UNet needs the arguments 'n_channels', 'n_classes'/);
    const network = await read(unet, { assumeArguments: true });
    assert.equal(formatShape(network.inputs[0]!.shape), '[batch, 3, 32, 32]');
    assert.deepEqual(whysOf(network), [
      "4: UNet's argument n_channels: nobody says it; 3 is assumed, a usual value for that name; give --set n_channels=…",
      "4: UNet's argument n_classes: nobody says it; 10 is assumed, a usual value for that name; give --set n_classes=…",
    ]);
    const given = await read(unet, { assumeArguments: true, set: { n_channels: '1', n_classes: '2' } });
    assert.deepEqual(whysOf(given), []);
  });

  it('are other ones where a network refuses the first', async () => {
    const block = `class Fusion(nn.Module):
    def __init__(self, in_channels):
        super().__init__()
        self.norm = nn.GroupNorm(32, in_channels)
        self.conv = nn.Conv2d(in_channels, in_channels, 3)
    def forward(self, x):
        return self.conv(self.norm(x))
`;
    const network = await read(block, { assumeArguments: true });
    assert.equal(network.parameters[0]!.shape[0], 64);
  });

  it('stand for settings that a configuration nobody gives is asked for', async () => {
    const network = await read(
      `class Model(nn.Module):
    def __init__(self, configs):
        super().__init__()
        self.embed = nn.Embedding(configs.vocab_size, configs.d_model)
        self.head = nn.Linear(configs.d_model, configs['num_classes'])
    def forward(self, x):
        return self.head(self.embed(x).mean(1))
`,
      { assumeArguments: true },
    );
    assert.deepEqual(
      network.parameters.map(({ shape }) => shape),
      [[1000, 128], [10, 128], [10]],
    );
    assert.deepEqual(
      whysOf(network).map((why) => /setting (\w+): nobody says it; (\d+) is assumed/.exec(why)?.slice(1).join()),
      ['vocab_size,1000', 'd_model,128', 'num_classes,10'],
    );
  });

  it('are not made up for a name that says nothing', async () => {
    const code = unet.replaceAll('n_classes', 'thing');
    await assert.rejects(read(code, { assumeArguments: true }), /UNet needs the arguments 'n_channels', 'thing'/);
  });
});
