import assert from 'node:assert/strict';
import path from 'node:path';
import { functionForms, layers } from '../../src/engine/layers';
import type { Slot } from '../../src/engine/runtime';
import { chosenRuntime } from '../chosenRuntime';
import { type NamedCase, namedCases } from './aliases';
import { askPytorch, type PytorchAnswers } from './askPytorch';
import { layerCases } from './cases';
import { compareLayer } from './compareLayer';
import { type LayerAnswer, type LayerRequest, type PreparedCase, preparedCases } from './layerRequests';
import { casesPerRow, type RandomCase, randomCase } from './randomCases';
import { type LayerValues, runLayers } from './runLayer';

const script = path.resolve(__dirname, '..', '..', '..', 'test', 'parity', 'layers_reference.py');

/** Constructor parameters that say nothing of the layer: the tensors' type, other devices, and Hardtanh's names of old. */
const NOT_ATTRIBUTES = new Set([
  'self',
  'dtype',
  'process_group',
  'min_value',
  'max_value',
  '_weight',
  '_freeze',
  'args',
  'kwargs',
]);

/** What a form calls otherwise than the function does: a method's tensor, and the attribute of the module's name. */
const RENAMED: Readonly<Record<string, string>> = {
  self: 'input',
  sizes: 'unflattened_size',
  split_size: 'split_size_or_sections',
};

/** Cases that one program computes: a session takes longer to open than to run. */
const CASES_A_PROGRAM = 20;

const python = process.env.NORMSCOPE_PYTHON;
/** A gate must not hang on the day: other draws are asked for by hand. */
const seed = Number(process.env.NORMSCOPE_PARITY_SEED ?? 1);

describe(
  python ? `live parity (seed ${seed})` : 'live parity (skipped: NORMSCOPE_PYTHON names no Python with torch)',
  () => {
    const runtime = chosenRuntime();
    const cases = new Map<string, readonly RandomCase[]>();
    const answers = new Map<LayerRequest, LayerAnswer>();
    let named: readonly NamedCase[] = [];
    let slot: Slot;
    let illConditioned = 0;
    let missing: readonly string[] = [];
    let signatures: PytorchAnswers['signatures'] = {};

    before(async function () {
      if (!python) this.skip();
      this.timeout(240_000);
      slot = await runtime.lease();
      for (const kind of Object.keys(layerCases)) {
        const fixed = preparedCases(kind, seed).map((prepared) => ({ request: prepared.request, prepared }));
        const random = Array.from({ length: casesPerRow(kind) }, (_, i) => randomCase(kind, seed, i));
        cases.set(kind, [...fixed, ...random]);
      }
      named = namedCases(seed);
      const requests = [
        ...[...cases.values()].flat().map(({ request }) => request),
        ...named.map(({ prepared }) => prepared.request),
      ];
      const asked = await askPytorch(python, script, requests, [...functionForms.keys()], {
        // Keras's own kinds are held against Keras.
        kinds: layers.filter(({ module, kind }) => module && kind in layerCases).map(({ kind }) => kind),
        conditioning: true,
      });
      requests.forEach((request, i) => {
        answers.set(request, asked.answers[i]!);
      });
      ({ missing, signatures } = asked);
    });
    after(() => {
      slot?.release();
      runtime.dispose();
    });

    it('PyTorch has every function that a row names', () => assert.deepEqual(missing, []));

    it('a constructor takes the attributes in the order of the row', () => {
      for (const { kind, attributes } of layers) {
        const theirs = signatures[kind]?.filter((name) => !NOT_ATTRIBUTES.has(name));
        const ours = Object.keys(attributes).filter((name) => !attributes[name]!.ofCall);
        if (theirs) assert.deepEqual(ours, theirs, kind);
      }
    });

    it('a function takes its parameters in the order of the form', () => {
      let seen = 0;
      for (const [name, { form }] of functionForms) {
        const theirs = signatures[name]?.map((parameter) => RENAMED[parameter] ?? parameter);
        if (!theirs || name.startsWith('operator.')) continue;
        // Python leaves out where a tensor lives, which says nothing of it.
        const ours = form.parameters.filter((parameter) => parameter !== 'device');
        assert.deepEqual(ours, theirs, name);
        seen++;
      }
      assert.ok(seen > 15, `only ${seen} signatures are known`);
    });

    /** Runs cases, many a program, and hands each with what it gave to `each`. */
    async function runAll(prepared: readonly PreparedCase[], each: (one: PreparedCase, values: LayerValues) => void) {
      for (let at = 0; at < prepared.length; at += CASES_A_PROGRAM) {
        const chunk = prepared.slice(at, at + CASES_A_PROGRAM);
        const values = await runLayers(slot, chunk);
        slot.clear();
        chunk.forEach((one, i) => {
          each(one, values[i]!);
        });
      }
    }

    /** Collects what differs, to say it at once with the seed that shows it again. */
    function collector() {
      const failures: string[] = [];
      return {
        check(what: string, comparison: () => void) {
          try {
            comparison();
          } catch (error) {
            failures.push(`${what}: ${error instanceof Error ? error.message : error}`);
          }
        },
        conclude(count: number) {
          const shown = failures.slice(0, 5).join('\n  ');
          assert.equal(
            failures.length,
            0,
            `${failures.length} of ${count} differ; again with NORMSCOPE_PARITY_SEED=${seed}:\n  ${shown}`,
          );
        },
      };
    }

    it('every name of every function computes what its form does', async function () {
      this.timeout(120_000);
      const { check, conclude } = collector();
      const accepted = named.filter(({ prepared }) => !('error' in answers.get(prepared.request)!));
      const names = new Set(accepted.map(({ name }) => name));
      assert.deepEqual(
        [...functionForms.keys()].filter((name) => !names.has(name)),
        [],
        'PyTorch takes no case under these names',
      );
      const prepared = accepted.map((one) => one.prepared);
      await runAll(prepared, (one, values) => {
        check(one.request.name, () => {
          compareLayer(one, values, answers.get(one.request)!);
        });
      });
      conclude(prepared.length);
    });

    for (const kind of Object.keys(layerCases)) {
      it(`${kind}: fixed and random cases`, async function () {
        this.timeout(120_000);
        const { check, conclude } = collector();
        const all = cases.get(kind)!;
        await runAll(
          all.flatMap((one) => ('prepared' in one ? [one.prepared] : [])),
          (one, values) => {
            check(one.request.name, () => {
              if (compareLayer(one, values, answers.get(one.request)!)) illConditioned++;
            });
          },
        );
        for (const one of all) {
          if (!('refusal' in one)) continue;
          const answer = answers.get(one.request)!;
          check(one.request.name, () => {
            assert.ok('error' in answer, `refused here, not in PyTorch: ${one.refusal}`);
            assert.equal(one.refusal, answer.error);
          });
        }
        conclude(all.length);
        // A generator that mostly draws what is refused compares nothing.
        const refused = all.filter((one) => 'refusal' in one).length;
        assert.ok(refused <= 0.2 * all.length, `${refused} of ${all.length} drawn cases are refused`);
      });
    }

    it('compares at least 3,000 random cases, nearly all of them well-conditioned', function () {
      if (!python) this.skip();
      const total = Object.keys(layerCases).reduce((sum, kind) => sum + casesPerRow(kind), 0);
      assert.ok(total >= 3000, `${total} cases`);
      this.test!.title += ` (${total}, ${illConditioned} ill-conditioned)`;
      assert.ok(illConditioned < 0.05 * total, `${illConditioned} of ${total} cases are ill-conditioned`);
    });
  },
);
