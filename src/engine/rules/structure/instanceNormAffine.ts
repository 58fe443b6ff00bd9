import { type Call, message } from '../../network';
import { layerOf } from './graph';
import { isInstanceNorm, isStated } from './kinds';
import { oneFinding, type StructureRule } from './rule';

export const instanceNormAffine: StructureRule = {
  id: 'instancenorm-without-affine',
  severity: 'note',
  finds: 'InstanceNorm without γ and β in a classifier: unlike the other norms it has none by default',
  why: `nn.InstanceNorm has affine=False by default, where BatchNorm, LayerNorm and GroupNorm learn a gain and a shift. Put in the place of
one of these, it also takes these away, and every channel keeps variance 1 at every position of the network.`,
  figure:
    'PyTorch 2.13: InstanceNorm2d(affine=False), BatchNorm2d(affine=True), GroupNorm(affine=True). Reported where the file states a classification loss.',
  mend: '`affine=True`.',
  ignore: 'Style is the point, or the layer behind it brings its own scale (AdaIN, SPADE).',
  check: ({ network, graph }) => {
    const { kind, origin } = network.task;
    if (kind !== 'classification' || !isStated(origin)) return [];
    const norms = network.calls.filter(
      (call) => isInstanceNorm(call) && call.module !== undefined && call.attributes.affine === false,
    );
    const styled = network.calls.some((call) => graph.row(call)?.irreplaceable?.(call.attributes));
    const say = (first: Call, layers: readonly string[]) => ({
      message: message(
        'instancenorm-without-affine',
        '{layer} learns no gain and no shift: InstanceNorm has affine=False by default ({count} such layers).',
        { layer: layerOf(first), count: layers.length },
      ),
      evidence: [
        {
          quantity: 'learned values',
          value: 0,
          unit: 'values',
          thresholdSource: 'PyTorch: InstanceNorm has affine=False by default',
        },
      ],
    });
    return oneFinding('instancenorm-without-affine', 'note', styled ? [] : norms, say, {
      mend: {
        title: message('mend-affine', 'Let it learn gain and shift: affine=True ({count})', { count: norms.length }),
        changes: norms.map(({ id }) => ({ operation: 'set', site: id, attributes: { affine: true } })),
      },
    });
  },
  cases: {
    fires: [
      `
# normscope: input=3x16x16
model = nn.Sequential(
    nn.Conv2d(3, 32, 3),
    nn.InstanceNorm2d(32),  # <-
    nn.ReLU(),
    nn.AdaptiveAvgPool2d(1),
    nn.Flatten(),
    nn.Linear(32, 10),
)
criterion = nn.CrossEntropyLoss()
for x, y in loader:
    loss = criterion(model(x), y)
`,
    ],
    passes: [
      `
# normscope: input=3x16x16
stylize = nn.Sequential(nn.Conv2d(3, 32, 3), nn.InstanceNorm2d(32), nn.ReLU(), nn.Conv2d(32, 3, 3))
`,
      `
# normscope: input=3x16x16
model = nn.Sequential(
    nn.Conv2d(3, 32, 3), nn.InstanceNorm2d(32, affine=True), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(32, 10)
)
criterion = nn.CrossEntropyLoss()
for x, y in loader:
    loss = criterion(model(x), y)
`,
    ],
  },
};
