import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { fileDocument, InputError } from '../../../src/engine/network';
import { savedJsonReader } from '../../../src/engine/readers/pythonFiles';
import { chosenRuntime } from '../../chosenRuntime';
import { type Answer, compareModel } from './compareModel';
import { readUse, usesOf } from './uses';

const FIXTURE = 'test/fixtures/keras/uses.json.gz';
/** Numbers in JSON do not say whether they are whole or floating. */
const OTHER_NUMBERS = 'ops.digitize(v, ops.array([-0.5, 0.0, 0.5])) * 1.0';

type Use = Answer & { readonly saved?: string };
type Uses = Readonly<Record<string, Readonly<Record<string, Use | { readonly error: string }>>>>;

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

    it(`${file}: the same of what Keras saves`, async function () {
      this.timeout(240_000);
      const wrong: string[] = [];
      for (const [line, theirs] of Object.entries(uses[file]!)) {
        if ('error' in theirs || !theirs.saved || line === OTHER_NUMBERS || line in NOT_READ) continue;
        try {
          const [network] = await savedJsonReader.read(fileDocument('model.json', theirs.saved), {});
          assert.deepEqual(network!.unmodelled, []);
          await compareModel(network!, theirs, runtime);
        } catch (error) {
          wrong.push(`${line}: ${error instanceof Error ? error.message : error}`);
        }
      }
      assert.deepEqual(wrong, []);
    });
  }
});
