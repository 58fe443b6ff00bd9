import assert from 'node:assert/strict';
import { narrow } from '../../../src/engine/change';
import { countParameters, formatShape, type Network, valueShapes } from '../../../src/engine/network';
import { trainingProgram } from '../../../src/engine/probe/programs/training';
import { networkOf } from '../../measure';
import { read } from '../readers/pytorch/read';

const shapesOf = (network: Network) => [...valueShapes(network)].map(([id, shape]) => `${id} ${formatShape(shape)}`);
const attributesOf = (network: Network, id: string) =>
  network.modules.find((module) => module.id.endsWith(id))!.attributes;
const shapeOf = (network: Network, id: string) => network.parameters.find((parameter) => parameter.id === id)!.shape;

/** What is narrowed can be trained: every shape fits the next. */
function assertTrains(network: Network): void {
  assert.ok(trainingProgram(network, network.batch.size, 32, 'plain').program.nodes > 0);
}

const convolutions = networkOf({
  input: [3, 16, 16],
  batch: 4,
  layers: [
    { Conv2d: { out_channels: 32, kernel_size: 3, padding: 1 }, id: 'first' },
    'BatchNorm2d',
    'ReLU',
    {
      residual: [
        { Conv2d: { out_channels: 32, kernel_size: 3, padding: 1, groups: 32 }, id: 'depthwise' },
        { GroupNorm: { num_groups: 8, num_channels: 32 }, id: 'norm' },
        { Conv2d: { out_channels: 32, kernel_size: 1, groups: 4 }, id: 'grouped' },
      ],
    },
    { AdaptiveAvgPool2d: { output_size: 1 } },
    'Flatten',
    { Linear: { out_features: 10 }, id: 'head' },
  ],
});

const transformer = `
class Attention(nn.Module):
    def __init__(self):
        super().__init__()
        self.qkv = nn.Linear(64, 192)
        self.proj = nn.Linear(64, 64)

    def forward(self, x):
        q, k, v = self.qkv(x).chunk(3, dim=-1)
        q = q.view(-1, 12, 8, 8).transpose(1, 2)
        k = k.view(-1, 12, 8, 8).transpose(1, 2)
        v = v.view(-1, 12, 8, 8).transpose(1, 2)
        y = torch.nn.functional.scaled_dot_product_attention(q, k, v)
        return self.proj(y.transpose(1, 2).reshape(-1, 12, 64))

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed = nn.Linear(24, 64)
        self.position = nn.Parameter(torch.zeros(1, 12, 64))
        self.norm = nn.LayerNorm(64)
        self.attention = Attention()
        self.built_in = nn.MultiheadAttention(64, 8, batch_first=True)
        self.head = nn.Linear(64, 5)

    def forward(self, x):
        x = self.embed(x) + self.position
        x = x + self.attention(self.norm(x))
        x = x + self.built_in(x, x, x)[0]
        return self.head(x.mean(dim=1))
`;

describe('narrow', () => {
  it('takes channels away, and leaves depth, resolution, what comes in and what goes out', () => {
    const narrower = narrow(convolutions, 2, 'kept')!;
    assert.deepEqual(
      narrower.calls.map(({ id, kind }) => `${id} ${kind}`),
      convolutions.calls.map(({ id, kind }) => `${id} ${kind}`),
    );
    assert.deepEqual(
      shapesOf(narrower),
      shapesOf(convolutions).map((text) => text.replace('[batch, 32', '[batch, 16')),
    );
    assert.deepEqual(shapeOf(narrower, 'first.weight'), [16, 3, 3, 3]);
    assert.deepEqual(shapeOf(narrower, 'head.weight'), [10, 16]);
    assertTrains(narrower);
  });

  it('has fewer groups: one a channel stays so, others keep their channels as nearly as they divide', () => {
    const narrower = narrow(convolutions, 4, 'kept')!;
    assert.deepEqual(
      ['depthwise', 'grouped', 'norm'].map((id) => attributesOf(narrower, id)[id === 'norm' ? 'num_groups' : 'groups']),
      [8, 1, 2],
    );
    assertTrains(narrower);
  });

  it('draws weights as PyTorch would at the smaller fan-in, and as the file says where it says it', () => {
    const network = networkOf({
      input: [16],
      batch: 4,
      layers: [
        { Linear: { out_features: 64, init: { weight: { normal: { std: 0.02 } } } } },
        { Linear: { out_features: 64 } },
        { Linear: { out_features: 3 } },
      ],
    });
    const narrower = narrow(network, 4, 'kept')!;
    const initial = (id: string) => narrower.parameters.find((parameter) => parameter.id === id)!.initialization;
    assert.deepEqual(initial('0.weight'), network.parameters[0]!.initialization);
    // 1/√16 instead of 1/√64.
    assert.deepEqual(initial('2.weight'), { kind: 'uniform', low: -0.25, high: 0.25 });
  });

  it('follows sizes that a forward writes out, free parameters and attention', async () => {
    const network = await read(transformer, { inputs: [{ shape: [4, 12, 24] }], batch: 4 });
    for (const factor of [2, 4]) {
      const narrower = narrow(network, factor, 'kept')!;
      assert.deepEqual(shapeOf(narrower, 'position'), [1, 12, 64 / factor]);
      assert.equal(attributesOf(narrower, 'built_in').num_heads, 8 / factor);
      assert.deepEqual(shapeOf(narrower, 'built_in.out_proj.weight'), [64 / factor, 64 / factor]);
      assert.deepEqual(formatShape(valueShapes(narrower).get(narrower.outputs[0]!)!), '[batch, 5]');
      // The 12 positions stay 12.
      for (const [id, shape] of valueShapes(network)) {
        const places = (of: typeof shape) => of.filter((dim) => dim === 12).length;
        assert.equal(places(valueShapes(narrower).get(id)!), places(shape), id);
      }
      assertTrains(narrower);
    }
  });

  it('splits what is narrower into as many parts', async () => {
    const network = await read(
      `class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.qkv = nn.Linear(24, 3 * 64)
        self.head = nn.Linear(64, 5)
    def forward(self, x):
        q, k, v = self.qkv(x).split(64, dim=-1)
        return self.head(q * k + v)
`,
      { inputs: [{ shape: [4, 24] }], batch: 4 },
    );
    const narrower = narrow(network, 2, 'kept')!;
    assert.deepEqual(shapeOf(narrower, 'head.weight'), [5, 32]);
    assertTrains(narrower);
  });

  it('narrows features that are added to from the input on, where they are not a person’s own', () => {
    const stream = networkOf({
      input: [10, 64],
      batch: 4,
      layers: [
        { residual: ['LayerNorm', { Linear: { out_features: 256 } }, 'GELU', { Linear: { out_features: 64 } }] },
        { Linear: { out_features: 7 } },
      ],
    });
    assert.equal(narrow(stream, 4, 'kept'), undefined);
    const narrower = narrow(stream, 4, 'may-narrow')!;
    assert.equal(formatShape(narrower.inputs[0]!.shape), '[batch, 10, 16]');
    assert.equal(formatShape(valueShapes(narrower).get(narrower.outputs[0]!)!), '[batch, 10, 7]');
    assert.ok(countParameters(narrower).total < countParameters(stream).total / 8);
    assertTrains(narrower);
  });

  it('leaves few channels as they are', () => {
    const thin = networkOf({
      input: [4],
      batch: 4,
      layers: [{ Linear: { out_features: 6 } }, { Linear: { out_features: 20 } }, { Linear: { out_features: 2 } }],
    });
    const narrower = narrow(thin, 16, 'kept')!;
    assert.deepEqual(
      narrower.modules.flatMap(({ attributes }) => attributes.out_features ?? []),
      [6, 8, 2],
    );
  });
});
