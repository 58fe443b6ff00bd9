import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Initialization, Module, Network, Parameter } from '../../../../src/engine/network';
import {
  BATCH,
  constant,
  eye,
  normal,
  orthogonal,
  outputOf,
  sparse,
  truncatedNormal,
  uniform,
} from '../../../../src/engine/network';
import { DESCRIPTION_FORMATS } from '../../../../src/engine/readers';
import { writeDescription } from '../../../../src/engine/readers/description';
import { examples } from './examples';
import { read } from './reading';
import { assertRoundTrip } from './roundTrip';

// Random descriptions: every line keeps the last dimension at 8, so that any sequence of them fits.
const init = fc.constantFrom<object>({}, { init: { weight: 'kaiming_normal', bias: { normal: { std: 0.1 } } } });
const { line } = fc.letrec<{ line: object | string; lines: (object | string)[] }>((tie) => ({
  line: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    fc.constantFrom<object | string>('ReLU', 'Sigmoid', 'GELU', 'Identity', 'LayerNorm', 'RMSNorm', {
      Dropout: { p: 0.25 },
    }),
    init.map((extra) => ({ Linear: { out_features: 8, ...extra } })),
    fc
      .constantFrom(1, 2, 4)
      .map((num_heads) => ({ MultiheadAttention: { num_heads, batch_first: true, bias: num_heads > 1 } })),
    fc.record({ repeat: fc.integer({ min: 1, max: 3 }), layers: tie('lines') }),
    fc.record({ residual: tie('lines'), shortcut: tie('lines') }, { requiredKeys: ['residual'] }),
    fc.array(tie('lines'), { minLength: 1, maxLength: 3 }).map((branches) => ({
      repeat: 1,
      layers: [{ concat: [...branches, ['BatchNorm1d']], dim: 2 }, { Linear: { out_features: 8 } }],
    })),
  ),
  lines: fc.array(tie('line'), { minLength: 1, maxLength: 4 }),
}));
const described = fc.record({
  name: fc.string({ unit: 'grapheme' }),
  input: fc.constantFrom({ x: { shape: [5, 8] } }, { 'a: b': { shape: [5, 8], dtype: 'float32' } }),
  batch: fc.integer({ min: 1, max: 4096 }),
  task: fc.constantFrom<object | string>(
    'regression',
    { kind: 'classification', classes: 3 },
    {},
    { loss: { KLDivLoss: { reduction: 'batchmean' } } },
    { loss: { NLLLoss: { ignore_index: 2 } }, class_dim: 2, targets: 'classes' },
    { loss: 'CrossEntropyLoss', targets: 'probabilities' },
  ),
  optimizer: fc.constantFrom<object | string>(
    'SGD',
    { Adam: { lr: 0.001, betas: [0.9, 0.95], eps: 1e-8 } },
    { RMSprop: { centered: true }, clip_grad_norm: { max_norm: 2, norm_type: 1 } },
    { Adagrad: null, clip_grad_value: 0.25 },
  ),
  layers: fc.array(line, { minLength: 1, maxLength: 6 }),
});
const networks = described.map((description) => read(JSON.stringify(description)));

const initialization: fc.Arbitrary<Initialization> = fc.oneof(
  fc.double({ noNaN: true }).map(constant),
  fc.tuple(fc.double({ noNaN: true }), fc.double({ min: 0, noNaN: true })).map(([mean, std]) => normal(mean, std)),
  fc.double({ min: 0, noNaN: true }).map((bound) => uniform(-bound, bound)),
);

/** What takes a matrix alone. */
const ofMatrices: fc.Arbitrary<Initialization> = fc.constantFrom(
  truncatedNormal(0, 0.02, -0.04, 0.04),
  orthogonal(0.5),
  sparse(0.9),
  eye(),
);

/** One change that the `layers` form cannot write: what PyTorch files say. */
type Twist = (network: Network) => Network;
const free = (id: string, initialization: Initialization): Parameter => ({
  id,
  shape: [8],
  trainable: true,
  initialization,
});
const withModule = (network: Network, module: Omit<Module, 'source'>): Network => ({
  ...network,
  modules: [...network.modules, { ...module, source: network.source }],
});
const keepsWidth = ({ kind, attributes }: Pick<Module, 'kind' | 'attributes'>) =>
  kind === 'Linear' && attributes.in_features === attributes.out_features;
const empty = { attributes: {}, container: false, parameters: {}, buffers: {}, aliases: [] };

const twists: fc.Arbitrary<Twist> = fc.oneof(
  initialization.map(
    (drawn): Twist =>
      (network) => ({
        ...network,
        parameters: network.parameters.map((parameter) => ({ ...parameter, initialization: drawn })),
      }),
  ),
  ofMatrices.map(
    (drawn): Twist =>
      (network) => ({
        ...network,
        parameters: network.parameters.map((parameter) =>
          parameter.shape.length === 2 ? { ...parameter, initialization: drawn } : parameter,
        ),
      }),
  ),
  // Settings of their own for some parameters, and gradients clipped by the largest value.
  fc.constant<Twist>((network) => ({
    ...network,
    optimizer: {
      ...network.optimizer,
      groups: [{ parameters: network.parameters.slice(0, 2).map(({ id }) => id), settings: { weight_decay: 0.5 } }],
      clipping: { kind: 'norm', max: 1, type: Number.POSITIVE_INFINITY },
    },
  })),
  fc.constant<Twist>((network) => ({
    ...network,
    parameters: network.parameters.map((parameter, i) => ({ ...parameter, trainable: i % 2 === 0 })),
  })),
  fc.constant<Twist>((network) => ({ ...network, parameters: [...network.parameters].reverse() })),
  // A free parameter of the root, and one that a container owns, multiplied into the output.
  initialization.map(
    (drawn): Twist =>
      (network) => {
        const output = network.outputs[0]!;
        const shape = network.calls.find((call) => call.id === output)!.outputShapes[0]!;
        return withModule(
          {
            ...network,
            parameters: [free('free', drawn), ...network.parameters, free('own.scale', drawn)],
            calls: [
              ...network.calls,
              ...['free', 'own.scale'].map((parameter, i) => ({
                id: `twist.add_${i}`,
                kind: 'add',
                attributes: addAttributes(network),
                inputs: [{ value: output }, { parameter }],
                outputShapes: [shape],
                source: network.source,
              })),
            ],
            outputs: ['twist.add_1', output],
          },
          { ...empty, id: 'own', kind: 'Own', container: true, parameters: { scale: 'own.scale' } },
        );
      },
  ),
  // A module called a second time, on what it gave the first time.
  fc.constant<Twist>((network) => {
    const call = network.calls.find(
      ({ module, ...given }) => module !== undefined && (given.kind === 'ReLU' || keepsWidth(given)),
    );
    if (!call) return network;
    const again = { ...call, id: `${call.id}@2`, inputs: [{ value: outputOf(call.id) }] };
    return { ...network, calls: [...network.calls, again], outputs: [again.id] };
  }),
  // A weight computed of lengths and directions, as PyTorch's parametrizations and its older hooks name them.
  fc.constantFrom('parametrization', 'hook').map(
    (form): Twist =>
      (network) =>
        weightNormed(network, form),
  ),
  // Two Linears with one weight.
  fc.constant<Twist>((network) => {
    const [first, second] = network.modules.filter((module) => keepsWidth(module) && module.parameters.weight);
    if (!first || !second) return network;
    const tied = first.parameters.weight!;
    return {
      ...network,
      parameters: network.parameters.filter(({ id }) => id !== second.parameters.weight),
      modules: network.modules.map((module) =>
        module === second ? { ...module, parameters: { ...module.parameters, weight: tied } } : module,
      ),
    };
  }),
  fc.array(fc.string({ unit: 'grapheme', minLength: 1 }), { minLength: 1, maxLength: 3 }).map(
    (aliases): Twist =>
      (network) => ({
        ...network,
        modules: network.modules.map((module, i) => (i === 0 ? { ...module, aliases } : module)),
      }),
  ),
  // A class that nothing computes, with a tensor of its own.
  initialization.map(
    (drawn): Twist =>
      (network) =>
        withModule(
          {
            ...network,
            parameters: [...network.parameters, { ...free('odd.w', drawn), shape: [] }],
            buffers: [...network.buffers, { id: 'odd.b', shape: [2, 3], initialization: drawn }],
          },
          {
            ...empty,
            id: 'odd',
            kind: 'Own Class',
            attributes: { size: [1, { batch: 2 }], text: 'null', none: null },
            parameters: { w: 'odd.w' },
            buffers: { b: 'odd.b' },
          },
        ),
  ),
  // The modules inside a MultiheadAttention left out, their tensors its own.
  fc.constant<Twist>((network) => {
    const inner = network.modules.filter((module) => module.id.endsWith('.out_proj'));
    return {
      ...network,
      modules: network.modules
        .filter((module) => !inner.includes(module))
        .map((module) => {
          const child = inner.find(({ id }) => id === `${module.id}.out_proj`);
          const taken = Object.entries(child?.parameters ?? {}).map(([local, id]) => [`out_proj.${local}`, id]);
          return child ? { ...module, parameters: { ...module.parameters, ...Object.fromEntries(taken) } } : module;
        }),
    };
  }),
  // An input that nothing takes: whole numbers, the batch second, or no batch at all.
  fc.constantFrom<Twist>(
    (network) => ({
      ...network,
      inputs: [...network.inputs, { name: 'ids', shape: [7, BATCH], dtype: 'int64', vocabulary: 99, origin: 'x' }],
    }),
    (network) => ({
      ...network,
      inputs: [...network.inputs, { name: 'table', shape: [7, 2], dtype: 'float32', origin: '' }],
    }),
  ),
  fc.record({ text: fc.string({ unit: 'grapheme' }) }).map(
    ({ text }): Twist =>
      (network) => ({
        ...network,
        name: text,
        batch: { ...network.batch, origin: text },
        task: { kind: 'classification', loss: 'CrossEntropyLoss', origin: text },
        optimizer: { ...network.optimizer, origin: text },
      }),
  ),
);

/** The first Linear of the network with a weight norm. */
function weightNormed(network: Network, form: 'parametrization' | 'hook'): Network {
  const linear = network.modules.find(({ kind, parameters }) => kind === 'Linear' && parameters.weight !== undefined);
  const at = network.calls.findIndex(({ module }) => module === linear?.id);
  const weight = network.parameters.find(({ id }) => id === linear?.parameters.weight);
  const users = network.modules.filter(({ parameters }) => Object.values(parameters).includes(weight?.id ?? ''));
  if (!linear || at < 0 || !weight || users.length > 1) return network;
  const { weight: _, ...others } = linear.parameters;
  const inside = `${linear.id}.parametrizations.weight`;
  const [g, v] =
    form === 'hook'
      ? [`${linear.id}.weight_g`, `${linear.id}.weight_v`]
      : [`${inside}.original0`, `${inside}.original1`];
  const shape = [weight.shape[0]!, 1];
  const call = network.calls[at]!;
  const norm = form === 'hook' ? `${linear.id}._weight_norm` : `${inside}.0`;
  const container = (id: string, kind: string, parameters = {}): Module => ({
    ...empty,
    id,
    kind,
    parameters,
    container: true,
    source: network.source,
  });
  const groups = network.optimizer.groups?.map((group) => ({
    ...group,
    parameters: group.parameters.flatMap((id) => (id === weight.id ? [g, v] : [id])),
  }));
  return {
    ...network,
    optimizer: { ...network.optimizer, ...(groups && { groups }) },
    parameters: [
      ...network.parameters.filter((parameter) => parameter !== weight),
      { id: g, shape, trainable: true, initialization: { kind: 'norm', of: v, dim: 0 } },
      { ...weight, id: v },
    ],
    modules: network.modules.flatMap((module): Module[] => {
      if (module !== linear) return [module];
      if (form === 'hook') return [{ ...module, parameters: { ...others, weight_g: g, weight_v: v } }];
      return [
        { ...module, kind: 'ParametrizedLinear', parameters: others },
        container(`${linear.id}.parametrizations`, 'ModuleDict'),
        container(inside, 'ParametrizationList', { original0: g, original1: v }),
        { ...empty, id: norm, kind: '_WeightNorm', attributes: { dim: 0 }, source: network.source },
      ];
    }),
    calls: network.calls.flatMap((other, i) => {
      if (other.module !== linear.id) return [other];
      const inputs = [
        other.inputs[0]!,
        { value: norm },
        ...(others.bias === undefined ? [] : [{ parameter: others.bias }]),
      ];
      const made = {
        id: norm,
        kind: '_WeightNorm',
        ...(form === 'parametrization' && { module: norm }),
        attributes: { dim: 0 },
        inputs: [{ parameter: g }, { parameter: v }],
        outputShapes: [weight.shape],
        source: call.source,
      };
      return [...(i === at ? [made] : []), { ...other, inputs }];
    }),
  };
}

const addAttributes = (network: Network) => {
  const text = JSON.stringify({
    input: { a: network.inputs[0]!.shape.slice(1) },
    layers: [{ add: {}, from: ['a', 'a'] }],
  });
  return read(text).calls[0]!.attributes;
};

describe('description: written and read again', () => {
  it('is the same network, for the examples', () => {
    assert.ok(examples.length >= 3);
    for (const { text } of examples) {
      for (const format of DESCRIPTION_FORMATS) assertRoundTrip(read(text), format);
    }
  });

  it('is the same network, for random descriptions', () => {
    fc.assert(fc.property(networks, fc.constantFrom(...DESCRIPTION_FORMATS), assertRoundTrip), { numRuns: 150 });
  });

  it('is the same network, for random networks of every kind', () => {
    fc.assert(
      fc.property(
        networks,
        fc.uniqueArray(twists, { minLength: 1, maxLength: 4 }),
        fc.constantFrom(...DESCRIPTION_FORMATS),
        (network, changes, format) => {
          const once = changes.filter(
            (change, i) => changes.findIndex((other) => String(other) === String(change)) === i,
          );
          assertRoundTrip(
            once.reduce((changed, change) => change(changed), network),
            format,
          );
        },
      ),
      { numRuns: 300 },
    );
  });

  it('is the same network where nothing says an input: modules alone', () => {
    const network = read('input: [8]\nlayers: [{Linear: {out_features: 4}}, BatchNorm1d]');
    assertRoundTrip({ ...network, inputs: [], calls: [], outputs: [] });
  });

  it('stays readable: one line for a module and for a call', () => {
    const text = writeDescription(read('input: [8]\nlayers: [{residual: [{Linear: {out_features: 8}}]}]'));
    assert.match(text, /^ {4}- \{id: "0", kind: Residual, container: true\}$/m);
    assert.match(text, /^ {4}- \{id: "0\.0", module: "0\.0", inputs: \[input\]\}$/m);
  });
});
