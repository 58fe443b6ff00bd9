import { message } from '../../network';
import { layerOf } from './graph';
import { oneFinding, type StructureRule } from './rule';

const LARGEST = 65504;
const SOURCE = 'IEEE 754: the largest float16 is 65504';

export const maskOverflow: StructureRule = {
  id: 'mask-overflows-fp16',
  severity: 'warning',
  finds: 'a mask constant beyond the range of float16, in a network that is trained in float16',
  why: `Attention masks often fill with −1e9 or −2³² + 1. In float16 that is −∞ or an error ("value cannot be converted to type at::Half without
overflow"); a row that is wholly masked then gives NaN in softmax, where the finite constant gave equal weights.`,
  figure: `${SOURCE}. Reported where the file turns the model to float16 or runs it under autocast with float16; bfloat16 has the range of float32.`,
  mend: '`torch.finfo(x.dtype).min` in place of the constant, or scaled_dot_product_attention with a boolean mask.',
  ignore: 'The masked scores are computed in float32 on purpose.',
  check: ({ network }) => {
    const precision = network.surroundings?.precision;
    if (precision?.value.type !== 'float16') return [];
    const masks = network.calls.filter(
      ({ kind, attributes: { value } }) =>
        kind === 'masked_fill' && typeof value === 'number' && Number.isFinite(value) && Math.abs(value) > LARGEST,
    );
    return oneFinding(
      'mask-overflows-fp16',
      'warning',
      masks,
      (first) => ({
        message: message(
          'mask-overflows-fp16',
          '{layer} fills with {value}, which float16 cannot hold: take torch.finfo(x.dtype).min.',
          {
            layer: layerOf(first),
            value: first.attributes.value as number,
          },
        ),
        evidence: [
          {
            quantity: 'size of the constant',
            value: Math.abs(first.attributes.value as number),
            unit: '',
            threshold: LARGEST,
            thresholdSource: SOURCE,
          },
        ],
      }),
      { related: [{ source: precision.source, message: message('float16-here', 'float16 here') }] },
    );
  },
  cases: {
    fires: [
      `
class Attention(nn.Module):
    def __init__(self):
        super().__init__()
        self.qkv = nn.Linear(16, 48)

    def forward(self, x):
        q, k, v = self.qkv(x).chunk(3, dim=-1)
        scores = q @ k.transpose(1, 2) / 4
        mask = torch.ones(10, 10).tril() == 0
        scores = scores.masked_fill(mask, -1e9)  # <-
        return scores.softmax(-1) @ v

model = Attention()
model(torch.randn(2, 10, 16))
with torch.autocast('cuda', dtype=torch.float16):
    out = model(batch)
`,
    ],
    passes: [
      `
class Attention(nn.Module):
    def __init__(self):
        super().__init__()
        self.qkv = nn.Linear(16, 48)

    def forward(self, x):
        q, k, v = self.qkv(x).chunk(3, dim=-1)
        scores = q @ k.transpose(1, 2) / 4
        mask = torch.ones(10, 10).tril() == 0
        scores = scores.masked_fill(mask, -1e9)
        return scores.softmax(-1) @ v

model = Attention()
model(torch.randn(2, 10, 16))
`,
      `
class Attention(nn.Module):
    def __init__(self):
        super().__init__()
        self.qkv = nn.Linear(16, 48)

    def forward(self, x):
        q, k, v = self.qkv(x).chunk(3, dim=-1)
        mask = torch.ones(10, 10).tril() == 0
        scores = (q @ k.transpose(1, 2) / 4).masked_fill(mask, -1e4)
        return scores.softmax(-1) @ v

model = Attention()
model(torch.randn(2, 10, 16))
with torch.autocast('cuda', dtype=torch.float16):
    out = model(batch)
`,
    ],
  },
};
