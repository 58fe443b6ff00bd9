import { type Attributes, message } from '../network';
import { median } from '../probe';
import { inWords } from '../report';
import type { Found, Rule } from './rule';
import { Graph, layerOf } from './structure/graph';
import { lastFunction, outputClasses } from './structure/lossMismatch';

/** Floors above this part of the loss of guessing matter. */
const SHARE = 0.1;
const SOURCE = 'NormScope: a tenth of what guessing costs. The floor itself is exact';

/** How far apart the largest and the smallest output can be. */
function rangeOf(kind: string, { min_val: low, max_val: high }: Attributes): number | undefined {
  if (/^(Softmax|Softmax2d|Sigmoid|Hardsigmoid)$/.test(kind)) return 1;
  if (/^(Tanh|Softsign)$/.test(kind)) return 2;
  if (kind === 'Hardtanh' && typeof low === 'number' && typeof high === 'number') return high - low;
  return kind === 'ReLU6' ? 6 : undefined;
}

/** Scores that cannot lie far enough apart for the loss to come near zero. */
export const lossFloor: Rule = {
  id: 'loss-floor',
  finds: 'bounded scores before a cross-entropy, which keep the loss above a floor however long it is trained',
  check: ({ network, runs }): readonly Found[] => {
    const graph = new Graph(network);
    const last = lastFunction({ network, graph }, /^(CrossEntropyLoss|BCEWithLogitsLoss)$/);
    const range = last && rangeOf(last.kind, last.call?.attributes ?? {});
    const binary = network.task.loss === 'BCEWithLogitsLoss';
    const classes = binary ? 2 : outputClasses({ network, graph });
    if (!last || range === undefined || classes < 2 || network.task.lossSettings?.reduction === 'sum') return [];
    // The class' own score at the top, all others at the bottom; a bit's score cannot leave [0, 1] or [−1, 1] either.
    const floor = binary
      ? Math.log(1 + Math.exp(range === 2 ? -1 : -range))
      : Math.log(1 + (classes - 1) * Math.exp(-range));
    const chance = Math.log(classes);
    const reached = median(runs.map(({ losses, final }) => final?.recomputed ?? losses.at(-1) ?? Number.NaN));
    // A loss below it would say that the floor is another.
    if (!(floor > SHARE * chance) || reached < floor - 1e-3) return [];
    const layer = last.call ? layerOf(last.call) : null;
    const steps = Math.max(...runs.map(({ losses }) => losses.length));
    return [
      {
        rule: 'loss-floor',
        severity: 'warning',
        layer,
        ...(last.source && { source: last.source }),
        message: message(
          'loss-floor',
          'The loss cannot fall below {floor} ({chance} is guessing; after {steps} steps it is {reached}): {kind} keeps the scores within {range} of one another, and {loss} needs them far apart. Return the scores without it, or multiply them by a learned scale.',
          {
            floor: inWords(floor),
            chance: inWords(chance),
            steps,
            reached: inWords(reached),
            kind: last.kind,
            range,
            loss: network.task.loss,
          },
        ),
        evidence: [
          {
            quantity: 'least possible loss',
            value: floor,
            unit: 'nats',
            threshold: SHARE * chance,
            thresholdSource: SOURCE,
          },
          { quantity: 'loss reached', value: reached, unit: 'nats' },
          { quantity: 'loss of guessing', value: chance, unit: 'nats' },
        ],
        symptoms: [],
        ...(last.call && {
          mend: {
            title: message('mend-output-function', 'Return the scores without {kind}', { kind: last.kind }),
            changes: [{ operation: 'remove', site: last.call.id }],
          },
        }),
      },
    ];
  },
};
