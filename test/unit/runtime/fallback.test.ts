import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { copyFile, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { EngineError, NativeRuntime } from '../../../src/engine/runtime';
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

describe('where onnxruntime-node has no build for the platform', () => {
  let folder = '';
  let module = '';

  // An installation whose native package is there and cannot load its library, as on a platform that it has none for.
  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'normscope-'));
    module = path.join(folder, 'probeChild.js');
    await copyFile(childProgram(), module);
    const native = path.join(folder, 'node_modules', 'onnxruntime-node');
    await mkdir(native, { recursive: true });
    await writeFile(path.join(native, 'index.js'), "require('./bin/some-platform/onnxruntime_binding.node');\n");
    const web = path.resolve('node_modules', 'onnxruntime-web');
    await symlink(web, path.join(folder, 'node_modules', 'onnxruntime-web'), 'junction');
  });
  after(() => rm(folder, { recursive: true }));

  const withRuntime = async (choice: RuntimeChoice, work: (runtime: NativeRuntime) => Promise<void>) => {
    const runtime = new NativeRuntime({ choice, module });
    try {
      await work(runtime);
    } finally {
      runtime.dispose();
    }
  };

  it('programs run as WebAssembly, and what was missing is told', () =>
    withRuntime('auto', async (runtime) => {
      const build = await runtime.build();
      assert.equal(build.kind, 'wasm');
      assert.equal(
        build.nativeMissing,
        `${process.platform}-${process.arch}: Cannot find module './bin/some-platform/onnxruntime_binding.node'`,
      );
      const slot = await runtime.lease();
      const program = lower({ y: mul(input('x', [3]), 2) });
      const { y } = await slot.run({ program, feeds: { x: floats([3], [1, 2, 3]) }, fetch: ['y'] });
      assert.deepEqual([...y!.values], [2, 4, 6]);
    }));

  it('the native build alone is refused in one sentence', () =>
    withRuntime('native', async (runtime) => {
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
});
