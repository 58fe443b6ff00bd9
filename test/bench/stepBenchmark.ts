import path from 'node:path';
import type { ProcessRuntime } from '../../src/engine/runtime';
import { INSTRUMENTS_LIMIT, type StepCase } from './cases';
import { MatmulPeak } from './matmulPeak';
import { OurTraining, threadsOf } from './ours';
import type { Peer, Timing } from './peer';
import { readModel } from './readCase';
import { median } from './statistics';

/** Seconds that one measured stretch of steps takes, about. */
const STRETCH_SECONDS = 0.4;
const LEAST_STEPS = 2;
const MOST_STEPS = 400;
const PEER_THREADS = [1, 2] as const;
const PEER_WARM_UP_STEPS = 3;

/** Time and processor time of one step, medians over the repeats; the least of them beside, for a busy machine. */
export interface StepTime {
  readonly msPerStep: number;
  readonly cpuMsPerStep: number | null;
  readonly leastMsPerStep: number;
}

export interface OurStepTime extends StepTime {
  readonly threads: number;
  /** Network to ONNX: trace, gradients, lowering. */
  readonly compileMs: number;
  /** Until onnxruntime's session is ready. */
  readonly sessionMs: number;
  readonly nodes: number;
  readonly bareMsPerStep: number;
}

export interface PeerStepTime extends StepTime {
  /** The better of the thread counts, and each. */
  readonly threads: number;
  readonly byThreads: Readonly<Record<string, number>>;
}

export interface CaseResult {
  readonly name: string;
  /** Ours over the peer's, of the median times; null without a peer, or where the case cannot run yet. */
  readonly ratio: number | null;
  readonly limit: number;
  readonly ours: OurStepTime | { readonly msPerStep: number } | null;
  readonly peer: PeerStepTime | { readonly msPerStep: number } | null;
  /** The same ratio of processor times, all threads together, and of the least times. */
  readonly cpuRatio?: number | null;
  readonly leastRatio?: number | null;
  /** Products' FLOP/s over those of large matrix products in the same run. */
  readonly peakShare: number | null;
  /** A step with all instruments over one without. */
  readonly instruments?: { readonly ratio: number; readonly limit: number };
  /** Why there are no figures. */
  readonly notYet?: string;
}

/** A case's figures, its share of the peak still to be told: the peak is the best of the whole run. */
export interface MeasuredCase extends CaseResult {
  readonly productFlops?: number;
}

const stepsFor = (secondsPerStep: number): number =>
  Math.max(LEAST_STEPS, Math.min(MOST_STEPS, Math.round(STRETCH_SECONDS / secondsPerStep)));

class Stretches {
  readonly #ms: number[] = [];
  readonly #cpuMs: (number | null)[] = [];

  add({ seconds, cpuSeconds }: Timing, steps: number): void {
    this.#ms.push((1000 * seconds) / steps);
    this.#cpuMs.push(cpuSeconds === null ? null : (1000 * cpuSeconds) / steps);
  }

  get time(): StepTime {
    const cpu = this.#cpuMs.filter((value) => value !== null);
    return {
      msPerStep: median(this.#ms),
      cpuMsPerStep: cpu.length > 0 ? median(cpu) : null,
      leastMsPerStep: Math.min(...this.#ms),
    };
  }
}

const quotient = (ours: number | null, peers: number | null | undefined): number | null =>
  ours === null || peers === null || peers === undefined ? null : ours / peers;

/** Measures one case: ours, ours without instruments, the peer at one and two threads, in turn, `repeats` times. */
export async function measureCase(
  runtime: ProcessRuntime,
  peer: Peer | undefined,
  folder: string,
  chosen: StepCase,
  repeats: number,
  notePeak: (threads: number, flopsPerSecond: number) => void,
): Promise<MeasuredCase> {
  const { name, limit } = chosen;
  let network: Awaited<ReturnType<typeof readModel>>;
  try {
    network = await readModel(folder, chosen);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return { name, ratio: null, limit, ours: null, peer: null, peakShare: null, notYet: why };
  }
  const threads = threadsOf(network, runtime);
  const slot = await runtime.lease(undefined, threads);
  try {
    const peak = new MatmulPeak(slot);
    await peak.measure();
    notePeak(threads, peak.flopsPerSecond);

    const ours = OurTraining.compile(runtime, slot, network, true);
    // The first chunk makes weights and data, and is left out.
    await ours.steps(1);
    const one = await ours.steps(1);
    // The same program again, going on from its weights: the session's time is what its first step takes longer.
    const again = OurTraining.compile(runtime, slot, network, true, ours);
    const sessionAndStep = await again.steps(1);
    const bare = OurTraining.compile(runtime, slot, network, false);
    await bare.steps(1);
    const steps = stepsFor(Math.min(one.seconds, (await again.steps(2)).seconds / 2));

    const peers = new Map<number, Stretches>();
    let peerSteps = 0;
    if (peer) {
      const { input, batch, file, model } = chosen;
      const samples = 512;
      const spec = { name, file: path.join(folder, file), model, input, batch, samples, optimizer: network.optimizer };
      await peer.load(spec);
      for (const threads of PEER_THREADS) await peer.run(name, PEER_WARM_UP_STEPS, threads);
      peerSteps = stepsFor((await peer.run(name, 2, PEER_THREADS[0])).seconds / 2);
    }

    const oursTimes = new Stretches();
    const bareTimes = new Stretches();
    for (let round = 0; round < repeats; round++) {
      oursTimes.add(await ours.steps(steps), steps);
      if (peer) await addPeer(peer, name, peerSteps, PEER_THREADS[0], peers);
      bareTimes.add(await bare.steps(steps), steps);
      if (peer) await addPeer(peer, name, peerSteps, PEER_THREADS[1], peers);
    }
    await peer?.forget(name);
    await peak.measure();
    notePeak(threads, peak.flopsPerSecond);

    const ourTime = oursTimes.time;
    const peerTime = bestThreads(peers);
    return {
      name,
      ratio: quotient(ourTime.msPerStep, peerTime?.msPerStep),
      limit,
      ours: {
        ...ourTime,
        threads,
        compileMs: Math.min(ours.compileMs, again.compileMs),
        sessionMs: Math.max(0, 1000 * (sessionAndStep.seconds - one.seconds)),
        nodes: ours.training.program.nodes,
        bareMsPerStep: bareTimes.time.msPerStep,
      },
      peer: peerTime,
      cpuRatio: quotient(ourTime.cpuMsPerStep, peerTime?.cpuMsPerStep),
      leastRatio: quotient(ourTime.leastMsPerStep, peerTime?.leastMsPerStep),
      peakShare: null,
      productFlops: ours.training.program.productFlops,
      instruments: { ratio: ourTime.msPerStep / bareTimes.time.msPerStep, limit: INSTRUMENTS_LIMIT },
    };
  } finally {
    slot.release();
  }
}

async function addPeer(peer: Peer, name: string, steps: number, threads: number, into: Map<number, Stretches>) {
  const stretches = into.get(threads) ?? new Stretches();
  into.set(threads, stretches);
  stretches.add(await peer.run(name, steps, threads), steps);
}

function bestThreads(peers: ReadonlyMap<number, Stretches>): PeerStepTime | null {
  const times = [...peers].map(([threads, stretches]) => ({ threads, ...stretches.time }));
  const [best] = times.sort((a, b) => a.msPerStep - b.msPerStep);
  if (!best) return null;
  return { ...best, byThreads: Object.fromEntries(times.map(({ threads, msPerStep }) => [threads, msPerStep])) };
}
