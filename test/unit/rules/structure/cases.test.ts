import assert from 'node:assert/strict';
import { fileDocument } from '../../../../src/engine/network';
import { pythonReader } from '../../../../src/engine/readers/pythonFiles';
import { type Found, findInStructure, layerPlaces, placeOf, structureRules } from '../../../../src/engine/rules';

const IMPORTS = [
  'import torch',
  'import torch.nn as nn',
  'import torch.nn.functional as F',
  'from torch.utils.data import DataLoader',
];

interface Reading {
  readonly found: readonly Found[];
  readonly lines: ReadonlyMap<Found, number>;
  readonly notes: readonly string[];
}

/** Every network of a snippet, and what the rules find in them. */
async function readSnippet(snippet: string): Promise<Reading> {
  const text = [...IMPORTS, ...snippet.split('\n')].join('\n');
  const networks = await pythonReader.read(fileDocument('/models/net.py', text), {});
  const lines = new Map<Found, number>();
  for (const network of networks) {
    const layerPlace = layerPlaces(network);
    for (const found of findInStructure(network)) {
      lines.set(found, placeOf(found, layerPlace).start.line - IMPORTS.length);
    }
  }
  const notes = networks.flatMap(({ unmodelled }) => unmodelled.map(({ what, why }) => `${what}: ${why}`));
  return { found: [...lines.keys()], lines, notes };
}

const marked = (snippet: string): number[] =>
  snippet.split('\n').flatMap((line, i) => (/#.*<-\s*$/.test(line) ? [i + 1] : []));

describe('rules on the structure', () => {
  it('have ids of their own in kebab case, and cases both ways', () => {
    const ids = structureRules.map(({ id }) => id);
    assert.equal(new Set(ids).size, ids.length);
    for (const { id, cases } of structureRules) {
      assert.match(id, /^[a-z0-9]+(-[a-z0-9]+)*$/);
      assert.ok(cases.fires.length > 0 && cases.passes.length > 0, id);
      for (const snippet of cases.fires) assert.ok(marked(snippet).length > 0, `${id}: no line is marked`);
    }
  });

  for (const { id, severity, cases } of structureRules) {
    describe(id, () => {
      cases.fires.forEach((snippet, i) => {
        it(`is found, case ${i + 1}`, async () => {
          const { found, lines, notes } = await readSnippet(snippet);
          const own = found.filter(({ rule }) => rule === id);
          const where = own.map((finding) => lines.get(finding)).sort();
          assert.deepEqual(where, marked(snippet), notes.join('; '));
          const gravities = ['note', 'warning', 'error'];
          for (const finding of own) {
            assert.ok(gravities.indexOf(finding.severity) <= gravities.indexOf(severity), finding.severity);
            assert.ok(finding.evidence.length > 0);
            assert.ok(finding.evidence[0]!.thresholdSource, 'no source');
            assert.ok(!/[{}]|undefined|NaN/.test(finding.message.text), finding.message.text);
          }
        });
      });
      cases.passes.forEach((snippet, i) => {
        it(`is not found, near miss ${i + 1}`, async () => {
          const { found, notes } = await readSnippet(snippet);
          assert.deepEqual(
            found.filter(({ rule }) => rule === id).map(({ message }) => message.text),
            [],
          );
          // A loss that is another network's in the file is said, and hides nothing of this one.
          assert.deepEqual(
            notes.filter((note) => !/a loss that the output suggests/.test(note)),
            [],
          );
        });
      });
    });
  }
});
