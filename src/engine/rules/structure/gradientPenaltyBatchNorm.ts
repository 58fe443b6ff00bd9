import { message } from '../../network';
import { fixed } from './graph';
import type { StructureRule } from './rule';
import { atFact, batchNorms } from './scriptFacts';

const SOURCE = 'Gulrajani et al. 2017, WGAN-GP, section 4: "we omit batch normalization in our critic"';

export const gradientPenaltyBatchNorm: StructureRule = {
  id: 'batchnorm-with-gradient-penalty',
  severity: 'warning',
  finds: 'BatchNorm in a critic that is trained under a gradient penalty',
  why: `The penalty holds the norm of the critic's gradient by each input on its own. With BatchNorm the answer to one input depends on all of
the batch, so that this gradient is not that of a function of one input, and the penalty holds something else.`,
  figure: `${SOURCE}; it recommends LayerNorm in its place. A critic is a network with one score a sample (or a map of scores) for an input that is
larger; the generator beside it may keep its BatchNorm.`,
  mend: 'LayerNorm, GroupNorm or InstanceNorm in the critic.',
  ignore: 'The penalty is not taken of this network (R1 or WGAN-GP of another one in the file).',
  check: (structure) => {
    const { network, graph } = structure;
    const fact = network.surroundings?.gradientPenalty;
    const [first] = batchNorms(structure);
    const output = graph.shape(network.outputs[0] ?? '');
    if (!first || !fact || !output) return [];
    const isCritic = output.length === 1 || fixed(output[1]) === 1;
    if (!isCritic) return [];
    const found = atFact(
      'batchnorm-with-gradient-penalty',
      'warning',
      { ...fact, source: (graph.module(first) ?? first).source },
      first,
      message(
        'batchnorm-with-gradient-penalty',
        'This critic has BatchNorm, and its gradient by single inputs is penalized: with BatchNorm it is no function of one input. Take LayerNorm.',
      ),
      [
        {
          quantity: 'BatchNorm layers in the critic',
          value: batchNorms(structure).length,
          unit: 'layers',
          threshold: 0,
          thresholdSource: SOURCE,
        },
      ],
    );
    return [{ ...found, related: [{ source: fact.source, message: message('penalty-here', 'the penalty') }] }];
  },
  cases: {
    fires: [
      `
# normscope: input=3x16x16
class Critic(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(
            nn.Conv2d(3, 16, 4, 2, 1),
            nn.LeakyReLU(0.2),
            nn.Conv2d(16, 32, 4, 2, 1, bias=False),
            nn.BatchNorm2d(32),  # <-
            nn.LeakyReLU(0.2),
            nn.Conv2d(32, 1, 4),
        )

    def forward(self, x):
        return self.net(x).view(-1)

def penalty(critic, x):
    grad = torch.autograd.grad(critic(x).sum(), x, create_graph=True)[0]
    return ((grad.flatten(1).norm(2, dim=1) - 1) ** 2).mean()
`,
    ],
    passes: [
      `
# normscope: input=3x16x16
class Critic(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(nn.Conv2d(3, 16, 4, 2, 1), nn.InstanceNorm2d(16), nn.LeakyReLU(0.2), nn.Conv2d(16, 1, 8))

    def forward(self, x):
        return self.net(x).view(-1)

def penalty(critic, x):
    return torch.autograd.grad(critic(x).sum(), x, create_graph=True)[0]
`,
      `
# normscope: input=3x16x16
class Discriminator(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(nn.Conv2d(3, 16, 4, 2, 1), nn.BatchNorm2d(16), nn.LeakyReLU(0.2), nn.Conv2d(16, 1, 8))

    def forward(self, x):
        return self.net(x).view(-1)
`,
    ],
  },
};
