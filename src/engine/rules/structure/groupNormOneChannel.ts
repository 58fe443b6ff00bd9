import { message } from '../../network';
import { fixed, layerOf } from './graph';
import { isGroupNorm } from './kinds';
import { oneFinding, type StructureRule } from './rule';

export const groupNormOneChannel: StructureRule = {
  id: 'groupnorm-one-channel',
  severity: 'note',
  finds: 'GroupNorm with one channel a group, which is InstanceNorm',
  why: `GroupNorm with as many groups as channels normalizes each channel of each sample by itself: how strong a channel is in one image against
another is gone behind it. For recognition that is a loss; for style it is the point.`,
  figure:
    'Wu & He 2018, ResNet-50 on ImageNet at 32 images a device: GroupNorm with 32 groups 24.1 % error, InstanceNorm 28.4 %.',
  mend: '32 groups, or 8 to 16 channels a group, are usual; or say InstanceNorm where it is meant.',
  ignore: 'It is meant: wav2vec 2.0 begins so on purpose.',
  check: ({ network, graph }) =>
    oneFinding(
      'groupnorm-one-channel',
      'note',
      network.calls.filter((call) => {
        const { num_groups, axis } = call.attributes;
        const groups = num_groups ?? call.attributes.groups;
        const shape = graph.inputShape(call) ?? [];
        // Without positions that is one value a group, which is another rule's.
        if (shape.length < 3) return false;
        const channels = shape.at(typeof axis === 'number' ? axis : 1);
        return isGroupNorm(call) && groups !== 1 && fixed(channels) === groups;
      }),
      (first) => ({
        message: message(
          'groupnorm-one-channel',
          '{layer} has {groups} groups of one channel each: that is InstanceNorm. Take fewer groups unless it is meant.',
          { layer: layerOf(first), groups: (first.attributes.num_groups ?? first.attributes.groups) as number },
        ),
        evidence: [
          {
            quantity: 'channels a group',
            value: 1,
            unit: 'channels',
            threshold: 2,
            thresholdSource: 'Wu & He 2018: 24.1 % error with 32 groups, 28.4 % with InstanceNorm',
          },
        ],
      }),
    ),
  cases: {
    fires: [
      `
# normscope: input=3x16x16
model = nn.Sequential(
    nn.Conv2d(3, 32, 3),
    nn.GroupNorm(32, 32),  # <-
    nn.ReLU(),
    nn.Conv2d(32, 2, 1),
)
`,
      `
import keras
from keras import layers

model = keras.Sequential([
    keras.Input((16, 16, 3)),
    layers.Conv2D(8, 3),
    layers.GroupNormalization(8),  # <-
    layers.ReLU(),
    layers.GlobalAveragePooling2D(),
    layers.Dense(2),
])
`,
    ],
    passes: [
      `
# normscope: input=3x16x16
model = nn.Sequential(nn.Conv2d(3, 64, 3), nn.GroupNorm(32, 64), nn.ReLU(), nn.Conv2d(64, 2, 1))
`,
      `
# normscope: input=3x16x16
model = nn.Sequential(nn.Conv2d(3, 64, 3), nn.GroupNorm(1, 64), nn.ReLU(), nn.Conv2d(64, 2, 1))
`,
    ],
  },
};
