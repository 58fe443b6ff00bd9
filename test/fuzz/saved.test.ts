import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { zipSync } from 'fflate';
import { binaryDocument, InputError, type SourceDocument, sourceDocument } from '../../src/engine/network';
import { readerFor } from '../../src/engine/readers/table';
import { mutated, randomFrom } from './mutate';

/** Nothing takes longer, in seconds of the processor's time. */
const LONGEST = 2;

/** A saved configuration as Keras writes it, with what files hold: nested settings, an initializer, a graph of calls. */
const SAVED = JSON.stringify({
  class_name: 'Functional',
  config: {
    name: 'net',
    layers: [
      {
        class_name: 'InputLayer',
        config: { name: 'x', batch_shape: [null, 8, 8, 3], dtype: 'float32' },
        inbound_nodes: [],
        name: 'x',
      },
      {
        class_name: 'Conv2D',
        config: { name: 'conv', filters: 4, kernel_size: [3, 3], padding: 'same', activation: 'relu' },
        inbound_nodes: [
          {
            args: [
              {
                class_name: '__keras_tensor__',
                config: { shape: [null, 8, 8, 3], dtype: 'float32', keras_history: ['x', 0, 0] },
              },
            ],
            kwargs: {},
          },
        ],
        name: 'conv',
      },
      {
        class_name: 'GlobalAveragePooling2D',
        config: { name: 'pool' },
        inbound_nodes: [
          {
            args: [
              {
                class_name: '__keras_tensor__',
                config: { shape: [null, 8, 8, 4], dtype: 'float32', keras_history: ['conv', 0, 0] },
              },
            ],
            kwargs: {},
          },
        ],
        name: 'pool',
      },
    ],
    input_layers: [['x', 0, 0]],
    output_layers: [['pool', 0, 0]],
  },
  keras_version: '3.15.1',
});

/** Some bytes changed, left out, doubled or cut off. */
function mutatedBytes(bytes: Uint8Array, seed: number): Uint8Array {
  const next = randomFrom(seed);
  let changed = Uint8Array.from(bytes);
  for (let i = 0; i <= next(4); i++) {
    const at = next(changed.length);
    const to = Math.min(changed.length, at + 1 + next(16));
    const kind = next(4);
    if (kind === 0) changed[at] = next(256);
    else if (kind === 1) changed = Uint8Array.from([...changed.slice(0, at), ...changed.slice(to)]);
    else if (kind === 2) changed = Uint8Array.from([...changed.slice(0, to), ...changed.slice(at)]);
    else changed = changed.slice(0, Math.max(1, at));
  }
  return changed;
}

/** Reads it, or refuses it in one line, within two seconds of the processor's time. */
async function survives(name: string, document: SourceDocument): Promise<'read' | 'refused'> {
  const began = process.cpuUsage();
  let ending: 'read' | 'refused' = 'read';
  try {
    const reader = await readerFor(name)!.load();
    await reader.read(document, {});
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    assert.ok(!/[\n\r]/.test(error.message), error.message);
    ending = 'refused';
  }
  const { user, system } = process.cpuUsage(began);
  assert.ok((user + system) / 1e6 < LONGEST, `it took ${(user + system) / 1e6} s`);
  return ending;
}

describe('readers of saved models: mutated and cut-off files', function () {
  this.timeout(300_000);

  const check = (what: string, runs: number, changed: (seed: number) => readonly [string, SourceDocument]) =>
    it(`${what}: read or refused in one line, ${runs} times`, async () => {
      const counts = { read: 0, refused: 0 };
      for (let seed = 0; seed < runs; seed++) {
        try {
          counts[await survives(...changed(seed))]++;
        } catch (error) {
          if (error instanceof Error) error.message = `seed ${seed}: ${error.message}`;
          throw error;
        }
      }
      assert.ok(counts.read > 0 && counts.refused > 0, JSON.stringify(counts));
    });

  for (const name of ['mlp.script', 'mlp.dynamo', 'decoder.dynamo', 'selection.script', 'written.script']) {
    const bytes = new Uint8Array(readFileSync(`test/fixtures/onnx/${name}.onnx`));
    check(`${name}.onnx`, 1000, (seed) => ['m.onnx', binaryDocument('/m.onnx', mutatedBytes(bytes, seed))]);
  }
  check('a configuration by to_json', 2000, (seed) => [
    'm.json',
    sourceDocument('file:///m.json', seed === 0 ? SAVED : mutated(SAVED, seed)),
  ]);
  const archive = zipSync({
    'config.json': new TextEncoder().encode(SAVED),
    'metadata.json': new TextEncoder().encode('{}'),
  });
  check('a .keras archive', 1000, (seed) => [
    'm.keras',
    binaryDocument('/m.keras', seed === 0 ? archive : mutatedBytes(archive, seed)),
  ]);
});
