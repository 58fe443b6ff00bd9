import path from 'node:path';
import type { ProcessRuntime } from '../../src/engine/runtime';
import { OurTraining } from './ours';
import type { Peer, Timing } from './peer';
import { readModel } from './readCase';
import { fittedExponent, median } from './statistics';

const DEPTHS = [10, 30, 100, 300, 1000] as const;
/** Time may grow as this power of depth, at most: linear, and what measuring scatters. */
const EXPONENT_LIMIT = 1.1;
/** Processor milliseconds that steps are measured over, about. */
const STRETCH_MS = 300;
const MOST_STEPS = 200;
/** A call has costs of its own, which a probe spreads over about as many steps. */
const LEAST_STEPS = 20;

/** What one depth costs, in milliseconds of processor time (elapsed time where the system does not tell). */
export interface GrowthPoint {
  readonly layers: number;
  readonly nodes: number;
  /** Network to ONNX: trace, gradients, lowering. */
  readonly compileMs: number;
  /** Until onnxruntime's session is ready. */
  readonly sessionMs: number;
  readonly msPerStep: number;
  /** PyTorch's step with the same instruments, on one thread. */
  readonly peerMsPerStep: number | null;
}

type Cost = 'compileMs' | 'sessionMs' | 'msPerStep';

/** Exponents of growth with depth: over all depths, and from 300 to 1,000 layers, where constants hide it least. */
export interface Exponent {
  readonly overall: number;
  readonly last: number;
  /** What both may be; null where the time is onnxruntime's own. */
  readonly limit: number | null;
}

export interface Growth {
  readonly points: readonly GrowthPoint[];
  readonly exponents: Readonly<Record<Cost, Exponent>> & { readonly peerMsPerStep: Exponent | null };
  /** onnxruntime's session as a part of the time until the first step is done, at the greatest depth. */
  readonly sessionShare: number;
}

/** What chains of 10 to 1,000 layers cost, and the peer's steps of the same. */
export async function measureGrowth(
  runtime: ProcessRuntime,
  peer: Peer | undefined,
  models: string,
  repeats: number,
): Promise<Growth> {
  // The first compilation pays for the engine's own warm-up.
  await measureDepth(runtime, peer, models, DEPTHS[1], 1);
  const points: GrowthPoint[] = [];
  for (const layers of DEPTHS) points.push(await measureDepth(runtime, peer, models, layers, repeats));
  const exponent = (cost: Cost | 'peerMsPerStep', limit: number | null): Exponent => {
    const of = (some: readonly GrowthPoint[]) =>
      fittedExponent(
        some.map((point) => point.layers),
        some.map((point) => point[cost] ?? Number.NaN),
      );
    return { overall: of(points), last: of(points.slice(-2)), limit };
  };
  const { compileMs, sessionMs, msPerStep } = points.at(-1)!;
  return {
    points,
    exponents: {
      compileMs: exponent('compileMs', EXPONENT_LIMIT),
      sessionMs: exponent('sessionMs', null),
      msPerStep: exponent('msPerStep', EXPONENT_LIMIT),
      peerMsPerStep: peer ? exponent('peerMsPerStep', null) : null,
    },
    sessionShare: sessionMs / (compileMs + sessionMs + msPerStep),
  };
}

const milliseconds = ({ seconds, cpuSeconds }: Timing) => 1000 * (cpuSeconds ?? seconds);

/** How many steps to measure over, by what one takes in milliseconds. */
const stepsFor = (stepMs: number): number =>
  Math.min(MOST_STEPS, Math.max(LEAST_STEPS, Math.round(STRETCH_MS / stepMs)));

async function measureDepth(
  runtime: ProcessRuntime,
  peer: Peer | undefined,
  models: string,
  layers: number,
  repeats: number,
): Promise<GrowthPoint> {
  const set = { depth: String(layers) };
  const model = { file: 'chain.py', model: 'Chain', input: [64], batch: 32 };
  const network = await readModel(models, { ...model, set });
  const name = `chain of ${layers}`;
  const { optimizer } = network;
  const file = path.join(models, model.file);
  await peer?.load({ ...model, name, file, arguments: [layers], samples: 512, optimizer });
  const peerMs: number[] = [];
  const costs: Record<Cost, number[]> = { compileMs: [], sessionMs: [], msPerStep: [] };
  let nodes = 0;
  for (let round = 0; round < repeats; round++) {
    const slot = await runtime.lease();
    try {
      const first = OurTraining.compile(runtime, slot, network, true);
      nodes = first.training.program.nodes;
      await first.steps(1);
      const again = OurTraining.compile(runtime, slot, network, true, first);
      costs.compileMs.push(first.compileCpuMs, again.compileCpuMs);
      const sessionAndStep = milliseconds(await again.steps(1));
      const steps = stepsFor(milliseconds(await again.steps(1)));
      const step = milliseconds(await again.steps(steps)) / steps;
      if (peer) {
        await peer.run(name, 1, 1);
        const count = stepsFor(milliseconds(await peer.run(name, 1, 1)));
        peerMs.push(milliseconds(await peer.run(name, count, 1)) / count);
      }
      costs.sessionMs.push(Math.max(0, sessionAndStep - step));
      costs.msPerStep.push(step);
    } finally {
      slot.release();
    }
  }
  await peer?.forget(name);
  return {
    layers,
    nodes,
    compileMs: median(costs.compileMs),
    sessionMs: median(costs.sessionMs),
    msPerStep: median(costs.msPerStep),
    peerMsPerStep: peer ? median(peerMs) : null,
  };
}
