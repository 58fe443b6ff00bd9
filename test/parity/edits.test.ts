import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import type { BrokenKeys } from '../../src/engine/edits';
import { bindShape } from '../../src/engine/network';
import { applyEdits } from '../unit/edits/applyEdits';
import { edit, modelFile, modelFiles, wishesFor } from '../unit/edits/models';

interface Looked {
  readonly shape: readonly number[];
  readonly finite: boolean;
  readonly keys: readonly string[];
}

/** The keys of a checkpoint with what is said of them done. */
const afterwards = (keys: readonly string[], { removed, added, renamed }: BrokenKeys): string[] => {
  const names = new Map(renamed.map(({ from, to }) => [from, to]));
  const left = keys.filter((key) => !removed.includes(key)).map((key) => names.get(key) ?? key);
  return [...left, ...added].sort();
};

describe('edits of PyTorch source, in PyTorch', function () {
  this.timeout(300_000);

  it('what is edited builds, gives the same shape, and has the keys that were told (NORMSCOPE_PYTHON)', async function () {
    const python = process.env.NORMSCOPE_PYTHON;
    if (!python) {
      this.test!.title += ' (skipped: NORMSCOPE_PYTHON names no Python with torch)';
      return;
    }
    const asked: {
      what: string;
      before: string;
      after: string;
      name: string;
      shape: readonly unknown[];
      keys: BrokenKeys;
    }[] = [];
    for (const file of modelFiles) {
      const model = await modelFile(file);
      const { name, inputs, batch } = model.network;
      for (const wish of wishesFor(model.network)) {
        const result = await edit(model, wish);
        if ('refused' in result) continue;
        const after = applyEdits(model.text, result.edits);
        const shape = bindShape(inputs[0]!.shape, batch.size);
        asked.push({ what: `${file}: ${wish.what}`, before: model.text, after, name, shape, keys: result.keys });
      }
    }
    const script = path.join('test', 'parity', 'edits_reference.py');
    const answer = spawnSync(python, [script], { input: JSON.stringify(asked), maxBuffer: 2 ** 28 });
    assert.equal(answer.status, 0, String(answer.stderr));
    const looked: ({ error: string } | { before: Looked; after: Looked })[] = JSON.parse(String(answer.stdout));
    assert.equal(looked.length, asked.length);
    const wrong = looked.flatMap((each, i) => {
      const { what, after, keys } = asked[i]!;
      if ('error' in each) return `${what}: ${each.error}\n${after}`;
      const told = afterwards(each.before.keys, keys);
      if (each.after.shape.join() !== each.before.shape.join()) return `${what}: shape ${each.after.shape}`;
      if (!each.after.finite) return `${what}: not finite`;
      if (told.join() !== [...each.after.keys].sort().join()) return `${what}: keys ${told} but ${each.after.keys}`;
      return [];
    });
    assert.deepEqual(wrong, [], `${wrong.length} of ${asked.length}`);
    assert.ok(asked.length > 450);
  });
});
