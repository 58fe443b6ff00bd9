import { findLayer, type LayerRow } from '../../layers';
import type { AttributeValue, Span } from '../../network';
import type { Evaluation } from '../python/evaluator';
import { applyLayer } from '../python/modules/trace';
import {
  type Arguments,
  list,
  type ModuleValue,
  NONE,
  type TensorValue,
  tuple,
  unknown,
  type Value,
} from '../python/values';
import { activated } from './activations';
import { build } from './building';
import type { LayerSpec } from './specs';
import { stateOf, tensorsIn } from './state';

/** A call's tensors in the row's order, and what else it says. */
function operandsOf(
  row: LayerRow,
  args: Arguments,
  run: Evaluation,
  site: Span,
): { operands: Value[]; said: Record<string, AttributeValue> } {
  const named = (name: string, place: number) => args.keywords.get(name) ?? args.positional[place];
  if (row.kind === 'KerasMultiHeadAttention') {
    const [key, mask, causal] = [named('key', 2), named('attention_mask', 6), args.keywords.get('use_causal_mask')];
    const there = (value: Value | undefined): value is Value => value !== undefined && value.type !== 'none';
    return {
      operands: [named('query', 0) ?? NONE, named('value', 1) ?? NONE, ...[key, mask].filter(there)],
      said: {
        operands: [...(there(key) ? ['key'] : []), ...(there(mask) ? ['attention_mask'] : [])],
        use_causal_mask: causal?.type === 'bool' && causal.value,
      },
    };
  }
  const first =
    args.positional[0] ??
    args.keywords.get('inputs') ??
    args.keywords.get('sequences') ??
    [...args.keywords.values()][0] ??
    NONE;
  const several = first.type === 'list' || first.type === 'tuple' ? [...(run.iterate(first, site) ?? [])] : [first];
  const states = row.role === 'recurrent' ? named('initial_state', 1) : undefined;
  return { operands: [...several, ...(states ? tensorsIn(states) : [])], said: {} };
}

/** Calls a layer that a row computes: built at the first call, its activation behind it. */
export function callRowLayer(
  module: ModuleValue,
  spec: LayerSpec,
  args: Arguments,
  site: Span,
  run: Evaluation,
): Value {
  const row = findLayer(spec.row!)!;
  const { operands, said } = operandsOf(row, args, run, site);
  const stopped = operands.find(({ type }) => type === 'unknown');
  if (stopped?.type === 'unknown') return stopped;
  const tensors = operands.filter((value): value is TensorValue => value.type === 'tensor');
  if (tensors.length < operands.length || tensors.length === 0) {
    return run.unmodelled(module.class.name, 'its input is no tensor that the reader knows', site);
  }
  if (tensors.some(({ shape }) => shape === undefined)) return unknown("the input's shape is not known", site);
  if (!module.layer) build(module, row, spec, tensors, site, run);
  if (module.opaque || !module.layer) return module.opaque ?? NONE;
  if (row.kind === 'KerasEmbedding') {
    for (const each of tensors) if (each.place.kind === 'flow' && each.dtype === 'float32') each.dtype = 'int64';
    if (
      stateOf(module).config.get('mask_zero')?.type === 'bool' &&
      (stateOf(module).config.get('mask_zero') as { value: boolean }).value
    ) {
      run.note(
        unknown('the mask of mask_zero=True is not modelled: padded positions count as others do', module.source),
        'Embedding',
      );
    }
  }
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
