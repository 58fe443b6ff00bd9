import { message } from '../../network';
import type { StructureRule } from './rule';
import { atFact, batchNorms, relatedCall } from './scriptFacts';

const SOURCE = 'Opacus: "BatchNorm cannot support training with differential privacy"';

export const privacyBatchNorm: StructureRule = {
  id: 'batchnorm-with-privacy',
  severity: 'warning',
  finds: 'BatchNorm in a network that is trained with differential privacy (DP-SGD)',
  why: `DP-SGD clips the gradient of each sample by itself. BatchNorm mixes the samples of a batch, so there is no such gradient, and its
running statistics would carry what single samples are. Opacus refuses the model.`,
  figure: `${SOURCE} (its module validator). No threshold.`,
  mend: 'GroupNorm or LayerNorm; `opacus.validators.ModuleValidator.fix(model)` replaces BatchNorm by GroupNorm.',
  ignore: 'The privacy engine is for another model of the file, or the model is mended by the validator before.',
  check: (structure) => {
    const fact = structure.network.surroundings?.differentialPrivacy;
    const [first, ...others] = batchNorms(structure);
    if (!first || !fact) return [];
    const found = atFact(
      'batchnorm-with-privacy',
      'warning',
      fact,
      first,
      message(
        'batchnorm-with-privacy',
        'DP-SGD needs the gradient of each sample alone, and BatchNorm ({count} layers) mixes the samples: Opacus refuses this model. Take GroupNorm.',
        { count: others.length + 1 },
      ),
      [
        {
          quantity: 'BatchNorm layers',
          value: others.length + 1,
          unit: 'layers',
          threshold: 0,
          thresholdSource: SOURCE,
        },
      ],
    );
    return [{ ...found, related: relatedCall(first) }];
  },
  cases: {
    fires: [
      `
# normscope: input=20
from opacus import PrivacyEngine
model = nn.Sequential(nn.Linear(20, 64, bias=False), nn.BatchNorm1d(64), nn.ReLU(), nn.Linear(64, 2))
engine = PrivacyEngine()  # <-
`,
    ],
    passes: [
      `
# normscope: input=20
from opacus import PrivacyEngine
model = nn.Sequential(nn.Linear(20, 64), nn.GroupNorm(8, 64), nn.ReLU(), nn.Linear(64, 2))
engine = PrivacyEngine()
`,
    ],
  },
};
