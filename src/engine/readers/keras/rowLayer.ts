import { findLayer, type LayerRow, ShapeError } from '../../layers';
import type { AttributeValue, Span } from '../../network';
import type { Evaluation } from '../python/evaluator';
import { applyLayer } from '../python/modules/trace';
import {
  type Arguments,
  knownNumbers,
  list,
  type ModuleValue,
  NONE,
  type TensorValue,
  tuple,
  unknown,
  type Value,
} from '../python/values';
import { activated } from './activations';
import { attentionOperands, maskedMean, overAxes, scoredOperands } from './attention';
import { build } from './building';
import { leavesOut, type Masks } from './masks';
import type { LayerSpec } from './specs';
import { stateOf, tensorsIn } from './state';

interface Operands {
  readonly operands: Value[];
  readonly said: Record<string, AttributeValue>;
}

/** A call's tensors in the row's order, and what else it says. */
function operandsOf(row: LayerRow, args: Arguments, masks: Masks, run: Evaluation, site: Span): Operands {
  const named = (name: string, place: number) => args.keywords.get(name) ?? args.positional[place];
  if (/^Keras(MultiHead|GroupedQuery)Attention$/.test(row.kind)) return attentionOperands(args, masks, site, run);
  if (/^Keras(Additive)?Attention$/.test(row.kind)) return scoredOperands(args, masks, run);
  const first =
    args.positional[0] ??
    args.keywords.get('inputs') ??
    args.keywords.get('sequences') ??
    [...args.keywords.values()][0] ??
    NONE;
  const several = first.type === 'list' || first.type === 'tuple' ? [...(run.iterate(first, site) ?? [])] : [first];
  const states = row.role === 'recurrent' ? named('initial_state', 1) : undefined;
  const mask = row.role === 'recurrent' ? maskFor(args, first, masks, run) : undefined;
  return {
    operands: [...several, ...(states ? tensorsIn(states) : []), ...(mask ? [mask] : [])],
    said: mask ? { operands: ['mask'] } : {},
  };
}

/** The mask that a recurrent layer takes: given, or its input's. */
function maskFor(args: Arguments, input: Value | undefined, masks: Masks, run: Evaluation): Value | undefined {
  const given = args.keywords.get('mask') ?? args.positional[2];
  const mask = given && given.type !== 'none' ? given : masks.of(input ?? NONE, run)?.();
  return mask?.type === 'tensor' ? mask : undefined;
}

/** Calls a layer that a row computes: built at the first call, its activation behind it. */
export function callRowLayer(
  module: ModuleValue,
  spec: LayerSpec,
  args: Arguments,
  site: Span,
  run: Evaluation,
  { masks }: { readonly masks: Masks },
): Value {
  const row = findLayer(spec.row!)!;
  if (row.kind === 'KerasGlobalAveragePooling1D') {
    const mean = maskedMean(module, args, masks, site, run);
    if (mean) return mean;
  }
  if (row.kind === 'KerasMultiHeadAttention') {
    const folded = overAxes(module, args, site, run, (again) =>
      callRowLayer(module, spec, again, site, run, { masks }),
    );
    if (folded) return folded;
  }
  const { operands, said } = operandsOf(row, args, masks, run, site);
  const stopped = operands.find(({ type }) => type === 'unknown');
  if (stopped?.type === 'unknown') return stopped;
  const tensors = operands.filter((value): value is TensorValue => value.type === 'tensor');
  if (tensors.length < operands.length || tensors.length === 0) {
    return run.unmodelled(module.class.name, 'its input is no tensor that the reader knows', site);
  }
  if (tensors.some(({ shape }) => shape === undefined)) return unknown("the input's shape is not known", site);
  if (!module.layer) build(module, row, spec, tensors, said, site, run);
  if (module.opaque || !module.layer) return module.opaque ?? NONE;
  if (row.kind === 'KerasEmbedding') {
    for (const each of tensors) {
      if (each.place.kind === 'flow' && each.dtype === 'float32') each.dtype = 'int64';
      const most = Math.max(...(knownNumbers(each)?.values ?? []));
      const rows = Number(module.layer.attributes.input_dim);
      if (most < rows || most === Number.NEGATIVE_INFINITY) continue;
      const what = `the Embedding '${stateOf(module).name}' has ${rows} rows, and is asked for row ${most}`;
      run.refuse(new ShapeError(what, 'give an input of another length: --input'), site);
    }
  }
  if (row.kind === 'KerasBatchNormalization' && masks.of(tensors[0]!, run))
    leavesOut("BatchNormalization's statistics", module.source, run);
  const renorm = stateOf(module).config.get('renorm');
  if (renorm?.type === 'bool' && renorm.value)
    run.note(unknown('batch renormalization in training is not modelled', module.source), module.class.name);
  const training = args.keywords.get('training');
  const frozen =
    'trainable' in row.attributes &&
    ((training?.type === 'bool' && !training.value && !training.byMode) || !isTrainable(module));
  const attributes = { ...module.layer.attributes, ...said, ...(frozen && { trainable: false }) };
  if (frozen) module.layer = { row, attributes: { ...module.layer.attributes, trainable: false } };
  const made = applyLayer({ row, attributes, operands: tensors, site, by: module }, run);
  const first = made.type === 'tuple' ? made.items[0]! : made;
  const y = row.role === 'recurrent' ? first : activated(stateOf(module).config.get('activation'), first, site, run);
  if (made.type !== 'tuple') return y;
  return row.role === 'recurrent' ? list([y, ...made.items.slice(1)]) : tuple([y, ...made.items.slice(1)]);
}

export const isTrainable = (module: ModuleValue): boolean => {
  const value = module.attributes.get('trainable');
  return !(value?.type === 'bool' && !value.value);
};
