import { findLayer } from '../../layers';
import { type Dim, isBatchDim, type Shape } from '../../network';
import { attributeValue } from '../python/modules/layer';
import { applyLayer } from '../python/modules/trace';
import { int, NONE, type Value } from '../python/values';
import { activated, activationNamed, applyActivation } from './activations';
import { loweredMerges } from './loweredMerges';
import { loweredPreprocessing } from './loweredPreprocessing';
import { loweredRecurrences } from './loweredRecurrences';
import { loweredWeights } from './loweredWeights';
import { as, calls, config, type Lower, type Lowering, numberOf, numbersOf, same, shapeOf } from './lowering';
import { unpadded } from './masks';
import { activationFunctions, ints } from './operations';

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
  if (threshold || (slope && most !== undefined)) {
    const given = (value: number | undefined): Value => (value === undefined ? NONE : { type: 'float', value });
    const positional = [lowering.input, given(slope ?? 0), given(most), given(threshold)];
    return activationFunctions.relu!({ positional, keywords: new Map() }, lowering.site, lowering.run);
  }
  if (slope) return as(lowering, 'LeakyReLU', { negative_slope: slope });
  if (most === 6) return as(lowering, 'ReLU6', {});
  return most === undefined ? as(lowering, 'ReLU', {}) : as(lowering, 'Hardtanh', { min_val: 0, max_val: most });
}

/** Over one axis, or over several together; what a mask leaves out has no share. */
function softmax(lowering: Lowering): Value {
  const { input, args, masks, run } = lowering;
  const shape = shapeOf(lowering);
  const axes = numbersOf(lowering, 'axis');
  const given = args.keywords.get('mask') ?? args.positional[1];
  const mask = given && given.type !== 'none' ? given : masks.of(input, run)?.();
  if (!mask && axes.length < 2) return as(lowering, 'Softmax', { dim: axes[0] ?? -1 });
  const c = calls(lowering);
  const shown = mask && c.torch('where', [mask, input, c.on('-', c.torch('zeros_like', [input]), 1e9)]);
  const x = shown ?? input;
  const masked = (y: Value): Value => (mask ? c.torch('where', [mask, y, c.torch('zeros_like', [y])]) : y);
  if (axes.length < 2 || !shape) return masked(c.torch('softmax', [x], { dim: int(axes[0] ?? -1) }));
  const dim = ints(axes);
  const keepdim: Value = { type: 'bool', value: true };
  const raised = c.torch('exp', [c.on('-', x, c.torch('amax', [x], { dim, keepdim }))]);
  return masked(c.on('/', raised, c.torch('sum', [raised], { dim, keepdim })));
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

/** Steps that the mask leaves out become zeros; the mask itself goes on beside the values. */
function masking(lowering: Lowering): Value {
  const { module, input, site, run } = lowering;
  const c = calls(lowering);
  const counts = unpadded(module, input, true, site, run);
  return c.torch('where', [counts, input, c.torch('zeros_like', [input])]);
}

/** Layers that do to a step among others what they do to one by itself. */
const STEP_BY_STEP = /^keras\.layers\.(Dense|Activation)$/;

/** Each step by itself: the steps become samples for the time, where the layer would see them otherwise. */
function timeDistributed(lowering: Lowering): Value {
  const { run, site, input } = lowering;
  const inner = config(lowering, 'layer');
  const shape = shapeOf(lowering);
  if (inner?.type !== 'module' || !shape || shape.length < 3 || input.type !== 'tensor') {
    return run.unmodelled('TimeDistributed', 'its layer or its input is not known', site);
  }
  if (STEP_BY_STEP.test(inner.class.path ?? '')) return run.call(inner, lowering.args, site);
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

/** Keras's layers that others compute, or that compute nothing. */
export const lowerings: Readonly<Record<string, Lower>> = {
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
  Softmax: softmax,
  AlphaDropout: (lowering) => dropout('AlphaDropout', lowering),
  Masking: masking,
  Flatten: flatten,
  Reshape: reshape,
  Permute: permute,
  Identity: same,
  ActivityRegularization: same,
  Lambda: lambda,
  TimeDistributed: timeDistributed,
  ...loweredMerges,
  ...loweredWeights,
  ...loweredRecurrences,
  ...loweredPreprocessing,
};
