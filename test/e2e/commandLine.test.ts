import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { InspectReport, Report } from '../../src/engine/report';

/** The bundled command line, beside this test's bundle or above it. */
function commandLine(): string {
  for (let folder = __dirname; ; folder = path.dirname(folder)) {
    const candidate = path.join(folder, 'cli.js');
    if (existsSync(candidate)) return candidate;
    assert.notEqual(folder, path.dirname(folder), 'there is no cli.js: run node esbuild.mjs --tests');
  }
}

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

const examples = path.resolve('examples');

describe('end to end: the command line', function () {
  this.timeout(60_000);
  let directory = '';
  before(async () => {
    directory = await mkdtemp(path.join(tmpdir(), 'normscope-'));
    await writeFile(
      path.join(directory, 'healthy.normscope.yaml'),
      'input: [16]\nlayers:\n  - Linear: {out_features: 16}\n  - ReLU\n  - Linear: {out_features: 10}\n',
    );
    await writeFile(
      path.join(directory, 'saturated.normscope.yaml'),
      'input: [16]\nlayers:\n  - Linear: {out_features: 16, init: {bias: {constant: -9}}}\n  - Sigmoid\n  - Linear: {out_features: 10}\n',
    );
    await writeFile(
      path.join(directory, 'huge.normscope.yaml'),
      'input: [100000]\nlayers:\n  - Linear: {out_features: 100000}\n',
    );
    await writeFile(
      path.join(directory, 'long.normscope.yaml'),
      'input: [512]\nbatch: 64\nlayers:\n  - repeat: 6\n    layers: [{Linear: {out_features: 512}}, ReLU]\n  - Linear: {out_features: 10}\n',
    );
  });
  after(() => rm(directory, { recursive: true }));

  const startIn = (environment: Readonly<Record<string, string>>, ...args: string[]): ChildProcess =>
    spawn(process.execPath, [commandLine(), ...args], {
      cwd: directory,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...environment },
    });
  const start = (...args: string[]): ChildProcess => startIn({}, ...args);
  const ended = (child: ChildProcess): Promise<Ended> =>
    new Promise((resolve, reject) => {
      let stdout = '';
      let stderr = '';
      child.stdout!.on('data', (data: Buffer) => (stdout += data.toString()));
      child.stderr!.on('data', (data: Buffer) => (stderr += data.toString()));
      child.on('error', reject);
      child.on('close', (code) => resolve({ code, stdout, stderr }));
    });
  const normscope = (...args: string[]) => ended(start(...args));

  for (const example of ['deep_sigmoid.normscope.yaml', 'pre_ln_transformer.normscope.yaml', 'small_resnet.py']) {
    it(`analyzes ${example} to a report that parses`, async () => {
      const { code, stdout, stderr } = await normscope(
        'analyze',
        path.join(examples, example),
        ...['--steps', '1', '--seeds', '1', '--batch', '8', '--no-advise', '--json'],
      );
      assert.equal(code, 0, stderr);
      assert.equal(stderr, '');
      const report: Report = JSON.parse(stdout);
      assert.equal(report.schema, 'normscope/report@1');
      assert.equal(report.status, 'complete');
      assert.deepEqual([report.probe.batch, report.probe.steps, report.probe.seeds], [8, 1, 1]);
      assert.equal(report.recommendation, null);
      for (const layer of report.layers) {
        assert.equal(layer.gradientNorm === null, layer.parameters === 0 && !layer.id.includes('attn'), layer.id);
        if (layer.type === 'function') assert.equal(layer.parameters, 0);
      }
      assert.equal(
        report.layers.reduce((sum, { parameters }) => sum + parameters, 0),
        report.network.parameters.total,
      );
    });
  }

  it('runs as WebAssembly where the environment says so, with the native figures at step 0', async () => {
    const analysis = async (runtime: string): Promise<Report> => {
      const { code, stdout, stderr } = await ended(
        startIn(
          { NORMSCOPE_RUNTIME: runtime },
          'analyze',
          path.join(examples, 'deep_sigmoid.py'),
          ...['--steps', '2', '--seeds', '2', '--no-advise', '--json'],
        ),
      );
      assert.equal(code, 0, stderr);
      return JSON.parse(stdout);
    };
    const native = await analysis('native');
    const wasm = await analysis('wasm');
    assert.match(native.engine.runtime, /^onnxruntime-node /);
    assert.match(wasm.engine.runtime, /^onnxruntime-web .* \(WebAssembly\)$/);
    assert.deepEqual([native.engine.note, wasm.engine.note], [null, null]);
    assert.equal(wasm.status, 'complete');
    assert.deepEqual(
      wasm.findings.map(({ rule, layer }) => [rule, layer]),
      native.findings.map(({ rule, layer }) => [rule, layer]),
    );
    let compared = 0;
    wasm.layers.forEach((layer, i) => {
      const there = native.layers[i]!;
      assert.equal(layer.id, there.id);
      for (const figure of ['gradientNorm', 'gradientRms', 'outputGradientRms', 'inactive'] as const) {
        if (there[figure] === null) assert.equal(layer[figure], null, `${figure} of ${layer.id}`);
        else {
          const [a, b] = [Number(layer[figure]), Number(there[figure])];
          assert.ok(
            Math.abs(a - b) <= 1e-4 * Math.abs(b),
            `${figure} of ${layer.id}: ${a} as WebAssembly, ${b} natively`,
          );
          compared++;
        }
      }
    });
    assert.ok(compared > 40, `only ${compared} figures`);
  });

  it('says so in one line where the clock stops it before anything was measured', async () => {
    const { code, stdout, stderr } = await normscope('analyze', 'long.normscope.yaml', '--budget', '0.001', '--json');
    assert.deepEqual([code, stdout], [3, '']);
    assert.equal(
      stderr,
      'normscope: the engine failed: Nothing could be measured within 3 times the budget; give it more time, or fewer samples a batch.\n',
    );
  });

  it('refuses a runtime that there is not with 2 and one line', async () => {
    const { code, stdout, stderr } = await ended(
      startIn({ NORMSCOPE_RUNTIME: 'gpu' }, 'analyze', 'healthy.normscope.yaml'),
    );
    assert.deepEqual([code, stdout], [2, '']);
    assert.equal(
      stderr,
      'normscope: the environment variable NORMSCOPE_RUNTIME is gpu, which names no runtime; set it to one of auto, native, wasm, or unset it\n',
    );
  });

  it('--fail-on: 0 for a healthy network, 1 where a finding is as grave', async () => {
    const flags = ['--steps', '0', '--seeds', '1', '--no-advise', '--json'];
    const healthy = await normscope('analyze', 'healthy.normscope.yaml', ...flags, '--fail-on', 'note');
    assert.equal(healthy.code, 0, healthy.stdout + healthy.stderr);
    const saturated = (level: string) => normscope('analyze', 'saturated.normscope.yaml', ...flags, '--fail-on', level);
    const warned = await saturated('warning');
    assert.equal(warned.code, 1, warned.stderr);
    assert.deepEqual(
      (JSON.parse(warned.stdout) as Report).findings.map(({ rule, severity, source }) => [rule, severity, source.line]),
      [['saturated-activation', 'warning', 4]],
    );
    assert.equal((await saturated('error')).code, 0);
    assert.equal((await saturated('never')).code, 0);
  });

  it('refuses ten billion parameters with 2 and one line, and inspects them', async () => {
    const began = Date.now();
    const { code, stdout, stderr } = await normscope('analyze', 'huge.normscope.yaml', '--json');
    assert.ok(Date.now() - began < 3000, `${Date.now() - began} ms, starting Node included`);
    assert.deepEqual([code, stdout], [2, '']);
    assert.match(
      stderr,
      /^huge\.normscope\.yaml:1:1: probing .* \(10,000,100,000 parameters\) is estimated to take .* GB/,
    );
    assert.equal(stderr.split('\n').length, 2, stderr);
    const inspected = await normscope('inspect', 'huge.normscope.yaml', '--json');
    assert.equal(inspected.code, 0, inspected.stderr);
    assert.equal((JSON.parse(inspected.stdout) as InspectReport).networks[0]!.parameters.total, 10_000_100_000);
  });

  it('every format is written', async () => {
    for (const [format, beginning] of [
      ['text', /vanishing|Layers|layers/i],
      ['html', /^<!doctype html>/i],
      ['sarif', /"version": "2\.1\.0"/],
      ['markdown', /^#/],
    ] as const) {
      const { code, stdout, stderr } = await normscope(
        'analyze',
        'saturated.normscope.yaml',
        ...['--steps', '0', '--seeds', '1', '--no-advise', '--format', format],
      );
      assert.equal(code, 0, stderr);
      assert.match(stdout, beginning);
      assert.match(stdout, /saturated/);
    }
  });

  describe('interrupted', () => {
    before(function () {
      // Windows has no signals to send.
      if (process.platform === 'win32') this.skip();
    });

    const interrupt = async (child: ChildProcess): Promise<Ended & { milliseconds: number }> => {
      const outcome = ended(child);
      await pause(2000);
      assert.equal(child.exitCode, null, 'it was done before it could be interrupted');
      const began = performance.now();
      child.kill('SIGINT');
      return { ...(await outcome), milliseconds: performance.now() - began };
    };

    it('before anything is measured: one line and 3, at once', async () => {
      const { code, stdout, stderr, milliseconds } = await interrupt(
        start('analyze', 'long.normscope.yaml', '--steps', '100000', '--budget', '3600', '--json'),
      );
      assert.deepEqual([code, stdout], [3, '']);
      assert.equal(stderr, 'normscope: cancelled before anything was measured\n');
      assert.ok(milliseconds < 400, `${milliseconds} ms`);
    });

    it('while more seeds are measured: what was measured, as cancelled, and 3', async () => {
      const { code, stdout, stderr, milliseconds } = await interrupt(
        start('analyze', 'long.normscope.yaml', '--steps', '20', '--seeds', '100', '--budget', '3600', '--json'),
      );
      assert.equal(code, 3, stderr);
      assert.equal((JSON.parse(stdout) as Report).status, 'cancelled');
      assert.ok(milliseconds < 400, `${milliseconds} ms`);
    });
  });

  it('where a probe process is killed: what was measured, why there is no more, and 3', async function () {
    const childrenOf = (pid: number) => readFile(`/proc/${pid}/task/${pid}/children`, 'utf8').catch(() => undefined);
    if ((await childrenOf(process.pid)) === undefined) this.skip();
    const child = start(
      'analyze',
      'long.normscope.yaml',
      '--steps',
      '20',
      '--seeds',
      '100',
      '--budget',
      '3600',
      '--json',
    );
    const outcome = ended(child);
    await pause(2000);
    const [probe] = (await childrenOf(child.pid!))!.trim().split(' ');
    process.kill(Number(probe), 'SIGKILL');
    const { code, stdout, stderr } = await outcome;
    const said = 'The probe process was ended by SIGKILL before it answered; run the analysis again.';
    assert.deepEqual([code, stderr], [3, `normscope: the engine failed: ${said}\n`]);
    const { status, failure } = JSON.parse(stdout) as Report;
    assert.deepEqual([status, failure], ['partial', said]);
  });
});
