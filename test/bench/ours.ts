import type { Network } from '../../src/engine/network';
import { sampleCounts } from '../../src/engine/probe/compiledProbe';
import { sampleOrder } from '../../src/engine/probe/data/order';
import { CompiledProbe, threadsFor } from '../../src/engine/probe/index';
import { kept, ProbeRun, type State } from '../../src/engine/probe/probeRun';
import { LOSS, SUMS, type TrainingProgram, trainingProgram } from '../../src/engine/probe/programs/training';
import { readSteps } from '../../src/engine/probe/stepReadings';
import type { ProcessRuntime, Slot, TensorData } from '../../src/engine/runtime';
import type { Timing } from './peer';
import { cpuSeconds } from './processFigures';

/** Steps that the samples are made for: as many as a probe takes. */
const PROBE_STEPS = 20;

/** The threads that the product gives a training of this network. */
export function threadsOf(network: Network, runtime: ProcessRuntime): number {
  return threadsFor(new CompiledProbe(network, network.batch.size, PROBE_STEPS).training.program, runtime.slots);
}

/** A network's training program, in the slot where it runs; weights go on from run to run. */
export class OurTraining {
  readonly #run: ProbeRun;
  readonly #learningRate: number;
  readonly #name: string;
  readonly #order: (steps: number) => TensorData;
  #state: State;

  private constructor(
    readonly training: TrainingProgram,
    readonly compileMs: number,
    readonly compileCpuMs: number,
    readonly pid: number | undefined,
    slot: Slot,
    network: Network,
    name: string,
    state: State | undefined,
  ) {
    const batch = network.batch.size;
    const probe = new CompiledProbe(network, batch, PROBE_STEPS);
    this.#learningRate = Number(network.optimizer.settings.lr);
    this.#run = new ProbeRun(slot, probe, 0, this.#learningRate);
    this.#name = name;
    this.#order = (steps) => sampleOrder(0, probe.samples.training, batch, steps);
    this.#state = state ?? this.#run.initial;
  }

  /** Compiles the training of a network; `after` is a training of it in the same slot, whose weights go on. */
  static compile(
    runtime: ProcessRuntime,
    slot: Slot,
    network: Network,
    measure: boolean,
    after?: OurTraining,
  ): OurTraining {
    const cpu = process.cpuUsage();
    const began = performance.now();
    const { training: samples } = sampleCounts(network, network.batch.size, PROBE_STEPS);
    const training = trainingProgram(network, network.batch.size, samples, measure ? 'plain' : 'nothing');
    const compileMs = performance.now() - began;
    const { user, system } = process.cpuUsage(cpu);
    const name = measure ? 'measured' : 'bare';
    const state = after && kept(after.#name);
    const [pid] = runtime.busyPids;
    return new OurTraining(training, compileMs, (user + system) / 1000, pid, slot, network, name, state);
  }

  /** Runs some steps, in as many calls as a probe takes for them. */
  async steps(steps: number): Promise<Timing> {
    const most = Math.min(steps, this.training.program.stepsPerRun);
    const order = this.#order(most);
    const cpu = cpuSeconds(this.pid);
    const began = performance.now();
    for (let done = 0; done < steps; done += most) await this.#call(order, most);
    const seconds = (performance.now() - began) / 1000;
    const cpuNow = cpuSeconds(this.pid);
    return { seconds, cpuSeconds: cpu === null || cpuNow === null ? null : cpuNow - cpu };
  }

  /** Runs some steps in one call. */
  async #call(order: TensorData, steps: number): Promise<void> {
    const { program, readings } = this.training;
    const out = await this.#run.run({
      program,
      split: 'training',
      order,
      state: this.#state,
      keepAs: this.#name,
      fetch: readings.length > 0 ? [LOSS, SUMS] : [LOSS],
    });
    // Readings are finished from sums by the caller, so that is part of a step.
    if (readings.length > 0) {
      const values = out[SUMS]!.values as Float32Array;
      readSteps(readings, { values, steps, learningRate: this.#learningRate, judged: () => false }, new Map());
    }
    this.#state = kept(this.#name);
  }
}
