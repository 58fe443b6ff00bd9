import { message, type ParameterGroup } from '../../network';
import { layerOf } from './graph';
import { isFeatureNorm, isStated } from './kinds';
import { oneFinding, type StructureRule } from './rule';

const SOURCE = 'He et al. 2019, "Bag of Tricks", section 3.1: no decay on biases, γ and β';
/** PyTorch's default where the file says nothing. */
const DEFAULT_DECAY: Readonly<Record<string, number>> = { AdamW: 0.01 };

export const weightDecayOnNorms: StructureRule = {
  id: 'weight-decay-on-norms',
  severity: 'note',
  finds: 'an optimizer whose weight decay also pulls on the gains and shifts of norms',
  why: `Weight decay is meant for the weights that multiply inputs. A norm's γ sets the scale of a whole channel; decay pulls it to zero
and β with it, without limiting anything that a norm behind does not set again.`,
  figure: `${SOURCE}; its ResNet-50 gained with it as one of several changes. Many good recipes decay all (torchvision's ResNets do), so this is one
note a model, where the file states the optimizer and puts the norms in no group of their own.`,
  mend: 'Two parameter groups: those with fewer than 2 dimensions with `weight_decay=0`, the others as they are.',
  ignore: 'A recipe is being repeated as it is published.',
  check: ({ network, graph }) => {
    const { kind, settings, groups = [], origin } = network.optimizer;
    if (!isStated(origin)) return [];
    const groupOf = (id: string): ParameterGroup | undefined =>
      groups.find(({ parameters }) => parameters.includes(id));
    const decayOf = (id: string): number =>
      Number(groupOf(id)?.settings.weight_decay ?? settings.weight_decay ?? DEFAULT_DECAY[kind] ?? 0);
    const decayed = network.calls.filter((call) => {
      if (!isFeatureNorm(call)) return false;
      const ids = Object.values(graph.module(call)?.parameters ?? {});
      return ids.some((id) => decayOf(id) > 0 && network.parameters.find((each) => each.id === id)?.trainable);
    });
    const place = network.surroundings?.optimizers[0]?.source;
    return oneFinding(
      'weight-decay-on-norms',
      'note',
      decayed,
      (first, layers) => {
        const decay = decayOf(Object.values(graph.module(first)!.parameters)[0]!);
        return {
          message: message(
            'weight-decay-on-norms',
            'Weight decay {decay} ({origin}) also pulls on the gains and shifts of {count} norms, the first {layer}. They usually stand in a group without decay.',
            { decay, origin, count: layers.length, layer: layerOf(first) },
          ),
          evidence: [
            { quantity: 'weight decay on norms', value: decay, unit: '', threshold: 0, thresholdSource: SOURCE },
          ],
        };
      },
      place
        ? {
            source: place,
            mend: {
              title: message('mend-decay', 'Leave norms and biases out of the weight decay'),
              argument: { source: place, groups: 'without-decay' },
            },
          }
        : {},
    ).map((found) => ({ ...found, symptoms: [] }));
  },
  cases: {
    fires: [
      `
# normscope: input=20
model = nn.Sequential(nn.Linear(20, 64), nn.LayerNorm(64), nn.ReLU(), nn.Linear(64, 2))
optimizer = torch.optim.AdamW(model.parameters(), lr=3e-4, weight_decay=0.05)  # <-
`,
      `
import keras
from keras import layers

model = keras.Sequential([
    keras.Input((20,)),
    layers.Dense(64),
    layers.LayerNormalization(),  # <-
    layers.ReLU(),
    layers.Dense(2),
])
model.compile(keras.optimizers.AdamW(1e-3, weight_decay=0.05), loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True))
`,
    ],
    passes: [
      `
# normscope: input=20
model = nn.Sequential(nn.Linear(20, 64), nn.LayerNorm(64), nn.ReLU(), nn.Linear(64, 2))
decay = [p for p in model.parameters() if p.dim() > 1]
rest = [p for p in model.parameters() if p.dim() <= 1]
optimizer = torch.optim.AdamW([{'params': decay, 'weight_decay': 0.05}, {'params': rest, 'weight_decay': 0.0}], lr=3e-4)
`,
      `
# normscope: input=20
model = nn.Sequential(nn.Linear(20, 64), nn.LayerNorm(64), nn.ReLU(), nn.Linear(64, 2))
optimizer = torch.optim.Adam(model.parameters(), lr=3e-4)
`,
    ],
  },
};
