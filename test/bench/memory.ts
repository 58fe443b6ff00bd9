import path from 'node:path';

import { CompiledProbe } from '../../src/engine/probe/compiledProbe';
import { probeBytes } from '../../src/engine/probe/memory';
import { probeNetwork } from '../../src/engine/probe/probeNetwork';
import { ProcessRuntime } from '../../src/engine/runtime';
import type { StepCase } from './cases';
import { Peer } from './peer';
import { peakResidentBytes, resetPeak, residentBytes } from './processFigures';
import { readModel } from './readCase';

const STEPS = 5;
/** The peak may differ from the estimate by this share. */
export const ESTIMATE_LIMIT = 0.2;

/** Memory of one case's probe: training and every evaluation, in a process of its own. */
export interface MemoryResult {
  readonly name: string;
  /** Made before anything is allocated, bytes. */
  readonly estimate: number;
  /** What the process grew by at its peak. */
  readonly ours: number;
  readonly peer: number | null;
  /** Peak over estimate, and how far from 1 it may be. */
  readonly ofEstimate: number;
  readonly limit: number;
  /** Ours over the peer's, at most 1. */
  readonly ofPeer: number | null;
}

/** Probes a network in a fresh process, and trains it in a fresh PyTorch. */
export async function measureMemory(
  models: string,
  chosen: StepCase,
  peerAt: { readonly python: string; readonly script: string } | undefined,
): Promise<MemoryResult | null> {
  const network = await readModel(models, chosen).catch(() => undefined);
  if (!network) return null;
  const probe = new CompiledProbe(network, network.batch.size, STEPS);
  const { program } = probe.training;
  const estimate = probeBytes(program, STEPS, probe.evaluations);
  const runtime = new ProcessRuntime();
  let ours = 0;
  try {
    const slot = await runtime.lease();
    const [pid] = runtime.busyPids;
    resetPeak(pid);
    const before = residentBytes(pid) ?? 0;
    const learningRate = Number(network.optimizer.settings.lr);
    await probeNetwork(slot, probe, {
      seed: 0,
      learningRate,
      steps: STEPS,
      firstStepApart: true,
      evaluate: 'everything',
    });
    ours = (peakResidentBytes(pid) ?? 0) - before;
    slot.release();
  } finally {
    runtime.dispose();
  }
  const peer = peerAt ? await peerGrowth(peerAt, models, chosen, network.optimizer) : null;
  return {
    name: chosen.name,
    estimate,
    ours,
    peer,
    ofEstimate: ours / estimate,
    limit: ESTIMATE_LIMIT,
    ofPeer: peer === null ? null : ours / peer,
  };
}

async function peerGrowth(
  { python, script }: { readonly python: string; readonly script: string },
  models: string,
  { name, file, model, input, batch }: StepCase,
  optimizer: Parameters<Peer['load']>[0]['optimizer'],
): Promise<number> {
  const { peer } = await Peer.start(python, script);
  try {
    const { now } = await peer.memory(true);
    await peer.load({ name, file: path.join(models, file), model, input, batch, samples: 512, optimizer });
    await peer.run(name, STEPS, 1);
    return (await peer.memory()).peak - now;
  } finally {
    peer.end();
  }
}
