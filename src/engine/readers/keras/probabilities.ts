import { completeAttributes, findLayer } from '../../layers';
import type { Attributes, Span, ValueId } from '../../network';
import { functionId, type Trace, type TracedCall } from '../python/modules/trace';

/** What makes probabilities of probabilities, or moves them about: means of several models, products with a mask. */
const KEEPS =
  /^(Keras(Average|Add|Multiply|Maximum|Minimum|Concatenate|Dropout|GlobalAveragePooling\dD|GlobalMaxPooling\dD)|Identity|cat|stack|add|mul|div|mean|sum|amax)$/;

/** Whether a value is made of what a softmax or sigmoid gives, and not their own output. */
export function isMadeOfProbabilities(value: ValueId, calls: readonly TracedCall[]): boolean {
  const producers = new Map(calls.map((call) => [call.id, call]));
  const seen = new Set<ValueId>();
  const waiting = [value];
  for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
    const call = producers.get(id);
    if (!call || seen.has(id)) continue;
    seen.add(id);
    if (/^(Softmax|Sigmoid)$/.test(call.kind)) return id !== value;
    if (!KEEPS.test(call.kind) && findLayer(call.kind)?.role !== 'shape') continue;
    waiting.push(...call.operands.flatMap((operand) => (operand.kind === 'flow' ? [operand.value] : [])));
  }
  return false;
}

/**
 * log(min(max(p, 1e-7), 1 − 1e-7)), as calls at the end of a trace: of these as scores, the cross-entropy of scores is
 * Keras's of the probabilities, −log(p/Σp).
 */
export function logarithmOf(value: ValueId, source: Span, trace: Trace): ValueId {
  const shape = trace.calls.find(({ id }) => id === value)!.outputShapes[0]!;
  const append = (kind: string, of: ValueId, attributes: Attributes): ValueId => {
    const id = functionId(trace, kind);
    trace.calls.push({
      id,
      kind,
      attributes: completeAttributes(findLayer(kind)!, attributes, [shape]),
      operands: [{ kind: 'flow', value: of }],
      outputShapes: [shape],
      source,
    });
    return id;
  };
  return append('log', append('clamp', value, { min: 1e-7, max: 1 - 1e-7 }), {});
}
