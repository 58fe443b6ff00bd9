import { message } from '../../network';
import { fixed, layerOf } from './graph';
import { oneFinding, type StructureRule } from './rule';

const PYTORCH = 'PyTorch, BatchNorm1d: input (N, C) or (N, C, L)';

export const batchNormSequence: StructureRule = {
  id: 'batchnorm1d-on-sequence',
  severity: 'warning',
  finds:
    'BatchNorm1d on sequences whose features stand last, where it normalizes positions, as the sizes happen to agree',
  why: `BatchNorm1d takes [N, C, L]: axis 1 is the channels. Linear layers, embeddings and recurrent layers give [N, L, C]. Where L ≠ C
PyTorch stops; where they agree, each position gets statistics and a gain of its own, and features none, in silence.`,
  figure: `${PYTORCH}. That the features stand last is followed from the layer that made them.`,
  mend: 'Transpose before and after the norm, `bn(x.transpose(1, 2)).transpose(1, 2)`; or take LayerNorm(C), which is what sequences usually want.',
  ignore: 'The positions are what shall be normalized: a table of fixed columns.',
  check: ({ network, graph }) =>
    oneFinding(
      'batchnorm1d-on-sequence',
      'warning',
      network.calls.filter((call) => {
        const shape = graph.inputShape(call);
        return (
          /^(BatchNorm1d|SyncBatchNorm)$/.test(call.kind) &&
          shape?.length === 3 &&
          graph.inputChannels(call) === 2 &&
          fixed(shape[1]) === fixed(shape[2])
        );
      }),
      (first) => ({
        message: message(
          'batchnorm1d-on-sequence',
          '{layer} normalizes axis 1, which here holds positions: the features stand last. Both are {size}, so nothing fails. Transpose around it, or take LayerNorm({size}).',
          { layer: layerOf(first), size: fixed(graph.inputShape(first)![1]) },
        ),
        evidence: [{ quantity: 'axis normalized', value: 1, unit: '', threshold: 2, thresholdSource: PYTORCH }],
      }),
    ),
  cases: {
    fires: [
      `
# normscope: input=16x8
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(8, 16)
        self.bn = nn.BatchNorm1d(16)  # <-
        self.out = nn.Linear(16, 4)

    def forward(self, x):
        return self.out(F.relu(self.bn(self.fc(x))))
`,
    ],
    passes: [
      `
# normscope: input=16x8
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(8, 16)
        self.bn = nn.BatchNorm1d(16)

    def forward(self, x):
        return self.bn(self.fc(x).transpose(1, 2)).transpose(1, 2)
`,
      `
# normscope: input=8x16
model = nn.Sequential(nn.Conv1d(8, 16, 3, padding=1), nn.BatchNorm1d(16), nn.ReLU())
`,
    ],
  },
};
