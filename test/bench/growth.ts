import type { ProcessRuntime } from '../../src/engine/runtime';
import { OurTraining } from './ours';
import type { Timing } from './peer';
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
  readonly exponents: Readonly<Record<Cost, Exponent>>;
  /** onnxruntime's session as a part of the time until the first step is done, at the greatest depth. */
  readonly sessionShare: number;
}

/** What chains of 10 to 1,000 layers cost. */
export async function measureGrowth(runtime: ProcessRuntime, models: string, repeats: number): Promise<Growth> {
  // The first compilation pays for the engine's own warm-up.
  await measureDepth(runtime, models, DEPTHS[1], 1);
  const points: GrowthPoint[] = [];
  for (const layers of DEPTHS) points.push(await measureDepth(runtime, models, layers, repeats));
  const exponent = (cost: Cost, limit: number | null): Exponent => {
    const of = (some: readonly GrowthPoint[]) =>
      fittedExponent(
        some.map((point) => point.layers),
        some.map((point) => point[cost]),
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
    },
    sessionShare: sessionMs / (compileMs + sessionMs + msPerStep),
  };
}

const milliseconds = ({ seconds, cpuSeconds }: Timing) => 1000 * (cpuSeconds ?? seconds);

async function measureDepth(
  runtime: ProcessRuntime,
  models: string,
  layers: number,
  repeats: number,
): Promise<GrowthPoint> {
  const set = { depth: String(layers) };
  const network = await readModel(models, { file: 'chain.py', model: 'Chain', input: [64], batch: 32, set });
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
      const steps = Math.min(
        MOST_STEPS,
        Math.max(LEAST_STEPS, Math.round(STRETCH_MS / milliseconds(await again.steps(1)))),
      );
      const step = milliseconds(await again.steps(steps)) / steps;
      costs.sessionMs.push(Math.max(0, sessionAndStep - step));
      costs.msPerStep.push(step);
    } finally {
      slot.release();
    }
  }
  const { compileMs, sessionMs, msPerStep } = costs;
  return { layers, nodes, compileMs: median(compileMs), sessionMs: median(sessionMs), msPerStep: median(msPerStep) };
}
