import { type Call, message } from '../../network';
import { layerOf } from './graph';
import { isFeatureNorm, isKeras } from './kinds';
import { oneFinding, type StructureRule } from './rule';

const SMALLEST = 2 ** -24;
const SOURCE = 'IEEE 754: the smallest float16 above zero is 5.96e-8';

export const epsTooSmall: StructureRule = {
  id: 'eps-too-small-fp16',
  severity: 'warning',
  finds: "a norm's eps that is zero in float16, in a model that is turned to float16",
  why: `eps keeps the divisor from zero where a channel does not vary. Below the smallest float16 it becomes 0, and a constant channel (padding, a dead
unit) gives NaN.`,
  figure: `${SOURCE}: 1e-8 and 1e-12 become 0, 1e-7 keeps one digit, 1e-5 is safe. Reported where the file calls model.half(); under autocast norms
compute in float32.`,
  mend: 'eps = 1e-5, or autocast in place of half().',
  ignore: 'The norm itself is kept in float32.',
  check: ({ network }) => {
    const precision = network.surroundings?.precision;
    if (precision?.value.type !== 'float16' || precision.value.by !== 'model') return [];
    const epsOf = ({ eps, epsilon }: (typeof network.calls)[number]['attributes']) => eps ?? epsilon;
    const norms = network.calls.filter((call) => {
      const eps = epsOf(call.attributes);
      return isFeatureNorm(call) && typeof eps === 'number' && eps < SMALLEST / 2;
    });
    const say = (first: Call) => ({
      message: message(
        'eps-too-small-fp16',
        '{layer} has eps {eps}, which is 0 in float16: a channel that does not vary is divided by zero.',
        {
          layer: layerOf(first),
          eps: epsOf(first.attributes) as number,
        },
      ),
      evidence: [
        {
          quantity: 'eps',
          value: epsOf(first.attributes) as number,
          unit: '',
          threshold: SMALLEST,
          thresholdSource: SOURCE,
        },
      ],
    });
    return oneFinding('eps-too-small-fp16', 'warning', norms, say, {
      mend: {
        title: message('mend-eps', 'Set eps to 1e-5 ({count})', { count: norms.length }),
        changes: norms.map(({ id, kind }) => ({
          operation: 'set',
          site: id,
          attributes: { [isKeras(kind) ? 'epsilon' : 'eps']: 1e-5 },
        })),
      },
    });
  },
  cases: {
    fires: [
      `
# normscope: input=20
model = nn.Sequential(
    nn.Linear(20, 64),
    nn.LayerNorm(64, eps=1e-12),  # <-
    nn.Linear(64, 2),
)
model.half()
`,
    ],
    passes: [
      `
# normscope: input=20
model = nn.Sequential(nn.Linear(20, 64), nn.LayerNorm(64, eps=1e-12), nn.Linear(64, 2))
`,
      `
# normscope: input=20
model = nn.Sequential(nn.Linear(20, 64), nn.LayerNorm(64), nn.Linear(64, 2))
model.half()
`,
    ],
  },
};
