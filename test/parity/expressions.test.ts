import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { gunzipSync, gzipSync } from 'node:zlib';
import { elementCount, type Network, sourceDocument } from '../../src/engine/network';
import { traceNetwork } from '../../src/engine/probe/trace';
import { pytorchReader } from '../../src/engine/readers/pytorch';
import { cast, constant, gradients, input, mul, sum, type Tensor } from '../../src/engine/tensor';
import { chosenRuntime } from '../chosenRuntime';
import { execute, relativeError } from '../execute';
import { EXPRESSIONS } from './expressions';
import { decode, dtypeOf, type EncodedTensor, encode, randomNumbers } from './tensors';

const FIXTURE = 'test/fixtures/expressions.json.gz';
const TOLERANCE = 1e-4;

type Answer =
  | { readonly value: EncodedTensor; readonly gradients: Readonly<Record<string, EncodedTensor>> }
  | { readonly error: string };

const floats = (seed: number, shape: readonly number[]): EncodedTensor => {
  const random = randomNumbers(seed);
  return encode(
    shape,
    Float32Array.from({ length: elementCount(shape) }, () => random()),
  );
};

/** What every expression is computed of. */
const INPUTS: Readonly<Record<string, EncodedTensor>> = {
  x: floats(11, [3, 4, 5]),
  v: floats(12, [3, 4]),
  img: floats(13, [3, 2, 6, 6]),
  i: encode([3, 4], BigInt64Array.from([0, 2, 1, 3, 3, 1, 0, 2, 1, 2, 3, 0], BigInt)),
  m: encode([3, 4], BigInt64Array.from([1, 0, 1, 1, 0, 1, 0, 0, 1, 1, 0, 1], BigInt)),
};

/** What values are weighed by, so that what normalizes has a gradient to speak of. */
const factorsFor = (count: number): number[] => Array.from({ length: count }, (_, i) => Math.sin(i + 1));

/** The expression as the forward of a model. */
function modelOf(expression: string): string {
  const statements = expression.split('; ');
  const body = ['m = m.bool()', ...statements.slice(0, -1), `return ${statements.at(-1)}`];
  return `import torch
import torch.nn.functional as F
from torch import nn

class Model(nn.Module):
    def forward(self, x, v, img, i, m):
${body.map((line) => `        ${line}`).join('\n')}
`;
}

async function readExpression(expression: string): Promise<Network> {
  const inputs = Object.entries(INPUTS).map(([name, tensor]) => ({
    name,
    shape: tensor.shape,
    dtype: dtypeOf(tensor) as 'float32' | 'int64',
  }));
  const [network] = await pytorchReader.read(sourceDocument('file:///model.py', modelOf(expression)), {
    name: 'Model',
    inputs,
  });
  assert.equal(network!.unmodelled.map(({ what, why }) => `${what}: ${why}`).join('; '), '');
  assert.equal(network!.outputs.length, 1, 'it gives no tensor');
  return network!;
}

describe('parity: what a forward writes with tensors', () => {
  const runtime = chosenRuntime();
  after(() => runtime.dispose());

  async function compare(expression: string, theirs: Answer): Promise<void> {
    assert.ok(!('error' in theirs), 'error' in theirs ? `PyTorch says: ${theirs.error}` : '');
    const network = await readExpression(expression);
    const leaf = (name: string): Tensor => input(name, INPUTS[name]!.shape, dtypeOf(INPUTS[name]!));
    const leaves = new Map(Object.keys(INPUTS).map((name) => [name, leaf(name)]));
    const trace = traceNetwork(network, {
      batch: 3,
      mode: 'train',
      input: (name) => leaves.get(name)!,
      parameter: (id) => assert.fail(id),
      buffer: (id) => assert.fail(id),
      bernoulli: () => assert.fail('nothing is dropped'),
      uniform: () => assert.fail('nothing is drawn'),
    });
    const value = cast(trace.outputs[0]!, 'float32');
    const wrt = Object.keys(theirs.gradients);
    const slopes = gradients(
      sum(mul(value, constant(factorsFor(elementCount(value.shape)), value.shape))),
      wrt.map((name) => leaves.get(name)!),
    );
    const found = await execute(
      { value, ...Object.fromEntries(wrt.map((name, i) => [`by ${name}`, slopes[i]!])) },
      Object.fromEntries(
        Object.entries(INPUTS).map(([name, tensor]) => [
          name,
          { dtype: dtypeOf(tensor), shape: tensor.shape, values: decode(tensor) },
        ]),
      ),
      runtime,
    );
    const close = (name: string, expected: EncodedTensor) => {
      assert.deepEqual([...found[name]!.shape], [...expected.shape], name);
      const error = relativeError(found[name]!.values as Float32Array, decode(expected) as Float32Array);
      assert.ok(error < TOLERANCE, `${name} differs by ${error}`);
    };
    close('value', theirs.value);
    for (const name of wrt) close(`by ${name}`, theirs.gradients[name]!);
  }

  const known = existsSync(FIXTURE)
    ? (JSON.parse(gunzipSync(readFileSync(FIXTURE)).toString()) as Record<string, Answer>)
    : {};

  for (const expression of EXPRESSIONS) {
    it(expression, () => {
      const theirs = known[expression];
      assert.ok(
        theirs,
        'it has no committed answer: run this file with NORMSCOPE_PYTHON and NORMSCOPE_WRITE_FIXTURES=1',
      );
      return compare(expression, theirs);
    });
  }

  it('agree with the PyTorch at hand (NORMSCOPE_PYTHON; NORMSCOPE_WRITE_FIXTURES=1 keeps its answers)', async function () {
    const python = process.env.NORMSCOPE_PYTHON;
    if (!python) return this.skip();
    this.timeout(120_000);
    const answers = JSON.parse(
      execFileSync(python, ['test/parity/expressions_reference.py'], {
        encoding: 'utf8',
        input: JSON.stringify({ inputs: INPUTS, expressions: EXPRESSIONS }),
        maxBuffer: 1e8,
      }),
    ) as Answer[];
    const live = Object.fromEntries(EXPRESSIONS.map((expression, i) => [expression, answers[i]!]));
    if (process.env.NORMSCOPE_WRITE_FIXTURES) writeFileSync(FIXTURE, gzipSync(JSON.stringify(live), { level: 9 }));
    const differing: string[] = [];
    for (const expression of EXPRESSIONS) {
      try {
        await compare(expression, live[expression]!);
      } catch (error) {
        differing.push(`${expression}: ${error instanceof Error ? error.message : error}`);
      }
    }
    assert.equal(differing.length, 0, differing.join('\n'));
  });
});
