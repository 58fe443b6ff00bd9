import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { mutated } from './mutate';
import { survive } from './survive';

/** Real files, small ones, so that many can be read; `scripts/fuzzReaders.mjs` takes any folder's. */
const PYTHON = ['mlp', 'cnn', 'lstm'].map((name) => `test/bench/models/${name}.py`);
const DESCRIPTIONS = [
  'examples/post_ln_transformer.normscope.yaml',
  'test/vscode/workspace/wide.normscope.yaml',
  'test/fixtures/shortcut.normscope.json',
  'test/fixtures/convolutions.normscope.yaml',
];

/** A model file as a notebook: a cell for each of its parts. */
const asNotebook = (text: string): string =>
  JSON.stringify({
    cells: text
      .split(/\n(?=class |def )/)
      .map((source) => ({ cell_type: 'code', source: `%time\n${source}`, outputs: [] })),
    metadata: {},
  });

const bases: readonly { readonly file: string; readonly text: string; readonly runs: number }[] = [
  ...PYTHON.map((file) => ({ file, text: readFileSync(file, 'utf8'), runs: 1700 })),
  ...DESCRIPTIONS.map((file) => ({ file, text: readFileSync(file, 'utf8'), runs: 3000 })),
  { file: 'mlp.ipynb', text: asNotebook(readFileSync(PYTHON[0]!, 'utf8')), runs: 3000 },
];

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** What is still held when garbage is collected: of JavaScript, and of the parser outside of it. */
function heldBytes(): number {
  collect();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

describe('readers: mutated and cut-off files', function () {
  this.timeout(300_000);

  it('are 20,000 and more', () => assert.ok(bases.reduce((sum, { runs }) => sum + runs, 0) >= 20_000));

  for (const { file, text, runs } of bases) {
    it(`${file}: read or refused at a place, ${runs} times`, async () => {
      const before = heldBytes();
      const counts = { read: 0, refused: 0 };
      for (let seed = 0; seed < runs; seed++) {
        const changed = mutated(text, seed);
        try {
          counts[await survive(`/${file}`, changed)]++;
        } catch (error) {
          if (error instanceof Error) error.message = `seed ${seed}: ${error.message}\n${changed}`;
          throw error;
        }
      }
      // Neither is what the other should be: most mutations break a file, and some do not.
      assert.ok(counts.read > runs / 50 && counts.refused > runs / 50, JSON.stringify(counts));
      const stays = heldBytes() - before;
      assert.ok(stays < 100e6, `${Math.round(stays / 1e6)} MB stay`);
    });
  }
});
