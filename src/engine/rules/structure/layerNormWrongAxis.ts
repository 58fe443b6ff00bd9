import type { Change } from '../../change';
import { message, type Network } from '../../network';
import type { Found } from '../rule';
import { fixed, type Graph, layerOf } from './graph';
import { isLayerNorm } from './kinds';
import { oneFinding, type StructureRule } from './rule';

const PYTORCH = 'PyTorch: LayerNorm normalizes "over the last certain number of dimensions"';
/** Channels first, and yet the last axis is normalized: the sizes happen to agree. */
function silent(network: Network, graph: Graph): Found[] {
  const found = network.calls.filter((call) => {
    const shape = graph.inputShape(call);
    const normalized = call.attributes.normalized_shape;
    const one = Array.isArray(normalized) && normalized.length === 1;
    const axis = graph.inputChannels(call);
    return (
      call.kind === 'LayerNorm' &&
      isLayerNorm(call) &&
      one &&
      shape !== undefined &&
      shape.length >= 3 &&
      axis === 1 &&
      fixed(shape[1]) === fixed(shape.at(-1))
    );
  });
  const changes = found.map(({ id, outputShapes }): Change => {
    const attributes = { num_groups: 1, num_channels: fixed(outputShapes[0]![1]) };
    return { operation: 'replace', site: id, layer: { kind: 'GroupNorm', attributes } };
  });
  const title = message('mend-layernorm-axis', 'Take GroupNorm(1, C): over channels and positions');
  return oneFinding(
    'layernorm-wrong-axis',
    'warning',
    found,
    (first) => {
      const shape = graph.inputShape(first)!;
      return {
        message: message(
          'layernorm-over-width',
          '{layer} normalizes the last axis, which here is the width and not the channels: both have {size}, so nothing fails. Move the channels last, or take GroupNorm(1, {size}).',
          { layer: layerOf(first), size: fixed(shape[1]) },
        ),
        evidence: [
          { quantity: 'axis normalized', value: shape.length - 1, unit: '', threshold: 1, thresholdSource: PYTORCH },
        ],
      };
    },
    { mend: { title, changes } },
  );
}

export const layerNormWrongAxis: StructureRule = {
  id: 'layernorm-wrong-axis',
  severity: 'warning',
  finds:
    'LayerNorm(C) on images whose channels stand first, where it normalizes the width, as the sizes happen to agree',
  why: `nn.LayerNorm normalizes the last dimensions of its input. A convolution gives [N, C, H, W], whose last axis is the width: with
other sizes PyTorch stops, with W = C it normalizes each row of pixels and learns a gain for each column, in silence.`,
  figure: `${PYTORCH}. Where the sizes differ, the file cannot be read to its output, and that error says it. That the channels stand on axis 1
is followed from the convolutions; after permute(0, 2, 3, 1) they stand last, and nothing is reported.`,
  mend: 'GroupNorm(1, C) normalizes over channels and positions together; for channels alone, permute them last and back, as ConvNeXt’s LayerNorm2d does.',
  ignore: 'The rows themselves are what shall be normalized: spectrograms by frequency, say.',
  check: ({ network, graph }) => silent(network, graph),
  cases: {
    fires: [
      `
# normscope: input=3x16x16
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 16, 3, padding=1)
        self.norm = nn.LayerNorm(16)  # <-
        self.fc = nn.Linear(16, 10)

    def forward(self, x):
        x = F.relu(self.norm(self.conv(x)))
        return self.fc(x.mean((2, 3)))
`,
    ],
    passes: [
      `
# normscope: input=3x16x16
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 16, 3, padding=1)
        self.norm = nn.LayerNorm(16)

    def forward(self, x):
        x = self.conv(x).permute(0, 2, 3, 1)
        return F.relu(self.norm(x)).permute(0, 3, 1, 2)
`,
      `
# normscope: input=3x16x16
model = nn.Sequential(nn.Conv2d(3, 16, 3, padding=1), nn.LayerNorm([16, 16, 16]), nn.ReLU())
`,
      `
# normscope: input=16x16
model = nn.Sequential(nn.Linear(16, 16), nn.LayerNorm(16), nn.ReLU())
`,
    ],
  },
};
