import type { Span } from '../../network';
import type { Evaluation } from '../python/evaluator';
import { classAttribute } from '../python/evaluator/classes';
import type { Trace } from '../python/modules/trace';
import { type Arguments, int, list, type ModuleValue, NONE, type TensorValue, type Value } from '../python/values';
import { operationNamed } from './operations';
import { isA, kerasClassOf, SEQUENTIAL, stateOf } from './state';

/** Which positions of a sequence count: truths [B, T], computed when something asks for them. */
export type Mask = () => Value;

/** Masks of the values that flow in a trace, as Keras hangs them on its tensors. */
export class Masks {
  readonly #of = new WeakMap<Trace, Map<string, Mask>>();

  of(value: Value, run: Evaluation): Mask | undefined {
    if (!run.trace || value.type !== 'tensor' || value.place.kind !== 'flow') return undefined;
    return this.#of.get(run.trace)?.get(value.place.value);
  }

  set(value: Value, mask: Mask | undefined, run: Evaluation): void {
    if (!mask || !run.trace || value.type !== 'tensor' || value.place.kind !== 'flow') return;
    const known = this.#of.get(run.trace) ?? new Map<string, Mask>();
    this.#of.set(run.trace, known);
    const { value: id } = value.place;
    if (known.has(id)) return;
    let made: Value | undefined;
    known.set(id, () => {
      made ??= mask();
      return made;
    });
  }

  /** The masks of a value as Keras hands them to a layer: of a list, a list with None where there is none. */
  handed(value: Value, run: Evaluation): Value {
    if (value.type === 'list' || value.type === 'tuple') {
      const each = value.items.map((item) => this.handed(item, run));
      return each.every(({ type }) => type === 'none') ? NONE : list(each);
    }
    return this.of(value, run)?.() ?? NONE;
  }
}

/** Says that a mask is left out somewhere, once. */
export function leavesOut(where: string, source: Span, run: Evaluation): void {
  const what = `the mask of padded positions in ${where}`;
  if (run.findings.assumptions.some((each) => each.what === what)) return;
  run.findings.assumptions.push({ what, why: 'is left out: they count as others do', source });
}

const operation = (name: string, positional: readonly Value[], site: Span, run: Evaluation, keywords = {}): Value =>
  operationNamed(`keras.ops.${name}`)!({ positional, keywords: new Map(Object.entries(keywords)) }, site, run);

export const both = (a: Value, b: Value, site: Span, run: Evaluation): Value =>
  operation('logical_and', [a, b], site, run);

/** Layers that hand a mask on as it is. */
const PASSING =
  /^(Dense|Identity|Activation|ReLU|LeakyReLU|PReLU|ELU|Softmax|Lambda|BatchNormalization|LayerNormalization|GroupNormalization|UnitNormalization|Normalization|Rescaling|ActivityRegularization|Dropout|SpatialDropout[123]D|AlphaDropout|GaussianDropout|GaussianNoise|TimeDistributed|MultiHeadAttention|GroupQueryAttention|GroupedQueryAttention|Attention|AdditiveAttention)$/;
const MERGING = /^(Add|Subtract|Multiply|Average|Maximum|Minimum)$/;
const RECURRENT = /^(LSTM|GRU|SimpleRNN|RNN|CuDNNLSTM|CuDNNGRU|Bidirectional|ConvLSTM[123]D)$/;

const isTrue = (value: Value | undefined): boolean => value?.type === 'bool' && value.value;

/** Whether a recurrent layer gives every step. */
function returnsSequences(module: ModuleValue): boolean {
  const { config } = stateOf(module);
  const inner = config.get('layer');
  return isTrue((inner?.type === 'module' ? stateOf(inner).config : config).get('return_sequences'));
}

/** What a layer's output is masked by, given what its inputs are masked by. */
export function maskAfter(
  module: ModuleValue,
  args: Arguments,
  given: Value | undefined,
  masks: Masks,
  site: Span,
  run: Evaluation,
): Mask | undefined {
  const input = args.positional[0] ?? [...args.keywords.values()][0] ?? NONE;
  const items = input.type === 'list' || input.type === 'tuple' ? input.items : [input];
  const own: Mask | undefined = given && given.type !== 'none' ? () => given : masks.of(items[0] ?? NONE, run);
  const written = classAttribute(module.class, 'compute_mask');
  if (written?.type === 'function') {
    return () =>
      run.call(
        { type: 'method', receiver: module, callee: written },
        { positional: [input, own?.() ?? NONE], keywords: new Map() },
        site,
      );
  }
  const kind = kerasClassOf(module);
  if (kind === undefined)
    return isA(module, SEQUENTIAL) || !isTrue(module.attributes.get('supports_masking')) ? undefined : own;
  if (kind === 'Embedding')
    return isTrue(stateOf(module).config.get('mask_zero')) ? () => embedded(input, site, run) : undefined;
  if (kind === 'Masking') return () => unpadded(module, input, false, site, run);
  if (MERGING.test(kind)) {
    const all = items.map((item) => masks.of(item, run));
    if (all.length === 0 || all.includes(undefined)) return undefined;
    return () => all.map((mask) => mask!()).reduce((a, b) => operation('logical_or', [a, b], site, run));
  }
  if (kind === 'Concatenate') return concatenated(module, items, masks, site, run);
  if (RECURRENT.test(kind)) return returnsSequences(module) ? own : undefined;
  return PASSING.test(kind) ? own : undefined;
}

/** Tokens other than 0. */
export const embedded = (tokens: Value, site: Span, run: Evaluation): Value =>
  operation('not_equal', [tokens, int(0)], site, run);

/** Steps of which some feature is another number than the mask's. */
export function unpadded(module: ModuleValue, input: Value, keepdims: boolean, site: Span, run: Evaluation): Value {
  const value = stateOf(module).config.get('mask_value') ?? int(0);
  const other = operation('not_equal', [input, value], site, run);
  return operation('any', [other], site, run, { axis: int(-1), keepdims: { type: 'bool', value: keepdims } });
}

/** Joined along the steps, masks are joined; along features a step counts where it does in one of them. */
function concatenated(
  module: ModuleValue,
  items: readonly Value[],
  masks: Masks,
  site: Span,
  run: Evaluation,
): Mask | undefined {
  const all = items.map((item) => masks.of(item, run));
  if (all.every((mask) => mask === undefined)) return undefined;
  const axis = stateOf(module).config.get('axis');
  const rank = (items[0] as TensorValue).shape?.length ?? 3;
  const at = axis?.type === 'int' ? (axis.value + rank) % rank : rank - 1;
  // Where every feature of one of them counts, every step does.
  if (at !== 1) {
    if (all.includes(undefined)) return undefined;
    return () => all.map((mask) => mask!()).reduce((a, b) => operation('logical_or', [a, b], site, run));
  }
  return () => {
    const each = items.map((item, i) => {
      const first = run.subscript(item, { type: 'tuple', items: [{ type: 'ellipsis' }, int(0)] } as Value, site);
      return all[i]?.() ?? operation('equal', [first, first], site, run);
    });
    return operation('concatenate', [list(each)], site, run, { axis: int(1) });
  };
}
