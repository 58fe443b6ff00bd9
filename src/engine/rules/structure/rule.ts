import type { Call, Message, Network } from '../../network';
import type { Evidence, Severity } from '../../report';
import { type Found, symptom } from '../rule';
import { type Graph, layerOf } from './graph';

/** What a rule on the structure looks at. */
export interface Structure {
  readonly network: Network;
  readonly graph: Graph;
}

/** A model file in PyTorch or Keras, without the imports of torch. A line that must be found ends in `# <-`. */
export type Snippet = string;

/**
 * Looks for one fault in what the model file says; nothing is run. All that is known about the rule stands in its row:
 * `normscope explain`, the page in docs/rules/ and the tests are made of it.
 */
export interface StructureRule {
  /** Kebab case, fixed once published. */
  readonly id: string;
  /** The gravest that it gives. */
  readonly severity: Severity;
  /** One sentence: what it finds. */
  readonly finds: string;
  /** Why that is a fault. */
  readonly why: string;
  /** The figures that it rests on, with their source. */
  readonly figure: string;
  readonly mend: string;
  /** When it is right to let it be. */
  readonly ignore: string;
  check(structure: Structure): readonly Found[];
  readonly cases: {
    /** Must be found, at the marked lines. */
    readonly fires: readonly Snippet[];
    /** Near misses, in which the rule must find nothing. */
    readonly passes: readonly Snippet[];
  };
}

/** One finding at the first of several layers; the others stand under it. None for no layer. */
export function oneFinding(
  rule: string,
  severity: Severity,
  calls: readonly Call[],
  say: (
    first: Call,
    layers: readonly string[],
  ) => { readonly message: Message; readonly evidence: readonly Evidence[] },
  more: Partial<Pick<Found, 'source' | 'related' | 'mend'>> = {},
): Found[] {
  const layers = [...new Set(calls.map(layerOf))];
  const [first] = calls;
  if (!first) return [];
  const { message, evidence } = say(first, layers);
  const symptoms = layers.slice(1).map((layer) => symptom(rule, layer, evidence.slice(0, 1)));
  return [{ rule, severity, layer: layers[0]!, message, evidence, symptoms, ...more }];
}

/** A number of layers as evidence. */
export const layerCount = (count: number, source?: string): Evidence => ({
  quantity: 'layers',
  value: count,
  unit: count === 1 ? 'layer' : 'layers',
  ...(source !== undefined && { thresholdSource: source }),
});
