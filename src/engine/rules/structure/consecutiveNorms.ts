import { type Call, message } from '../../network';
import { type Graph, layerOf } from './graph';
import { isFeatureNorm, kindText, passesOn } from './kinds';
import { oneFinding, type StructureRule } from './rule';

const SOURCE = 'normalizing twice with nothing between';

/** The norm that alone feeds this one, through moves at most. */
function normBefore(graph: Graph, call: Call): Call | undefined {
  let next = call;
  for (;;) {
    const before = graph.source(next);
    if (!before || graph.onlyTaker(before) !== next) return undefined;
    if (isFeatureNorm(before)) return before;
    if (!passesOn(graph, before)) return undefined;
    next = before;
  }
}

const spanKey = (graph: Graph, call: Call): string => {
  const { source } = graph.module(call) ?? call;
  return `${source.uri}:${source.cell}:${source.start.line}:${source.start.column}`;
};

export const consecutiveNorms: StructureRule = {
  id: 'consecutive-norms',
  severity: 'note',
  finds: 'two norms in a row with nothing between, the first feeding only the second',
  why: `The second norm takes away most of what the first has done: two of one kind differ from one by the first's gain and shift alone,
which the second mostly undoes. It costs time, and its parameters hardly learn.`,
  figure: `No threshold: ${SOURCE}. A pair whose first norm also feeds a residual connection is something else (CLIP’s ln_pre and the
first block's ln_1) and is not reported, nor the norm that nn.Transformer itself puts behind its last layer.`,
  mend: 'Leave one of them out. Where weights are loaded, leave both.',
  ignore: 'The first belongs to an encoder of its own that is trained or loaded apart.',
  check: ({ network, graph }) => {
    const pairs = network.calls.flatMap((call) => {
      const before = isFeatureNorm(call) ? normBefore(graph, call) : undefined;
      return before && spanKey(graph, before) !== spanKey(graph, call) ? [{ call, before }] : [];
    });
    return oneFinding(
      'consecutive-norms',
      'note',
      pairs.map(({ call }) => call),
      (first) => ({
        message: message(
          'consecutive-norms',
          '{layer} ({kind}) normalizes what {before} ({kindBefore}) has just normalized: one of them is enough.',
          {
            layer: layerOf(first),
            kind: kindText(first.kind),
            before: layerOf(pairs[0]!.before),
            kindBefore: kindText(pairs[0]!.before.kind),
          },
        ),
        evidence: [
          { quantity: 'layers between two norms', value: 0, unit: 'layers', threshold: 1, thresholdSource: SOURCE },
        ],
      }),
      {
        mend: {
          title: message('mend-second-norm', 'Leave the second norm out ({count})', { count: pairs.length }),
          changes: pairs.map(({ call }) => ({ operation: 'remove', site: call.id })),
        },
      },
    );
  },
  cases: {
    fires: [
      `
# normscope: input=3x16x16
model = nn.Sequential(
    nn.Conv2d(3, 16, 3, bias=False),
    nn.BatchNorm2d(16),
    nn.GroupNorm(4, 16),  # <-
    nn.ReLU(),
)
`,
      `
import keras
from keras import layers

model = keras.Sequential([
    keras.Input((20,)),
    layers.Dense(64),
    layers.LayerNormalization(),
    layers.BatchNormalization(),  # <-
    layers.ReLU(),
    layers.Dense(2),
])
`,
    ],
    passes: [
      `
# normscope: input=10x32
class Clip(nn.Module):
    def __init__(self):
        super().__init__()
        self.ln_pre = nn.LayerNorm(32)
        self.ln_1 = nn.LayerNorm(32)
        self.fc = nn.Linear(32, 32)

    def forward(self, x):
        x = self.ln_pre(x)
        return x + self.fc(self.ln_1(x))
`,
      `
# normscope: input=3x16x16
model = nn.Sequential(nn.Conv2d(3, 16, 3, bias=False), nn.BatchNorm2d(16), nn.ReLU(), nn.GroupNorm(4, 16))
`,
    ],
  },
};
