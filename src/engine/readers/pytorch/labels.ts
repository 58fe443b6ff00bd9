import { BATCH, type NetworkInput } from '../../network';
import { classAttribute } from '../python/evaluator/classes';
import { type ModuleValue, tensor, type Value } from '../python/values';

const LABELS = /^(targets?|labels?|y|y_true)$/;

/** A loss is computed in this code. */
const COMPUTES_LOSS = /\b(cross_entropy|\w+_loss|\w+Loss|criterion|loss_f\w*)\s*\(/;

/**
 * Labels for a forward that computes its loss where it is given some, as language models do: only with them it gives what
 * is trained. Of tokens there is a label each, else one a sample. Undefined for any other forward.
 */
export function labelsOf(
  root: ModuleValue,
  inputs: ReadonlyMap<string, NetworkInput>,
  absent: readonly string[],
): ReadonlyMap<string, Value> | undefined {
  const forward = classAttribute(root.class, 'forward');
  if (forward?.type !== 'function') return undefined;
  const parameter = forward.parameters.find(
    ({ name, fallback }) =>
      LABELS.test(name) && !inputs.has(name) && (fallback?.type === 'none' || absent.includes(name)),
  );
  if (!parameter || !COMPUTES_LOSS.test(forward.body.text)) return undefined;
  const tokens = [...inputs.values()].find(({ dtype, shape }) => dtype === 'int64' && shape.length === 2);
  const labels = tensor(tokens?.shape ?? [BATCH], { kind: 'fresh', source: root.source }, 'int64');
  return new Map([[parameter.name, labels]]);
}
