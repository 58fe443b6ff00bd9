import assert from 'node:assert/strict';
import path from 'node:path';
import { functionForms, layers } from '../../src/engine/layers';
import type { Slot } from '../../src/engine/runtime';
import { chosenRuntime } from '../chosenRuntime';
import { askPytorch, type PytorchAnswers } from './askPytorch';
import { layerCases } from './cases';
import { compareLayer } from './compareLayer';
import { type LayerAnswer, type LayerRequest, preparedCases } from './layerRequests';
import { casesPerRow, type RandomCase, randomCase } from './randomCases';
import { runLayers } from './runLayer';

const script = path.resolve(__dirname, '..', '..', '..', 'test', 'parity', 'layers_reference.py');

/** Constructor parameters that say nothing of the layer: the tensors' type, other devices, and Hardtanh's names of old. */
const NOT_ATTRIBUTES = new Set(['self', 'dtype', 'process_group', 'min_value', 'max_value']);

/** What a form calls otherwise than the function does: a method's tensor, and the attribute of the module's name. */
const RENAMED: Readonly<Record<string, string>> = { self: 'input', sizes: 'unflattened_size' };

/** Cases that one program computes: a session takes longer to open than to run. */
const CASES_A_PROGRAM = 20;

const python = process.env.NORMSCOPE_PYTHON;
const seed = Number(process.env.NORMSCOPE_PARITY_SEED ?? Date.now() >>> 0);

describe(
  python ? `live parity (seed ${seed})` : 'live parity (skipped: NORMSCOPE_PYTHON names no Python with torch)',
  () => {
    const runtime = chosenRuntime();
    const cases = new Map<string, readonly RandomCase[]>();
    const answers = new Map<LayerRequest, LayerAnswer>();
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
      const requests = [...cases.values()].flat().map(({ request }) => request);
      const asked = await askPytorch(python, script, requests, [...functionForms.keys()], {
        kinds: layers.filter(({ module }) => module).map(({ kind }) => kind),
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
        assert.deepEqual(form.parameters, theirs, name);
        seen++;
      }
      assert.ok(seen > 15, `only ${seen} signatures are known`);
    });

    for (const kind of Object.keys(layerCases)) {
      it(`${kind}: fixed and random cases`, async function () {
        this.timeout(120_000);
        const failures: string[] = [];
        const check = (what: string, comparison: () => void) => {
          try {
            comparison();
          } catch (error) {
            failures.push(`${what}: ${error instanceof Error ? error.message : error}`);
          }
        };
        const all = cases.get(kind)!;
        const runnable = all.flatMap((one) => ('prepared' in one ? [one.prepared] : []));
        for (let at = 0; at < runnable.length; at += CASES_A_PROGRAM) {
          const chunk = runnable.slice(at, at + CASES_A_PROGRAM);
          const values = await runLayers(slot, chunk);
          slot.clear();
          chunk.forEach((one, i) => {
            check(one.request.name, () => {
              if (compareLayer(one, values[i]!, answers.get(one.request)!)) illConditioned++;
            });
          });
        }
        for (const one of all) {
          if (!('refusal' in one)) continue;
          const answer = answers.get(one.request)!;
          check(one.request.name, () => {
            assert.ok('error' in answer, `refused here, not in PyTorch: ${one.refusal}`);
            assert.equal(one.refusal, answer.error);
          });
        }
        assert.equal(
          failures.length,
          0,
          `${failures.length} of ${all.length} differ; again with NORMSCOPE_PARITY_SEED=${seed}:\n  ${failures.slice(0, 5).join('\n  ')}`,
        );
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
