import assert from 'node:assert/strict';
import fc from 'fast-check';
import { afterActivation, candidatesFor, groupsFor } from '../../../src/engine/advisor/candidates';
import { familyOf, findSites } from '../../../src/engine/advisor/sites';
import { applyChanges } from '../../../src/engine/change';
import { countParameters, fileDocument, type Network } from '../../../src/engine/network';
import { pythonReader } from '../../../src/engine/readers/pythonFiles';
import { networkOf } from '../../measure';

const vectorNet = networkOf({
  input: [20],
  layers: [
    { Linear: { out_features: 24 } },
    'ReLU',
    { Linear: { out_features: 12 } },
    'ReLU',
    { Linear: { out_features: 10 } },
  ],
});
const imageNet = networkOf({
  input: [3, 8, 8],
  layers: [
    { Conv2d: { out_channels: 6, kernel_size: 3, padding: 1, bias: false } },
    'BatchNorm2d',
    'ReLU',
    { Conv2d: { out_channels: 64, kernel_size: 3, padding: 1, bias: false } },
    'BatchNorm2d',
    'ReLU',
    { AdaptiveAvgPool2d: { output_size: 1 } },
    'Flatten',
    { Linear: { out_features: 10 } },
  ],
});
const sequenceNet = networkOf({
  input: [12, 16],
  layers: [
    { residual: ['LayerNorm', { MultiheadAttention: { num_heads: 2, batch_first: true } }] },
    { residual: ['LayerNorm', { Linear: { out_features: 32 } }, 'GELU', { Linear: { out_features: 16 } }] },
    { mean: { dim: 1 } },
    { Linear: { out_features: 10 } },
  ],
});

const signalNet = networkOf({
  input: [2, 40],
  layers: [
    { Conv1d: { out_channels: 8, kernel_size: 5 } },
    'ReLU',
    { Conv1d: { out_channels: 16, kernel_size: 5 } },
    'ReLU',
    { AdaptiveAvgPool1d: { output_size: 1 } },
    'Flatten',
    { Linear: { out_features: 10 } },
  ],
});
const upsamplingNet = networkOf({
  input: [4, 4, 4],
  layers: [
    { ConvTranspose2d: { out_channels: 8, kernel_size: 4, stride: 2, padding: 1 } },
    'ReLU',
    { ConvTranspose2d: { out_channels: 3, kernel_size: 4, stride: 2, padding: 1 } },
    'Tanh',
    'Flatten',
    { Linear: { out_features: 10 } },
  ],
});

const candidates = (network: Network) => candidatesFor(network, findSites(network));
const labels = (network: Network) => candidates(network).map(({ label }) => label);
const SPATIAL = [
  'BatchNorm',
  'LayerNorm, written GroupNorm(1, C)',
  'LayerNorm over channels alone',
  'LayerNorm([C, H, W])',
  'GroupNorm',
];

describe('candidates', () => {
  it('knows what kind of data flows', () => {
    assert.deepEqual([vectorNet, imageNet, sequenceNet].map(familyOf), ['vector', 'image', 'sequence']);
  });

  it('norms a signal and an upsampled image over the channels that its convolutions make', () => {
    for (const [network, batchNorm, channels] of [
      [signalNet, 'BatchNorm1d', [8, 16]],
      [upsamplingNet, 'BatchNorm2d', [8, 3]],
    ] as const) {
      assert.equal(familyOf(network), 'image');
      const offered = candidates(network);
      assert.deepEqual(labels(network), [...SPATIAL, 'InstanceNorm', 'Batch Renormalization', 'WeightNorm']);
      const layers = offered[0]!.changes.map((change) => ('layer' in change ? change.layer : undefined));
      assert.deepEqual(
        layers.map((layer) => [layer?.kind, layer?.attributes.num_features]),
        channels.map((count) => [batchNorm, count]),
      );
      for (const { changes } of offered) applyChanges(network, changes);
    }
  });

  it('leaves norms alone whose statistics or scale come from elsewhere', () => {
    const around = (norm: string) =>
      networkOf({
        input: [3, 8, 8],
        layers: [
          { Conv2d: { out_channels: 8, kernel_size: 3 } },
          norm,
          'ReLU',
          { Conv2d: { out_channels: 8, kernel_size: 3 } },
          'BatchNorm2d',
          'ReLU',
        ],
      });
    const standing = (norm: string) => findSites(around(norm)).map(({ call }) => call.kind);
    assert.deepEqual(standing('InstanceNorm2d'), ['InstanceNorm2d', 'BatchNorm2d']);
    assert.deepEqual(standing('FrozenBatchNorm2d'), ['BatchNorm2d']);
  });

  it('groups divide the channels, 32 at most (property)', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 4096 }), (channels) => {
        const groups = groupsFor(channels);
        assert.equal(channels % groups, 0);
        assert.ok(groups >= 1 && groups <= 32);
        assert.ok(groups === 1 || channels / groups >= 4);
      }),
    );
    assert.deepEqual(
      [256, 64, 48, 7, 3].map((channels) => groupsFor(channels)),
      [32, 16, 12, 1, 1],
    );
  });

  it('offers every norm behind each hidden layer, and makes a network of each', () => {
    const offered = candidates(vectorNet);
    assert.deepEqual(labels(vectorNet), ['BatchNorm', 'LayerNorm', 'GroupNorm', 'RMSNorm', 'WeightNorm']);
    for (const { norm, changes, untrained } of offered) {
      if (untrained) {
        assert.deepEqual([norm, changes], ['WeightNorm', []]);
        continue;
      }
      assert.deepEqual(
        changes.map(({ operation, site }) => [operation, site]),
        [
          ['insert', '0'],
          ['insert', '2'],
        ],
      );
      const added = countParameters(applyChanges(vectorNet, changes)).total - countParameters(vectorNet).total;
      assert.equal(added, norm === 'RMSNorm' ? 24 + 12 : 2 * (24 + 12), norm);
    }
  });

  it('offers to replace the norms that stand, and to take them away', () => {
    const offered = candidates(imageNet);
    assert.deepEqual(labels(imageNet), [...SPATIAL, 'InstanceNorm', 'Batch Renormalization', 'no norm', 'WeightNorm']);
    const kinds = (norm: string) =>
      applyChanges(imageNet, offered.find((candidate) => candidate.norm === norm)!.changes)
        .modules.map(({ kind, attributes }) => (kind.endsWith('Norm') ? `${kind}(${attributes.num_groups})` : kind))
        .filter((kind) => kind.includes('Norm'));
    assert.deepEqual(kinds('LayerNorm'), ['GroupNorm(1)', 'GroupNorm(1)']);
    assert.deepEqual(kinds('GroupNorm'), ['GroupNorm(1)', 'GroupNorm(16)']);
    assert.deepEqual(kinds('none'), []);
    // Another number of groups at each site is no one number.
    assert.equal(offered.find(({ norm }) => norm === 'GroupNorm')!.groups, null);
  });

  it('has no batch statistics over time, and says why', () => {
    const offered = candidates(sequenceNet);
    for (const norm of ['BatchNorm', 'GroupNorm']) {
      const candidate = offered.find((one) => one.norm === norm)!;
      assert.match(candidate.impossible!.text, /time steps/);
      assert.deepEqual(candidate.changes, []);
    }
    assert.ok(offered.find(({ norm }) => norm === 'RMSNorm')!.changes.length === 2);
  });

  it('offers other numbers of groups where the channels allow for them, and says that little depends on it', () => {
    const wide = networkOf({
      input: [3, 8, 8],
      layers: [
        { Conv2d: { out_channels: 256, kernel_size: 3 } },
        'ReLU',
        { Conv2d: { out_channels: 256, kernel_size: 3 } },
        'ReLU',
        { Conv2d: { out_channels: 4, kernel_size: 1 } },
      ],
    });
    const grouped = candidates(wide).filter(({ norm }) => norm === 'GroupNorm');
    assert.deepEqual(
      grouped.map(({ groups, untrained }) => [groups, untrained?.id]),
      [
        [32, undefined],
        [16, 'norm-groups'],
        [64, 'norm-groups'],
      ],
    );
  });

  it('keeps the three kinds of LayerNorm of an image apart', () => {
    const three = candidates(imageNet).filter(({ norm }) => norm === 'LayerNorm');
    const layer = (i: number) => {
      const change = three[i]!.changes[0];
      return change && 'layer' in change ? [change.layer.kind, Object.values(change.layer.attributes)] : undefined;
    };
    assert.deepEqual([0, 1, 2].map(layer), [['GroupNorm', [1, 6]], undefined, ['LayerNorm', [[6, 8, 8]]]]);
    applyChanges(imageNet, three[2]!.changes);
  });

  it('says why what people ask for cannot be here', () => {
    const fact = <T>(value: T) => ({ value, source: imageNet.source });
    const none = {
      losses: [],
      lossInputs: [],
      optimizers: [],
      pretrained: [],
      modes: [],
      evaluations: [],
      assumptions: [],
    };
    const why = (network: Network, norm: string) =>
      candidates(network).find((candidate) => candidate.norm === norm && candidate.impossible)?.impossible?.id;
    const penalized: Network = { ...vectorNet, surroundings: { ...none, gradientPenalty: fact<true>(true) } };
    const clipped: Network = { ...imageNet, surroundings: { ...none, differentialPrivacy: fact<true>(true) } };
    const tuned: Network = {
      ...imageNet,
      surroundings: { ...none, pretrained: [fact({ how: 'load_state_dict', conditional: false } as const)] },
    };
    const single = networkOf({
      input: [3, 4, 4],
      layers: [
        { Conv2d: { out_channels: 8, kernel_size: 4 } },
        'ReLU',
        { Conv2d: { out_channels: 8, kernel_size: 1 } },
      ],
    });
    const odd = networkOf({
      input: [5],
      layers: [{ Linear: { out_features: 7 } }, 'ReLU', { Linear: { out_features: 2 } }],
    });
    const alone: Network = { ...vectorNet, batch: { size: 1, origin: 'default' } };
    const lstm = networkOf({
      input: [6, 4],
      layers: [{ LSTM: { hidden_size: 8, batch_first: true } }, { Linear: { out_features: 2 } }],
    });
    assert.deepEqual(
      [
        why(penalized, 'BatchNorm'),
        why(clipped, 'BatchNorm'),
        why(clipped, 'BatchRenorm'),
        why(single, 'InstanceNorm'),
        why(odd, 'GroupNorm'),
        why(alone, 'BatchNorm'),
        why(lstm, 'LayerNorm'),
        why(lstm, 'BatchNorm'),
        why(tuned, 'GroupNorm'),
        why(imageNet, 'BatchNorm'),
      ],
      [
        'norm-not-under-penalty',
        'norm-not-private',
        'norm-not-private',
        'norm-one-position',
        'norm-nothing-divides',
        'norm-one-value',
        'norm-closed-recurrence',
        'norm-not-over-time',
        'norm-pretrained',
        undefined,
      ],
    );
    // Trained weights: nothing is added, taken away or replaced; what stands may be frozen.
    assert.deepEqual(
      candidates(tuned).flatMap(({ label, impossible }) => (impossible ? [] : [label])),
      ['BatchNorm, frozen', 'SyncBatchNorm, on several devices', 'BatchNorm, a larger batch'],
    );
    assert.ok(candidates(tuned).every(({ changes }) => changes.length === 0));
  });

  it('puts norms behind activations too, where none stands', () => {
    const convolution = { Conv2d: { out_channels: 6, kernel_size: 3, padding: 1 } };
    const plain = networkOf({
      input: [3, 8, 8],
      layers: [convolution, 'ReLU', convolution, 'ReLU', 'Flatten', { Linear: { out_features: 10 } }],
    });
    const [batchNorm] = candidates(plain);
    const behind = afterActivation(plain, findSites(plain), batchNorm!)!;
    const kinds = (network: Network) => network.calls.map(({ kind }) => kind.replace(/2d$/, '')).join(' ');
    assert.match(kinds(applyChanges(plain, batchNorm!.changes)), /^Conv BatchNorm ReLU Conv BatchNorm ReLU/);
    assert.match(kinds(applyChanges(plain, behind.changes)), /^Conv ReLU BatchNorm Conv ReLU BatchNorm/);
    assert.equal(afterActivation(imageNet, findSites(imageNet), candidates(imageNet)[0]!), undefined);
    assert.equal(afterActivation(sequenceNet, findSites(sequenceNet), candidates(sequenceNet)[1]!), undefined);
  });

  it('has nothing to offer where there is no place', () => {
    assert.deepEqual(findSites(networkOf({ input: [4], layers: [{ Linear: { out_features: 10 } }] })), []);
  });

  it('leaves a norm that stands where it stands', async () => {
    const text = `import keras
from keras import layers

model = keras.Sequential([
    keras.Input((20,)),
    layers.Dense(8, use_bias=False),
    layers.BatchNormalization(),
    layers.ReLU(),
    layers.Dense(2),
])
`;
    const [network] = await pythonReader.read(fileDocument('/models/net.py', text), {});
    const sites = findSites(network!);
    const offered = candidatesFor(network!, sites).filter(({ changes }) => changes.length > 0);
    assert.ok(offered.length > 0);
    for (const candidate of offered) assert.equal(afterActivation(network!, sites, candidate), undefined);
  });

  it('puts Keras’s norms over one axis that there is, whatever axes a norm that is there is told', async () => {
    const text = `import keras
from keras import layers

model = keras.Sequential([
    keras.Input((15, 15, 3)),
    layers.Conv2D(8, 3, padding='same'),
    layers.LayerNormalization(axis=1),
    layers.BatchNormalization(axis=1),
    layers.ReLU(),
    layers.Conv2D(8, 3, padding='same'),
    layers.LayerNormalization(axis=[1, 2]),
    layers.Flatten(),
    layers.Dense(2),
])
`;
    const [network] = await pythonReader.read(fileDocument('/models/net.py', text), {});
    const made = candidates(network!).flatMap(({ changes }) => changes);
    assert.ok(made.length > 3);
    for (const change of made) {
      applyChanges(network!, [change]);
      if ('layer' in change && 'channels' in change.layer.attributes) {
        const { channels, axis } = change.layer.attributes;
        const { outputShapes } = network!.calls.find(({ id }) => id === change.site)!;
        assert.equal(channels, outputShapes[0]!.at(axis as number), change.site);
      }
    }
  });
});
