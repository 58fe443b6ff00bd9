import { message } from '../network';
import { type Measurements, median } from '../probe';
import { type Evidence, inWords, percent } from '../report';
import type { Found, Measured, Rule } from './rule';
import { Graph, layerOf } from './structure/graph';
import { isStated } from './structure/kinds';

/** The loss after the last step over that before the first. */
const RISEN = 1.1;
const RISEN_SOURCE =
  'NormScope: after 20 steps networks that train stood between 0.01 and 1.02 of their first loss, those at too large a rate at 1.2 and far more';
/** So little is no fall. */
const FLAT = 0.997;
/** The weights have moved by this part of their size, all steps together. */
const MOVED = 0.3;
const FLAT_SOURCE =
  'NormScope: networks that train had fallen by 0.9 % at least, on the batches or in evaluation, where their weights had moved by a tenth; eight layers of ReLU fell by 0.3 % while their weights moved by a tenth, and trained later';
const LEAST_STEPS = 15;
/** Samples that the steps have seen: of fewer nothing is learned that holds on others. */
const LEAST_SAMPLES = 256;

/** How far the steps went altogether, in the weights' own size: median over layers with weights. */
function moved({ layers }: Measured): number {
  const sums = [...layers.values()].flatMap(({ role, history: { updateRatio } }) =>
    role === 'affine' && updateRatio ? [updateRatio.reduce((sum, value) => sum + value, 0)] : [],
  );
  return median(sums.filter(Number.isFinite));
}

/** Whether the batches' own losses, and the split in training mode, stay where they were too: BatchNorm's evaluation may lag. */
function staysInTraining({ losses, initial, final }: Measurements): boolean {
  const quarter = Math.max(1, losses.length >> 2);
  const average = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const fallen = average(losses.slice(-quarter)) / average(losses.slice(0, quarter));
  return fallen > FLAT && (final?.trainMode ?? Number.NaN) > FLAT * (initial?.loss ?? Number.NaN);
}

/** Training as it is set up does not bring the loss down, on data that small networks learn in these steps. */
export const lossNotFalling: Rule = {
  id: 'loss-not-falling',
  finds:
    'losses that rise from the first steps on, or stay where they are while the weights move, with the stated optimizer',
  check: (measured): readonly Found[] => {
    const { network, runs } = measured;
    const { optimizer, surroundings } = network;
    const stays = runs.every(staysInTraining);
    const ends = runs.flatMap(({ initial, final, losses }) =>
      initial && final && losses.length >= LEAST_STEPS ? [final.recomputed / initial.loss] : [],
    );
    if (ends.length === 0 || ends.some((ratio) => !Number.isFinite(ratio)) || !isStated(optimizer.origin)) return [];
    const rises = ends.every((ratio) => ratio > RISEN);
    const way = moved(measured);
    const seen = measured.batch * Math.min(...runs.map(({ losses }) => losses.length));
    const flat = seen >= LEAST_SAMPLES && stays && ends.every((ratio) => ratio > FLAT) && way > MOVED;
    if (!rises && !flat) return [];
    const graph = new Graph(network);
    const head = graph.producer({ value: network.outputs[0] ?? '' });
    const initial = median(runs.map((run) => run.initial!.loss));
    const last = median(runs.map((run) => run.final!.recomputed));
    const steps = Math.max(...runs.map(({ losses }) => losses.length));
    const rate = measured.runs[0]?.learningRate ?? Number.NaN;
    const upward = optimizer.settings.maximize === true;
    const evidence: Evidence[] = [
      {
        quantity: 'loss at the end over that at the start',
        value: median(ends),
        unit: 'ratio',
        threshold: rises ? RISEN : FLAT,
        thresholdSource: rises ? RISEN_SOURCE : FLAT_SOURCE,
      },
      { quantity: 'way of the weights over their size', value: way, unit: 'ratio' },
      { quantity: 'learning rate', value: rate, unit: '' },
    ];
    const made = surroundings?.optimizers.length === 1 ? surroundings.optimizers[0] : undefined;
    const args = {
      initial: inWords(initial),
      last: inWords(last),
      steps,
      optimizer: optimizer.kind,
      rate: inWords(rate),
      smaller: inWords(rate / 10),
      way: percent(way),
    };
    const [id, text] = upward
      ? ([
          'loss-maximized',
          'The loss rises from {initial} to {last} in {steps} steps: {optimizer} has maximize=True, and climbs. Leave it out, or negate what it maximizes.',
        ] as const)
      : rises
        ? ([
            'loss-rises',
            'The loss rises from {initial} to {last} in {steps} steps of {optimizer} at learning rate {rate}: the steps are too long for this network. Try {smaller}, a warm-up, or clipped gradients.',
          ] as const)
        : ([
            'loss-flat',
            'The loss stays where it is ({initial}, then {last}) in {steps} steps of {optimizer} at learning rate {rate}, though the weights moved by {way} of their size: what moves them has no bearing on it, or they swing to and fro. Try {smaller}; look whether the output depends on the input.',
          ] as const);
    return [
      {
        rule: 'loss-not-falling',
        severity: 'warning',
        layer: head ? layerOf(head) : null,
        ...(made && { source: made.source }),
        message: message(id, text, args),
        evidence,
        symptoms: [],
        ...(made && {
          mend: upward
            ? {
                title: message('set-minimize', 'Minimize the loss'),
                argument: { source: made.source, name: 'maximize', value: 'False' },
              }
            : {
                title: message('set-learning-rate', 'Set the learning rate to {rate}', { rate: rate / 10 }),
                argument: { source: made.source, name: 'lr', value: String(Number((rate / 10).toPrecision(6))) },
              },
        }),
      },
    ];
  },
};
