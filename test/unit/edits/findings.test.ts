import assert from 'node:assert/strict';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { editableSource } from '../../../src/engine/editableSource';
import { findingRecords } from '../../../src/engine/findingRecord';
import { withFixes } from '../../../src/engine/fixes';
import { fileDocument, type Network, type SourceDocument } from '../../../src/engine/network';
import { pythonReader } from '../../../src/engine/readers/pythonFiles';
import { type Finding, reportSource } from '../../../src/engine/report';
import { findInStructure, structureRules } from '../../../src/engine/rules';
import { applyEdits } from './applyEdits';

const IMPORTS = [
  'import torch',
  'import torch.nn as nn',
  'import torch.nn.functional as F',
  'from torch.utils.data import DataLoader',
];
const FOLDER = mkdtempSync(path.join(tmpdir(), 'normscope-edits-'));
const FILE = path.join(FOLDER, 'net.py');

const read = (document: SourceDocument) => pythonReader.read(document, {});

/** What the rules find in each network of a text, with its fixes. */
async function findings(text: string): Promise<{ readonly network: Network; readonly findings: Finding[] }[]> {
  const document = fileDocument(FILE, text);
  const all = [];
  for (const network of await read(document)) {
    const found = findInStructure(network);
    const records = findingRecords(network, found, (span) => reportSource(span, FOLDER));
    const source = editableSource(document, network, read);
    all.push({ network, findings: await withFixes(records, found, { network, source, workingDirectory: FOLDER }) });
  }
  return all;
}

/** Rules whose findings have an edit, at least in one of their cases. */
const MENDED = [
  'bias-before-batchnorm',
  'double-softmax',
  'double-sigmoid',
  'norm-after-logits',
  'layernorm-wrong-axis',
  'instancenorm-without-affine',
  'consecutive-norms',
  'last-batch-of-one',
  'weight-decay-on-norms',
  'distributed-without-syncbn',
  'postnorm-without-warmup',
  'eps-too-small-fp16',
  'momentum-as-eps',
  'momentum-convention',
  'keras-norm-axis',
  'selu-with-dropout',
  'selu-with-norm',
  'norm-on-regression-output',
];

/** Of these, in a Keras network too. */
const MENDED_IN_KERAS = [
  'bias-before-batchnorm',
  'double-softmax',
  'double-sigmoid',
  'norm-after-logits',
  'norm-on-regression-output',
  'consecutive-norms',
  'selu-with-norm',
  'momentum-convention',
  'keras-norm-axis',
];

describe('fixes of findings', function () {
  this.timeout(60_000);
  const mended = new Set<string>();
  const inKeras = new Set<string>();

  for (const { id, cases } of structureRules) {
    cases.fires.forEach((snippet, i) => {
      it(`${id}, case ${i + 1}: once mended it is gone, and nothing new is found`, async () => {
        const text = [...IMPORTS, ...snippet.split('\n')].join('\n');
        writeFileSync(FILE, text);
        for (const { network, findings: before } of await findings(text)) {
          for (const { rule, fix, noFix } of before) {
            if (noFix) assert.match(noFix.text, /^[A-Z].*\.$/);
            if (!fix) continue;
            assert.ok(fix.edits.every(({ file, hash }) => file === 'net.py' && hash === fileDocument(FILE, text).hash));
            const edited = applyEdits(text, fix.edits);
            const after = (await findings(edited)).find((each) => each.network.name === network.name)!;
            const ids = (all: readonly Finding[]) => all.map((finding) => finding.rule).sort();
            assert.ok(!ids(after.findings).includes(rule), `${rule} is still found in\n${edited}`);
            const known = ids(before);
            assert.deepEqual(
              ids(after.findings).filter((other) => !known.includes(other)),
              [],
              `new in\n${edited}`,
            );
            mended.add(rule);
            if (snippet.includes('import keras')) inKeras.add(rule);
          }
        }
      });
    });
  }

  it('there are edits for every rule that promises one', () => {
    assert.deepEqual(
      MENDED.filter((rule) => !mended.has(rule)),
      [],
    );
    assert.deepEqual(
      MENDED_IN_KERAS.filter((rule) => !inKeras.has(rule)),
      [],
    );
  });
});
