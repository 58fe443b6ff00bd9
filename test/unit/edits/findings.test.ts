import assert from 'node:assert/strict';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { editableSource } from '../../../src/engine/editableSource';
import { stateDictKeys } from '../../../src/engine/edits/stateDict';
import { findingRecords } from '../../../src/engine/findingRecord';
import { withFixes } from '../../../src/engine/fixes';
import { fileDocument, type Network, type SourceDocument } from '../../../src/engine/network';
import { pythonReader } from '../../../src/engine/readers/pythonFiles';
import { type Finding, type Fix, reportSource } from '../../../src/engine/report';
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

const keysOf = (network: Network): Set<string> => new Set([...stateDictKeys(network).values()].flat());
const without = (all: Iterable<string>, others: ReadonlySet<string>): string[] =>
  [...all].filter((key) => !others.has(key)).sort();

/** What saved weights lose and lack, by the two networks alone. */
function changedKeys(before: Network, after: Network): { lost: string[]; fresh: string[] } {
  const [old, now] = [keysOf(before), keysOf(after)];
  return { lost: without(old, now), fresh: without(now, old) };
}

/** The same as a fix says it. A name that another module bears afterwards is neither. */
function listedKeys({ keys }: Fix): { lost: string[]; fresh: string[] } {
  const { removed = [], added = [], renamed = [] } = keys ?? {};
  const from = new Set([...removed, ...renamed.map((key) => key.from)]);
  const to = new Set([...added, ...renamed.map((key) => key.to)]);
  return { lost: without(from, to), fresh: without(to, from) };
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
  'deep-relu-default-init',
  'crossentropy-on-scores',
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
            assert.deepEqual(changedKeys(network, after.network), listedKeys(fix), `the keys of ${rule}`);
            mended.add(rule);
            if (snippet.includes('import keras')) inKeras.add(rule);
          }
        }
      });
    });
  }

  it('none where weights are loaded that it would not fit any more, or whose norm it would replace', async () => {
    let offered = 0;
    let refused = 0;
    for (const { id, cases } of structureRules) {
      for (const snippet of cases.fires) {
        const made = /^(model|net|netD) = /m.exec(snippet)?.[1];
        if (!made || snippet.includes('import keras')) continue;
        const text = [...IMPORTS, ...snippet.split('\n'), `${made}.load_state_dict(torch.load('weights.pt'))`].join(
          '\n',
        );
        for (const { findings: all } of await findings(text)) {
          for (const { fix, noFix } of all) {
            assert.equal(fix?.keys, undefined, `${id}: ${fix?.title}`);
            if (fix) offered++;
            if (/loads trained weights/.test(noFix?.text ?? '')) refused++;
          }
        }
      }
    }
    assert.ok(offered > 0 && refused > 5, `${offered} offered, ${refused} refused`);
  });

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
