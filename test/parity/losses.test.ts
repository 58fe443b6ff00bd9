import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { LOSS_KINDS, type Task } from '../../src/engine/network';
import type { TensorData } from '../../src/engine/runtime';
import { gradients, input } from '../../src/engine/tensor';
import { losses, lossOf } from '../../src/engine/training';
import { chosenRuntime } from '../chosenRuntime';
import { execute, floats, relativeError } from '../execute';
import { type LossCase, lossCases } from './lossCases';
import { encode } from './tensors';

/** What test/parity/losses_reference.py answers to one request. */
interface Answer {
  readonly loss: number;
  readonly gradient: readonly number[];
}

const FIXTURE = 'test/fixtures/losses.json';
const TOLERANCE = 1e-5;

const isIndices = (target: LossCase['target']): target is readonly number[] => !(target instanceof Float32Array);

const targetData = ({ target, targetShape }: LossCase): TensorData =>
  isIndices(target)
    ? { dtype: 'int64', shape: targetShape, values: BigInt64Array.from(target, BigInt) }
    : floats(targetShape, target);

const taskOf = ({ kind, settings, target, classAxis }: LossCase): Task => ({
  kind: losses[kind].task,
  loss: kind,
  lossSettings: settings,
  ...(losses[kind].target === 'classes' && !isIndices(target) && { targets: 'probabilities' }),
  ...(classAxis !== undefined && { classAxis }),
  origin: 'the case',
});

describe('parity: losses', () => {
  const runtime = chosenRuntime();
  after(() => runtime.dispose());

  async function here(each: LossCase): Promise<Answer> {
    const output = input('output', each.outputShape);
    const target = input('target', each.targetShape, isIndices(each.target) ? 'int64' : 'float32');
    const loss = lossOf(taskOf(each), output, target);
    const [gradient] = gradients(loss, [output]);
    const data = { output: floats(each.outputShape, each.output), target: targetData(each) };
    const values = await execute({ loss, gradient: gradient! }, data, runtime);
    assert.deepEqual([...values.loss!.shape], []);
    return { loss: values.loss!.values[0] as number, gradient: Array.from(values.gradient!.values as Float32Array) };
  }

  function compare(ours: Answer, theirs: Answer): void {
    assert.ok(relativeError([ours.loss], [theirs.loss]) < TOLERANCE, `${ours.loss} here, ${theirs.loss} in PyTorch`);
    const error = relativeError(ours.gradient, theirs.gradient);
    assert.ok(error < TOLERANCE, `gradient: ${ours.gradient} here, ${theirs.gradient} in PyTorch (${error})`);
  }

  const known = (): Answer[] => JSON.parse(readFileSync(FIXTURE, 'utf8')).answers;

  lossCases.forEach((each, i) => {
    it(`${each.name} (fixture)`, async () => {
      compare(await here(each), known()[i]!);
    });
  });

  it('has a case of every loss, and of each of its settings', () => {
    for (const kind of LOSS_KINDS) {
      const own = lossCases.filter((each) => each.kind === kind);
      const stated = new Set(own.flatMap(({ settings }) => Object.keys(settings)));
      assert.deepEqual(
        [...Object.keys(losses[kind].settings)].filter((name) => !stated.has(name)),
        [],
        kind,
      );
    }
  });

  it('agrees with the PyTorch at hand (NORMSCOPE_PYTHON; NORMSCOPE_WRITE_FIXTURES=1 keeps its answers)', async function () {
    const python = process.env.NORMSCOPE_PYTHON;
    if (!python) return this.skip();
    const requests = lossCases.map((each) => ({
      kind: each.kind,
      settings: each.settings,
      classes: isIndices(each.target),
      classAxis: each.classAxis ?? null,
      output: encode(each.outputShape, each.output),
      target: encode(each.targetShape, targetData(each).values as Float32Array),
    }));
    const live = JSON.parse(
      execFileSync(python, ['test/parity/losses_reference.py'], {
        encoding: 'utf8',
        input: JSON.stringify(requests),
        maxBuffer: 1e8,
      }),
    ) as { pytorch: string; answers: Answer[] };
    if (process.env.NORMSCOPE_WRITE_FIXTURES) {
      const answers = live.answers.map((answer) => `  ${JSON.stringify(answer)}`).join(',\n');
      writeFileSync(FIXTURE, `{"pytorch": ${JSON.stringify(live.pytorch)}, "answers": [\n${answers}\n]}\n`);
    }
    for (const [i, each] of lossCases.entries()) compare(await here(each), live.answers[i]!);
  });
});
