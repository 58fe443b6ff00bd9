import assert from 'node:assert/strict';
import { failureOf } from '../../../src/engine/runtime/failure';

describe('a failure in the child process', () => {
  it('is one line, after which the process goes on', () => {
    assert.deepEqual(failureOf(new Error('no such input:\n  x \n'), 'native'), {
      said: 'no such input: x',
      fatal: false,
    });
    assert.deepEqual(failureOf('thrown as a text', 'wasm'), { said: 'thrown as a text', fatal: false });
  });

  it('ends the process where memory ran out, in whatever words, and says how to mend it', () => {
    for (const words of [
      'failed to call OrtRun(). ERROR_CODE: 6, ERROR_MESSAGE: std::bad_alloc',
      'bad allocation',
      "Can't create a session. failed to allocate a buffer of size 175.",
      'Failed to allocate memory for requested buffer of size 8589934592',
      'Array buffer allocation failed',
      'Aborted(OOM). Cannot enlarge memory arrays',
      'operation does not support unaligned accesses',
      'onnxruntime/core/common/safeint.h:17 static void SafeIntExceptionHandler::SafeIntOnOverflow() Integer overflow',
      'INVALID_ARGUMENT : Tensor shape is too large',
    ]) {
      for (const [kind, said] of [
        ['native', 'there was not enough memory; take a smaller batch or a narrower network'],
        ['wasm', 'there was not enough memory (WebAssembly holds 4 GB); take a smaller batch or a narrower network'],
      ] as const) {
        assert.deepEqual(failureOf(new Error(words), kind), { said, fatal: true }, words);
      }
    }
  });

  it('ends the process where WebAssembly broke off', () => {
    // (module (func (export "run") unreachable))
    const code = Uint8Array.of(
      ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00, 0x01, 0x04, 0x01, 0x60, 0x00, 0x00, 0x03, 0x02, 0x01, 0x00],
      ...[0x07, 0x07, 0x01, 0x03, 0x72, 0x75, 0x6e, 0x00, 0x00, 0x0a, 0x05, 0x01, 0x03, 0x00, 0x00, 0x0b],
    );
    // Node's types declare it with the DOM's alone.
    const { Module, Instance } = Reflect.get(globalThis, 'WebAssembly') as {
      Module: new (code: Uint8Array) => object;
      Instance: new (module: object) => { readonly exports: { run(): void } };
    };
    const { exports } = new Instance(new Module(code));
    let thrown: unknown;
    try {
      exports.run();
    } catch (error) {
      thrown = error;
    }
    assert.deepEqual(failureOf(thrown, 'wasm'), { said: 'unreachable', fatal: true });
  });
});
