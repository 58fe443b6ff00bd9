import { findLayer } from '../../../layers';
import { type AttributeValue, constant, type Span } from '../../../network';
import type { Evaluation } from '../../python/evaluator';
import { attributeValue } from '../../python/modules/layer';
import { knownTensor } from '../../python/modules/recipe';
import { initializationOf, initializePart, partOf } from '../../python/modules/storedPart';
import { applyLayer } from '../../python/modules/trace';
import { asNumber, knownNumbers, type TensorValue, type UnknownValue, type Value } from '../../python/values';

/** An index as the rows getitem and setitem have it, and the tensors in it. */
interface Index {
  readonly parts: readonly AttributeValue[];
  readonly tensors: readonly TensorValue[];
}

/** What is between the brackets; undefined, or an unknown value, where the reader cannot tell. */
function indexOf(index: Value): Index | UnknownValue | undefined {
  const parts: AttributeValue[] = [];
  const tensors: TensorValue[] = [];
  for (const item of index.type === 'tuple' ? index.items : [index]) {
    switch (item.type) {
      case 'unknown':
        return item;
      case 'none':
        parts.push(null);
        break;
      case 'ellipsis':
        parts.push('...');
        break;
      case 'int':
        parts.push(item.value);
        break;
      case 'slice': {
        const bounds = [item.start, item.stop, item.step].map(attributeValue);
        const stopped = [item.start, item.stop, item.step].find((bound) => bound.type === 'unknown');
        if (stopped || bounds.includes(undefined)) return stopped;
        parts.push(['slice', ...(bounds as AttributeValue[])]);
        break;
      }
      case 'list': {
        const numbers = attributeValue(item);
        if (numbers === undefined) return undefined;
        parts.push(numbers);
        break;
      }
      case 'tensor':
        parts.push('tensor');
        tensors.push(item);
        break;
      default:
        return undefined;
    }
  }
  return { parts, tensors };
}

const isIndex = (value: Index | UnknownValue | undefined): value is Index => value !== undefined && 'parts' in value;

const leavesAll = ({ parts, tensors }: Index): boolean =>
  tensors.length === 0 && parts.every((part) => part === '...' || (Array.isArray(part) && `${part}` === 'slice,,,'));

/** `value[index]`. */
export function tensorItem(value: TensorValue, index: Value, site: Span, run: Evaluation): Value {
  const found = indexOf(index);
  if (!isIndex(found)) return found ?? run.unmodelled('an index of a tensor', 'this index is not modelled', site);
  if (leavesAll(found)) return value;
  const { parts, tensors } = found;
  const operands = [value, ...tensors];
  return applyLayer({ row: findLayer('getitem')!, attributes: { index: parts }, operands, site, by: 'getitem' }, run);
}

/** `value[index] = given`: the tensor stands for its new values. */
export function setTensorItem(value: TensorValue, index: Value, given: Value, site: Span, run: Evaluation): void {
  const found = indexOf(index);
  if (!isIndex(found)) {
    if (!found) run.unmodelled('writing into a tensor', 'this index is not modelled', site);
    else run.note(found, 'writing into a tensor');
    return;
  }
  const part = run.trace ? undefined : partOf(value, found.parts);
  const number = asNumber(given);
  const initialization =
    number !== undefined ? constant(number) : given.type === 'tensor' ? initializationOf(given) : undefined;
  if (part && initialization && !part.tensor.known) {
    initializePart(part, initialization);
    return;
  }
  if (value.place.kind === 'stored') {
    run.unmodelled('writing into a tensor', 'changing a parameter or buffer by index is not modelled', site);
    return;
  }
  const written =
    number === undefined
      ? given
      : knownTensor('full', { size: [], fill_value: number, dtype: null }, [], 'float32', 'full', site);
  const { parts, tensors } = found;
  const operands = [value, written, ...tensors];
  const result = applyLayer(
    { row: findLayer('setitem')!, attributes: { index: parts }, operands, site, by: 'setitem' },
    run,
  );
  run.writeTo(value, folded(result, site), site);
}

/** A known tensor that is written element by element, as its numbers: else every write would be a call of the network. */
function folded(value: Value, site: Span): Value {
  if (value.type !== 'tensor' || value.place.kind !== 'fresh' || !value.shape) return value;
  const numbers = knownNumbers(value);
  if (!numbers || numbers.values.length > LARGEST_FOLDED) return value;
  const attributes = { shape: value.shape, values: numbers.values, dtype: value.dtype };
  return knownTensor('tensor', attributes, value.shape, value.dtype, 'tensor', site);
}

/** Larger tensors are not written element by element. */
const LARGEST_FOLDED = 20_000;
