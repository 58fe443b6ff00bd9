import type { Network } from '../../network';
import {
  cast,
  concat,
  gradients,
  input,
  label,
  lowerLoop,
  mean,
  type Program,
  reshape,
  sub,
  type Tensor,
} from '../../tensor';
import { callInstruments, moduleInstruments, type Quantity } from '../instruments';
import { losses } from '../losses';
import { optimizers } from '../optimizers';
import { traceNetwork } from '../trace';
import { dropoutMask } from './dropoutMask';
import { networkLeaves } from './leaves';
import { LEARNING_RATE, MASK_SEED, optimizerStateName, STEP } from './names';

/** One measured number of a step: which quantity, of which call or module. */
export interface Reading {
  readonly owner: string;
  readonly quantity: Quantity;
}

/** A training program: forward, loss, backward, optimizer and instruments, step by step. */
export interface TrainingProgram {
  readonly program: Program;
  /** What each entry of a step's `readings` is. */
  readonly layout: readonly Reading[];
  /** Optimizer state, all zero at the start: name → shape. */
  readonly optimizerState: ReadonlyMap<string, readonly number[]>;
}

export const READINGS = 'readings';
export const LOSS = 'loss';

/** Compiles the training of a network at one batch size; without `measure`, the loss alone is kept. */
export function trainingProgram(network: Network, batch: number, samples: number, measure: boolean): TrainingProgram {
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
  const measuredCalls = measure ? trace.calls.filter(({ row }) => row.role !== 'shape') : [];
  const wrt = [
    ...trainable.map(({ id }) => leaves.parameters.get(id)!),
    ...measuredCalls.map(({ forward }) => forward.outputs[0]!),
  ];
  const byTensor = gradients(loss, wrt);

  const optimizer = optimizers[network.optimizer.kind];
  const settings = { ...optimizer.settings, ...network.optimizer.settings };
  const optimizerState = new Map<string, readonly number[]>();
  const state: { leaf: Tensor; next: Tensor }[] = [];
  const stepped = new Map<string, { value: Tensor; decrement: Tensor; gradient: Tensor }>();
  trainable.forEach(({ id, shape }, i) => {
    const value = leaves.parameters.get(id)!;
    const stateLeaves = Object.fromEntries(
      optimizer.state(settings).map((name) => [name, input(optimizerStateName(name, id), shape)]),
    );
    const gradient = byTensor[i]!;
    const updated = optimizer.update({ parameter: value, gradient, rate, step, settings, state: stateLeaves });
    stepped.set(id, { value, decrement: updated.decrement, gradient });
    state.push({ leaf: value, next: sub(value, updated.decrement) });
    for (const [name, leaf] of Object.entries(stateLeaves)) {
      optimizerState.set(optimizerStateName(name, id), shape);
      state.push({ leaf, next: updated.state[name]! });
    }
  });
  for (const [id, leaf] of leaves.buffers) state.push({ leaf, next: trace.buffers.get(id) ?? leaf });

  const layout: Reading[] = [];
  const numbers: Tensor[] = [];
  const read = (owner: string, readings: Readonly<Partial<Record<Quantity, Tensor>>>) => {
    for (const [quantity, value] of Object.entries(readings)) {
      layout.push({ owner, quantity: quantity as Quantity });
      numbers.push(reshape(value, [1]));
    }
  };
  measuredCalls.forEach((call, i) => {
    const outputGradient = byTensor[trainable.length + i]!;
    for (const instrument of callInstruments) {
      read(call.call.id, instrument.measure({ ...call, outputGradient, batch }));
    }
  });
  if (measure) {
    for (const module of network.modules) {
      const parameters = Object.values(module.parameters).flatMap((id) => stepped.get(id) ?? []);
      if (parameters.length === 0) continue;
      for (const instrument of moduleInstruments) read(module.id, instrument.measure({ id: module.id, parameters }));
    }
  }

  const scans = [{ name: LOSS, value: loss }];
  if (numbers.length > 0) scans.push({ name: READINGS, value: concat(numbers, 0) });
  return {
    program: lowerLoop({ state, perStep: [leaves.order, step], scans }),
    layout,
    optimizerState,
  };
}
