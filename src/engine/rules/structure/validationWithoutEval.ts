import { message } from '../../network';
import { layerOf } from './graph';
import type { StructureRule } from './rule';
import { atFact, relatedCall } from './scriptFacts';

const SOURCE =
  'PyTorch: model.eval() is needed "before inference to set dropout and batch normalization layers to evaluation mode"';

export const validationWithoutEval: StructureRule = {
  id: 'validation-without-eval',
  severity: 'warning',
  finds: 'a loop over validation data that calls the model without eval(), though it has BatchNorm or Dropout',
  why: `In training mode Dropout drops and BatchNorm normalizes by the batch at hand: the score depends on what else is in the batch and
on chance. BatchNorm also moves its running statistics by the validation data, so that what was held out leaks into the model.
torch.no_grad() changes none of this.`,
  figure: `${SOURCE}. No threshold: a network that acts otherwise in training, a loop over held-out data, and no call of eval() before it or
in a function that calls it.`,
  mend: '`model.eval()` before the loop and `model.train()` behind it.',
  ignore:
    'The mode is set elsewhere (another file, a framework), or dropout in evaluation is wanted (Monte Carlo dropout).',
  check: ({ network, graph }) => {
    const moody = network.calls.find(
      (call) =>
        graph.row(call)?.batchStatistics?.(call.attributes) === true ||
        (graph.role(call) === 'dropout' && Number(call.attributes.p ?? 0) > 0 && call.attributes.training !== false),
    );
    const loop = network.surroundings?.evaluations.find(({ value }) => !value.evaluates);
    if (!moody || !loop) return [];
    const found = atFact(
      'validation-without-eval',
      'warning',
      loop,
      moody,
      message(
        'validation-without-eval',
        'The model is judged in training mode here: eval() is not called before, and {layer} ({kind}) acts otherwise in training.',
        { layer: layerOf(moody), kind: moody.kind },
      ),
      [{ quantity: 'calls of eval() before the loop', value: 0, unit: 'calls', threshold: 1, thresholdSource: SOURCE }],
    );
    return [{ ...found, related: relatedCall(moody) }];
  },
  cases: {
    fires: [
      `
# normscope: input=20
model = nn.Sequential(nn.Linear(20, 64, bias=False), nn.BatchNorm1d(64), nn.ReLU(), nn.Linear(64, 2))

def train(loader):
    model.train()
    for x, y in loader:
        loss = F.cross_entropy(model(x), y)

def validate(val_loader):
    correct = 0
    with torch.no_grad():
        for x, y in val_loader:  # <-
            correct += (model(x).argmax(1) == y).sum().item()
    return correct
`,
    ],
    passes: [
      `
# normscope: input=20
model = nn.Sequential(nn.Linear(20, 64, bias=False), nn.BatchNorm1d(64), nn.ReLU(), nn.Linear(64, 2))

def validate(val_loader):
    model.eval()
    correct = 0
    with torch.no_grad():
        for x, y in val_loader:
            correct += (model(x).argmax(1) == y).sum().item()
    return correct
`,
      `
# normscope: input=20
model = nn.Sequential(nn.Linear(20, 64), nn.LayerNorm(64), nn.ReLU(), nn.Linear(64, 2))

def validate(val_loader):
    for x, y in val_loader:
        out = model(x)
`,
    ],
  },
};
