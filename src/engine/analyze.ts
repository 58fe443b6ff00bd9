import { totalmem } from 'node:os';
import { advise, adviseUntrained, countVariants, noiseReport } from './advisor';
import type { Analyze, AnalyzeHooks, AnalyzeOptions } from './analyzeOptions';
import { assembleReport, type Findings } from './assemble';
import { narrow } from './change';
import { countParameters, InputError, type Network, type Span } from './network';
import {
  builds,
  type CompiledProbe,
  EVALUATION_SAMPLES,
  fitData,
  layerFigures,
  type Measurements,
  measurableProbe,
  type ProbePlan,
  planProbe,
  probeNetwork,
  probesThatFit,
  refuseHuge,
  threadsFor,
  valuesPerSample,
  workOf,
} from './probe';

import { type Report, reportSource } from './report';
import { type Found, findFaults, findInStructure, groupByCause } from './rules';
import { CancelledError, EngineError, ProcessRuntime, type Runtime } from './runtime';
import type { RuntimeChoice } from './runtimeChoice';
import { type Judged, sourceTexts, withoutIgnored } from './suppression';
import { learningRateOf } from './training';

/** Share of the machine's memory that a probe may take. */
const MEMORY_SHARE = 0.5;
/** The clock stops an analysis that takes so many times its budget; the report is then partial. */
const HARD_STOP = 3;
const TOO_SLOW = `Nothing could be measured within ${HARD_STOP} times the budget; give it more time, or fewer samples a batch.`;

/**
 * Variants are trained at this batch at least. A few samples a step say little in 20 steps, and batch size is not
 * theirs to judge: that is BatchNorm's measured noise, and the published table.
 */
const LEAST_VARIANT_BATCH = 16;

/** What analyses are run with. */
export interface Engine {
  readonly analyze: Analyze;
  /** Ends its processes. */
  end(): void;
}

/** Starts a runtime of its own, which is ready by the time that a file has been read. @throws EngineError. */
export function startEngine(choice: RuntimeChoice): Engine {
  const runtime = new ProcessRuntime({ choice });
  runtime.warm();
  return {
    analyze: (network, options, hooks) => analyzeOn(runtime, network, options, hooks),
    end: () => runtime.dispose(),
  };
}

/** Measures a network and advises on its norms, on a runtime that stays open. @throws InputError, EngineError, CancelledError. */
export async function analyzeOn(
  runtime: Runtime,
  given: Network,
  options: AnalyzeOptions,
  hooks: AnalyzeHooks,
): Promise<Report> {
  const started = performance.now();
  const timings: Record<string, number> = {};
  const lap = (name: string, since: number) => {
    timings[name] = Math.round(performance.now() - since);
  };
  const toSource = (span: Span) => reportSource(span, hooks.workingDirectory);
  refuseUnanalysable(given);
  const inStructure = findInStructure(given, options.rules);
  const texts = hooks.source && sourceTexts(hooks.source.document);
  const { network, own } = options.data ? fitData(given, options.data) : { network: given, own: undefined };
  // It starts while this thread compiles.
  runtime.warm();

  const batch = network.batch.size;
  const variants = options.advise ? countVariants(network) : 0;
  const trainingBatch = Math.max(batch, LEAST_VARIANT_BATCH);
  const asItIs = measurableProbe(network, trainingBatch, options.steps ?? 20, own);
  const build = await runtime.build(hooks.signal);
  const { slower, processBytes } = builds[build.kind];
  const narrower = new Map<number, Network | undefined>();
  const narrowedBy = (factor: number): Network | undefined => {
    if (!narrower.has(factor)) narrower.set(factor, narrow(network, factor, own ? 'kept' : 'may-narrow'));
    return narrower.get(factor);
  };
  const planned = planProbe(workOf(asItIs.probe.training.program, countParameters(network).total), {
    ...options,
    budgetSeconds: options.budgetSeconds / slower,
    batch: asItIs.probe.batch,
    trainingBatch,
    variants,
    sampleValues: valuesPerSample(network),
    slots: runtime.slots,
    narrowable: (factor) => narrowedBy(factor) !== undefined,
  });
  const memory = MEMORY_SHARE * availableMemory();
  refuseHuge(network, Math.min(memory, processBytes));
  // What is probed; the report is of the network as it is.
  const probed = planned.narrow > 1 ? narrowedBy(planned.narrow)! : network;
  const { probe, otherBatch } =
    probed === network
      ? { ...asItIs, probe: judgedOn(asItIs.probe, planned.evaluated) }
      : measurableProbe(probed, trainingBatch, planned.steps, own, planned.evaluated);
  const plan = otherBatch ? { ...planned, reduced: [otherBatch, ...planned.reduced] } : planned;
  const atOnce = probesThatFit(probed, probe.training.program, plan.steps, probe.evaluations, memory, processBytes);
  lap('compile', started);

  const stop = stopSignal(hooks.signal, HARD_STOP * options.budgetSeconds * 1000);
  const runs: Measurements[] = [];
  let begun: Measurements | undefined;
  let status: Report['status'] = 'complete';
  let failure: string | undefined;
  let advice: Awaited<ReturnType<typeof advise>> | undefined;
  let found: readonly Found[] = [];
  const report = (state: Report['status'], measured: readonly Measurements[], advised: typeof advice): Report => {
    const findings: Findings = {
      layers: layerFigures(probed, probe.batch, measured),
      found: [],
      ignored: [],
      recommendation: advised?.recommendation ?? null,
      noise: advised?.noise ?? noiseReport(network, measured[0]?.initial?.moments ?? [], batch, toSource),
    };
    const inNumbers = findFaults(
      { network: probed, batch: probe.batch, layers: findings.layers, runs: measured },
      options.rules,
    );
    const all = groupByCause([...inStructure, ...inNumbers]);
    const judged: Judged = texts ? withoutIgnored(given, all, texts) : { kept: all, ignored: [] };
    found = judged.kept;
    return assembleReport({
      network,
      options,
      plan,
      runs: measured,
      probe,
      status: state,
      ...(failure !== undefined && { failure }),
      build,
      toSource,
      timings: { ...timings },
      findings: { ...findings, found, ignored: judged.ignored },
    });
  };
  const measuring = performance.now();
  const advises = plan.variants > 0 && plan.steps > 0;
  // The second process starts while the first measures.
  if (advises && Math.min(atOnce, plan.variants) > 1) runtime.warm(2);
  let firstSeedDone = () => {};
  const firstSeed = new Promise<void>((resolve) => {
    firstSeedDone = resolve;
  });
  const measureAll = async (): Promise<readonly Measurements[]> => {
    const progress = (done: number, sofar: Measurements) => {
      begun = sofar;
      hooks.progress?.({ stage: 'measure', done, total: plan.seeds * Math.max(1, plan.steps) });
    };
    await measureSeeds(runtime, probe, plan, options.seed, stop.signal, progress, runs, (sofar) => {
      const moreToCome = advises || runs.length < plan.seeds;
      if (hooks.measured && moreToCome) hooks.measured(report('partial', sofar, undefined));
      if (runs.length > 0) firstSeedDone();
    });
    lap('measure', measuring);
    return runs;
  };
  const adviseBeside = async (measured: Promise<readonly Measurements[]>): Promise<void> => {
    // Somebody waits for the first figures, so nothing takes time from them; other seeds are measured beside variants.
    await (atOnce > 1 ? Promise.race([firstSeed, measured]) : measured);
    const advising = performance.now();
    const rate = learningRateOf(network.optimizer);
    advice = await advise({
      network,
      trained: probed,
      plan: {
        batch,
        trainingBatch,
        steps: plan.steps,
        seeds: Array.from({ length: plan.seeds }, (_, i) => options.seed + i),
        own,
        evaluated: plan.evaluated,
        noiseSamples: plan.noiseSamples,
        variants: plan.variants,
        learningRates: plan.rateFactors.map((factor) => Number((factor * rate).toPrecision(12))),
        initScales: plan.initScales,
      },
      runtime,
      atOnce,
      measured: trainingBatch === probe.batch ? { probe, runs: measured } : undefined,
      signal: stop.signal,
      toSource,
      progress: (done, total) => {
        if (runs.length === plan.seeds) hooks.progress?.({ stage: 'advise', done, total });
      },
    });
    lap('advise', advising);
    for (const [label, milliseconds] of advice.stepMilliseconds) {
      timings[`step: ${label}`] = Number(milliseconds.toPrecision(3));
    }
  };
  try {
    const measured = measureAll();
    await together([measured, ...(advises ? [adviseBeside(measured)] : [])], stop.abort);
  } catch (error) {
    // What was measured stands, also where the engine fails after it. Of its first seed a network that is too slow has the
    // steps that were done; who cancels has no report before its end.
    const failed = error instanceof EngineError;
    if (!failed && !(error instanceof CancelledError)) throw error;
    if (runs.length === 0) {
      if (failed || hooks.signal?.aborted) throw error;
      if (!begun) throw new EngineError(TOO_SLOW);
      runs.push(begun);
    }
    if (failed) failure = error.message.replace(/(?<![.!?])$/, '.');
    status = hooks.signal?.aborted && !failed ? 'cancelled' : 'partial';
  } finally {
    stop.clear();
  }

  // Practice alone stands in where time was short; where the engine failed, to run again is worth more than a guess.
  if (!advice && options.advise && options.steps !== 0 && status !== 'cancelled' && failure === undefined) {
    const noise = noiseReport(network, runs[0]?.initial?.moments ?? [], batch, toSource);
    advice = adviseUntrained(network, noise, toSource);
  }
  const editing = performance.now();
  const whole = report(status, runs, advice);
  const { source, workingDirectory } = hooks;
  // Who cancels does not wait for edits.
  if (!source || hooks.signal?.aborted)
    return { ...whole, timings: { ...timings, total: Math.round(performance.now() - started) } };
  const { withEdit, withFixes } = await import('./fixes');
  const context = { network: given, source, workingDirectory };
  const findings = await withFixes(whole.findings, found, context);
  const recommendation =
    whole.recommendation && advice
      ? await withEdit(whole.recommendation, advice.changes, context)
      : whole.recommendation;
  lap('edit', editing);
  lap('total', started);
  return { ...whole, findings, recommendation, timings: { ...timings } };
}

const judgedOn = (probe: CompiledProbe, samples: number): CompiledProbe =>
  samples < EVALUATION_SAMPLES ? probe.judgedOn(samples) : probe;

/** Bytes of memory that this process may count on: the machine's, or its container's where that is less. */
function availableMemory(): number {
  const constrained = process.constrainedMemory();
  return constrained > 0 ? Math.min(constrained, totalmem()) : totalmem();
}

/** @throws InputError where there is nothing to probe, saying what stopped the reading or what to give. */
function refuseUnanalysable(network: Network): void {
  const reachesOutput = network.calls.length > 0 && network.outputs.length > 0;
  const [first] = network.unmodelled;
  if (!reachesOutput && first) {
    throw new InputError(
      `${network.name} could not be followed to its output: ${first.what}; ${first.why}`,
      first.mend ??
        (network.inputs.length === 0
          ? 'rewrite that line, or give the input shape if that is what is missing'
          : 'rewrite that line'),
      first.source,
    );
  }
  if (network.inputs.length === 0) {
    throw new InputError(
      `the input shape of ${network.name} is not known`,
      'give it with --input 1x3x224x224 (the batch in front), or write # normscope: input=3x224x224 batch=32 in the file',
      network.source,
    );
  }
  if (!reachesOutput)
    throw new InputError(`${network.name} computes nothing`, 'give it at least one layer', network.source);
}

async function measureSeeds(
  runtime: Runtime,
  probe: CompiledProbe,
  plan: ProbePlan,
  firstSeed: number,
  signal: AbortSignal,
  progress: (stepsDone: number, sofar: Measurements) => void,
  runs: Measurements[],
  measured: (sofar: readonly Measurements[]) => void,
): Promise<void> {
  const slot = await runtime.lease(signal, threadsFor(probe.training.program, runtime.slots));
  const perSeed = Math.max(1, plan.steps);
  try {
    for (let i = 0; i < plan.seeds; i++) {
      runs.push(
        await probeNetwork(slot, probe, {
          seed: firstSeed + i,
          learningRate: learningRateOf(probe.network.optimizer),
          steps: plan.steps,
          firstStepApart: i === 0,
          evaluate: 'everything',
          progress: (done, sofar) => {
            progress(i * perSeed + done, sofar);
            if (i === 0 && done < perSeed) measured([sofar]);
          },
        }),
      );
      measured(runs);
    }
  } finally {
    slot.release();
  }
}

/**
 * Waits for tasks that run at the same time. Where one fails, the others are stopped and waited for, so that nothing runs
 * on behind an error that was told.
 * @throws what the first that failed has thrown.
 */
async function together(tasks: readonly Promise<unknown>[], stop: () => void): Promise<void> {
  try {
    await Promise.all(tasks);
  } catch (error) {
    stop();
    await Promise.allSettled(tasks);
    throw error;
  }
}

/** A signal that follows the caller's, and the clock. */
function stopSignal(caller: AbortSignal | undefined, milliseconds: number) {
  const controller = new AbortController();
  const abort = () => controller.abort();
  const timer = setTimeout(abort, milliseconds);
  caller?.addEventListener('abort', abort, { once: true });
  if (caller?.aborted) abort();
  return {
    signal: controller.signal,
    abort,
    clear: () => {
      clearTimeout(timer);
      caller?.removeEventListener('abort', abort);
    },
  };
}
