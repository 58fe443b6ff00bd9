import { completeAttributes, findLayer } from '../../layers';
import { type Attributes, type Dim, isBatchDim, type Shape, type Span } from '../../network';
import type { Evaluation } from '../python/evaluator';
import { attributeValue } from '../python/modules/layer';
import { applyLayer } from '../python/modules/trace';
import { type Arguments, asNumber, int, type ModuleValue, NONE, tuple, unknown, type Value } from '../python/values';
import { activated, activationNamed, applyActivation } from './activations';
import { stateOf } from './state';

/** One call of a layer without a row of its own. */
interface Lowering {
  readonly module: ModuleValue;
  readonly args: Arguments;
  readonly input: Value;
  readonly site: Span;
  readonly run: Evaluation;
}

const config = ({ module }: Lowering, name: string): Value | undefined => {
  const value = stateOf(module).config.get(name);
  return value?.type === 'none' ? undefined : value;
};

const numberOf = (lowering: Lowering, name: string): number | undefined => {
  const value = config(lowering, name);
  return value && asNumber(value);
};

/** Applies a row as the layer itself. */
function as({ module, input, site, run }: Lowering, kind: string, attributes: Attributes): Value {
  const row = findLayer(kind)!;
  const shape = input.type === 'tensor' && input.shape ? [input.shape] : undefined;
  const completed = completeAttributes(row, attributes, shape);
  module.layer = { row, attributes: completed };
  return applyLayer({ row, attributes: completed, operands: [input], site, by: module }, run);
}

const shapeOf = ({ input }: Lowering): Shape | undefined => (input.type === 'tensor' ? input.shape : undefined);

const same = (lowering: Lowering): Value => as(lowering, 'Identity', {});

/** What does nothing in inference, and in training what is not modelled. */
const withoutNoise =
  (what: string) =>
  (lowering: Lowering): Value => {
    lowering.run.note(
      unknown(`${what} is not modelled: what goes in comes out`, lowering.module.source),
      lowering.module.class.name,
    );
    return same(lowering);
  };

function dropout(kind: string, lowering: Lowering): Value {
  const rate = numberOf(lowering, 'rate');
  if (rate === undefined)
    return lowering.run.unmodelled(lowering.module.class.name, 'its rate is not known', lowering.site);
  if (rate < 0 || rate > 1) {
    return lowering.run.raise(
      'ValueError',
      `Invalid value received for argument \`rate\`. Expected a float value between 0 and 1. Received: rate=${rate}`,
      lowering.module.source,
    );
  }
  return as(lowering, kind, { p: rate });
}

function relu(lowering: Lowering): Value {
  const [most, slope, threshold] = ['max_value', 'negative_slope', 'threshold'].map((name) => numberOf(lowering, name));
  if (threshold) return lowering.run.unmodelled('ReLU', 'its threshold is not modelled', lowering.site);
  if (slope) {
    if (most !== undefined)
      return lowering.run.unmodelled('ReLU', 'max_value with negative_slope is not modelled', lowering.site);
    return as(lowering, 'LeakyReLU', { negative_slope: slope });
  }
  if (most === 6) return as(lowering, 'ReLU6', {});
  return most === undefined ? as(lowering, 'ReLU', {}) : as(lowering, 'Hardtanh', { min_val: 0, max_val: most });
}

function reshape(lowering: Lowering): Value {
  const shape = shapeOf(lowering);
  const target = attributeValue(config(lowering, 'target_shape') ?? NONE);
  const sizes = Array.isArray(target) ? (target as Dim[]) : typeof target === 'number' ? [target] : undefined;
  if (!shape || !sizes) return lowering.run.unmodelled('Reshape', 'its target_shape is not known', lowering.site);
  return as(lowering, 'reshape', { shape: [shape[0]!, ...sizes] });
}

function flatten(lowering: Lowering): Value {
  const shape = shapeOf(lowering);
  if (!shape) return lowering.input;
  // A vector a sample stays, a number a sample becomes a vector of one.
  return shape.length === 1 ? as(lowering, 'reshape', { shape: [shape[0]!, 1] }) : as(lowering, 'Flatten', {});
}

function permute(lowering: Lowering): Value {
  const dims = attributeValue(config(lowering, 'dims') ?? NONE);
  if (!Array.isArray(dims)) return lowering.run.unmodelled('Permute', 'its dims are not known', lowering.site);
  return as(lowering, 'permute', { dims: [0, ...dims.map(Number)] });
}

function lambda(lowering: Lowering): Value {
  const callee = config(lowering, 'function');
  if (!callee || callee.type === 'unknown') return callee ?? NONE;
  const more = config(lowering, 'arguments');
  const keywords = new Map(
    more?.type === 'dict'
      ? [...more.entries.values()].flatMap(({ key, value }) =>
          key.type === 'string' ? [[key.value, value] as const] : [],
        )
      : [],
  );
  return lowering.run.call(callee, { positional: [lowering.input], keywords }, lowering.site);
}

/** Each step by itself: the steps become samples for the time. */
function timeDistributed(lowering: Lowering): Value {
  const { run, site, input } = lowering;
  const inner = config(lowering, 'layer');
  const shape = shapeOf(lowering);
  if (inner?.type !== 'module' || !shape || shape.length < 3 || input.type !== 'tensor') {
    return run.unmodelled('TimeDistributed', 'its layer or its input is not known', site);
  }
  const [batch, steps, ...rest] = shape as [Dim, Dim, ...Dim[]];
  const samples: Dim =
    isBatchDim(batch) && typeof steps === 'number' ? { batch: batch.batch * steps } : Number(batch) * Number(steps);
  const move = (x: Value, to: Shape): Value =>
    applyLayer({ row: findLayer('reshape')!, attributes: { shape: to }, operands: [x], site, by: 'reshape' }, run);
  const made = run.call(
    inner,
    { positional: [move(input, [samples, ...rest])], keywords: lowering.args.keywords },
    site,
  );
  return made.type === 'tensor' && made.shape ? move(made, [batch, steps, ...made.shape.slice(1)]) : made;
}

/** Forward and backward over the sequence, joined as `merge_mode` says. */
function bidirectional(lowering: Lowering): Value {
  const { run, site, input, module } = lowering;
  const [forward, backward] = ['forward_layer', 'backward_layer'].map((name) => module.attributes.get(name));
  if (forward?.type !== 'module' || backward?.type !== 'module') {
    return run.unmodelled('Bidirectional', 'its layer is not known', site);
  }
  const mode = stateOf(module).config.get('merge_mode');
  const call = (layer: Value) => run.call(layer, { positional: [input], keywords: new Map() }, site);
  const there = call(forward);
  const back = call(backward);
  const parts = (value: Value): Value[] =>
    value.type === 'list' || value.type === 'tuple' ? [...value.items] : [value];
  const [[y = NONE, ...states], [z = NONE, ...others]] = [parts(there), parts(back)];
  if (y.type !== 'tensor' || z.type !== 'tensor') return y.type === 'tensor' ? z : y;
  const turned =
    z.shape?.length === 3
      ? run.call(run.library('torch.flip'), { positional: [z, tuple([int(1)])], keywords: new Map() }, site)
      : z;
  const word = mode?.type === 'string' ? mode.value : mode?.type === 'none' ? 'none' : 'concat';
  const joined = (): Value => {
    if (word === 'sum') return run.binary('+', y, turned, site);
    if (word === 'mul') return run.binary('*', y, turned, site);
    if (word === 'ave') return run.binary('/', run.binary('+', y, turned, site), int(2), site);
    if (word === 'none') return tuple([y, turned]);
    return run.call(run.library('torch.cat'), { positional: [tuple([y, turned]), int(-1)], keywords: new Map() }, site);
  };
  const made = joined();
  return states.length + others.length === 0 ? made : { type: 'list', items: [made, ...states, ...others] };
}

/** Keras's layers that others compute, or that compute nothing. */
export const lowerings: Readonly<Record<string, (lowering: Lowering) => Value>> = {
  Activation(lowering) {
    const { module, input, site, run } = lowering;
    const given = config(lowering, 'activation');
    const known = given?.type === 'string' ? activationNamed(given.value) : undefined;
    if (known) return applyActivation(known, input, module, site, run);
    return known === null || !given ? same(lowering) : activated(given, input, site, run);
  },
  ReLU: relu,
  LeakyReLU: (lowering) =>
    as(lowering, 'LeakyReLU', {
      negative_slope: numberOf(lowering, 'negative_slope') ?? numberOf(lowering, 'alpha') ?? 0.3,
    }),
  ELU: (lowering) => as(lowering, 'ELU', { alpha: numberOf(lowering, 'alpha') ?? 1 }),
  Softmax: (lowering) => as(lowering, 'Softmax', { dim: numberOf(lowering, 'axis') ?? -1 }),
  AlphaDropout: (lowering) => dropout('AlphaDropout', lowering),
  GaussianNoise: withoutNoise('its noise'),
  GaussianDropout: withoutNoise('its noise'),
  RandomFlip: withoutNoise('random augmentation'),
  RandomRotation: withoutNoise('random augmentation'),
  RandomZoom: withoutNoise('random augmentation'),
  RandomContrast: withoutNoise('random augmentation'),
  RandomBrightness: withoutNoise('random augmentation'),
  RandomTranslation: withoutNoise('random augmentation'),
  RandomHeight: withoutNoise('random augmentation'),
  RandomWidth: withoutNoise('random augmentation'),
  Masking: withoutNoise('its mask'),
  Flatten: flatten,
  Reshape: reshape,
  Permute: permute,
  Identity: same,
  ActivityRegularization: same,
  Lambda: lambda,
  TimeDistributed: timeDistributed,
  Bidirectional: bidirectional,
};
