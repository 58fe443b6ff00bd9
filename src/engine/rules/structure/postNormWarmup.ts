import { type Call, message } from '../../network';
import { type Graph, layerOf } from './graph';
import { isLayerNorm } from './kinds';
import { oneFinding, type StructureRule } from './rule';

const SOURCE =
  'Xiong et al. 2020, "On Layer Normalization in the Transformer Architecture": 6 + 6 post-LN layers fail without warm-up';
/** Two sublayers a block. */
const THRESHOLD = 12;

/** LayerNorm over a residual sum, whose output is the next sum's shortcut: what lies between is a sublayer. */
function isPostNorm(graph: Graph, call: Call): boolean {
  if (!isLayerNorm(call)) return false;
  const sum = graph.source(call);
  return sum?.kind === 'add' && graph.takers(sum).length === 1;
}

export const postNormWarmup: StructureRule = {
  id: 'postnorm-without-warmup',
  severity: 'warning',
  finds:
    'a deep Transformer that normalizes behind its residual sums, trained by a script without warm-up of the learning rate',
  why: `With LayerNorm behind each sum (nn.TransformerEncoderLayer's default) the gradients of the last layers are large at initialization
however deep the network is, and the first steps at the full learning rate throw it off. With the norm at the start of each branch
they shrink as the depth grows, and no warm-up is needed.`,
  figure: `${SOURCE}. Reported from ${THRESHOLD} such norms (6 blocks) where the file makes an optimizer and nothing in it warms up.`,
  mend: '`norm_first=True` (and a norm behind the last block), or a linear warm-up over the first few thousand steps.',
  ignore: 'Trained weights are loaded, or the schedule stands in another file.',
  check: ({ network, graph }) => {
    const { surroundings } = network;
    if (!surroundings || surroundings.optimizers.length === 0 || surroundings.schedule?.value.warmup) return [];
    if (surroundings.pretrained.length > 0) return [];
    const norms = network.calls.filter((call) => isPostNorm(graph, call));
    if (norms.length < THRESHOLD) return [];
    const say = (first: Call) => ({
      message: message(
        'postnorm-without-warmup',
        '{count} norms stand behind residual sums, the first {layer}, and the learning rate is not warmed up: such Transformers often fail to train. Normalize first (norm_first=True), or warm up.',
        { count: norms.length, layer: layerOf(first) },
      ),
      evidence: [
        {
          quantity: 'norms behind residual sums',
          value: norms.length,
          unit: 'norms',
          threshold: THRESHOLD,
          thresholdSource: SOURCE,
        },
      ],
    });
    const owner = layerOf(norms[0]!).replace(/\.[^.]*$/, '');
    const block = network.modules.find(({ id, kind }) => id === owner && /^Transformer\w+Layer$/.test(kind));
    return oneFinding(
      'postnorm-without-warmup',
      'warning',
      norms.slice(0, 1),
      say,
      block && {
        mend: {
          title: message('mend-norm-first', 'Normalize first: norm_first=True'),
          argument: { source: block.source, name: 'norm_first', value: 'True' },
        },
      },
    );
  },
  cases: {
    fires: [
      `
# normscope: input=10x32
model = nn.TransformerEncoder(nn.TransformerEncoderLayer(32, 4, 64, batch_first=True), num_layers=8)  # <-
optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
`,
    ],
    passes: [
      `
# normscope: input=10x32
model = nn.TransformerEncoder(nn.TransformerEncoderLayer(32, 4, 64, batch_first=True, norm_first=True), num_layers=8)
optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
`,
      `
# normscope: input=10x32
model = nn.TransformerEncoder(nn.TransformerEncoderLayer(32, 4, 64, batch_first=True), num_layers=2)
optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
`,
      `
# normscope: input=10x32
model = nn.TransformerEncoder(nn.TransformerEncoderLayer(32, 4, 64, batch_first=True), num_layers=8)
optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
scheduler = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: min(1.0, step / warmup_steps))
`,
    ],
  },
};
