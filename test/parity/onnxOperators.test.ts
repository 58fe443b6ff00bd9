import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { InputError } from '../../src/engine/network';
import { chosenRuntime } from '../chosenRuntime';
import { relativeError } from '../execute';
import { evaluated, readOnnxFile } from './readOnnxFile';
import { decode, type EncodedTensor } from './tensors';

/** float16 inputs are computed as float32. */
const TOLERANCE = 1e-3;
/** So many of ONNX 1.23's cases are read and right; the rest are named as not modelled, or not float. */
const AT_LEAST = 850;

/** Cases whose right answer differs by definition, and why. */
const OTHERWISE: Readonly<Record<string, string>> = {
  test_bitwise_not_3d: 'whole numbers are signed here',
  test_bitwise_not_4d: 'whole numbers are signed here',
  test_mod_float_edge_cases_fmod_0_float16: 'NaN and infinities as PyTorch has them',
  test_mod_float_edge_cases_fmod_0_float32: 'NaN and infinities as PyTorch has them',
  test_mod_float_edge_cases_fmod_0_float64: 'NaN and infinities as PyTorch has them',
  test_training_dropout: 'evaluated, it drops nothing',
  test_training_dropout_default: 'evaluated, it drops nothing',
};

const hasOnnx = (python: string): boolean => {
  try {
    execFileSync(python, ['-c', 'import onnx'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
};

describe('parity: ONNX’s own tests of its operators', () => {
  const runtime = chosenRuntime();
  after(() => runtime.dispose());

  it('what is read of them gives what they say (NORMSCOPE_PYTHON with onnx)', async function () {
    const python = process.env.NORMSCOPE_PYTHON;
    if (!python || !hasOnnx(python)) return this.skip();
    this.timeout(300_000);
    const folder = mkdtempSync(path.join(tmpdir(), 'normscope-onnx-operators-'));
    try {
      execFileSync(python, ['test/parity/onnx_operators_reference.py', folder], { stdio: 'ignore' });
      const wrong: string[] = [];
      let right = 0;
      for (const file of readdirSync(folder).filter((name) => name.endsWith('.onnx'))) {
        const name = file.slice(0, -'.onnx'.length);
        const answer = JSON.parse(readFileSync(`${folder}/${name}.json`, 'utf8')) as Record<'x' | 'y', EncodedTensor>;
        const difference = await compare(path.join(folder, file), answer);
        if (difference === undefined) continue;
        if (difference < TOLERANCE) right++;
        else if (!(name in OTHERWISE)) wrong.push(`${name}: ${difference}`);
      }
      assert.deepEqual(wrong, []);
      assert.ok(right >= AT_LEAST, `${right} cases are right`);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  /** The relative error; undefined for a case that is said not to be modelled. */
  async function compare(file: string, { x, y }: Record<'x' | 'y', EncodedTensor>): Promise<number | undefined> {
    let network: ReturnType<typeof readOnnxFile>;
    try {
      network = readOnnxFile(file);
    } catch (error) {
      if (error instanceof InputError) return undefined;
      throw error;
    }
    const [, input] = network.inputs;
    if (network.unmodelled.length > 0 || network.outputs.length === 0 || !input) return undefined;
    if (x.dtype === 'bool') return undefined;
    const found = await evaluated(network, input.name, x, 2, runtime);
    if (found.shape.join() !== y.shape.join()) return Number.POSITIVE_INFINITY;
    return relativeError(Array.from(found.values, Number), Array.from(decode(y), Number));
  }
});
