import assert from 'node:assert/strict';
import path from 'node:path';
import { AttributeError, functionForms, layers, ShapeError } from '../../src/engine/layers';
import { bindShape } from '../../src/engine/network';
import { NativeRuntime, type Slot, type TensorData } from '../../src/engine/runtime';
import { relativeError } from '../execute';
import { askPytorch, type PytorchAnswers } from './askPytorch';
import { layerCases, type RefusedCase, refusedCases } from './layerCases';
import { type LayerFixture, REFUSALS, readFixture } from './layerFixtures';
import {
  completedAttributes,
  FIXTURE_SEED,
  fingerprint,
  type LayerAnswer,
  type PreparedCase,
  preparedCases,
  refusedRequest,
  refusedRequests,
  rowOf,
} from './layerRequests';
import { expressLayer, runLayer } from './runLayer';
import { decode, type EncodedTensor } from './tensors';

const tests = path.resolve(__dirname, '..', '..', '..', 'test');
const fixtures = path.join(tests, 'fixtures', 'parity');
const script = path.join(tests, 'parity', 'layers_reference.py');

/** Constructor parameters that say nothing of the layer: the tensors' type, and Hardtanh's names of old. */
const NOT_ATTRIBUTES = new Set(['self', 'dtype', 'min_value', 'max_value']);

/** What a form calls otherwise than the function does: a method's tensor, and the attribute of the module's name. */
const RENAMED: Readonly<Record<string, string>> = { self: 'input', sizes: 'unflattened_size' };

/** One tensor against PyTorch's: its shape, and max|a − b| / max|b|. */
function assertClose(what: string, ours: TensorData, theirs: EncodedTensor, tolerance: number): void {
  assert.deepEqual([...ours.shape], [...theirs.shape], `${what}: shape`);
  const error = relativeError(ours.values as Float32Array, decode(theirs));
  assert.ok(error <= tolerance, `${what}: differs by ${error}, allowed ${tolerance}`);
}

/** A row's declarations and values against PyTorch's answer to the same case. */
async function compare(slot: Slot, prepared: PreparedCase, answer: LayerAnswer): Promise<void> {
  assert.ok(!('error' in answer), 'error' in answer ? `PyTorch refuses: ${answer.error}` : '');
  const { row, request, completed, tolerance } = prepared;

  // The shape function, which knows no tensor, foretells PyTorch's shapes.
  assert.deepEqual(
    row.outputShapes(
      request.inputs.map(({ shape }) => shape),
      completed,
    ),
    answer.outputs.map(({ shape }) => shape),
  );

  if (!request.function) {
    const declared = Object.entries(row.parameters?.(completed) ?? {});
    assert.deepEqual(
      declared.map(([name, { shape }]) => ({ name, shape: [...shape] })),
      answer.initial.map(({ name, shape }) => ({ name, shape })),
      'parameters in registration order',
    );
    for (const [i, { name, largest }] of answer.initial.entries()) {
      const { initialization } = declared[i]![1];
      if (initialization.kind === 'constant')
        assert.equal(largest, Math.abs(initialization.value), `${name} starts at`);
      else if (initialization.kind === 'uniform')
        assert.ok(largest <= initialization.high * (1 + 1e-6), `${name} bound`);
    }
    assert.deepEqual(row.submodules ?? {}, answer.submodules, 'inner modules');
  }

  const ours = await runLayer(slot, prepared);
  answer.outputs.forEach((theirs, i) => {
    assertClose(`output ${i}`, ours.outputs[i]!, theirs, tolerance);
  });
  answer.inputGradients.forEach((theirs, i) => {
    assertClose(`gradient by input ${i}`, ours.inputGradients[i]!, theirs, tolerance);
  });
  assert.deepEqual(Object.keys(ours.parameterGradients), Object.keys(answer.parameterGradients));
  for (const [name, theirs] of Object.entries(answer.parameterGradients)) {
    assertClose(`gradient by ${name}`, ours.parameterGradients[name]!, theirs, tolerance);
  }
  for (const [name, theirs] of Object.entries(answer.buffers)) {
    assertClose(`buffer ${name}`, ours.buffers[name]!, theirs, tolerance);
  }
}

/** How our side words its refusal of a case; undefined where it accepts it. */
function ourRefusal(refused: RefusedCase): string | undefined {
  const row = rowOf(refused.kind);
  try {
    const completed = completedAttributes(refused.kind, refused);
    row.outputShapes(refused.inputs, completed);
    const request = {
      ...refusedRequest(refused),
      parameters: Object.fromEntries(
        Object.entries(refused.function ? {} : (row.parameters?.(completed) ?? {})).map(([name, { shape }]) => [
          name,
          { shape, data: '' },
        ]),
      ),
      buffers: Object.fromEntries(
        Object.entries(row.buffers?.(completed) ?? {}).map(([name, { shape }]) => [name, { shape, data: '' }]),
      ),
    };
    expressLayer({ row, request, completed, batch: 1, tolerance: 0 });
    return undefined;
  } catch (error) {
    if (error instanceof ShapeError || error instanceof AttributeError) return error.message;
    throw error;
  }
}

describe('parity of layers with PyTorch', () => {
  const runtime = new NativeRuntime();
  let slot: Slot;
  before(async () => {
    slot = await runtime.lease();
  });
  after(() => {
    slot.release();
    runtime.dispose();
  });

  it('has cases for every row, and for every function form of every row', () => {
    for (const row of layers) {
      const cases = layerCases[row.kind] ?? [];
      assert.ok(cases.length > 0, `${row.kind} has no parity case`);
      if (row.module)
        assert.ok(
          cases.some((one) => one.function === undefined),
          `${row.kind} has no case as a module`,
        );
      for (const form of row.functions ?? []) {
        const covered = cases.some((one) => one.function !== undefined && form.names.includes(one.function));
        assert.ok(covered, `${form.names[0]} has no parity case`);
      }
    }
    for (const kind of Object.keys(layerCases)) rowOf(kind);
  });

  it('foretells shapes with the batch as a symbol', () => {
    for (const [kind, cases] of Object.entries(layerCases)) {
      for (const one of cases) {
        const batch = one.batch ?? 2;
        const completed = completedAttributes(kind, one);
        const symbolic = rowOf(kind).outputShapes(one.inputs, completed);
        const bound = preparedCases(kind, FIXTURE_SEED)[cases.indexOf(one)]!;
        assert.deepEqual(
          symbolic.map((shape) => bindShape(shape, batch)),
          rowOf(kind).outputShapes(
            one.inputs.map((shape) => bindShape(shape, batch)),
            bound.completed,
          ),
        );
      }
    }
  });

  describe('committed answers', () => {
    for (const kind of Object.keys(layerCases)) {
      describe(kind, () => {
        const prepared = preparedCases(kind, FIXTURE_SEED);
        let fixture: LayerFixture;
        before(() => {
          fixture = readFixture(fixtures, kind);
          assert.equal(
            fixture.fingerprint,
            fingerprint(prepared.map(({ request }) => request)),
            `the cases of ${kind} changed: run test/parity/regenerate.mjs`,
          );
        });
        prepared.forEach((one, i) => {
          it(one.request.name, () => compare(slot, one, fixture.answers[i]!));
        });
      });
    }
  });

  describe('refusals, in the same words', () => {
    let fixture: LayerFixture;
    before(() => {
      fixture = readFixture(fixtures, REFUSALS);
      assert.equal(
        fixture.fingerprint,
        fingerprint(refusedRequests()),
        'the refused cases changed: run test/parity/regenerate.mjs',
      );
    });
    refusedCases.forEach((refused, i) => {
      it(`${refused.kind} ${refusedRequest(refused).name}`, () => {
        const answer = fixture.answers[i]!;
        assert.ok('error' in answer);
        assert.equal(ourRefusal(refused), answer.error);
      });
    });
  });

  const python = process.env.NORMSCOPE_PYTHON;
  describe(python ? 'live, on fresh inputs' : 'live (skipped: NORMSCOPE_PYTHON names no Python with torch)', () => {
    const seed = Date.now() >>> 0;
    const prepared = Object.keys(layerCases).map((kind) => [kind, preparedCases(kind, seed)] as const);
    const answers = new Map<PreparedCase, LayerAnswer>();
    let missing: readonly string[] = [];
    let signatures: PytorchAnswers['signatures'] = {};
    before(async function () {
      if (!python) this.skip();
      this.timeout(120_000);
      const all = prepared.flatMap(([, cases]) => cases);
      const asked = await askPytorch(
        python,
        script,
        all.map(({ request }) => request),
        [...functionForms.keys()],
        layers.filter(({ module }) => module).map(({ kind }) => kind),
      );
      all.forEach((one, i) => {
        answers.set(one, asked.answers[i]!);
      });
      ({ missing, signatures } = asked);
    });

    it('PyTorch has every function that a row names', () => assert.deepEqual(missing, []));

    it('a constructor takes the attributes in the order of the row', () => {
      for (const { kind, attributes } of layers) {
        const theirs = signatures[kind]?.filter((name) => !NOT_ATTRIBUTES.has(name));
        const ours = Object.keys(attributes).filter((name) => !(kind === 'Dropout' && name === 'training'));
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

    for (const [kind, cases] of prepared) {
      it(`${kind} (seed ${seed})`, async function () {
        this.timeout(60_000);
        for (const one of cases) {
          try {
            await compare(slot, one, answers.get(one)!);
          } catch (error) {
            throw new Error(`${one.request.name}: ${error instanceof Error ? error.message : error}`);
          }
        }
      });
    }
  });
});
