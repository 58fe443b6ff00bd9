import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import type { GradientClipping, OptimizerChoice, OptimizerKind } from '../../src/engine/network';
import { OPTIMIZER_KINDS } from '../../src/engine/network';
import type { TensorData } from '../../src/engine/runtime';
import { input, lower, sub, type Tensor } from '../../src/engine/tensor';
import { learningRateOf, optimizerStep } from '../../src/engine/training';
import { chosenRuntime } from '../chosenRuntime';
import { floats, relativeError } from '../execute';

type Settings = Readonly<Record<string, number | boolean | readonly number[]>>;
type Values = Readonly<Record<string, readonly number[]>>;

/** What test/parity/optimizers_reference.py prints. */
interface Reference {
  readonly start: Values;
  readonly gradients: readonly Values[];
  readonly cases: readonly {
    readonly kind: OptimizerKind;
    readonly settings: Settings;
    /** The second parameter's own settings. */
    readonly group?: Settings;
    readonly clip?: { readonly max_norm?: number; readonly norm_type?: number | 'inf'; readonly clip_value?: number };
    readonly after: readonly Values[];
  }[];
}

const reference: Reference = JSON.parse(readFileSync('test/fixtures/optimizers.json', 'utf8'));

/** torch.optim's settings in the optimizer row's names. */
const ownSettings = (settings: Settings): Record<string, number | boolean> =>
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

function clippingOf(clip: Reference['cases'][number]['clip']): GradientClipping | undefined {
  if (!clip) return undefined;
  if (clip.clip_value !== undefined) return { kind: 'value', max: clip.clip_value };
  const type = clip.norm_type === 'inf' ? Number.POSITIVE_INFINITY : (clip.norm_type ?? 2);
  return { kind: 'norm', max: clip.max_norm!, type };
}

function choiceOf({ kind, settings, group, clip }: Reference['cases'][number]): OptimizerChoice {
  const clipping = clippingOf(clip);
  return {
    kind,
    settings: ownSettings(settings),
    ...(group && { groups: [{ parameters: ['b'], settings: ownSettings(group) }] }),
    ...(clipping && { clipping }),
    origin: 'the case',
  };
}

describe('parity: optimizers', () => {
  const runtime = chosenRuntime();
  after(() => runtime.dispose());

  const { start, gradients, cases } = reference;
  const names = Object.keys(start);

  for (const each of cases) {
    const { after: expected, ...given } = each;
    it(`${JSON.stringify(given)} makes PyTorch's five steps`, async () => {
      const choice = choiceOf(each);
      const leaf = (name: string, of: string): Tensor => input(name, [start[of]!.length]);
      const { stepped, kept } = optimizerStep(
        choice,
        names.map((id) => ({ id, value: leaf(id, id), gradient: leaf(`gradient ${id}`, id) })),
        { rate: input('rate', []), step: input('step', []) },
        (state, { id }) => ({ name: `${state} ${id}`, leaf: leaf(`${state} ${id}`, id) }),
      );
      const next = (name: string) => `next ${name}`;
      const program = lower({
        ...Object.fromEntries(stepped.map(({ id, value, decrement }) => [next(id), sub(value, decrement)])),
        ...Object.fromEntries(kept.map((state) => [next(state.name), state.next])),
      });
      const carried = program.outputs.map(({ name }) => name.slice(next('').length));
      const slot = await runtime.lease();
      try {
        let values: Record<string, TensorData> = {
          ...Object.fromEntries(names.map((name) => [name, floats([start[name]!.length], start[name]!)])),
          ...Object.fromEntries(
            kept.map(({ name, leaf: { shape }, start: filled }) => [
              name,
              floats(shape, new Float32Array(shape[0]!).fill(filled)),
            ]),
          ),
        };
        for (const [i, step] of gradients.entries()) {
          const given: Record<string, TensorData> = {
            ...values,
            ...Object.fromEntries(names.map((id) => [`gradient ${id}`, floats([step[id]!.length], step[id]!)])),
            rate: floats([], [learningRateOf(choice)]),
            step: floats([], [i + 1]),
          };
          const feeds = Object.fromEntries(program.inputs.map(({ name }) => [name, given[name]!]));
          const out = await slot.run({ program, feeds, fetch: program.outputs.map(({ name }) => name) });
          values = Object.fromEntries(carried.map((name) => [name, out[next(name)]!]));
          // Each value by itself: they are of very different sizes.
          for (const id of names) {
            start[id]!.forEach((_, k) => {
              const [here, there] = [values[id]!.values[k] as number, expected[i]![id]![k]!];
              assert.ok(relativeError([here], [there]) < 2e-6, `step ${i + 1}, ${id}[${k}]: ${here} for ${there}`);
            });
          }
        }
      } finally {
        slot.release();
      }
    });
  }

  it('has a case of every optimizer', () => {
    assert.deepEqual(new Set(cases.map(({ kind }) => kind)), new Set(OPTIMIZER_KINDS));
  });

  it('agrees with the PyTorch at hand (NORMSCOPE_PYTHON)', function () {
    const python = process.env.NORMSCOPE_PYTHON;
    if (!python) this.skip();
    const live: Reference = JSON.parse(
      execFileSync(python, ['test/parity/optimizers_reference.py'], { encoding: 'utf8' }),
    );
    const flat = (steps: readonly Values[]) => steps.flatMap((step) => Object.values(step).flat());
    assert.deepEqual(live.gradients, gradients);
    assert.equal(live.cases.length, cases.length);
    live.cases.forEach(({ after }, i) => {
      assert.ok(relativeError(flat(after), flat(cases[i]!.after)) < 1e-6);
    });
  });
});
