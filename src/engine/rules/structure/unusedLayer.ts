import { elementCount, type Module, message, type Span } from '../../network';
import type { Found } from '../rule';
import { symptom } from '../rule';
import type { Structure, StructureRule } from './rule';

const SOURCE =
  'PyTorch, DistributedDataParallel: parameters without a gradient stop training unless find_unused_parameters is set';

/** Keras makes a layer's weights at its first call: one that is never called has none. */
const KERAS_WITH_WEIGHTS = /^(Dense|Embedding|LSTM|GRU|SimpleRNN|MultiHeadAttention|\w*Conv\d?D\w*|\w+Normalization)$/;

const placeOf = ({ uri, cell, start }: Span): string => `${uri}#${cell ?? ''}:${start.line}:${start.column}`;

/** Modules with parameters of their own, none of which anything computes with. */
function unused({ network }: Structure): Module[] {
  const { calls, modules } = network;
  const called = new Set(calls.map(({ module }) => module));
  const taken = new Set(
    calls.flatMap(({ inputs }) => inputs.flatMap((operand) => ('parameter' in operand ? [operand.parameter] : []))),
  );
  // A tied parameter is used where any module that has it is called.
  for (const { id, parameters } of modules) {
    if (called.has(id)) for (const parameter of Object.values(parameters)) taken.add(parameter);
  }
  /** A layer's inner module, with whose parameters the layer computes: out_proj of attention. */
  const isInner = (id: string): boolean => id.includes('.') && called.has(id.slice(0, id.lastIndexOf('.')));
  const keras = calls.some(({ kind }) => kind.startsWith('Keras'));
  // A class may need a layer for inputs of some widths alone. Keras makes no weights for one that it does not need.
  const neededElsewhere = new Set(modules.filter(({ id }) => called.has(id)).map(({ source }) => placeOf(source)));
  return modules.filter(({ id, kind, container, parameters, source }) => {
    const own = Object.values(parameters);
    if (container || called.has(id) || isInner(id) || id.includes('parametrizations')) return false;
    if (own.length === 0) return keras && KERAS_WITH_WEIGHTS.test(kind) && !neededElsewhere.has(placeOf(source));
    return !own.some((each) => taken.has(each));
  });
}

export const unusedLayer: StructureRule = {
  id: 'unused-layer',
  severity: 'warning',
  finds: 'layers with parameters that forward never uses',
  why: `A layer that is made and not called gets no gradient: often one was forgotten in forward, or another is called twice in its stead. It costs
memory, stands in every checkpoint, and stops DistributedDataParallel.`,
  figure: `No threshold: a module with parameters that no computation of the network takes. ${SOURCE}. Reported only where forward was followed to its
end.`,
  mend: 'Call it, or take it out. It removes its keys from the state_dict.',
  ignore: 'It is used by another method than forward (sampling, a loss), or in training mode alone.',
  check: (structure): readonly Found[] => {
    const { network } = structure;
    if (network.unmodelled.length > 0 || network.outputs.length === 0) return [];
    const modules = unused(structure);
    const [first, ...others] = modules;
    if (!first) return [];
    const owned = new Map(network.parameters.map(({ id, shape }) => [id, elementCount(shape)]));
    const count = (module: Module) =>
      Object.values(module.parameters).reduce((sum, id) => sum + (owned.get(id) ?? 0), 0);
    const evidence = (module: Module) => [
      { quantity: 'parameters without use', value: count(module), unit: 'parameters', thresholdSource: SOURCE },
    ];
    return [
      {
        rule: 'unused-layer',
        severity: 'warning',
        layer: first.id,
        message: message(
          'unused-layer',
          '{layer} ({kind}) is made and never used: forward computes nothing with it ({count} such layers).',
          { layer: first.id, kind: first.kind, count: modules.length },
        ),
        evidence: evidence(first),
        symptoms: others.map((module) => symptom('unused-layer', module.id, evidence(module))),
      },
    ];
  },
  cases: {
    fires: [
      `
# normscope: input=20
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1 = nn.Linear(20, 20)
        self.fc2 = nn.Linear(20, 20)  # <-
        self.out = nn.Linear(20, 2)

    def forward(self, x):
        x = F.relu(self.fc1(x))
        x = F.relu(self.fc1(x))
        return self.out(x)
`,
      `
import keras
from keras import layers

class Net(keras.Model):
    def __init__(self):
        super().__init__()
        self.hidden = layers.Dense(64, activation='relu')
        self.more = layers.Dense(64, activation='relu')  # <-
        self.head = layers.Dense(2)

    def call(self, x):
        return self.head(self.hidden(x))

model = Net()
model.build((None, 20))
`,
    ],
    passes: [
      `
import keras
from keras import layers

class Gated(layers.Layer):
    def __init__(self, units):
        super().__init__()
        self.units = units
        self.dense = layers.Dense(units, activation='sigmoid')
        self.project = layers.Dense(units)

    def call(self, x):
        gate = self.dense(x)
        if x.shape[-1] != self.units:
            x = self.project(x)
        return x * gate

inputs = keras.Input((20,))
model = keras.Model(inputs, layers.Dense(2)(Gated(16)(Gated(16)(inputs))))
`,
      `
# normscope: input=10x32
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.attention = nn.MultiheadAttention(32, 4, batch_first=True)
        self.drop = nn.Dropout(0.1)

    def forward(self, x):
        return self.attention(x, x, x)[0]
`,
      `
# normscope: input=10
class Tied(nn.Module):
    def __init__(self):
        super().__init__()
        self.encode = nn.Linear(10, 4)
        self.decode = nn.Linear(4, 10)
        self.extra = nn.Parameter(torch.zeros(10))

    def forward(self, x):
        return F.linear(self.encode(x), self.decode.weight, self.decode.bias) + self.extra
`,
    ],
  },
};
