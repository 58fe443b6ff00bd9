import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  CancelledError,
  EngineError,
  type Feed,
  ProcessRuntime,
  type Slot,
  type TensorData,
} from '../../../src/engine/runtime';
import { runtimeKinds } from '../../../src/engine/runtimeChoice';
import { add, exp, input, lower, lowerLoop, matmul, mul, type Program, sum, tanh } from '../../../src/engine/tensor';
import { floats } from '../../execute';

const steps = (count: number): TensorData => ({
  dtype: 'int64',
  shape: [],
  values: BigInt64Array.of(BigInt(count)),
});

/** Matrix products in a loop: minutes of work if it is let. */
const SIZE = 64;
const looped = (() => {
  const state = input('state', [SIZE, SIZE]);
  return lowerLoop({
    state: [{ leaf: state, next: tanh(matmul(state, input('w', [SIZE, SIZE]))) }],
    perStep: [],
    scans: [],
  });
})();
const square = (value: number) => floats([SIZE, SIZE], Array(SIZE * SIZE).fill(value));
const runLong = (slot: Slot) =>
  slot.run({
    program: looped,
    feeds: { steps: steps(50_000_000), state: square(0.1), w: square(0.1) },
    fetch: ['state@end'],
  });

const twice = lower({ y: mul(input('x', [3]), 2) });
const double = async (slot: Slot, values = [1, 2, 3]) =>
  [...(await slot.run({ program: twice, feeds: { x: floats([3], values) }, fetch: ['y'] })).y!.values] as number[];

const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

const untilDead = async (pid: number): Promise<void> => {
  for (let waited = 0; isAlive(pid); waited += 10) {
    assert.ok(waited < 2000, `process ${pid} still runs`);
    await pause(10);
  }
};

for (const kind of runtimeKinds) {
  describe(`a runtime of the ${kind} build`, () => {
    const open = () => new ProcessRuntime({ choice: kind });
    const runtime = open();
    after(() => runtime.dispose());

    const withSlot = async <T>(work: (slot: Slot) => Promise<T>): Promise<T> => {
      const slot = await runtime.lease();
      try {
        return await work(slot);
      } finally {
        slot.release();
      }
    };

    it('names its build, and has a thread at least', async () => {
      const own = open();
      try {
        const build = await own.build();
        const names = {
          native: /^onnxruntime-node \d+\.\d+\.\d+$/,
          wasm: /^onnxruntime-web \d+\.\d+\.\d+ \(WebAssembly\)$/,
        };
        assert.match(build.name, names[kind]);
        assert.equal(own.name, build.name);
        assert.equal(build.kind, kind);
        assert.equal(build.nativeMissing, undefined);
        assert.ok(own.slots >= 1);
        assert.deepEqual(own.busyPids, []);
      } finally {
        own.dispose();
      }
    });

    it('sends values once that are given for good, and keeps them until the slot is given back', async () => {
      const program = lower({ y: mul(input('x', [2]), 2) });
      const other = lower({ z: mul(input('x', [2]), 3) });
      let made = 0;
      const x = {
        as: 'mine',
        given: () => {
          made++;
          return floats([2], [1, 2]);
        },
      };
      await withSlot(async (slot) => {
        const first = await slot.run({ program, feeds: { x }, fetch: ['y'] });
        // What a program does not take is kept all the same.
        await slot.run({
          program,
          feeds: { x, unused: { as: 'unused', given: () => floats([2], [5, 6]) } },
          fetch: ['y'],
        });
        slot.clear();
        const again = await slot.run({ program: other, feeds: { x }, fetch: ['z'] });
        const late = await slot.run({ program, feeds: { x: { as: 'unused', given: x.given } }, fetch: ['y'] });
        assert.deepEqual(
          [[...first.y!.values], [...again.z!.values], [...late.y!.values]],
          [
            [2, 4],
            [3, 6],
            [10, 12],
          ],
        );
        assert.equal(made, 1);
      });
      await withSlot(async (slot) => {
        await slot.run({ program, feeds: { x }, fetch: ['y'] });
        assert.equal(made, 2);
      });
    });

    it('uses a warm process again', async () => {
      const pid = await withSlot(async () => runtime.busyPids[0]);
      assert.ok(pid);
      assert.equal(await withSlot(async () => runtime.busyPids[0]), pid);
      assert.deepEqual(runtime.busyPids, []);
    });

    it(
      kind === 'native'
        ? 'takes denormal numbers for zero, in a process’s first session and in its second'
        : 'keeps denormal numbers: WebAssembly has no other way',
      async () => {
        const own = open();
        try {
          const slot = await own.lease();
          const halve = (name: string) => lower({ [name]: mul(input('x', [2]), 0.5) });
          for (const name of ['first', 'second']) {
            // 1e-39 is denormal as it comes; half of 2^−126, the least normal number, would become so.
            const out = await slot.run({
              program: halve(name),
              feeds: { x: floats([2], [1e-39, 2 ** -126]) },
              fetch: [name],
            });
            const halves = [Math.fround(5e-40), 2 ** -127];
            assert.deepEqual([...out[name]!.values], kind === 'native' ? [0, 0] : halves, name);
          }
        } finally {
          own.dispose();
        }
      },
    );

    // As WebAssembly it depends on the processor.
    if (kind === 'native') {
      it('multiplies denormal matrices about as fast as others', async () => {
        // A state that its weights leave as large as it is (a rotation, each entry ±1/√n): denormal all along.
        // Some processors take denormals at full speed; the test above holds on those too.
        const state = input('state', [SIZE, SIZE]);
        const program = lowerLoop({
          state: [{ leaf: state, next: matmul(state, input('w', [SIZE, SIZE])) }],
          perStep: [],
          scans: [],
        });
        const ones = (value: number): number => (value === 0 ? 0 : (value & 1) + ones(value >> 1));
        const hadamard = Array.from(
          { length: SIZE * SIZE },
          (_, i) => (ones(Math.floor(i / SIZE) & (i % SIZE)) % 2 === 0 ? 1 : -1) / Math.sqrt(SIZE),
        );
        const rotation = floats([SIZE, SIZE], hadamard);
        await withSlot(async (slot) => {
          const time = async (value: number) => {
            const began = performance.now();
            await slot.run({
              program,
              feeds: {
                steps: steps(2000),
                state: floats(
                  [SIZE, SIZE],
                  hadamard.map((entry) => entry * value),
                ),
                w: rotation,
              },
              fetch: ['state@end'],
            });
            return performance.now() - began;
          };
          await time(1);
          const normal = Math.min(await time(1), await time(1));
          const denormal = Math.min(await time(1e-40), await time(1e-40));
          assert.ok(denormal < 5 * normal, `${denormal} ms with denormals, ${normal} ms without`);
        });
      });
    }

    it('keeps outputs and made values until the slot is released', async () => {
      await withSlot(async (slot) => {
        await slot.run({ program: twice, feeds: { x: floats([3], [1, 2, 3]) }, keep: { y: 'first' }, fetch: [] });
        const out = await slot.run({ program: twice, feeds: { x: { kept: 'first' } }, fetch: ['y'] });
        assert.deepEqual([...out.y!.values], [4, 8, 12]);
        const spec = {
          shape: [3],
          initialization: { kind: 'constant', value: 5 },
          stream: { seed: 0, purpose: 1, index: 0 },
        };
        const feeds = { x: { source: 'initialization', spec, as: 'made' } };
        assert.deepEqual([...(await slot.run({ program: twice, feeds, fetch: ['y'] })).y!.values], [10, 10, 10]);
        // What was made once under a name is not made again, whatever the description says, until the slot is released.
        const other = { ...spec, initialization: { kind: 'constant', value: 7 } };
        const renamed = { x: { source: 'initialization', spec: other, as: 'made' } };
        assert.deepEqual(
          [...(await slot.run({ program: twice, feeds: renamed, fetch: ['y'] })).y!.values],
          [10, 10, 10],
        );
        slot.clear();
        assert.deepEqual(
          [...(await slot.run({ program: twice, feeds: renamed, fetch: ['y'] })).y!.values],
          [10, 10, 10],
        );
        await assert.rejects(slot.run({ program: twice, feeds: { x: { kept: 'first' } }, fetch: ['y'] }), EngineError);
      });
      await withSlot((slot) =>
        assert.rejects(
          slot.run({ program: twice, feeds: { x: { kept: 'first' } }, fetch: ['y'] }),
          (error) => error instanceof EngineError && /nothing is kept as first/.test(error.message),
        ),
      );
    });

    it('puts a state’s new values where the old were, where nobody else has them', async () => {
      const x = input('x', [3]);
      const program = lowerLoop({ state: [{ leaf: x, next: add(x, 1) }], perStep: [], scans: [] });
      await withSlot(async (slot) => {
        const given = floats([3], [0, 10, 20]);
        const values = async (name: string) => {
          const out = await slot.run({ program: twice, feeds: { x: { kept: name } }, fetch: ['y'] });
          return [...out.y!.values];
        };
        const go = (from: Feed, name: string) =>
          slot.run({ program, feeds: { steps: steps(2), x: from }, keep: { 'x@end': name }, fetch: [] });
        await go(given, 'a');
        await go({ kept: 'a' }, 'b');
        assert.deepEqual(
          [await values('a'), await values('b')],
          [
            [4, 24, 44],
            [8, 28, 48],
          ],
        );
        await go({ kept: 'b' }, 'b');
        assert.deepEqual(
          [await values('a'), await values('b')],
          [
            [4, 24, 44],
            [12, 32, 52],
          ],
        );
        assert.deepEqual([...given.values], [0, 10, 20]);
      });
    });

    it('says in one sentence what cannot be run, and runs on', async () => {
      const model = Uint8Array.of(1, 2, 3);
      const broken: Program = { ...twice, model, portable: () => model };
      await withSlot(async (slot) => {
        const x = floats([3], [1, 2, 3]);
        const attempts: [Parameters<Slot['run']>[0], RegExp][] = [
          [{ program: twice, feeds: { x: floats([2], [1, 2]) }, fetch: ['y'] }, /x/],
          [{ program: twice, feeds: { x: { source: 'nowhere', spec: {} } }, fetch: ['y'] }, /no source named nowhere/],
          [{ program: broken, feeds: { x }, fetch: ['y'] }, /could not be run/],
          [{ program: broken, feeds: { x }, fetch: ['y'] }, /could not be run/],
        ];
        const said: string[] = [];
        for (const [run, pattern] of attempts) {
          await assert.rejects(slot.run(run), (error) => {
            assert.ok(error instanceof EngineError, String(error));
            assert.match(error.message, pattern);
            assert.ok(!error.message.includes('\n'), error.message);
            said.push(error.message);
            return true;
          });
        }
        // A program that could not be loaded fails the same way when it is tried again.
        assert.equal(said[3], said[2]);
        assert.deepEqual(await double(slot), [2, 4, 6]);
      });
    });

    if (kind === 'wasm') {
      it('says that memory is short, and goes on in another process', async () => {
        const rows = 1_000_000;
        const pids: (number | undefined)[] = [];
        for (const columns of [1_000, 10_000]) {
          // A tensor of 4 GB, and one of 40.
          const a = floats([rows, 1], new Float32Array(rows));
          const b = floats([1, columns], new Float32Array(columns));
          const program = lower({ y: sum(exp(mul(input('a', a.shape), input('b', b.shape))), [0]) });
          await withSlot(async (slot) => {
            pids.push(runtime.busyPids[0]);
            const attempt = () => slot.run({ program, feeds: { a, b }, fetch: ['y'] });
            for (const run of [attempt, attempt, () => double(slot)]) {
              await assert.rejects(run(), {
                name: 'EngineError',
                message:
                  'The probe could not be run: there was not enough memory (WebAssembly holds 4 GB); take a smaller batch or a narrower network',
              });
            }
          });
        }
        assert.deepEqual(await withSlot(double), [2, 4, 6]);
        assert.equal(new Set(pids).size, 2);
      });

      it('keeps no process that has held much, for it would hold it still', async () => {
        // 320 MB at once.
        const column = floats([8_000, 1], new Float32Array(8_000));
        const program = lower({ y: sum(exp(mul(input('x', column.shape), input('ones', [1, 10_000])))) });
        const pid = await withSlot(async (slot) => {
          const ones = floats([1, 10_000], new Float32Array(10_000).fill(1));
          await slot.run({ program, feeds: { x: column, ones }, fetch: ['y'] });
          return runtime.busyPids[0]!;
        });
        await untilDead(pid);
        assert.deepEqual(await withSlot(double), [2, 4, 6]);
      });
    }

    it('cancels within 200 ms, whatever runs', async () => {
      const controller = new AbortController();
      const slot = await runtime.lease(controller.signal);
      const pid = runtime.busyPids.at(-1)!;
      const running = runLong(slot);
      running.catch(() => undefined);
      await pause(300);
      assert.ok(isAlive(pid));
      const began = performance.now();
      controller.abort();
      await assert.rejects(running, CancelledError);
      assert.ok(performance.now() - began < 200, `${performance.now() - began} ms`);
      await assert.rejects(double(slot), CancelledError);
      slot.release();
      await untilDead(pid);
      assert.deepEqual(await withSlot(double), [2, 4, 6]);
    });

    it('gives no slot to who has cancelled, before, while or after waiting', async () => {
      await assert.rejects(runtime.lease(AbortSignal.abort()), CancelledError);
      const all = await Promise.all(Array.from({ length: runtime.slots }, () => runtime.lease()));
      const waiting = new AbortController();
      const refused = runtime.lease(waiting.signal);
      const late = new AbortController();
      const lateRefused = runtime.lease(late.signal);
      const next = runtime.lease();
      waiting.abort();
      await assert.rejects(refused, CancelledError);
      // Woken and cancelled at once: the slot must go to the next in the queue.
      all[0]!.release();
      late.abort();
      await assert.rejects(lateRefused, CancelledError);
      for (const slot of all.slice(1)) slot.release();
      const slot = await next;
      assert.deepEqual(await double(slot), [2, 4, 6]);
      slot.release();
      assert.deepEqual(runtime.busyPids, []);
    });

    it('a killed process fails its own run alone, with a sentence', async () => {
      const slot = await runtime.lease();
      const [pid] = runtime.busyPids;
      const running = runLong(slot);
      await pause(200);
      process.kill(pid!, 'SIGKILL');
      await assert.rejects(running, (error) => {
        assert.ok(error instanceof EngineError);
        assert.equal(
          error.message,
          'The probe process was ended by SIGKILL before it answered; run the analysis again.',
        );
        return true;
      });
      slot.release();
      assert.deepEqual(await withSlot(double), [2, 4, 6]);
    });

    it('does not use a process that died while it was idle', async () => {
      const pid = await withSlot(async () => runtime.busyPids[0]!);
      process.kill(pid, 'SIGKILL');
      await untilDead(pid);
      await pause(50);
      await withSlot(async (slot) => {
        assert.notEqual(runtime.busyPids[0], pid);
        assert.deepEqual(await double(slot), [2, 4, 6]);
      });
    });

    it('says that the probe program is missing or broken', async () => {
      const folder = await mkdtemp(path.join(tmpdir(), 'normscope-'));
      const throwing = path.join(folder, 'throws.js');
      await writeFile(throwing, 'throw new Error("no native build for this platform");\n');
      try {
        for (const [module, pattern] of [
          [path.join(folder, 'missing.js'), /ended with exit code 1 .*Cannot find module .*missing\.js/],
          [throwing, /ended with exit code 1 .*no native build for this platform/],
        ] as const) {
          const broken = new ProcessRuntime({ choice: kind, module });
          await assert.rejects(broken.lease(), (error) => {
            assert.ok(error instanceof EngineError);
            assert.match(error.message, pattern);
            assert.ok(!error.message.includes('\n'));
            return true;
          });
          assert.deepEqual(broken.busyPids, []);
          broken.dispose();
        }
      } finally {
        await rm(folder, { recursive: true });
      }
    });

    it('ends every process when it is disposed of, working or idle', async () => {
      const own = open();
      const idle = await own.lease();
      const pids = [own.busyPids[0]!];
      idle.release();
      const slot = await own.lease();
      pids.push(own.busyPids[0]!);
      const running = runLong(slot);
      running.catch(() => undefined);
      await pause(100);
      own.dispose();
      await assert.rejects(running, CancelledError);
      for (const pid of pids) await untilDead(pid);
      // Giving the slot back starts no other.
      slot.release();
      own.warm();
      assert.deepEqual(own.idlePids, []);
    });

    it('starts as many processes ahead as asked, and gives the one that waits longest first', async () => {
      const own = open();
      try {
        own.warm();
        const [first] = own.idlePids;
        own.warm(own.slots + 1);
        assert.equal(own.idlePids.length, own.slots);
        const slot = await own.lease();
        assert.deepEqual(own.busyPids, [first]);
        // It is one of those that are asked for.
        own.warm(own.slots);
        assert.equal(own.idlePids.length, own.slots - 1);
        slot.release();
      } finally {
        own.dispose();
      }
    });

    it('passes on what a program computes', async () => {
      await withSlot(async (slot) => {
        const out = await slot.run({
          program: lower({ e: exp(input('x', [])) }),
          feeds: { x: floats([], [1]) },
          fetch: ['e'],
        });
        assert.equal(out.e!.values[0], Math.fround(Math.E));
      });
    });
  });
}
