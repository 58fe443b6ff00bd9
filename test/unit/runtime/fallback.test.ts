import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { copyFile, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { EngineError, ProcessRuntime } from '../../../src/engine/runtime';
import type { RuntimeChoice } from '../../../src/engine/runtimeChoice';
import { input, lower, mul } from '../../../src/engine/tensor';
import { floats } from '../../execute';

/** The bundled child program, above this test's bundle. */
function childProgram(): string {
  for (let folder = __dirname; ; folder = path.dirname(folder)) {
    const candidate = path.join(folder, 'probeChild.js');
    if (existsSync(candidate)) return candidate;
    assert.notEqual(folder, path.dirname(folder), 'there is no probeChild.js: run node esbuild.mjs --tests');
  }
}

/** Native packages that cannot be loaded: as on a platform without a build, and as on a system that the build does not fit. */
const broken = {
  missing: "require('./bin/some-platform/onnxruntime_binding.node');\n",
  crashing: "process.kill(process.pid, 'SIGKILL');\n",
} as const;

describe('where onnxruntime-node cannot be loaded', () => {
  let folder = '';
  const moduleOf = (how: keyof typeof broken) => path.join(folder, how, 'probeChild.js');

  // An installation for each, whose native package is there.
  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'normscope-'));
    for (const [how, code] of Object.entries(broken)) {
      const modules = path.join(folder, how, 'node_modules');
      await mkdir(path.join(modules, 'onnxruntime-node'), { recursive: true });
      await copyFile(childProgram(), moduleOf(how as keyof typeof broken));
      await writeFile(path.join(modules, 'onnxruntime-node', 'index.js'), code);
      await symlink(path.resolve('node_modules', 'onnxruntime-web'), path.join(modules, 'onnxruntime-web'), 'junction');
    }
  });
  after(() => rm(folder, { recursive: true }));

  const withRuntime = async (
    how: keyof typeof broken,
    choice: RuntimeChoice,
    work: (runtime: ProcessRuntime) => Promise<void>,
  ) => {
    const runtime = new ProcessRuntime({ choice, module: moduleOf(how) });
    try {
      await work(runtime);
    } finally {
      runtime.dispose();
    }
  };

  for (const [how, reason] of [
    ['missing', /: Cannot find module '\.\/bin\/some-platform\/onnxruntime_binding\.node'$/],
    ['crashing', /: its process (was ended by SIGKILL|ended with exit code \d+)$/],
  ] as const) {
    it(`programs run as WebAssembly, and why is told (${how})`, () =>
      withRuntime(how, 'auto', async (runtime) => {
        runtime.warm();
        const build = await runtime.build();
        assert.equal(build.kind, 'wasm');
        assert.match(build.nativeMissing ?? '', reason);
        assert.ok(build.nativeMissing?.startsWith(`${process.platform}-${process.arch}: `), build.nativeMissing);
        const slot = await runtime.lease();
        const program = lower({ y: mul(input('x', [3]), 2) });
        const { y } = await slot.run({ program, feeds: { x: floats([3], [1, 2, 3]) }, fetch: ['y'] });
        assert.deepEqual([...y!.values], [2, 4, 6]);
        slot.release();
        assert.deepEqual(await runtime.build(), build);
      }));
  }

  it('the native build alone is refused in one sentence', () =>
    withRuntime('missing', 'native', async (runtime) => {
      await assert.rejects(runtime.build(), (error) => {
        assert.ok(error instanceof EngineError);
        assert.match(
          error.message,
          /^The native build of onnxruntime could not be loaded \(\S+: Cannot find module '.*'\); choose the runtime auto or wasm\.$/,
        );
        return true;
      });
      assert.deepEqual(runtime.busyPids, []);
    }));

  it('a native build that crashes is not stood in for where it alone was asked for', () =>
    withRuntime('crashing', 'native', async (runtime) => {
      await assert.rejects(runtime.build(), /^EngineError: The probe process .* before it answered/);
    }));
});
