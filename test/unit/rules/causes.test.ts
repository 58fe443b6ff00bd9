import assert from 'node:assert/strict';
import { analyzeOn } from '../../../src/engine/analyze';
import { message } from '../../../src/engine/network';
import { type Found, groupByCause } from '../../../src/engine/rules';
import { ProcessRuntime } from '../../../src/engine/runtime';
import { networkOf, repeat } from '../../measure';

const linear = (width: number, init: object = {}) => ({ Linear: { out_features: width, init } });
const head = linear(10);

describe('one cause, one finding', function () {
  this.timeout(120_000);
  const runtime = new ProcessRuntime();
  after(() => runtime.dispose());

  /** Each finding with the rules of what it explains. */
  const explained = async (description: object): Promise<Record<string, readonly string[]>> => {
    const options = { seed: 0, seeds: 1, steps: 20, budgetSeconds: 30, advise: false };
    const { findings } = await analyzeOn(runtime, networkOf(description), options, { workingDirectory: process.cwd() });
    return Object.fromEntries(
      findings.map(({ rule, causes }) => [
        rule,
        [...new Set(causes.map((cause) => cause.rule))].filter((each) => each !== rule).sort(),
      ]),
    );
  };
  const vectors = (layers: readonly unknown[], more: object = {}) => ({ input: [64], batch: 32, layers, ...more });
  const sgd = { optimizer: { SGD: { lr: 0.1, momentum: 0.9 } } };

  it('PyTorch’s default under deep ReLU explains what fades with it', async () => {
    const found = await explained(vectors([repeat(14, linear(64), 'ReLU'), head], sgd));
    assert.deepEqual(Object.keys(found), ['deep-relu-default-init']);
    assert.ok(found['deep-relu-default-init']!.includes('vanishing-gradient'));
    assert.ok(found['deep-relu-default-init']!.includes('collapsed-representations'));
  });

  it('softmax twice explains the floor of the loss', async () => {
    const network = vectors([linear(64), 'ReLU', head, { Softmax: { dim: 1 } }], { loss: 'CrossEntropyLoss', ...sgd });
    assert.deepEqual(await explained(network), { 'double-softmax': ['loss-floor'] });
  });

  it('a small batch explains the noise of BatchNorm’s statistics', async () => {
    const bare = { Linear: { out_features: 64, bias: false } };
    const network = vectors([bare, 'BatchNorm1d', 'ReLU', bare, 'BatchNorm1d', 'ReLU', head], { ...sgd, batch: 4 });
    const found = await explained(network);
    assert.deepEqual(Object.keys(found), ['batchnorm-small-batch']);
    assert.ok(found['batchnorm-small-batch']!.includes('noisy-batch-statistics'));
  });

  it('Dropout before BatchNorm explains the variance of evaluation', async () => {
    const bare = { Linear: { out_features: 64, bias: false } };
    const network = vectors([repeat(4, bare, 'ReLU', { Dropout: { p: 0.5 } }, 'BatchNorm1d'), head], sgd);
    const found = await explained(network);
    assert.deepEqual(found['dropout-before-batchnorm'], ['batchnorm-inference-gap']);
    assert.ok(!('batchnorm-inference-gap' in found));
  });

  it('weights out of scale explain gradients, saturation and what is not finite later; a step of nothing does not', async () => {
    const wide = vectors([repeat(3, linear(256, { weight: { normal: { std: 1 } } }), 'ReLU'), head], sgd);
    const found = await explained(wide);
    assert.deepEqual(Object.keys(found), ['initialization-out-of-scale']);
    assert.ok(found['initialization-out-of-scale']!.includes('exploding-gradient'));
  });

  const finding = (rule: string, id = rule, step = 3): Found => ({
    rule,
    severity: 'warning',
    layer: rule,
    message: message(id, rule, {}),
    evidence: [{ quantity: 'first step with NaN or infinity', value: step, unit: 'step' }],
    symptoms: [],
  });
  const grouped = (...found: readonly Found[]) =>
    groupByCause(found).map(({ rule, symptoms }) => [rule, ...symptoms.map((each) => each.rule)]);

  it('covers through others: what stands under a symptom goes with it', () => {
    assert.deepEqual(
      grouped(
        finding('loss-not-falling'),
        finding('collapsed-representations'),
        finding('vanishing-gradient'),
        finding('deep-relu-default-init'),
      ),
      [['deep-relu-default-init', 'loss-not-falling', 'collapsed-representations', 'vanishing-gradient']],
    );
  });

  it('non-finite from the start explains all, later it is explained', () => {
    assert.deepEqual(grouped(finding('non-finite', 'non-finite', 0), finding('exploding-gradient')), [
      ['non-finite', 'exploding-gradient'],
    ]);
    assert.deepEqual(grouped(finding('non-finite'), finding('exploding-gradient')), [
      ['exploding-gradient', 'non-finite'],
    ]);
  });

  it('a first loss alone is a symptom, and weights out of scale are a cause', () => {
    assert.deepEqual(
      grouped(finding('initialization-out-of-scale', 'first-loss-too-high'), finding('exploding-gradient')),
      [['exploding-gradient', 'initialization-out-of-scale']],
    );
    assert.deepEqual(grouped(finding('initialization-out-of-scale'), finding('exploding-gradient')), [
      ['initialization-out-of-scale', 'exploding-gradient'],
    ]);
  });

  it('leaves apart what has nothing to do with one another', () => {
    assert.deepEqual(grouped(finding('dead-units'), finding('noisy-batch-statistics')), [
      ['dead-units'],
      ['noisy-batch-statistics'],
    ]);
  });
});
