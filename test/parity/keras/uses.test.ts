import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { InputError } from '../../../src/engine/network';
import { chosenRuntime } from '../../chosenRuntime';
import { type Answer, compareModel } from './compareModel';
import { readUse, usesOf } from './uses';

const FIXTURE = 'test/fixtures/keras/uses.json.gz';
type Uses = Readonly<Record<string, Readonly<Record<string, Answer | { readonly error: string }>>>>;

/** Uses that are not read to the end, by what is said of them. */
const NOT_READ: Readonly<Record<string, string>> = JSON.parse(
  readFileSync('test/fixtures/keras/usesNotRead.json', 'utf8'),
);

describe('uses of Keras, a line each', () => {
  const runtime = chosenRuntime();
  after(() => runtime.dispose());
  const { uses } = JSON.parse(gunzipSync(readFileSync(FIXTURE)).toString()) as { uses: Uses };

  for (const file of readdirSync('test/parity/keras/uses')) {
    it(`${file}: weights, outputs and gradients of what is read, and what is not read`, async function () {
      this.timeout(240_000);
      const lines = usesOf(file);
      assert.deepEqual(lines, Object.keys(uses[file] ?? {}), 'regenerate the fixture');
      const wrong: string[] = [];
      const notRead: Record<string, string> = {};
      for (const line of lines) {
        const theirs = uses[file]![line]!;
        if ('error' in theirs) continue;
        try {
          const network = await readUse(line);
          if (network.unmodelled.length > 0) notRead[line] = network.unmodelled[0]!.why;
          else await compareModel(network, theirs, runtime);
        } catch (error) {
          if (error instanceof InputError) notRead[line] = error.message;
          else wrong.push(`${line}: ${error instanceof Error ? error.message : error}`);
        }
      }
      assert.deepEqual(wrong, []);
      const expected = Object.keys(NOT_READ).filter((line) => lines.includes(line));
      assert.deepEqual(Object.keys(notRead).sort(), expected.sort(), JSON.stringify(notRead, null, 2));
    });
  }
});
