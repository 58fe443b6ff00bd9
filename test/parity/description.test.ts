import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { bindShape, countParameters, fileDocument, valueShapes } from '../../src/engine/network';
import { descriptionReader } from '../../src/engine/readers/description';

/** What test/parity/description_models.py prints. */
interface TorchModel {
  readonly total: number;
  readonly modules: readonly (readonly [id: string, kind: string])[];
  readonly parameters: Readonly<Record<string, readonly number[]>>;
  readonly buffers: Readonly<Record<string, readonly number[]>>;
  readonly shapes: Readonly<Record<string, readonly number[]>>;
}

async function compare(file: string, torch: TorchModel): Promise<void> {
  const [network] = await descriptionReader.read(fileDocument(`/${file}`, readFileSync(file, 'utf8')), {});
  assert.ok(network);
  const shapes = (tensors: readonly { id: string; shape: readonly number[] }[]) =>
    Object.entries(Object.fromEntries(tensors.map(({ id, shape }) => [id, shape])));
  assert.equal(countParameters(network).total, torch.total);
  assert.deepEqual(
    network.modules.map(({ id, kind }) => [id, kind]),
    torch.modules,
  );
  // In PyTorch's order too: `named_parameters()`.
  assert.deepEqual(shapes(network.parameters), Object.entries(torch.parameters));
  assert.deepEqual(shapes(network.buffers), Object.entries(torch.buffers));
  const values = valueShapes(network);
  for (const call of network.calls.filter(({ module }) => module !== undefined)) {
    assert.deepEqual(bindShape(values.get(call.id)!, network.batch.size), torch.shapes[call.id], call.id);
  }
}

const fixture: Record<string, TorchModel> = JSON.parse(readFileSync('test/fixtures/description.json', 'utf8'));

describe('parity: description files', () => {
  for (const [file, torch] of Object.entries(fixture)) {
    it(`${file} has PyTorch's modules, parameters and shapes`, () => compare(file, torch));
  }

  it('agrees with the PyTorch at hand (NORMSCOPE_PYTHON)', function () {
    const python = process.env.NORMSCOPE_PYTHON;
    if (!python) this.skip();
    const printed = execFileSync(python, ['test/parity/description_models.py'], { encoding: 'utf8' });
    assert.deepEqual(JSON.parse(printed), fixture);
  });
});
