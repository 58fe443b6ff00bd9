import { describeWrittenNorm, message, type NormDifference } from '../../network';
import type { Found } from '../rule';
import type { StructureRule } from './rule';

/** What can break training, not only change it a little. */
const GRAVE: readonly NormDifference[] = ['no-eps', 'axes-differ'];
const SOURCE = 'PyTorch 2.13: (x − E[x])/√(Var[x] + eps), the biased variance, both over the same axes';

export const writtenNormDiffers: StructureRule = {
  id: 'written-norm-differs',
  severity: 'warning',
  finds: 'norms written out by hand that differ from their standard form',
  why: `A norm written with mean and std looks like LayerNorm or BatchNorm and is not quite it: torch.std divides by n − 1 and not by n, eps is
added behind the root, or left out so that a constant row is divided by zero. Weights trained with the one give other numbers in the other.`,
  figure: `${SOURCE}. A warning where eps is missing or mean and spread are taken over different axes, else a note. The unbiased variance of n values is n/(n − 1)
times the biased one: 1.002 at 512 features, 1.14 at 8.`,
  mend: 'The module of that name (it is faster as well), or `var(…, unbiased=False)` and `sqrt(var + eps)`.',
  ignore: 'The form is that of a paper or of weights that are loaded (the Annotated Transformer adds eps to the std).',
  check: ({ network }): readonly Found[] => {
    const differing = (network.writtenNorms ?? []).filter(({ differences }) => differences.length > 0);
    const bySource = new Map(differing.map((norm) => [`${norm.source.start.line}:${norm.source.start.column}`, norm]));
    return [...bySource.values()].map((norm) => {
      const grave = norm.differences.some((difference) => GRAVE.includes(difference));
      return {
        rule: 'written-norm-differs',
        severity: grave ? 'warning' : 'note',
        layer: norm.calls.at(-1) ?? null,
        source: norm.source,
        message: message('written-norm-differs', '{norm}.', { norm: describeWrittenNorm(norm) }),
        evidence: [
          {
            quantity: 'differences from the standard form',
            value: norm.differences.length,
            unit: '',
            threshold: 0,
            thresholdSource: SOURCE,
          },
        ],
        symptoms: [],
      };
    });
  },
  cases: {
    fires: [
      `
# normscope: input=10x32
class LayerNorm(nn.Module):
    def __init__(self, features, eps=1e-6):
        super().__init__()
        self.a_2 = nn.Parameter(torch.ones(features))
        self.b_2 = nn.Parameter(torch.zeros(features))
        self.eps = eps

    def forward(self, x):
        mean = x.mean(-1, keepdim=True)
        std = x.std(-1, keepdim=True)
        return self.a_2 * (x - mean) / (std + self.eps) + self.b_2  # <-

model = nn.Sequential(nn.Linear(32, 32), LayerNorm(32))
`,
    ],
    passes: [
      `
# normscope: input=10x32
class LayerNorm(nn.Module):
    def __init__(self, features, eps=1e-6):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(features))
        self.eps = eps

    def forward(self, x):
        mean = x.mean(-1, keepdim=True)
        var = x.var(-1, keepdim=True, unbiased=False)
        return self.weight * (x - mean) / torch.sqrt(var + self.eps)

model = nn.Sequential(nn.Linear(32, 32), LayerNorm(32))
`,
    ],
  },
};
