import { moduleParameters, type Network } from '../../network';
import { gradients, input, label, lowerLoop, type Program, sub, type Tensor } from '../../tensor';
import { lossOf, optimizerStep, sumsOverBatch } from '../../training';
import {
  type Care,
  callInstruments,
  moduleInstruments,
  type Quantity,
  type Reading,
  type Readings,
  Tally,
} from '../instruments';
import { type TracedCall, traceNetwork } from '../trace';
import { randomDraws } from './dropoutMask';
import { networkLeaves } from './leaves';
import { LEARNING_RATE, MASK_SEED, optimizerStateName, STEP } from './names';

/** One measured number of a step: which quantity, of which call or module, and how a step's sums give it. */
export interface PlacedReading extends Reading {
  readonly owner: string;
  readonly quantity: Quantity;
}

/** A training program: forward, loss, backward, optimizer and instruments, step by step. */
export interface TrainingProgram {
  readonly program: Program;
  /** What is read at each step, from the step's `sums`. */
  readonly readings: readonly PlacedReading[];
  /** Optimizer state by name: the value that fills it at the start. */
  readonly optimizerState: ReadonlyMap<string, number>;
}

export const SUMS = 'sums';
export const LOSS = 'loss';

/** What moves elements, what is the same at every step, and whole numbers have nothing to measure. */
const isMeasured = ({ row, constant, forward }: TracedCall): boolean =>
  !/^(shape|weight)$/.test(row.role) && !constant && forward.outputs[0]?.dtype === 'float32';

/** Compiles the training of a network at one batch size; where nothing is measured, the loss alone is kept. */
export function trainingProgram(
  network: Network,
  batch: number,
  samples: number,
  measure: Care | 'nothing',
): TrainingProgram {
  const leaves = networkLeaves(network, batch, samples);
  const rate = input(LEARNING_RATE, []);
  const step = input(STEP, []);
  const maskSeed = input(MASK_SEED, [], 'int32');
  const trace = traceNetwork(network, {
    batch,
    mode: 'train',
    input: leaves.batchOf,
    parameter: (id) => leaves.parameters.get(id)!,
    buffer: (id) => leaves.buffers.get(id)!,
    ...randomDraws(maskSeed, step),
  });
  const loss = lossOf(network.task, trace.outputs[0]!, leaves.target);
  label([loss], 'loss');

  const trainable = network.parameters.filter((parameter) => parameter.trainable);
  const measuredCalls = measure === 'nothing' ? [] : trace.calls.filter(isMeasured);
  const wrt = [
    ...trainable.map(({ id }) => leaves.parameters.get(id)!),
    ...measuredCalls.map(({ forward }) => forward.outputs[0]!),
  ];
  const byTensor = gradients(loss, wrt);

  const { stepped, kept } = optimizerStep(
    network.optimizer,
    trainable.map(({ id }, i) => ({ id, value: leaves.parameters.get(id)!, gradient: byTensor[i]! })),
    { rate, step },
    (name, { id, value }) => {
      const stateName = optimizerStateName(name, id);
      return { name: stateName, leaf: input(stateName, value.shape) };
    },
  );
  const state: { leaf: Tensor; next: Tensor }[] = [
    ...stepped.map(({ value, decrement }) => ({ leaf: value, next: sub(value, decrement) })),
    ...kept,
  ];
  for (const [id, leaf] of leaves.buffers) state.push({ leaf, next: trace.buffers.get(id) ?? leaf });

  const tally = new Tally();
  const readings: PlacedReading[] = [];
  const place = (owner: string, byQuantity: Readings<Quantity>) => {
    for (const [quantity, reading] of Object.entries(byQuantity)) {
      readings.push({ ...reading, owner, quantity: quantity as Quantity });
    }
  };
  const byId = new Map(stepped.map((parameter) => [parameter.id, parameter]));
  const ownParameters = moduleParameters(network);
  const placeModule = (id: string, care: Care) => {
    const parameters = (ownParameters.get(id) ?? []).flatMap((name) => byId.get(name) ?? []);
    ownParameters.delete(id);
    if (parameters.length === 0) return;
    for (const instrument of moduleInstruments) place(id, instrument.measure({ id, parameters }, tally, care));
  };
  if (measure !== 'nothing') {
    // What turns the gradient of the batch's loss into that of one sample's own.
    const samplesInLoss = sumsOverBatch(network.task) ? 1 : batch;
    measuredCalls.forEach((call, i) => {
      const outputGradient = byTensor[trainable.length + i]!;
      for (const instrument of callInstruments) {
        place(call.call.id, instrument.measure({ ...call, outputGradient, batch: samplesInLoss }, tally, measure));
      }
      if (call.call.module !== undefined) placeModule(call.call.module, measure);
    });
    for (const id of [...ownParameters.keys()]) placeModule(id, measure);
  }

  return {
    program: lowerLoop({
      state,
      perStep: [leaves.order, step],
      scans: [{ name: LOSS, value: loss }],
      numbers: [{ name: SUMS, values: tally.sums }],
    }),
    readings,
    optimizerState: new Map(kept.map(({ name, start }) => [name, start])),
  };
}
