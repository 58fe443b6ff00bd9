import { type Call, message, type Span } from '../../network';
import type { Found } from '../rule';
import { layerOf } from './graph';
import { isCompiled, isStated, passesOn } from './kinds';
import type { Structure } from './rule';

/** The function that a loss is given the value of: a layer of the network, or one that the script applies behind it. */
export interface LastFunction {
  /** PyTorch's class: `Softmax`, `Linear`. */
  readonly kind: string;
  readonly call?: Call;
  /** The loss's call, where the script applies it. */
  readonly source?: Span;
}

/** What a script may apply between model and loss that is a layer's kind too; anything else but moves ends the search. */
const KINDS: Readonly<Record<string, string>> = {
  softmax: 'Softmax',
  log_softmax: 'LogSoftmax',
  sigmoid: 'Sigmoid',
  logsigmoid: 'LogSigmoid',
};
const MOVES = /^(squeeze|unsqueeze|view|reshape|flatten|float|to|cpu|cuda|contiguous|permute|transpose|t|type)$/;

/**
 * What a loss of the given kinds gets its first argument from; undefined where the file states no such loss, or where it is not
 * known to be this network's.
 */
export function lastFunction({ network, graph }: Structure, losses: RegExp): LastFunction | undefined {
  const { task, surroundings, outputs } = network;
  if (!isStated(task.origin) || !losses.test(task.loss) || outputs[0] === undefined) return undefined;
  const last = graph.back(graph.producer({ value: outputs[0] }), (call) => passesOn(graph, call));
  const layer = last && { kind: last.kind, call: last };
  // A description and Keras's compile() state the loss with the network itself.
  if (!surroundings || isCompiled(network)) return layer;
  const own = surroundings.lossInputs.filter(({ value }) => value.models.includes(network.name));
  const [first, ...others] = own.map(({ value, source }) => {
    const between = value.through.filter((name) => !MOVES.test(name));
    return { kind: between.length === 0 ? undefined : (KINDS[between[0]!] ?? 'other'), source };
  });
  if (!first || others.some(({ kind }) => kind !== first.kind)) return undefined;
  return first.kind === undefined ? layer : { kind: first.kind, source: first.source };
}

/** How many classes the network's output has by the loss's axis; 0 where that is not known. */
export function outputClasses({ network, graph }: Structure): number {
  const { task, outputs } = network;
  const shape = graph.shape(outputs[0] ?? '') ?? [];
  const size = shape.at(task.classAxis ?? 1);
  return typeof size === 'number' ? size : 0;
}

/** One finding at what stands between a network's scores and a loss that does not expect it, and which may go or not. */
export function mismatch(
  rule: string,
  severity: Found['severity'],
  { kind, call, source }: LastFunction,
  { network }: Structure,
  text: string,
  evidence: Found['evidence'],
  stays: 'stays' | 'may-go' = 'stays',
): Found[] {
  const layer = call ? layerOf(call) : null;
  const { loss, origin } = network.task;
  return [
    {
      rule,
      severity,
      layer,
      ...(source && { source }),
      message: message(rule, text, { layer: layer ?? `the script's ${kind}`, loss, origin }),
      evidence,
      symptoms: [],
      ...(call &&
        stays === 'may-go' && {
          mend: {
            title: message('mend-output-function', 'Return the scores without {kind}', { kind }),
            changes: [{ operation: 'remove', site: call.id }],
          },
        }),
    },
  ];
}
