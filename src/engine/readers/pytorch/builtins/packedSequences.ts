import { findLayer } from '../../../layers';
import type { Attributes, AttributeValue, Span } from '../../../network';
import type { BuiltinTable } from '../../python/builtins/row';
import type { Evaluation } from '../../python/evaluator';
import { attributeValue } from '../../python/modules/layer';
import { applyLayer } from '../../python/modules/trace';
import {
  type Arguments,
  bool,
  bound,
  type ClassValue,
  type InstanceValue,
  type ModuleValue,
  truth,
  tuple,
  unknown,
  type Value,
} from '../../python/values';

/**
 * torch.nn.utils.rnn.PackedSequence as the reader has it: the padded tensor with its lengths. What PyTorch has in it, the
 * steps that count in one row after the other, is not modelled; nothing but recurrent layers and pad_packed_sequence uses it.
 */
interface PackedSequence {
  readonly padded: Value;
  /** A tensor of one length a sample, or a list of numbers. */
  readonly lengths: Value;
  readonly batchFirst: boolean;
}

const CLASS: ClassValue = {
  type: 'class',
  name: 'PackedSequence',
  path: 'torch.nn.utils.rnn.PackedSequence',
  resolution: [],
  attributes: new Map(),
};

function packed({ padded, lengths, batchFirst }: PackedSequence, site: Span): InstanceValue {
  const inner = unknown("what is inside a PackedSequence is not modelled; its recurrent layer's output is", site);
  const hidden = ['data', 'batch_sizes', 'sorted_indices', 'unsorted_indices'].map((name) => [name, inner] as const);
  return {
    type: 'instance',
    class: CLASS,
    attributes: new Map<string, Value>([
      ['padded', padded],
      ['lengths', lengths],
      ['batchFirst', bool(batchFirst)],
      ...hidden,
    ]),
  };
}

/** The packed sequence that a value is; undefined for any other value. */
export function packedSequence(value: Value | undefined): PackedSequence | undefined {
  if (value?.type !== 'instance' || value.class !== CLASS) return undefined;
  const { attributes } = value;
  return {
    padded: attributes.get('padded')!,
    lengths: attributes.get('lengths')!,
    batchFirst: truth(attributes.get('batchFirst')!) ?? false,
  };
}

/** Calls a recurrent layer with a packed sequence: its layout is the sequence's, and what comes out is packed again. */
export function callPacked(
  module: ModuleValue,
  { row, attributes }: NonNullable<ModuleValue['layer']>,
  sequence: PackedSequence,
  args: Arguments,
  site: Span,
  run: Evaluation,
): Value {
  if (!('padded' in row.attributes)) {
    return run.unmodelled(row.kind, 'a PackedSequence as its input is not modelled', site);
  }
  const { hx } = bound(args, 'input', 'hx');
  const states = !hx || hx.type === 'none' ? [] : hx.type === 'tensor' ? [hx] : (run.iterate(hx, site) ?? [hx]);
  const lengths = lengthsOf(sequence.lengths);
  if (!lengths) return run.unmodelled(row.kind, "the sequences' lengths are not known", site);
  const result = applyLayer(
    {
      row,
      attributes: { ...attributes, batch_first: sequence.batchFirst, ...lengths.attributes },
      operands: [sequence.padded, ...states, ...lengths.operands],
      site,
      by: module,
    },
    run,
  );
  if (result.type !== 'tuple') return result;
  const [padded, ...rest] = result.items;
  return tuple([packed({ ...sequence, padded: padded! }, site), ...rest]);
}

/** Lengths as an operand of the call, or as its attribute where they are numbers. */
function lengthsOf(lengths: Value): { operands: readonly Value[]; attributes: Attributes } | undefined {
  if (lengths.type === 'tensor') return { operands: [lengths], attributes: { padded: true } };
  const known: AttributeValue | undefined = attributeValue(lengths);
  return Array.isArray(known) ? { operands: [], attributes: { lengths: known } } : undefined;
}

/** Functions of torch.nn.utils.rnn. */
export const packedSequences: BuiltinTable = {
  'torch.nn.utils.rnn.pack_padded_sequence'(args, site, run) {
    const { input, lengths, batch_first } = bound(args, 'input', 'lengths', 'batch_first', 'enforce_sorted');
    const why = [input, lengths].find((value) => value?.type === 'unknown');
    if (why) return why;
    if (!input || !lengths) return run.unmodelled('pack_padded_sequence', 'its lengths are not known', site);
    return packed({ padded: input, lengths, batchFirst: batch_first ? (truth(batch_first) ?? false) : false }, site);
  },
  'torch.nn.utils.rnn.pad_packed_sequence'(args, site, run) {
    const { sequence, batch_first, padding_value, total_length } = bound(
      args,
      'sequence',
      'batch_first',
      'padding_value',
      'total_length',
    );
    const inner = packedSequence(sequence);
    if (!inner) {
      return sequence?.type === 'unknown'
        ? sequence
        : run.unmodelled('pad_packed_sequence', 'what it unpacks is not known', site);
    }
    if (padding_value && padding_value.type !== 'none' && attributeValue(padding_value) !== 0) {
      return run.unmodelled('pad_packed_sequence', 'a padding_value other than 0 is not modelled', site);
    }
    const { padded, lengths, batchFirst } = inner;
    const asked = total_length && attributeValue(total_length);
    if (typeof asked === 'number' && padded.type === 'tensor' && padded.shape?.[batchFirst ? 1 : 0] !== asked) {
      return run.unmodelled('pad_packed_sequence', 'a total_length other than the input has is not modelled', site);
    }
    const wanted = batch_first ? (truth(batch_first) ?? false) : false;
    if (wanted === batchFirst || padded.type !== 'tensor') return tuple([padded, lengths]);
    const row = findLayer('transpose')!;
    const turned = applyLayer(
      { row, attributes: { dim0: 0, dim1: 1 }, operands: [padded], site, by: 'pad_packed_sequence' },
      run,
    );
    return tuple([turned, lengths]);
  },
};
