import { message } from '../../network';
import { layerOf } from './graph';
import { isBatchNorm, isGroupNorm, isInstanceNorm } from './kinds';
import { oneFinding, type StructureRule } from './rule';

const SOURCE =
  'PyTorch: BatchNorm1d, GroupNorm and InstanceNorm1d take their statistics over every position of [N, C, L]';

export const normOverPadding: StructureRule = {
  id: 'norm-over-padding',
  severity: 'note',
  finds: 'BatchNorm, GroupNorm or InstanceNorm over sequences of tokens that are padded, where padding counts as data',
  why: `A norm that takes its statistics over positions counts the padded ones: how long the other samples of a batch are then changes what a sample
gives. Short sequences, mostly padding, come out different in every batch. LayerNorm looks at each position alone.`,
  figure: `${SOURCE}. Reported where an Embedding has a padding_idx, and nothing in the network masks: no mask or lengths among the inputs, no masked_fill,
no comparison with the tokens.`,
  mend: 'LayerNorm over the features, or statistics over the real positions alone (multiply by the mask, divide by its sum).',
  ignore: 'All sequences have the same length, or batches are made of equal lengths.',
  check: ({ network, graph }) => {
    const padded = network.calls.some(
      ({ kind, attributes: { padding_idx } }) => kind === 'Embedding' && typeof padding_idx === 'number',
    );
    const masks =
      network.inputs.some(({ name, role }) => /^(mask|lengths)$/.test(role ?? '') || /mask|len/i.test(name)) ||
      network.calls.some(({ kind }) => /^(masked_fill|where|eq|ne|gt|lt|ge|le)$/.test(kind));
    if (!padded || masks) return [];
    const norms = network.calls.filter(
      (call) =>
        (isBatchNorm(call) || isGroupNorm(call) || isInstanceNorm(call)) && graph.inputShape(call)?.length === 3,
    );
    return oneFinding('norm-over-padding', 'note', norms, (first) => ({
      message: message(
        'norm-over-padding',
        '{layer} ({kind}) takes its statistics over every position, padding as well: what a sample gives depends on how long the others are.',
        { layer: layerOf(first), kind: first.kind },
      ),
      evidence: [{ quantity: 'masks in the network', value: 0, unit: 'masks', threshold: 1, thresholdSource: SOURCE }],
    }));
  },
  cases: {
    fires: [
      `
class TextCNN(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(1000, 32, padding_idx=0)
        self.conv = nn.Conv1d(32, 64, 3, padding=1, bias=False)
        self.bn = nn.BatchNorm1d(64)  # <-
        self.fc = nn.Linear(64, 2)

    def forward(self, tokens):
        x = self.emb(tokens).transpose(1, 2)
        return self.fc(F.relu(self.bn(self.conv(x))).max(2)[0])

model = TextCNN()
model(torch.randint(0, 1000, (8, 20)))
`,
    ],
    passes: [
      `
class TextCNN(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(1000, 32, padding_idx=0)
        self.norm = nn.LayerNorm(32)
        self.fc = nn.Linear(32, 2)

    def forward(self, tokens):
        return self.fc(self.norm(self.emb(tokens)).mean(1))

model = TextCNN()
model(torch.randint(0, 1000, (8, 20)))
`,
      `
class TextCNN(nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = nn.Embedding(1000, 32)
        self.conv = nn.Conv1d(32, 64, 3, padding=1, bias=False)
        self.bn = nn.BatchNorm1d(64)

    def forward(self, tokens):
        return F.relu(self.bn(self.conv(self.emb(tokens).transpose(1, 2)))).max(2)[0]

model = TextCNN()
model(torch.randint(0, 1000, (8, 20)))
`,
    ],
  },
};
