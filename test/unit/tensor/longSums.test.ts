import assert from 'node:assert/strict';
import { ProcessRuntime } from '../../../src/engine/runtime';
import { runtimeKinds } from '../../../src/engine/runtimeChoice';
import { input, lower, mean, sum, sumSquare } from '../../../src/engine/tensor';
import { floats, relativeError } from '../../execute';

/** A twentieth of what parity allows. */
const TOLERANCE = 5e-6;

describe('long sums', () => {
  for (const kind of runtimeKinds) {
    const runtime = new ProcessRuntime({ choice: kind });
    after(() => runtime.dispose());

    it(`keep their digits over four million numbers (${kind})`, async () => {
      const shape = [2, 64, 181, 181];
      const count = shape.reduce((product, dim) => product * dim, 1);
      // All of one sign: a running sum grows far beyond its terms.
      let state = 1;
      const values = Float32Array.from({ length: count }, () => {
        state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
        return state / 2 ** 32;
      });
      const x = input('x', shape);
      const program = lower({
        sum: sum(x),
        mean: mean(x, undefined, true),
        squares: sumSquare(x),
        each: sumSquare(x, [1, 2, 3]),
      });
      const slot = await runtime.lease();
      const out = await slot.run({
        program,
        feeds: { x: floats(shape, values) },
        fetch: program.outputs.map(({ name }) => name),
      });
      slot.release();
      const total = (from: number, to: number, term: (value: number) => number) => {
        let sofar = 0;
        for (let i = from; i < to; i++) sofar += term(values[i]!);
        return sofar;
      };
      const square = (value: number) => value * value;
      const all = total(0, count, (value) => value);
      const halves = [total(0, count / 2, square), total(count / 2, count, square)];
      assert.deepEqual(out.mean!.shape, [1, 1, 1, 1]);
      for (const [name, expected] of [
        ['sum', [all]],
        ['mean', [all / count]],
        ['squares', [halves[0]! + halves[1]!]],
        ['each', halves],
      ] as const) {
        const error = relativeError(out[name]!.values as Float32Array, expected);
        assert.ok(error < TOLERANCE, `${name}: ${out[name]!.values} for ${expected} (${error})`);
      }
    });
  }
});
