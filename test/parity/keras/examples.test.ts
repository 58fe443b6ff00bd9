import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { countParameters, fileDocument } from '../../../src/engine/network';
import { pythonReader } from '../../../src/engine/readers/pythonFiles';

const FOLDER = 'test/parity/keras/examples';

/** What `count_params()` is in Keras 3.15.1, by file and the model's name (examples_reference.py). */
const { examples: totals }: { examples: Readonly<Record<string, Readonly<Record<string, number>>>> } = JSON.parse(
  readFileSync('test/fixtures/keras/examples.json', 'utf8'),
);

/** Models that are not read to the end, and the first thing that is said of each. */
const IN_PART: Readonly<Record<string, RegExp>> = {
  'collaborative_filtering.py model': /input's shape is not known/,
  'finetune.py model': /Keras's own source is not at hand/,
  'pixelcnn.py pixel_cnn': /this attribute of a Tensor is not modelled/,
  'siamese.py embedding': /Keras's own source is not at hand/,
  'siamese.py siamese_model': /Keras's own source is not at hand/,
  'structured_data.py model': /what it looks up is not known/,
  'subclass_bare.py model': /input's shape is not known/,
  // Its rate is computed by a class of the file's own.
  'tf_transformer.py transformer': /its default stands in its place/,
  'ts_transformer.py model': /numpy\.loadtxt is not modelled/,
};

describe('scripts in the style of keras.io', () => {
  const inPart: string[] = [];

  for (const file of readdirSync(FOLDER)) {
    it(`${file}: Keras's totals, and what is not read`, async () => {
      const full = path.join(FOLDER, file);
      const networks = await pythonReader.read(fileDocument(full, readFileSync(full, 'utf8')), {});
      assert.ok(networks.length > 0);
      for (const network of networks) {
        const name = `${file} ${network.name}`;
        const [first] = network.unmodelled;
        if (first) {
          assert.match(first.why, IN_PART[name] ?? /nothing/, name);
          inPart.push(name);
        } else assert.ok(network.outputs.length > 0, `${name} gives nothing`);
        const total = totals[file]![network.name];
        if (total !== undefined && network.parameters.length > 0)
          assert.equal(countParameters(network).total, total, name);
      }
    });
  }

  it('reads in part exactly these', () => assert.deepEqual(inPart.sort(), Object.keys(IN_PART).sort()));
});
