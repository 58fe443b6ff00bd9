import type { Network } from '../../network';
import { cast, gradients, input, label, lowerLoop, mean, type Program, sub, type Tensor } from '../../tensor';
import {
  type Care,
  callInstruments,
  type MeasuredParameter,
  moduleInstruments,
  type Quantity,
  type Reading,
  type Readings,
  Tally,
} from '../instruments';
import { losses } from '../losses';
import { optimizers } from '../optimizers';
import { traceNetwork } from '../trace';
import { dropoutMask } from './dropoutMask';
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
  /** Optimizer state, all zero at the start: name → shape. */
  readonly optimizerState: ReadonlyMap<string, readonly number[]>;
}

export const SUMS = 'sums';
export const LOSS = 'loss';

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
  let masks = 0;
  const trace = traceNetwork(network, {
    batch,
    mode: 'train',
    input: leaves.batchOf,
    parameter: (id) => leaves.parameters.get(id)!,
    buffer: (id) => leaves.buffers.get(id)!,
    bernoulli: (shape, keep) => dropoutMask(shape, keep, masks++, maskSeed, cast(step, 'int32')),
  });
  const loss = mean(losses[network.task.loss].each(trace.outputs[0]!, leaves.target));
  label([loss], 'loss');

  const trainable = network.parameters.filter((parameter) => parameter.trainable);
  const measuredCalls =
    measure === 'nothing'
      ? []
      : trace.calls.filter(({ row, forward }) => row.role !== 'shape' && forward.outputs[0]!.dtype === 'float32');
  const wrt = [
    ...trainable.map(({ id }) => leaves.parameters.get(id)!),
    ...measuredCalls.map(({ forward }) => forward.outputs[0]!),
  ];
  const byTensor = gradients(loss, wrt);

  const optimizer = optimizers[network.optimizer.kind];
  const settings = { ...optimizer.settings, ...network.optimizer.settings };
  const optimizerState = new Map<string, readonly number[]>();
  const state: { leaf: Tensor; next: Tensor }[] = [];
  const stepped = new Map<string, MeasuredParameter>();
  trainable.forEach(({ id, shape }, i) => {
    const value = leaves.parameters.get(id)!;
    const stateLeaves = Object.fromEntries(
      optimizer.state(settings).map((name) => [name, input(optimizerStateName(name, id), shape)]),
    );
    const gradient = byTensor[i]!;
    const updated = optimizer.update({ parameter: value, gradient, rate, step, settings, state: stateLeaves });
    stepped.set(id, {
      value,
      decrement: updated.decrement,
      gradient,
      proportional: updated.proportional ?? false,
    });
    state.push({ leaf: value, next: sub(value, updated.decrement) });
    for (const [name, leaf] of Object.entries(stateLeaves)) {
      optimizerState.set(optimizerStateName(name, id), shape);
      state.push({ leaf, next: updated.state[name]! });
    }
  });
  for (const [id, leaf] of leaves.buffers) state.push({ leaf, next: trace.buffers.get(id) ?? leaf });

  const tally = new Tally();
  const readings: PlacedReading[] = [];
  const place = (owner: string, byQuantity: Readings<Quantity>) => {
    for (const [quantity, reading] of Object.entries(byQuantity)) {
      readings.push({ ...reading, owner, quantity: quantity as Quantity });
    }
  };
  const modules = new Map(network.modules.map((module) => [module.id, module]));
  const placeModule = (id: string, care: Care) => {
    const parameters = Object.values(modules.get(id)?.parameters ?? {}).flatMap((name) => stepped.get(name) ?? []);
    modules.delete(id);
    if (parameters.length === 0) return;
    for (const { value, decrement } of parameters) tally.touch(sub(value, decrement));
    for (const instrument of moduleInstruments) place(id, instrument.measure({ id, parameters }, tally, care));
  };
  if (measure !== 'nothing') {
    // A layer's sums stand together, as they are computed.
    measuredCalls.forEach((call, i) => {
      const outputGradient = byTensor[trainable.length + i]!;
      for (const instrument of callInstruments) {
        place(call.call.id, instrument.measure({ ...call, outputGradient, batch }, tally, measure));
      }
      if (call.call.module !== undefined) placeModule(call.call.module, measure);
    });
    for (const id of [...modules.keys()]) placeModule(id, measure);
  }

  const sums = tally.vector();
  const scans = [{ name: LOSS, value: loss }, ...(sums ? [{ name: SUMS, value: sums.values }] : [])];
  return {
    program: lowerLoop({ state, perStep: [leaves.order, step], scans }),
    readings: readings.map((reading) => ({ ...reading, from: reading.from.map((sum) => sums!.places[sum]!) })),
    optimizerState,
  };
}
