import assert from 'node:assert/strict';
import { analyzeOn, startEngine } from '../../src/engine/analyze';
import type { AnalyzeOptions, AnalyzeProgress } from '../../src/engine/analyzeOptions';
import { InputError, type Network } from '../../src/engine/network';
import type { Report } from '../../src/engine/report';
import { json } from '../../src/engine/report/json';
import { CancelledError, ProcessRuntime } from '../../src/engine/runtime';
import { networkOf, repeat } from '../measure';

const OPTIONS: AnalyzeOptions = { seed: 0, budgetSeconds: 10, advise: false };
const HOOKS = { workingDirectory: '/models' };

/** Ten hidden layers of 64 sigmoids. */
const deepSigmoid = (batch: number): Network =>
  networkOf({
    name: 'deep sigmoid',
    input: [64],
    batch,
    layers: [repeat(10, { Linear: { out_features: 64 } }, 'Sigmoid'), { Linear: { out_features: 10 } }],
  });

const withNorms = networkOf({
  input: [16],
  batch: 16,
  layers: [
    { Linear: { out_features: 24 } },
    'BatchNorm1d',
    'ReLU',
    { Dropout: { p: 0.2 } },
    { Linear: { out_features: 10 } },
  ],
});

const timeless = (report: Report): string => json({ ...report, timings: {} });

describe('analyze', function () {
  this.timeout(60_000);
  const runtime = new ProcessRuntime();
  after(() => runtime.dispose());

  it('a deep stack of sigmoids at batch 64: names the fault at its line, and adds a norm', async () => {
    const report = await analyzeOn(runtime, deepSigmoid(64), { ...OPTIONS, steps: 10, seeds: 2, advise: true }, HOOKS);
    assert.equal(report.status, 'complete');
    const norm = (id: string) => Number(report.layers.find((layer) => layer.id === id)!.gradientNorm);
    assert.ok(100 * norm('0') < norm('20'), `${norm('0')} ${norm('20')}`);
    const finding = report.findings.find(({ rule }) => rule === 'vanishing-gradient')!;
    assert.equal(finding.layer, '0');
    assert.deepEqual(finding.source, report.layers[0]!.source);
    assert.equal(finding.source.file, 'net.normscope.json');
    const { recommendation } = report;
    assert.equal(recommendation!.action, 'add');
    assert.notEqual(recommendation!.norm, 'none');
    // A norm at each of the ten places, with what speaks for it and what else was tried.
    assert.equal(recommendation!.sites.length, 10);
    assert.ok(recommendation!.reasons.length > 0);
    // What was measured has its figures; what is published has its source.
    assert.ok(
      recommendation!.reasons.every(({ source, evidence }) => evidence.length > 0 || /arxiv\.org/.test(source)),
    );
    const named = recommendation!.alternatives.map(({ norm }) => norm);
    for (const other of ['none', 'BatchNorm', 'LayerNorm', 'GroupNorm']) {
      if (other !== recommendation!.norm) assert.ok(named.includes(other), other);
    }
    assert.deepEqual(
      report.probe.batchNoise.map(({ batch }) => batch),
      [1, 2, 4, 8, 16, 32, 64, 128],
    );
    // What each variant's trainings showed, the network's own first.
    const { current, figures } = recommendation!;
    assert.equal(current!.difference, null);
    assert.ok(figures!.difference && Number(figures!.difference.median) < 0);
    assert.deepEqual([current!.evaluation.length, current!.lossBand.low.length], [2, 10]);
    assert.deepEqual(
      figures!.gradientByDepth.map(({ layer }) => layer),
      current!.gradientByDepth.map(({ layer }) => layer),
    );
    assert.equal(current!.gradientByDepth.length, 11);
    assert.ok(Number(current!.gradientRatio) < 1e-3 && Number(figures!.gradientRatio) > 1e-3);
    // A sigmoid has no dead channels; a fading signal leaves few directions.
    assert.ok(current!.saturated !== null && Number(current!.saturated) < 0.05);
    assert.equal(current!.dead, null);
    assert.ok(Number(current!.effectiveRank) < Number(figures!.effectiveRank));
    assert.deepEqual(
      current!.learningRates.map(({ rate }) => rate),
      figures!.learningRates.map(({ rate }) => rate),
    );
    assert.equal(current!.reach, figures!.reach);
    assert.ok(current!.learningRates.every(({ reachedAt }) => reachedAt === null));
    assert.deepEqual(
      figures!.initScale.map(({ scale }) => scale),
      [0.5, 2],
    );
    assert.ok(current!.memoryBytes > 36e6);
    const tried = recommendation!.alternatives.filter((alternative) => alternative.tried);
    assert.ok(tried.every((alternative) => alternative.figures));
    // Half of the way that the best of them went.
    const variants = [figures!, ...tried.flatMap((alternative) => alternative.figures ?? [])];
    assert.ok(variants.some(({ learningRates }) => learningRates.some(({ reachedAt }) => reachedAt !== null)));
    // A step's time, of the network and of each variant.
    assert.equal(Object.keys(report.timings).filter((name) => name.startsWith('step: ')).length, tried.length + 1);
    // At each of the ten places, and near theory where the values are all but Gaussian.
    const { siteNoise } = report.probe;
    assert.equal(siteNoise!.samples, 256);
    assert.deepEqual(
      siteNoise!.sites.map(({ layer }) => layer),
      recommendation!.sites.map(({ layer }) => layer),
    );
    for (const { valuesPerSample, noise } of siteNoise!.sites) {
      assert.equal(valuesPerSample, 1);
      const { batch, variance, theory } = noise[3]!;
      assert.equal(batch, 8);
      assert.ok(Math.abs(Number(variance) / Number(theory) - 1) < 0.25, `${variance} ${theory}`);
    }
  });

  it('with one value a channel it is a finding, and the others still run, at a batch that can be trained at', async () => {
    const network = networkOf({
      input: [16],
      batch: 1,
      layers: [repeat(2, { Linear: { out_features: 24 } }, 'BatchNorm1d', 'ReLU'), { Linear: { out_features: 10 } }],
    });
    const report = await analyzeOn(runtime, network, { ...OPTIONS, steps: 5, seeds: 1, advise: true }, HOOKS);
    assert.equal(report.status, 'complete');
    const [finding, ...others] = report.findings;
    assert.deepEqual([finding!.rule, finding!.severity, finding!.layer], ['batchnorm-small-batch', 'error', '1']);
    assert.deepEqual(finding!.source, report.layers[1]!.source);
    const under = (rule: string) => finding!.causes.filter((cause) => cause.rule === rule).map(({ layer }) => layer);
    assert.deepEqual(under('batchnorm-small-batch'), ['4']);
    // The noise of what they measure has the same cause.
    assert.deepEqual(under('noisy-batch-statistics').sort(), ['1', '4']);
    assert.ok(others.every(({ rule }) => rule !== 'non-finite'));
    assert.equal(report.probe.batch, 16);
    assert.equal(report.network.batch.size, 1);
    assert.deepEqual(report.layers[0]!.outputShape, [1, 24]);
    assert.match(
      report.probe.reduced[0]!.text,
      /^Batch: 16 for all figures\. At 1, 1 \(BatchNorm1d\) cannot be trained/,
    );
    assert.ok(Number(report.layers[0]!.gradientNorm) > 0);
    const { recommendation } = report;
    assert.equal(recommendation!.action, 'replace');
    assert.notEqual(recommendation!.norm, 'BatchNorm');
    assert.ok(
      recommendation!.reasons.every(({ source, evidence }) => evidence.length > 0 || /arxiv\.org/.test(source)),
    );
    assert.match(recommendation!.reasons[0]!.message.text, /one value a channel/);
  });

  it('what no batch mends is wrong input, at its line and in PyTorch’s words', async () => {
    const network = networkOf({
      input: [3, 8, 8],
      batch: 4,
      layers: [
        { Conv2d: { out_channels: 8, kernel_size: 8 } },
        { InstanceNorm2d: { track_running_stats: true } },
        'Flatten',
        { Linear: { out_features: 10 } },
      ],
    });
    await assert.rejects(analyzeOn(runtime, network, { ...OPTIONS, steps: 0 }, HOOKS), (error: unknown) => {
      assert.ok(error instanceof InputError);
      assert.match(
        error.message,
        /^1 \(InstanceNorm2d\) cannot be computed on \[4, 8, 1, 1\] at batch 4: Expected more than 1 spatial element when training, got input size torch\.Size\(\[4, 8, 1, 1\]\); put it/,
      );
      assert.equal(error.source, network.calls[1]!.source);
      return true;
    });
  });

  it('at batch 2 it adds one that is not BatchNorm', async () => {
    const report = await analyzeOn(runtime, deepSigmoid(2), { ...OPTIONS, steps: 10, seeds: 2, advise: true }, HOOKS);
    assert.equal(report.recommendation!.action, 'add');
    assert.ok(!['BatchNorm', 'none'].includes(report.recommendation!.norm), report.recommendation!.norm);
    assert.ok(report.recommendation!.reasons.some(({ message }) => message.id === 'reason-published-batch'));
  });

  it('the same seed gives the same report, timings apart, on a fresh runtime too', async () => {
    const options = { ...OPTIONS, steps: 4, seeds: 2, advise: true };
    const first = timeless(await analyzeOn(runtime, withNorms, options, HOOKS));
    assert.equal(timeless(await analyzeOn(runtime, withNorms, options, HOOKS)), first);
    const engine = startEngine('auto');
    assert.equal(timeless(await engine.analyze(withNorms, options, HOOKS)), first);
    engine.end();
    assert.notEqual(timeless(await analyzeOn(runtime, withNorms, { ...options, seed: 1 }, HOOKS)), first);
  });

  it('no step, no advice: initialization alone', async () => {
    const report = await analyzeOn(runtime, withNorms, { ...OPTIONS, steps: 0, advise: true }, HOOKS);
    assert.deepEqual([report.status, report.probe.steps], ['complete', 0]);
    assert.equal(report.recommendation, null);
    assert.equal(report.probe.loss!.evaluation, null);
    assert.equal(report.layers.find(({ id }) => id === '0')!.history!.gradientNorm!.length, 1);
    // The noise of the norms that stand needs no advice.
    assert.ok(withNorms.calls.some(({ kind }) => kind === 'BatchNorm1d'));
    assert.deepEqual(
      report.probe.siteNoise!.sites.map(({ layer }) => layer),
      withNorms.calls.filter(({ kind }) => kind === 'BatchNorm1d').map(({ module }) => module),
    );
    assert.equal(report.probe.batchNoise.length, 8);
  });

  it('tells how far it has come', async () => {
    const told: AnalyzeProgress[] = [];
    await analyzeOn(
      runtime,
      withNorms,
      { ...OPTIONS, steps: 3, seeds: 2, advise: true },
      { ...HOOKS, progress: (progress) => told.push(progress) },
    );
    assert.deepEqual([...new Set(told.map(({ stage }) => stage))], ['measure', 'advise']);
    for (const stage of ['measure', 'advise']) {
      const own = told.filter((progress) => progress.stage === stage);
      assert.ok(own.every(({ done, total }, i) => done > (own[i - 1]?.done ?? 0) && total === own[0]!.total));
      assert.equal(own.at(-1)!.done, own[0]!.total);
    }
  });

  it('where a probe dies while norms are tried: what was measured stands, with the reason, and no norm is advised', async () => {
    const own = new ProcessRuntime();
    try {
      const report = await analyzeOn(
        own,
        withNorms,
        { ...OPTIONS, steps: 3, seeds: 1, advise: true },
        {
          ...HOOKS,
          progress: ({ stage, done }) => {
            if (stage === 'advise' && done === 1) for (const pid of own.busyPids) process.kill(pid!, 'SIGKILL');
          },
        },
      );
      assert.equal(report.status, 'partial');
      assert.match(report.failure!, /^The probe process (was ended by SIGKILL|cannot be reached).*\.$/);
      assert.ok(Number(report.layers.find(({ id }) => id === '0')!.gradientNorm) > 0);
      assert.equal(report.recommendation, null);
    } finally {
      own.dispose();
    }
  });

  it('cancelled while it advises: what was measured stands', async () => {
    const controller = new AbortController();
    const report = await analyzeOn(
      runtime,
      withNorms,
      { ...OPTIONS, steps: 3, seeds: 1, advise: true },
      {
        ...HOOKS,
        signal: controller.signal,
        progress: ({ stage }) => {
          if (stage === 'advise') controller.abort();
        },
      },
    );
    assert.equal(report.status, 'cancelled');
    assert.equal(report.recommendation, null);
    assert.ok(Number(report.layers.find(({ id }) => id === '0')!.gradientNorm) > 0);
    await assert.rejects(
      analyzeOn(runtime, withNorms, OPTIONS, { ...HOOKS, signal: AbortSignal.abort() }),
      CancelledError,
    );
  });

  it('stopped by the clock in its first seed: the figures of the steps that were done', async () => {
    const slow = networkOf({
      input: [512],
      batch: 64,
      layers: [repeat(4, { Linear: { out_features: 512 } }, 'ReLU'), { Linear: { out_features: 10 } }],
    });
    const endless = { ...OPTIONS, budgetSeconds: 0.5, steps: 100_000, seeds: 2 };
    const { status, probe, layers } = await analyzeOn(runtime, slow, endless, HOOKS);
    const { training, initial, evaluation } = probe.loss!;
    assert.deepEqual([status, probe.seeds, training.length, initial, evaluation], ['partial', 1, 1, null, null]);
    const { gradientNorm, outputGradientRms } = layers.find(({ id }) => id === '0')!;
    assert.ok(Number(gradientNorm) > 0 && Number(outputGradientRms) > 0);
  });

  it('stopped by the clock: a partial report', async () => {
    const slow = networkOf({
      input: [512],
      batch: 64,
      layers: [repeat(4, { Linear: { out_features: 512 } }, 'ReLU'), { Linear: { out_features: 10 } }],
    });
    const report = await analyzeOn(runtime, slow, { ...OPTIONS, budgetSeconds: 1.5, steps: 30, seeds: 5_000 }, HOOKS);
    assert.equal(report.status, 'partial');
    assert.ok(report.probe.seeds >= 1 && report.probe.seeds < 5_000);
    assert.equal(report.recommendation, null);
  });

  it('where no variant could be trained in time, advice by practice, structure and batch alone', async () => {
    const deep = networkOf({
      input: [3, 16, 16],
      batch: 2,
      layers: [
        repeat(6, { Conv2d: { out_channels: 32, kernel_size: 3, padding: 1 } }, 'BatchNorm2d', 'ReLU'),
        { AdaptiveAvgPool2d: { output_size: 1 } },
        'Flatten',
        { Linear: { out_features: 10 } },
      ],
    });
    const cut = { ...OPTIONS, advise: true, budgetSeconds: 0.6, steps: 30, seeds: 5_000 };
    const { status, recommendation } = await analyzeOn(runtime, deep, cut, HOOKS);
    assert.equal(status, 'partial');
    const { norm, action, losses, sites, alternatives, reasons } = recommendation!;
    assert.deepEqual([action, norm, losses, sites.length], ['replace', 'GroupNorm', null, 6]);
    assert.ok(alternatives.every(({ tried, losses: none }) => !tried && none === null));
    assert.equal(reasons.at(-1)!.message.id, 'reason-untrained');
  });

  it('refuses ten billion parameters by the estimate, within a second', async () => {
    const huge = networkOf({ input: [100_000], layers: [{ Linear: { out_features: 100_000 } }] });
    const began = performance.now();
    await assert.rejects(analyzeOn(runtime, huge, { ...OPTIONS, advise: true }, HOOKS), (error) => {
      assert.ok(error instanceof InputError);
      assert.match(
        error.message,
        /10,000,100,000 parameters\) is estimated to take [\d,.]+ GB of memory, and .* may be used/,
      );
      return true;
    });
    assert.ok(performance.now() - began < 1000, `${performance.now() - began} ms`);
    // As wide an input with few outputs fits.
    const small = networkOf({ input: [100_000], batch: 1, layers: [{ Linear: { out_features: 4 } }] });
    assert.equal((await analyzeOn(runtime, small, { ...OPTIONS, steps: 0, seeds: 1 }, HOOKS)).status, 'complete');
  });

  it('refuses whole numbers in one line where nothing says how many there are, or where a layer takes none', async () => {
    const inputs = (more: object): Network => ({
      ...withNorms,
      inputs: withNorms.inputs.map((one) => ({ ...one, dtype: 'int64', ...more })),
    });
    const refused = (network: Network, message: RegExp) =>
      assert.rejects(
        analyzeOn(runtime, network, OPTIONS, HOOKS),
        (error) => error instanceof InputError && message.test(error.message),
      );
    await refused(inputs({}), /takes whole numbers, and nothing says how many different ones; state it/);
    await refused(inputs({ vocabulary: 10 }), /\(\w+\) takes float32, but gets int64; /);
  });
});
