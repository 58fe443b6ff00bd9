import assert from 'node:assert/strict';
import { BATCH, type Network, sourceDocument } from '../../../../src/engine/network';
import { descriptionReader } from '../../../../src/engine/readers/description';
import { read, refusal } from './reading';

const BODY = 'layers: [{Linear: {out_features: 10}}]';
const head = (text: string): Network => read(`input: [8]\n${text}\n${BODY}`);

describe('description: head', () => {
  it('has a batch of 32, PyTorch-like names and a task from the output where it is silent', () => {
    const network = head('');
    assert.equal(network.batch.size, 32);
    assert.equal(network.name, 'net');
    assert.deepEqual(
      [network.task.kind, network.task.classes, network.task.loss],
      ['classification', 10, 'CrossEntropyLoss'],
    );
    assert.deepEqual(network.inputs[0]!.shape, [BATCH, 8]);
  });

  it('takes batch, task, loss and optimizer, at the top or in task', () => {
    const network = head('batch: 4\ntask: regression\noptimizer: {Adam: {lr: 0.01, betas: [0.8, 0.99]}}');
    assert.deepEqual(network.batch, { size: 4, origin: 'batch, line 2' });
    assert.deepEqual(network.task, { kind: 'regression', loss: 'MSELoss', origin: 'task, line 3' });
    assert.deepEqual(network.optimizer.settings, { lr: 0.01, beta1: 0.8, beta2: 0.99 });
    const inside = head('task: {loss: MSELoss, optimizer: {SGD: {lr: 0.1, nesterov: true, momentum: 0.9}}}');
    assert.deepEqual([inside.task.kind, inside.task.loss], ['regression', 'MSELoss']);
    assert.deepEqual(inside.optimizer.settings, { lr: 0.1, nesterov: true, momentum: 0.9 });
    assert.equal(head('optimizer: Adam').optimizer.kind, 'Adam');
  });

  it('takes settings of losses, groups of parameters and clipping', () => {
    const network = head(
      'loss: {CrossEntropyLoss: {label_smoothing: 0.1, reduction: sum}}\n' +
        'optimizer: {AdamW: {lr: 0.01}, groups: [{parameters: [0.bias], weight_decay: 0, betas: [0.5, 0.6]}], clip_grad_norm: 2}',
    );
    assert.deepEqual(network.task.lossSettings, { label_smoothing: 0.1, reduction: 'sum' });
    assert.deepEqual(network.optimizer, {
      kind: 'AdamW',
      settings: { lr: 0.01 },
      groups: [{ parameters: ['0.bias'], settings: { weight_decay: 0, beta1: 0.5, beta2: 0.6 } }],
      clipping: { kind: 'norm', max: 2, type: 2 },
      origin: 'optimizer, line 3',
    });
    const value = head('optimizer: {RMSprop: {}, clip_grad_value: 0.5}').optimizer;
    assert.deepEqual([value.settings, value.clipping], [{}, { kind: 'value', max: 0.5 }]);
  });

  it('classifies by what the loss is given: positions, the last dimension, probabilities', () => {
    const conv = (task: string) =>
      read(`input: [3, 8, 8]\ntask: ${task}\nlayers: [{Conv2d: {out_channels: 5, kernel_size: 1}}]`).task;
    assert.deepEqual([conv('{loss: CrossEntropyLoss}').classes, conv('{loss: NLLLoss}').kind], [5, 'classification']);
    assert.equal(conv('{loss: BCEWithLogitsLoss}').classes, undefined);
    assert.equal(conv('{loss: CrossEntropyLoss, targets: probabilities}').targets, 'probabilities');
    const tokens = (task: string) => read(`input: [7, 4]\ntask: ${task}\nlayers: [{Linear: {out_features: 9}}]`).task;
    // The tokens of the input are still there: the classes stand behind them.
    assert.deepEqual(
      [tokens('{loss: CrossEntropyLoss}').classAxis, tokens('{loss: CrossEntropyLoss}').classes],
      [2, 9],
    );
    assert.equal(tokens('{loss: CrossEntropyLoss, class_dim: 1}').classes, 7);
    assert.equal(tokens('{loss: CrossEntropyLoss, class_dim: -1}').classAxis, 2);
    assert.match(
      refusal('input: [7, 4]\ntask: {loss: NLLLoss, class_dim: 3}\nlayers: [ReLU]'),
      /^2:34 class_dim is no dimension/,
    );
  });

  it('makes an input with a vocabulary whole numbers', () => {
    const network = read('input: {x: [4], tokens: {shape: [64], vocabulary: 1000}}\nlayers: [{ReLU: , from: x}]');
    assert.deepEqual(network.inputs[1], {
      name: 'tokens',
      shape: [BATCH, 64],
      dtype: 'int64',
      vocabulary: 1000,
      origin: 'input, line 1',
    });
  });

  it('lets options win over the file', () => {
    const network = read(`input: [8]\nbatch: 4\n${BODY}`, { batch: 2, inputs: [{ shape: [1, 20] }] });
    assert.deepEqual(network.batch, { size: 2, origin: '--batch' });
    assert.deepEqual(network.parameters[0]!.shape, [10, 20]);
    assert.equal(network.inputs[0]!.name, 'input');
    assert.deepEqual(read(BODY, { inputs: [{ name: 'x', shape: [1, 5] }] }).inputs[0]!.name, 'x');
  });

  it('holds a NAME against its own', () => {
    assert.equal(read(`name: my net\ninput: [8]\n${BODY}`, { name: 'my net' }).name, 'my net');
    assert.match(
      refusal(`name: my net\ninput: [8]\n${BODY}`, { name: 'other' }),
      /^1:7 .*no network 'other'.*'my net'/,
    );
  });

  it('refuses options that do not fit', () => {
    assert.match(
      refusal(`input: {a: [8]}\n${BODY}`, { inputs: [{ name: 'b', shape: [1, 8] }] }),
      /no input is called 'b'/,
    );
    assert.match(refusal(`input: [8]\n${BODY}`, { set: { width: '3' } }), /no constructor arguments/);
  });

  it('reads files by their names', async () => {
    for (const name of ['a.normscope.yaml', 'a.normscope.yml', 'a.normscope.json'])
      assert.ok(descriptionReader.reads(name));
    for (const name of ['a.yaml', 'normscope.yaml', 'a.normscope.yaml.py']) assert.ok(!descriptionReader.reads(name));
    const document = sourceDocument('file:///a%20b.normscope.yml', `input: [8]\n${BODY}`);
    const [network] = await descriptionReader.read(document, {});
    assert.equal(network!.name, 'a b');
    assert.equal(network!.source.uri, document.uri);
    assert.equal(network!.source.hash, document.hash);
  });
});
