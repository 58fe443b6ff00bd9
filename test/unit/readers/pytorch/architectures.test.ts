import assert from 'node:assert/strict';
import { countParameters } from '../../../../src/engine/network';
import { callsOf, inputsOf, read, whysOf } from './read';

// Totals and numbers of modules are PyTorch's own for the same code.
describe('PyTorch reader: architectures as people write them', () => {
  it('reads a vision transformer: patches, positions, attention, means', async () => {
    const network = await read(`def pair(t):
    return t if isinstance(t, tuple) else (t, t)

class FeedForward(nn.Module):
    def __init__(self, dim, hidden_dim, dropout=0.):
        super().__init__()
        self.net = nn.Sequential(
            nn.LayerNorm(dim), nn.Linear(dim, hidden_dim), nn.GELU(),
            nn.Dropout(dropout), nn.Linear(hidden_dim, dim), nn.Dropout(dropout))
    def forward(self, x):
        return self.net(x)

class Block(nn.Module):
    def __init__(self, dim, heads):
        super().__init__()
        self.norm = nn.LayerNorm(dim, eps=1e-6)
        self.attn = nn.MultiheadAttention(dim, heads, dropout=0.1, batch_first=True)
        self.ff = FeedForward(dim, 4 * dim, 0.1)
    def forward(self, x):
        h = self.norm(x)
        a, _ = self.attn(h, h, h, need_weights=False)
        x = x + a
        return self.ff(x) + x

class ViT(nn.Module):
    def __init__(self, *, image_size=32, patch_size=4, num_classes=10, dim=64, depth=2, heads=4, channels=3):
        super().__init__()
        h, w = pair(image_size)
        self.patch = nn.Conv2d(channels, dim, patch_size, stride=patch_size)
        self.num = (h // patch_size) * (w // patch_size)
        self.pos = nn.Parameter(torch.randn(1, self.num, dim) * .02)
        self.layers = nn.ModuleList([])
        for _ in range(depth):
            self.layers.append(Block(dim, heads))
        self.head = nn.Linear(dim, num_classes)
    def forward(self, img):
        x = self.patch(img).flatten(2).transpose(1, 2)
        x = x + self.pos
        for blk in self.layers:
            x = blk(x)
        return self.head(x.mean(dim=1))
net = ViT()
`);
    assert.equal(countParameters(network).total, 107_850);
    assert.equal(network.modules.length, 27);
    assert.deepEqual(inputsOf(network), ["img [batch, 3, 32, 32] from ViT's image_size"]);
    assert.deepEqual(network.parameters[0]!.initialization, { kind: 'normal', mean: 0, std: 0.02 });
    assert.deepEqual(callsOf(network).slice(0, 6), [
      'patch(img) [batch, 64, 8, 8]',
      'flatten(patch) [batch, 64, 64]',
      'transpose(flatten) [batch, 64, 64]',
      'add(transpose, pos) [batch, 64, 64]',
      'layers.0.norm(add) [batch, 64, 64]',
      'layers.0.attn(layers.0.norm, layers.0.norm, layers.0.norm) [batch, 64, 64]',
    ]);
    assert.deepEqual(network.outputs, ['head']);
    assert.deepEqual(whysOf(network), []);
  });

  it('reads a squeeze-and-excitation gate', async () => {
    const network = await read(`class SE(nn.Module):
    def __init__(self, c, r=4):
        super().__init__()
        self.pool = nn.AdaptiveAvgPool2d(1)
        self.fc = nn.Sequential(nn.Linear(c, c // r, bias=False), nn.ReLU(True), nn.Linear(c // r, c, bias=False), nn.Sigmoid())
    def forward(self, x):
        b, c, _, _ = x.size()
        y = self.fc(self.pool(x).view(b, c)).view(b, c, 1, 1)
        return x * y
# normscope: input=16x8x8
net = SE(16)
`);
    assert.equal(countParameters(network).total, 128);
    assert.deepEqual(callsOf(network).slice(-2), [
      'view_1(fc.3) [batch, 16, 1, 1]',
      'mul(x, view_1) [batch, 16, 8, 8]',
    ]);
  });

  it('reads a generator of two networks, nested functions that give lists, numpy on shapes', async () => {
    const network = await read(`import numpy as np
img_shape = (1, 28, 28)
class Generator(nn.Module):
    def __init__(self, latent=100):
        super(Generator, self).__init__()
        def block(in_feat, out_feat, normalize=True):
            layers = [nn.Linear(in_feat, out_feat)]
            if normalize:
                layers.append(nn.BatchNorm1d(out_feat, 0.8))
            layers.append(nn.LeakyReLU(0.2, inplace=True))
            return layers
        self.model = nn.Sequential(*block(latent, 128, normalize=False), *block(128, 256),
                                   nn.Linear(256, int(np.prod(img_shape))), nn.Tanh())
    def forward(self, z):
        img = self.model(z)
        return img.view(img.size(0), *img_shape)
generator = Generator()
`);
    assert.equal(countParameters(network).total, 247_952);
    assert.deepEqual(callsOf(network).at(-1), 'view(model.6) [batch, 1, 28, 28]');
  });

  it('reads norm layers that are chosen by a partial, blocks by their class, and layers dropped to None', async () => {
    const network = await read(`from functools import partial
class Block(nn.Module):
    expansion = 2
    def __init__(self, inplanes, planes, norm_layer=None, downsample=None):
        super().__init__()
        norm_layer = norm_layer or nn.BatchNorm2d
        self.conv = nn.Conv2d(inplanes, planes * self.expansion, 3, padding=1, bias=norm_layer is None)
        self.norm = norm_layer(planes * self.expansion)
        self.downsample = downsample
    def forward(self, x):
        identity = x if self.downsample is None else self.downsample(x)
        out = self.norm(self.conv(x))
        out += identity
        return F.relu(out, inplace=True)
class Net(nn.Module):
    def __init__(self, block, layers, norm_layer=None):
        super().__init__()
        self.inplanes = 4
        self.stem = nn.Conv2d(3, self.inplanes, 1)
        for i, n in enumerate(layers):
            setattr(self, f'layer{i + 1}', self._make_layer(block, 4 * 2 ** i, n, norm_layer))
        self.n = len(layers)
    def _make_layer(self, block, planes, n, norm_layer):
        blocks = []
        for _ in range(n):
            out = planes * block.expansion
            down = nn.Conv2d(self.inplanes, out, 1, bias=False) if self.inplanes != out else None
            blocks.append(block(self.inplanes, planes, norm_layer, down))
            self.inplanes = out
        return nn.Sequential(*blocks)
    def forward(self, x):
        x = self.stem(x)
        for i in range(self.n):
            x = getattr(self, f'layer{i + 1}')(x)
        return x
net = Net(Block, [2, 1], norm_layer=partial(nn.GroupNorm, 4))
net(torch.rand(2, 3, 8, 8))
`);
    assert.equal(countParameters(network).total, 2_256);
    assert.deepEqual(
      network.modules
        .filter(({ kind }) => kind === 'GroupNorm')
        .map(({ id, attributes }) => [id, attributes.num_groups]),
      [
        ['layer1.0.norm', 4],
        ['layer1.1.norm', 4],
        ['layer2.0.norm', 4],
      ],
    );
    assert.deepEqual(
      network.modules.filter(({ id }) => id.endsWith('downsample')).map(({ id }) => id),
      ['layer1.0.downsample', 'layer2.0.downsample'],
    );
  });

  it('reads a Lightning module, its loss as a child', async () => {
    const network = await read(`import pytorch_lightning as pl
class Lit(pl.LightningModule):
    def __init__(self, hidden=[32, 16]):
        super().__init__()
        self.save_hyperparameters()
        dims = [784, *hidden]
        self.body = nn.Sequential(*sum([[nn.Linear(a, b), nn.ReLU()] for a, b in zip(dims[:-1], dims[1:])], []))
        self.head = nn.Linear(dims[-1], 10)
        self.loss = nn.CrossEntropyLoss()
    def forward(self, x):
        return self.head(self.body(x.view(x.size(0), -1)))
    def training_step(self, batch, batch_idx):
        x, y = batch
        return self.loss(self(x), y)
`);
    assert.equal(countParameters(network).total, 25_818);
    assert.equal(network.modules.length, 7);
    assert.equal(network.task.loss, 'CrossEntropyLoss');
    assert.deepEqual(whysOf(network), []);
  });
});
