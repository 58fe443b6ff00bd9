import { message } from '../../network';
import { layerOf } from './graph';
import { oneFinding, type StructureRule } from './rule';

const SOURCE =
  'PyTorch: "torch.nn.utils.weight_norm is deprecated in favor of torch.nn.utils.parametrizations.weight_norm"';

export const deprecatedWeightNorm: StructureRule = {
  id: 'deprecated-weight-norm',
  severity: 'note',
  finds: 'torch.nn.utils.weight_norm, which PyTorch has replaced by a parametrization',
  why: `The old function keeps weight_g and weight_v and computes the weight in a hook before forward: copies and weights set by hand go wrong. The
parametrization is what is maintained.`,
  figure: `${SOURCE} (since 2.1).`,
  mend: '`from torch.nn.utils.parametrizations import weight_norm`. It renames the keys `weight_g`, `weight_v`, and reads old state_dicts.',
  ignore: 'The code must run on PyTorch before 2.0.',
  check: ({ network, graph }) =>
    oneFinding(
      'deprecated-weight-norm',
      'note',
      network.calls.filter((call) => graph.parameter(call, 'weight_g') !== undefined),
      (first, layers) => ({
        message: message(
          'deprecated-weight-norm',
          '{layer} has the old weight_norm ({count} layers): torch.nn.utils.parametrizations.weight_norm has taken its place.',
          { layer: layerOf(first), count: layers.length },
        ),
        evidence: [{ quantity: 'layers', value: layers.length, unit: 'layers', thresholdSource: SOURCE }],
      }),
    ),
  cases: {
    fires: [
      `
# normscope: input=8x16
from torch.nn.utils import weight_norm
model = nn.Sequential(
    weight_norm(nn.Conv1d(8, 16, 3)),  # <-
    nn.ReLU(),
)
`,
    ],
    passes: [
      `
# normscope: input=8x16
from torch.nn.utils.parametrizations import weight_norm
model = nn.Sequential(weight_norm(nn.Conv1d(8, 16, 3)), nn.ReLU())
`,
    ],
  },
};
