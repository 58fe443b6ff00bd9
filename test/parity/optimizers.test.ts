import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { optimizers } from '../../src/engine/probe/optimizers';
import { NativeRuntime, type TensorData } from '../../src/engine/runtime';
import { input, lower, sub, type Tensor } from '../../src/engine/tensor';
import { floats, relativeError } from '../execute';

/** What test/parity/optimizers_reference.py prints. */
interface Reference {
  readonly start: readonly number[];
  readonly gradients: readonly (readonly number[])[];
  readonly cases: readonly {
    readonly kind: 'SGD' | 'Adam';
    readonly settings: Readonly<Record<string, number | boolean | readonly number[]>>;
    readonly after: readonly (readonly number[])[];
  }[];
}

const reference: Reference = JSON.parse(readFileSync('test/fixtures/optimizers.json', 'utf8'));

/** torch.optim's settings in the optimizer row's names. */
const ownSettings = (settings: Reference['cases'][number]['settings']): Record<string, number | boolean> =>
  Object.fromEntries(
    Object.entries(settings).flatMap(([name, value]): [string, number | boolean][] =>
      Array.isArray(value)
        ? [
            ['beta1', value[0]],
            ['beta2', value[1]],
          ]
        : [[name, value as number | boolean]],
    ),
  );

describe('parity: optimizers', () => {
  const runtime = new NativeRuntime();
  after(() => runtime.dispose());

  const { start, gradients, cases } = reference;
  for (const { kind, settings, after: expected } of cases) {
    it(`${kind} ${JSON.stringify(settings)} makes PyTorch's five steps`, async () => {
      const row = optimizers[kind];
      const own = { ...row.settings, ...ownSettings(settings) };
      const shape = [start.length];
      const leaf = (name: string): Tensor => input(name, shape);
      const state = Object.fromEntries(row.state(own).map((name) => [name, leaf(name)]));
      const [rate, step] = [input('rate', []), input('step', [])];
      const parameter = leaf('w');
      const update = row.update({ parameter, gradient: leaf('g'), rate, step, settings: own, state });
      const program = lower({
        next: sub(parameter, update.decrement),
        ...Object.fromEntries(Object.entries(update.state).map(([name, next]) => [`next ${name}`, next])),
      });
      const slot = await runtime.lease();
      try {
        let values: Record<string, TensorData> = {
          w: floats(shape, start),
          ...Object.fromEntries(
            Object.keys(state).map((name) => [
              name,
              floats(
                shape,
                start.map(() => 0),
              ),
            ]),
          ),
        };
        for (const [i, gradient] of gradients.entries()) {
          const given: Record<string, TensorData> = {
            ...values,
            g: floats(shape, gradient),
            rate: floats([], [Number(own.lr)]),
            step: floats([], [i + 1]),
          };
          const feeds = Object.fromEntries(program.inputs.map(({ name }) => [name, given[name]!]));
          const out = await slot.run({ program, feeds, fetch: program.outputs.map(({ name }) => name) });
          values = {
            w: out.next!,
            ...Object.fromEntries(Object.keys(state).map((name) => [name, out[`next ${name}`]!])),
          };
          // Each value by itself: they are of very different sizes.
          start.forEach((_, k) => {
            const error = relativeError([values.w!.values[k] as number], [expected[i]![k]!]);
            assert.ok(error < 2e-6, `step ${i + 1}, value ${k}: ${values.w!.values[k]} for ${expected[i]![k]}`);
          });
        }
      } finally {
        slot.release();
      }
    });
  }

  it('agrees with the PyTorch at hand (NORMSCOPE_PYTHON)', function () {
    const python = process.env.NORMSCOPE_PYTHON;
    if (!python) this.skip();
    const live: Reference = JSON.parse(
      execFileSync(python, ['test/parity/optimizers_reference.py'], { encoding: 'utf8' }),
    );
    assert.deepEqual(live.gradients, gradients);
    live.cases.forEach(({ after }, i) => {
      assert.ok(relativeError(after.flat(), cases[i]!.after.flat()) < 1e-6);
    });
  });
});
