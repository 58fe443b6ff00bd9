import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import type { Network } from '../../src/engine/network';
import { CompiledProbe, type Measurements, probeNetwork, type Quantity } from '../../src/engine/probe';
import type { TensorData } from '../../src/engine/runtime';
import { learningRateOf } from '../../src/engine/training';
import { chosenRuntime } from '../chosenRuntime';
import { relativeError } from '../execute';
import { networkOf } from '../measure';
import { RecordingSlot, valuesFed } from './recordingSlot';
import { TRAINING_STEPS, type TrainingCase, trainings } from './trainings';

/** What test/parity/training_reference.py answers to one request. */
interface Answer {
  readonly losses: readonly number[];
  readonly series: Readonly<Record<string, Partial<Record<Quantity, readonly number[]>>>>;
  readonly final: { readonly running: number; readonly trainMode: number; readonly recomputed: number };
}

const FIXTURE = 'test/fixtures/training.json';
/** max|a − b| / max|b| over the steps of one quantity of one layer. */
const TOLERANCE = 1e-4;

/** Rounding of a mean, in standard deviations of what it is of: eight units in float32's last place. */
const MEAN_ROUNDING = 1e-6;

/** Whether means are too small against the values' spread to have digits of their own (BatchNorm's output has mean β). */
const isNought = (means: readonly number[], deviations: readonly number[] | undefined): boolean =>
  deviations !== undefined && Math.max(...means.map(Math.abs)) * TOLERANCE < MEAN_ROUNDING * Math.min(...deviations);

const encode = ({ shape, values }: TensorData) => ({
  shape,
  data: Buffer.from(values.buffer, values.byteOffset, values.byteLength).toString('base64'),
});

function describeCase({ input, batch, loss, lossSettings, optimizer, layers }: TrainingCase): Network {
  const { kind, settings, ...beside } = optimizer;
  return networkOf({
    input,
    batch,
    loss: { [loss]: lossSettings ?? {} },
    optimizer: { [kind]: settings, ...beside },
    layers,
  });
}

describe('parity: trainings', () => {
  const runtime = chosenRuntime();
  after(() => runtime.dispose());

  /** Our measurements, and the request that has PyTorch make the same training. */
  async function trainHere(training: TrainingCase): Promise<{ measured: Measurements; request: object }> {
    const network = describeCase(training);
    const probe = new CompiledProbe(network, training.batch, TRAINING_STEPS);
    const slot = new RecordingSlot(await runtime.lease());
    try {
      const measured = await probeNetwork(slot, probe, {
        seed: 5,
        learningRate: learningRateOf(network.optimizer),
        steps: TRAINING_STEPS,
        // In two pieces: what is carried between them must not matter.
        firstStepApart: true,
        evaluate: 'everything',
      });
      const using = (program: object) => slot.runs.filter((run) => run.program === program);
      const trained = using(probe.training.program);
      const evaluated = using(probe.evaluation.program)[0]!;
      const recomputed = slot.runs.find((run) => run.program === probe.passOver('training'));
      const split = (run: (typeof slot.runs)[number]) => ({
        inputs: encode(valuesFed(run, 'data:input')),
        targets: encode(valuesFed(run, 'target')),
      });
      const request = {
        layers: network.modules.map(({ kind, attributes }) => {
          // `training` is the function's switch; the class has none.
          const { training: _, ...rest } = attributes;
          return [kind, rest];
        }),
        parameters: Object.fromEntries(
          network.parameters.map(({ id }) => [id, encode(valuesFed(trained[0]!, `parameter:${id}`))]),
        ),
        order: trained.flatMap(({ feeds }) => {
          const { values } = feeds.order as TensorData;
          const all = Array.from(values as BigInt64Array, Number);
          return Array.from({ length: all.length / training.batch }, (_, i) =>
            all.slice(i * training.batch, (i + 1) * training.batch),
          );
        }),
        splits: { training: split(trained[0]!), evaluation: split(evaluated) },
        recomputedOn: recomputed ? (recomputed.feeds.order as TensorData).values.length : 0,
        batch: training.batch,
        modeMatters: probe.passOver('evaluation') !== undefined,
        loss: training.loss,
        lossSettings: training.lossSettings ?? {},
        classes: valuesFed(trained[0]!, 'target').dtype === 'int64',
        optimizer: training.optimizer,
      };
      assert.equal(request.order.length, TRAINING_STEPS);
      return { measured, request };
    } finally {
      slot.release();
    }
  }

  function compare(measured: Measurements, answer: Answer): void {
    const within = (what: string, here: readonly number[], there: readonly number[]) => {
      assert.equal(here.length, there.length, what);
      const error = relativeError(here, there);
      assert.ok(error < TOLERANCE, `${what}: ${here} here, ${there} in PyTorch (${error})`);
    };
    within('loss', measured.losses, answer.losses);
    for (const [layer, byQuantity] of Object.entries(answer.series)) {
      for (const [quantity, there] of Object.entries(byQuantity)) {
        const here = measured.series.get(layer)?.[quantity as Quantity];
        // What only moves elements is not measured.
        if (!here) continue;
        const what = `${quantity} of ${layer}`;
        if (quantity === 'activationMean' && isNought(there, byQuantity.activationStd)) {
          const error = Math.max(...here.map((mean, step) => Math.abs(mean - there[step]!)));
          assert.ok(error < MEAN_ROUNDING * Math.min(...byQuantity.activationStd!), `${what}: ${here} for ${there}`);
        } else within(what, here, there);
      }
    }
    const count = [...measured.series.values()].filter(({ gradientNorm }) => gradientNorm).length;
    assert.equal(count, Object.values(answer.series).filter(({ gradientNorm }) => gradientNorm).length);
    for (const [name, there] of Object.entries(answer.final)) {
      within(name, [measured.final![name as keyof Answer['final']]!], [there]);
    }
  }

  const ask = (python: string, requests: readonly object[]): { pytorch: string; answers: Answer[] } =>
    JSON.parse(
      execFileSync(python, ['test/parity/training_reference.py'], {
        encoding: 'utf8',
        input: JSON.stringify(requests),
        maxBuffer: 1e8,
      }),
    );

  trainings.forEach((training, i) => {
    it(`${training.name}: ${TRAINING_STEPS} steps as in PyTorch (fixture)`, async () => {
      const { answers } = JSON.parse(readFileSync(FIXTURE, 'utf8')) as { answers: Answer[] };
      compare((await trainHere(training)).measured, answers[i]!);
    });
  });

  it('and as in the PyTorch at hand (NORMSCOPE_PYTHON; NORMSCOPE_WRITE_FIXTURES=1 keeps its answers)', async function () {
    const python = process.env.NORMSCOPE_PYTHON;
    if (!python) return this.skip();
    const here: Awaited<ReturnType<typeof trainHere>>[] = [];
    for (const training of trainings) here.push(await trainHere(training));
    const live = ask(
      python,
      here.map(({ request }) => request),
    );
    if (process.env.NORMSCOPE_WRITE_FIXTURES) writeFileSync(FIXTURE, `${JSON.stringify(live, undefined, 1)}\n`);
    here.forEach(({ measured }, i) => {
      compare(measured, live.answers[i]!);
    });
  });
});
