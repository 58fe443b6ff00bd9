import { message } from '../../network';
import { layerOf } from './graph';
import { isBatchNorm, isStated } from './kinds';
import { oneFinding, type StructureRule } from './rule';

const SOURCE =
  'PyTorch: requires_grad stops gradients; running_mean and running_var are buffers, and train() alone decides whether they move';

export const frozenNormUpdates: StructureRule = {
  id: 'frozen-norm-updates',
  severity: 'note',
  finds:
    'BatchNorm whose gain and shift are frozen by requires_grad, and whose running statistics still move in training',
  why: `requires_grad=False keeps γ and β. It does not keep the running mean and variance: in train() they follow the new data, at the batch size
of fine-tuning, and the layers behind were trained on the old ones. What was meant to be frozen drifts.`,
  figure: `${SOURCE}. After n steps (1 − m)ⁿ of the old statistics is left: 5 % after 29 at the default momentum 0.1. Reported once a model, where the
file makes an optimizer and other parameters are trained.`,
  mend: '`module.eval()` on these norms behind every `model.train()` (override train() in the model), or FrozenBatchNorm2d.',
  ignore: 'eval() is called on them already, or the statistics shall follow the new data.',
  check: ({ network, graph }) => {
    if (!isStated(network.optimizer.origin) || !network.parameters.some(({ trainable }) => trainable)) return [];
    // A script that never calls train() leaves the mode to someone else.
    if (network.surroundings && !network.surroundings.modes.some(({ value }) => value === 'train')) return [];
    const frozen = network.calls.filter((call) => {
      const gain = graph.parameter(call, 'weight');
      const tracks = call.attributes.track_running_stats === true;
      return (
        isBatchNorm(call) &&
        tracks &&
        gain !== undefined &&
        !gain.trainable &&
        !graph.parameter(call, 'bias')?.trainable
      );
    });
    return oneFinding('frozen-norm-updates', 'note', frozen, (first, layers) => ({
      message: message(
        'frozen-norm-updates',
        '{layer} has a frozen gain and shift, but its running statistics still move in train() ({count} such layers): call eval() on them too.',
        { layer: layerOf(first), count: layers.length },
      ),
      evidence: [
        {
          quantity: 'frozen norms with moving statistics',
          value: layers.length,
          unit: 'layers',
          threshold: 0,
          thresholdSource: SOURCE,
        },
      ],
    })).map((found) => ({ ...found, symptoms: [] }));
  },
  cases: {
    fires: [
      `
# normscope: input=3x32x32
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 16, 3, bias=False)
        self.bn = nn.BatchNorm2d(16)  # <-
        self.fc = nn.Linear(16, 5)

    def forward(self, x):
        return self.fc(F.relu(self.bn(self.conv(x))).mean((2, 3)))

model = Net()
for p in model.parameters():
    p.requires_grad = False
for p in model.fc.parameters():
    p.requires_grad = True
optimizer = torch.optim.SGD(model.fc.parameters(), lr=0.1)
model.train()
`,
    ],
    passes: [
      `
# normscope: input=3x32x32
model = nn.Sequential(nn.Conv2d(3, 16, 3, bias=False), nn.BatchNorm2d(16), nn.ReLU(), nn.Conv2d(16, 2, 1))
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
model.train()
`,
      `
# normscope: input=3x32x32
from torchvision.ops import FrozenBatchNorm2d
model = nn.Sequential(nn.Conv2d(3, 16, 3, bias=False), FrozenBatchNorm2d(16), nn.ReLU(), nn.Conv2d(16, 2, 1))
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
model.train()
`,
    ],
  },
};
