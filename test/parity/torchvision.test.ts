import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { countParameters, fileDocument, formatShape, type Network } from '../../src/engine/network';
import { pytorchReader } from '../../src/engine/readers/pytorch';

const COVERAGE = 'docs/coverage.md';

/** What test/parity/torchvision_reference.py says of one builder. */
interface Model {
  readonly name: string;
  readonly file: string;
  readonly builder: string;
  readonly family: string;
  readonly total: number;
  readonly published: readonly (number | null)[];
  readonly modules: readonly (readonly [id: string, kind: string])[];
}

interface Reading extends Model {
  readonly network: Network;
  readonly milliseconds: number;
}

const why = ({ network }: Reading): string =>
  network.outputs.length === 0 && network.unmodelled.length === 0
    ? 'structure alone: its input is not known'
    : network.unmodelled.map((each) => `${each.what}: ${each.why}`).join('; ');

const isExact = ({ network }: Reading): boolean => network.outputs.length > 0 && network.unmodelled.length === 0;

/** The table of docs/coverage.md. */
function table(version: string, readings: readonly Reading[]): string {
  const exact = readings.filter(isExact).length;
  const lines = readings.map((reading) => {
    const { builder, family, network, published, total } = reading;
    const shapes = network.inputs.map(({ shape }) => formatShape(shape)).join(', ');
    const stated = published.includes(total) ? 'as published' : `published ${published.join(', ')}`;
    return `| ${builder} | ${family} | ${isExact(reading) ? 'exact' : `partial: ${why(reading)}`} | ${total} | ${stated} | ${network.calls.length} | ${shapes} |`;
  });
  return [
    `torchvision ${version.replace(/\+.*/, '')}: of ${readings.length} builders, each called without arguments, ${exact} are read exactly, to their outputs, and`,
    `${readings.length - exact} in part. Every total and every module's id and kind is PyTorch's.`,
    '',
    '| builder | family | read | parameters | in its weights’ metadata | calls | input taken |',
    '| --- | --- | --- | --- | --- | --- | --- |',
    ...lines,
  ].join('\n');
}

describe('parity: torchvision’s builders', () => {
  it('have PyTorch’s totals and modules, read from their source (NORMSCOPE_PYTHON with torchvision; NORMSCOPE_WRITE_COVERAGE=1 writes the table)', async function () {
    const python = process.env.NORMSCOPE_PYTHON;
    if (!python) return this.skip();
    this.timeout(600_000);
    try {
      execFileSync(python, ['-c', 'import importlib.util as u, sys; sys.exit(u.find_spec("torchvision") is None)']);
    } catch {
      return this.skip();
    }
    const answer = execFileSync(python, ['test/parity/torchvision_reference.py'], { encoding: 'utf8', maxBuffer: 1e9 });
    const { site, version, models } = JSON.parse(answer) as { site: string; version: string; models: Model[] };
    const readings: Reading[] = [];
    for (const model of models) {
      const file = path.join(site, model.file);
      const began = performance.now();
      const [network] = await pytorchReader.read(fileDocument(file, readFileSync(file, 'utf8')), {
        name: model.builder,
        imports: { workspace: [site], sitePackages: [] },
      });
      assert.ok(network, model.name);
      readings.push({ ...model, network, milliseconds: performance.now() - began });
    }
    if (process.env.NORMSCOPE_WRITE_COVERAGE) {
      const text = readFileSync(COVERAGE, 'utf8');
      const between = /(<!-- torchvision -->\n)[\s\S]*(<!-- end of torchvision -->)/;
      assert.match(text, between);
      writeFileSync(
        COVERAGE,
        text.replace(between, (_, begin, end) => `${begin}${table(version, readings)}\n${end}`),
      );
    }
    for (const { name, network, total, modules } of readings) {
      assert.equal(countParameters(network).total, total, name);
      assert.deepEqual(
        network.modules.map(({ id, kind }) => [id, kind]),
        modules,
        name,
      );
    }
    const partial = readings
      .filter((reading) => !isExact(reading))
      .map((reading) => `${reading.name}: ${why(reading)}`);
    assert.deepEqual(partial, []);
  });
});
