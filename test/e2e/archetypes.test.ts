import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { analyzeOn } from '../../src/engine/analyze';
import { editableSource } from '../../src/engine/editableSource';
import { fileDocument, type Network, type SourceDocument } from '../../src/engine/network';
import { pytorchReader } from '../../src/engine/readers/pytorch';
import type { Recommendation, Report } from '../../src/engine/report';
import { ProcessRuntime } from '../../src/engine/runtime';
import { applyEdits } from '../unit/edits/applyEdits';

const FOLDER = path.resolve('test', 'fixtures', 'archetypes');

interface Model {
  readonly document: SourceDocument;
  readonly network: Network;
  readonly report: Report;
  readonly advice: Recommendation;
}

const rules = ({ findings }: Report): string[] => findings.map(({ rule }) => rule);
const labelled = ({ alternatives }: Recommendation, label: string) =>
  alternatives.find((other) => other.label === label);

describe('what an expert would say of', function () {
  this.timeout(300_000);
  const runtime = new ProcessRuntime();
  after(() => runtime.dispose());

  /** Reads a file's text and analyses a model of it. `asked` gives what the file itself leaves open. */
  async function analyzed(
    file: string,
    asked: { name?: string; input?: number[] } = {},
    edited?: string,
  ): Promise<Model> {
    const name = path.join(FOLDER, file);
    const document = fileDocument(name, edited ?? readFileSync(name, 'utf8'));
    const read = (other: SourceDocument) =>
      pytorchReader.read(other, {
        ...(asked.name !== undefined && { name: asked.name }),
        ...(asked.input && { inputs: [{ shape: asked.input }], batch: asked.input[0] }),
      });
    const network = (await read(document)).at(-1)!;
    const report = await analyzeOn(
      runtime,
      network,
      { seed: 0, seeds: 1, steps: 12, budgetSeconds: 60, advise: true },
      { workingDirectory: FOLDER, source: editableSource(document, network, read) },
    );
    assert.equal(report.status, 'complete');
    return { document, network, report, advice: report.recommendation! };
  }

  /** The same with the recommended edit made. */
  const mended = ({ document, advice }: Model, file: string, asked = {}): Promise<Model> => {
    assert.ok(advice.edit, advice.noEdit?.text);
    return analyzed(file, asked, applyEdits(document.text, advice.edit.edits));
  };

  it('ten layers of sigmoids: BatchNorm, and the gradient is back', async () => {
    const before = await analyzed('deep_sigmoid.py');
    assert.deepEqual([before.advice.action, before.advice.norm], ['add', 'BatchNorm']);
    assert.ok(rules(before.report).includes('vanishing-gradient'));
    const after = await mended(before, 'deep_sigmoid.py');
    assert.ok(!rules(after.report).includes('vanishing-gradient'));
    assert.deepEqual([after.advice.action, after.advice.norm], ['keep', 'BatchNorm']);
  });

  it('thirty plain convolutions with ReLU: BatchNorm before each activation, and the gradient is back', async () => {
    const before = await analyzed('plain_cnn.py');
    const { advice } = before;
    assert.deepEqual([advice.action, advice.norm, advice.family!.kind], ['add', 'BatchNorm', 'image classification']);
    assert.ok(advice.places!.every(({ place, action }) => place === 'before-activation' && action === 'add'));
    // The gradient vanishes because the signal does: that is the finding.
    const fading = /deep-relu-default-init|vanishing-gradient/;
    assert.ok(rules(before.report).some((rule) => fading.test(rule)));
    const after = await mended(before, 'plain_cnn.py');
    assert.ok(!rules(after.report).some((rule) => fading.test(rule)), rules(after.report).join());
    assert.equal(after.advice.action, 'keep');
  });

  it('an LSTM: LayerNorm behind it if any, none inside, and BatchNorm never', async () => {
    const { advice } = await analyzed('lstm.py');
    assert.equal(advice.norm, 'LayerNorm');
    assert.equal(labelled(advice, 'LayerNorm inside of the recurrence')!.reason.id, 'norm-closed-recurrence');
    assert.equal(labelled(advice, 'BatchNorm')!.reason.id, 'norm-not-over-time');
    assert.deepEqual(advice.wouldChange, []);
  });

  it('Transformers: their LayerNorm stays, before the blocks or behind them', async () => {
    for (const [file, place] of [
      ['pre_ln.py', 'pre-block'],
      ['post_ln.py', 'post-block'],
    ] as const) {
      const { advice } = await analyzed(file);
      assert.deepEqual([advice.action, advice.norm], ['keep', 'LayerNorm'], file);
      const standing = advice.places!.filter(({ now }) => now !== null);
      assert.ok(standing.length >= 4);
      assert.ok(
        standing.every((one) => one.place === place && one.action === 'keep'),
        file,
      );
      assert.equal(labelled(advice, 'LayerNorm before each block') !== undefined, place === 'post-block');
    }
  });

  it('DCGAN’s networks: their BatchNorm stays, not at the output and not at the input', async () => {
    for (const [name, input, kind] of [
      ['Generator', [64, 32, 1, 1], 'generative image'],
      ['Discriminator', [64, 3, 16, 16], 'critic'],
    ] as const) {
      const { advice } = await analyzed('dcgan.py', { name, input: [...input] });
      assert.deepEqual([advice.action, advice.norm, advice.family!.kind], ['keep', 'BatchNorm', kind]);
    }
  });

  it('a critic under a gradient penalty: LayerNorm in BatchNorm’s place', async () => {
    const before = await analyzed('wgan_gp.py');
    assert.deepEqual(
      [before.advice.action, before.advice.norm, before.advice.confidence],
      ['replace', 'LayerNorm', 'strong'],
    );
    const after = await mended(before, 'wgan_gp.py');
    assert.deepEqual([after.advice.action, after.advice.norm], ['keep', 'GroupNorm']);
    assert.ok(!rules(after.report).some((rule) => /batchnorm/.test(rule)));
  });

  it('a network for style: InstanceNorm, by what is published', async () => {
    const before = await analyzed('style.py', { name: 'Transform' });
    const { advice } = before;
    assert.deepEqual(
      [advice.action, advice.norm, advice.family!.kind, advice.family!.fineTuned],
      ['replace', 'InstanceNorm', 'style', false],
    );
    assert.match(advice.reasons[0]!.source, /Ulyanov/);
    const after = await mended(before, 'style.py', { name: 'Transform' });
    assert.deepEqual([after.advice.action, after.advice.norm], ['keep', 'InstanceNorm']);
  });

  it('a U-Net at batch 2: GroupNorm, surely; from 8 a device on BatchNorm', async () => {
    const before = await analyzed('unet_batch2.py');
    const { advice } = before;
    assert.deepEqual([advice.action, advice.norm, advice.confidence], ['replace', 'GroupNorm', 'strong']);
    assert.equal(advice.wouldChange[0]!.id, 'would-change-larger-batch');
    assert.ok(rules(before.report).includes('batchnorm-small-batch'));
    const after = await mended(before, 'unet_batch2.py');
    assert.ok(!rules(after.report).includes('batchnorm-small-batch'));
    assert.deepEqual([after.advice.action, after.advice.norm], ['keep', 'GroupNorm']);
  });

  it('a fine-tuned ResNet at batch 2: its norms stay, frozen if need be', async () => {
    const { advice } = await analyzed('tuned_resnet.py', { name: 'model' });
    assert.deepEqual([advice.action, advice.norm, advice.family!.fineTuned], ['keep', 'BatchNorm', true]);
    assert.equal(advice.reasons[0]!.message.id, 'reason-tuned');
    assert.equal(advice.edit, undefined);
    assert.ok(labelled(advice, 'BatchNorm, frozen'));
    assert.equal(labelled(advice, 'GroupNorm')!.reason.id, 'norm-pretrained');
    assert.ok(advice.places!.every(({ action }) => action === 'keep' || action === 'leave'));
  });
});
