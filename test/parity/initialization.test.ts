import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { calculateGain, sourceDocument } from '../../src/engine/network';
import { initialValues } from '../../src/engine/probe/data/initialization';
import { Purpose } from '../../src/engine/probe/data/philox';
import { pytorchReader } from '../../src/engine/readers/pytorch';
import { relativeError } from '../execute';

type Settings = Readonly<Record<string, number | string>>;
type Moments = Readonly<Record<'mean' | 'std' | 'fourth' | 'low' | 'high', number>>;

/** What test/parity/initialization_reference.py prints. */
interface Reference {
  readonly gains: readonly (readonly [name: string, parameter: number | null, gain: number])[];
  readonly fixed: readonly (readonly [name: string, shape: readonly number[], Settings, values: readonly number[]])[];
  readonly shape: readonly number[];
  readonly drawn: readonly (readonly [name: string, Settings, Moments])[];
  readonly sparseZeros: readonly number[];
}

const reference: Reference = JSON.parse(readFileSync('test/fixtures/initialization.json', 'utf8'));

/** Draws through the reader: what it makes of a call of `torch.nn.init` on a parameter, drawn as the probe draws it. */
async function drawn(name: string, shape: readonly number[], settings: Settings, index = 0): Promise<Float32Array> {
  const given = Object.entries(settings).map(([key, value]) => `, ${key}=${JSON.stringify(value)}`);
  const text = `import torch
from torch import nn
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.empty(${shape.join(', ')}))
        nn.init.${name}(self.weight${given.join('')})
    def forward(self, x):
        return x * 1.0
`;
  const document = sourceDocument('file:///model.py', text);
  const inputs = [{ name: 'x', shape: [1, 4] }];
  const [network] = await pytorchReader.read(document, { inputs });
  const noted = network!.unmodelled.filter(({ what }) => /init/.test(what));
  assert.deepEqual(noted, []);
  const { initialization } = network!.parameters[0]!;
  const stream = { seed: 1, purpose: Purpose.weights, index };
  return initialValues({ shape, initialization, stream }).values as Float32Array;
}

function moments(values: Float32Array): Moments {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const power = (exponent: number) =>
    values.reduce((sum, value) => sum + (value - mean) ** exponent, 0) / values.length;
  return {
    mean,
    std: Math.sqrt(power(2)),
    fourth: power(4),
    low: values.reduce((a, b) => Math.min(a, b)),
    high: values.reduce((a, b) => Math.max(a, b)),
  };
}

describe('parity: torch.nn.init', () => {
  it('calculate_gain', () => {
    for (const [name, parameter, gain] of reference.gains) {
      assert.ok(Math.abs(calculateGain(name, parameter ?? undefined)! - gain) < 1e-12, name);
    }
    assert.equal(calculateGain('gelu'), undefined);
  });

  for (const [name, shape, settings, values] of reference.fixed) {
    it(`${name} ${JSON.stringify(settings)} of [${shape}]: the same values`, async () => {
      assert.ok(relativeError(await drawn(name, shape, settings), values) < 1e-7);
    });
  }

  it('sparse_: as many zeros in a column', async () => {
    const values = await drawn('sparse_', [10, 4], { sparsity: 0.34 });
    const zeros = [0, 1, 2, 3].map((column) => values.filter((value, i) => i % 4 === column && value === 0).length);
    assert.deepEqual(zeros, reference.sparseZeros);
  });

  for (const [name, settings, theirs] of reference.drawn) {
    it(`${name} ${JSON.stringify(settings)}: the same moments and bounds`, async () => {
      const parts = await Promise.all(
        Array.from({ length: 20 }, (_, index) => drawn(name, reference.shape, settings, index)),
      );
      const all = new Float32Array(parts.length * parts[0]!.length);
      parts.forEach((part, i) => {
        all.set(part, i * part.length);
      });
      const ours = moments(all);
      // Both sides are samples of 288,000 numbers.
      const noise = 7 / Math.sqrt(all.length);
      assert.ok(Math.abs(ours.mean - theirs.mean) < noise * theirs.std, `mean ${ours.mean} for ${theirs.mean}`);
      assert.ok(Math.abs(ours.std / theirs.std - 1) < noise, `std ${ours.std} for ${theirs.std}`);
      assert.ok(Math.abs(ours.fourth / theirs.fourth - 1) < 6 * noise, `${ours.fourth} for ${theirs.fourth}`);
      const bounded = /uniform|trunc/.test(name) ? 1e-2 : 1;
      for (const end of ['low', 'high'] as const) {
        assert.ok(Math.abs(ours[end] - theirs[end]) < bounded * theirs.std, `${end} ${ours[end]} for ${theirs[end]}`);
      }
    });
  }

  it('agrees with the PyTorch at hand (NORMSCOPE_PYTHON)', function () {
    const python = process.env.NORMSCOPE_PYTHON;
    if (!python) return this.skip();
    const live: Reference = JSON.parse(
      execFileSync(python, ['test/parity/initialization_reference.py'], { encoding: 'utf8' }),
    );
    assert.deepEqual(live.gains, reference.gains);
    assert.deepEqual(live.fixed, reference.fixed);
    assert.deepEqual(live.sparseZeros, reference.sparseZeros);
    live.drawn.forEach(([, , theirs], i) => {
      assert.ok(Math.abs(theirs.std / reference.drawn[i]![2].std - 1) < 1e-2);
    });
  });
});
