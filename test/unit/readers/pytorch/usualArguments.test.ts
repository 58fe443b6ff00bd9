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

  it('are lists of as many as the constructor takes apart, and numbers where it makes lists of them itself', async () => {
    const network = await read(
      `class Stages(nn.Module):
    def __init__(self, dims, depths, heads):
        super().__init__()
        assert len(dims) == 3
        heads = heads if isinstance(heads, tuple) else (heads,) * len(dims)
        self.stages = nn.ModuleList([])
        for a, b, depth in zip(dims[:-1], dims[1:], depths):
            self.stages.append(nn.Sequential(*[nn.Linear(a, b) for _ in range(depth)]))
        self.heads = nn.ModuleList([nn.Linear(dims[-1], n) for n in heads])
    def forward(self, x):
        for stage in self.stages:
            x = stage(x)
        return [head(x) for head in self.heads]
`,
      { assumeArguments: true },
    );
    assert.equal(network.modules.filter(({ id }) => /^stages\.\d$/.test(id)).length, 2);
    assert.equal(network.modules.filter(({ id }) => /^heads\.\d$/.test(id)).length, 3);
  });

  it('are models of the classes that annotations and assertions name, made of usual values themselves', async () => {
    const network = await read(
      `class Encoder(nn.Module):
    def __init__(self, in_features, hidden_dim):
        super().__init__()
        self.fc = nn.Linear(in_features, hidden_dim)
    def forward(self, x):
        return self.fc(x)
class Head(nn.Module):
    def __init__(self, hidden_dim, num_classes, activation: nn.Module):
        super().__init__()
        self.activation = activation
        self.fc = nn.Linear(hidden_dim, num_classes)
    def forward(self, x):
        return self.fc(self.activation(x))
class Wrapper(nn.Module):
    def __init__(self, encoder: Encoder, net, rank: int):
        super().__init__()
        assert isinstance(net, Head), 'a head is needed'
        self.encoder = encoder
        self.net = net
    def forward(self, x):
        return self.net(self.encoder(x))
`,
      { assumeArguments: true },
    );
    assert.deepEqual(
      network.modules.map(({ id, kind }) => `${id} ${kind}`),
      ['encoder Encoder', 'encoder.fc Linear', 'net Head', 'net.activation ReLU', 'net.fc Linear'],
    );
    assert.deepEqual(
      whysOf(network).map((why) => /argument (\w+): nobody says it; (an?|4) (\w*)/.exec(why)?.slice(1).join(' ')),
      ['encoder an Encoder', 'net a Head', 'rank 4 is'],
    );
  });
});
