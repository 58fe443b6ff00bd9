import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { analyzeOn } from '../../../../src/engine/analyze';
import { fileDocument, type Network } from '../../../../src/engine/network';
import { readDescription } from '../../../../src/engine/readers/description';
import { pytorchReader } from '../../../../src/engine/readers/pytorch';
import type { Finding } from '../../../../src/engine/report';
import { rules } from '../../../../src/engine/rules';
import { ProcessRuntime } from '../../../../src/engine/runtime';
import { networkOf } from '../../../measure';
import { broken } from './broken';
import { healthy } from './healthy';
import { nearMisses } from './nearMisses';

const LIST = 'docs/rules/README.md';
const ids = new Set(rules.map(({ id }) => id));

const ofFile = async (place: string): Promise<Network> => {
  const [file, name] = place.split('::') as [string, string?];
  const document = fileDocument(file, readFileSync(file, 'utf8'));
  if (file.endsWith('.yaml')) return readDescription(document, {});
  const networks = await pytorchReader.read(document, {});
  return networks.find((network) => name === undefined || network.name === name)!;
};

/** Files whose networks train; in some a naive rule takes a branch, a head or a stride for a fault. */
const SOUND_FILES = [
  'examples/small_resnet.py',
  'examples/pre_ln_transformer.normscope.yaml',
  'examples/post_ln_transformer.normscope.yaml',
  'test/parity/models/families/generative.py::Discriminator',
  'test/parity/models/families/generative.py::RealNVP',
  'test/parity/models/families/patches.py::NeRF',
  'test/parity/models/families/patches.py::DuelingDQN',
  'test/parity/models/families/patches.py::Siren',
  'test/parity/models/families/patches.py::ViT',
  'test/parity/models/families/sequences.py::GPT',
];
const BROKEN_FILES = [
  { file: 'deep_sigmoid.py', rule: 'vanishing-gradient' },
  { file: 'deep_sigmoid.normscope.yaml', rule: 'vanishing-gradient' },
  { file: 'cnn_batch2.py', rule: 'batchnorm-small-batch' },
];

describe('rules on the numbers, over networks that are known to train and known not to', function () {
  this.timeout(600_000);
  const runtime = new ProcessRuntime();
  after(() => runtime.dispose());

  const findingsOf = async (network: Network): Promise<readonly Finding[]> => {
    const options = {
      seed: Number(process.env.NORMSCOPE_RULES_SEED ?? 0),
      seeds: 1,
      steps: 20,
      budgetSeconds: 30,
      advise: false,
    };
    return (await analyzeOn(runtime, network, options, { workingDirectory: process.cwd() })).findings;
  };
  const byNumbers = (findings: readonly Finding[]) => findings.filter(({ rule }) => ids.has(rule));
  const said = ({ rule, layer, message }: Finding) => `${rule} at ${layer}: ${message.text}`;

  const sound = [...healthy, ...nearMisses].map(({ name, network }) => ({
    name,
    network: async () => networkOf(network),
  }));
  const soundFiles = SOUND_FILES.map((file) => ({ name: file, network: () => ofFile(file) }));
  const faulty = [
    ...broken.map(({ name, rule, network }) => ({ name, rule, network: async () => networkOf(network) })),
    ...BROKEN_FILES.map(({ file, rule }) => ({ name: file, rule, network: () => ofFile(`examples/${file}`) })),
  ];

  const wrong: string[] = [];
  const missed: string[] = [];
  const besides: string[] = [];

  it('say nothing of those that train', async () => {
    for (const { name, network } of [...sound, ...soundFiles]) {
      wrong.push(...byNumbers(await findingsOf(await network())).map((finding) => `${name}: ${said(finding)}`));
    }
    assert.deepEqual(wrong, []);
  });

  it('name the fault of those that do not, once, and nothing else', async () => {
    for (const { name, rule, network } of faulty) {
      const findings = await findingsOf(await network());
      // A cause that the structure shows has it among what it causes.
      const right = findings.find((each) => each.rule === rule || each.causes.some((cause) => cause.rule === rule));
      if (!right) missed.push(`${rule} in ${name}: ${findings.map(said)}`);
      besides.push(
        ...byNumbers(findings)
          .filter((each) => each !== right)
          .map((each) => `${name}: ${said(each)}`),
      );
      for (const { message, evidence } of byNumbers(findings)) {
        assert.ok(!message.text.includes('{'), message.text);
        assert.ok(evidence[0]!.thresholdSource, `${name}: no source`);
      }
    }
    assert.deepEqual({ missed, besides }, { missed: [], besides: [] });
  });

  it('every rule has a broken network', () => {
    const tried = new Set(faulty.map(({ rule }) => rule));
    assert.deepEqual(
      [...ids].filter((id) => !tried.has(id)),
      [],
    );
  });

  it('the list of rules says so (NORMSCOPE_WRITE_RULES=1 writes it)', () => {
    const found = faulty.length - missed.length;
    const told = found + besides.length + wrong.length;
    const lines = [
      `${sound.length + soundFiles.length} networks that train: ${wrong.length} findings by these rules. ${faulty.length} broken ones: ${found} named by their rule (recall ${(found / faulty.length).toFixed(2)}),`,
      `${besides.length + wrong.length} findings besides (precision ${(found / told).toFixed(2)}). Broken networks by rule: ${[...ids].map((id) => `${id} ${faulty.filter(({ rule }) => rule === id).length}`).join(', ')}.`,
    ].join('\n');
    const readme = readFileSync(LIST, 'utf8');
    const between = /(<!-- measured -->\n)[\s\S]*(<!-- end of measured -->)/;
    assert.match(readme, between);
    const written = readme.replace(between, (_, a, b) => `${a}${lines}\n${b}`);
    if (process.env.NORMSCOPE_WRITE_RULES) writeFileSync(LIST, written);
    assert.equal(readFileSync(LIST, 'utf8'), written);
  });
});
