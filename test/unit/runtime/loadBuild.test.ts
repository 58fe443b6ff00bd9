import assert from 'node:assert/strict';
import type { Build } from '../../../src/engine/runtime/build';
import { type BuildLoaders, loadBuild } from '../../../src/engine/runtime/loadBuild';
import { runtimeChoice, runtimeKinds } from '../../../src/engine/runtimeChoice';

/** Loaders that give a mark instead of a build, or fail with an error; `asked` is the order they were called in. */
function loaders(missing: Partial<Record<Build['kind'], string>>): { load: BuildLoaders; asked: string[] } {
  const asked: string[] = [];
  const loader = (kind: Build['kind']) => async (): Promise<Build> => {
    asked.push(kind);
    const error = missing[kind];
    if (error !== undefined) throw new Error(error);
    return { kind } as Build;
  };
  return { load: { native: loader('native'), wasm: loader('wasm') }, asked };
}

const NOT_FOUND =
  "Cannot find module '/home/me/node_modules/onnxruntime-node/bin/napi-v6/darwin/x64/binding.node'\nRequire stack:\n- /x";

describe('the choice of a build', () => {
  it('is one of three words, and auto where nothing is said', () => {
    for (const word of ['auto', 'native', 'wasm'] as const) assert.equal(runtimeChoice(word), word);
    for (const nothing of [undefined, '']) assert.equal(runtimeChoice(nothing), 'auto');
    for (const wrong of ['WASM', 'gpu', ' wasm', 'toString']) assert.equal(runtimeChoice(wrong), undefined);
  });

  it('loads what is chosen and nothing else', async () => {
    for (const kind of runtimeKinds) {
      const { load, asked } = loaders({});
      assert.deepEqual(await loadBuild(kind, load), { build: { kind } });
      assert.deepEqual(asked, [kind]);
    }
    const { load, asked } = loaders({});
    assert.deepEqual(await loadBuild('auto', load), { build: { kind: 'native' } });
    assert.deepEqual(asked, ['native']);
  });

  it('takes WebAssembly where the native build is missing, and says what was missing', async () => {
    const { load, asked } = loaders({ native: NOT_FOUND });
    assert.deepEqual(await loadBuild('auto', load), {
      build: { kind: 'wasm' },
      nativeMissing: `${process.platform}-${process.arch}: Cannot find module 'onnxruntime-node/bin/napi-v6/darwin/x64/binding.node'`,
    });
    assert.deepEqual(asked, ['native', 'wasm']);
  });

  it('takes nothing in the place of what was asked for, and says how to mend it', async () => {
    const place = `${process.platform}-${process.arch}`;
    const attempts = [
      ['native', { native: NOT_FOUND }, 'native', /binding\.node'\); choose the runtime auto or wasm\.$/],
      ['wasm', { wasm: 'no such file' }, 'WebAssembly', /: no such file\); install NormScope anew\.$/],
      ['auto', { native: 'none', wasm: 'no such file' }, 'WebAssembly', /: no such file\); install NormScope anew\.$/],
    ] as const;
    for (const [choice, missing, name, end] of attempts) {
      await assert.rejects(loadBuild(choice, loaders(missing).load), ({ message }: Error) => {
        assert.ok(message.startsWith(`The ${name} build of onnxruntime could not be loaded (${place}: `), message);
        assert.match(message, end);
        assert.ok(!message.includes('\n'), message);
        return true;
      });
    }
  });
});
