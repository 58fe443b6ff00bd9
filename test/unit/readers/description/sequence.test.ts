import assert from 'node:assert/strict';
import { countParameters, formatShape, type Network, valueShapes } from '../../../../src/engine/network';
import { lines, read } from './reading';

const ids = (network: Network): string[] => network.modules.map((module) => module.id);
const calls = (network: Network): string[] => network.calls.map((call) => call.id);
const shapeOf = (network: Network, value: string): string => formatShape(valueShapes(network).get(value)!);
const inputsOf = (network: Network, id: string): string[] =>
  network.calls.find((call) => call.id === id)!.inputs.map((operand) => ('value' in operand ? operand.value : '?'));

describe('description: layers', () => {
  it('numbers lines as nn.Sequential does', () => {
    const network = lines('  - Linear: {out_features: 4}\n  - ReLU\n  - Linear: {out_features: 2}');
    assert.deepEqual(ids(network), ['0', '1', '2']);
    assert.deepEqual(calls(network), ['0', '1', '2']);
    assert.deepEqual(network.outputs, ['2']);
    assert.equal(shapeOf(network, '2'), '[batch, 2]');
  });

  it('infers input sizes and names parameters as PyTorch does', () => {
    const network = lines('  - Linear: {out_features: 4}\n  - BatchNorm1d\n  - Linear: {out_features: 2, bias: false}');
    assert.deepEqual(
      network.parameters.map(({ id, shape }) => [id, shape]),
      [
        ['0.weight', [4, 8]],
        ['0.bias', [4]],
        ['1.weight', [4]],
        ['1.bias', [4]],
        ['2.weight', [2, 4]],
      ],
    );
    assert.deepEqual(
      network.buffers.map(({ id }) => id),
      ['1.running_mean', '1.running_var'],
    );
    assert.equal(countParameters(network).total, 32 + 4 + 8 + 8);
    assert.deepEqual(network.modules[2]!.parameters, { weight: '2.weight' });
  });

  it("lets an id replace a line's number, the line still counted", () => {
    const network = lines('  - {ReLU: , id: first}\n  - ReLU\n  - {Sigmoid: {}, id: last}');
    assert.deepEqual(ids(network), ['first', '1', 'last']);
  });

  it('writes repeats out, nested ones too', () => {
    const network = lines('  - repeat: 2\n    layers: [ReLU, {repeat: 2, layers: [Tanh]}]\n  - Sigmoid');
    assert.deepEqual(ids(network), ['0', '1', '2', '3', '4', '5', '6']);
    assert.deepEqual(
      network.modules.map((module) => module.kind),
      ['ReLU', 'Tanh', 'Tanh', 'ReLU', 'Tanh', 'Tanh', 'Sigmoid'],
    );
  });

  it('reads the same network from a repeat and from the lines written out', () => {
    const spanless = (network: Network) =>
      JSON.stringify(network, (key, value) => (key === 'source' ? undefined : value));
    const repeated = lines('  - repeat: 3\n    layers: [{Linear: {out_features: 8}}, ReLU]');
    const written = lines('  - Linear: {out_features: 8}\n  - ReLU\n'.repeat(3));
    assert.equal(spanless(repeated), spanless(written));
  });

  it('makes a residual a container whose sum is a function', () => {
    const network = lines('  - ReLU\n  - residual: [{Linear: {out_features: 8}}, ReLU]');
    assert.deepEqual(ids(network), ['0', '1', '1.0', '1.1']);
    assert.deepEqual(calls(network), ['0', '1.0', '1.1', '1.add']);
    assert.deepEqual(inputsOf(network, '1.add'), ['0', '1.1']);
    const residual = network.modules[1]!;
    assert.equal(residual.kind, 'Residual');
    assert.equal(residual.container, true);
    assert.equal(network.calls[3]!.module, undefined);
  });

  it('registers a shortcut last', () => {
    const network = lines('  - residual: [{Linear: {out_features: 4}}]\n    shortcut: [{Linear: {out_features: 4}}]');
    assert.deepEqual(ids(network), ['0', '0.0', '0.shortcut', '0.shortcut.0']);
    assert.deepEqual(inputsOf(network, '0.add'), ['0.shortcut.0', '0.0']);
    assert.equal(network.modules[2]!.kind, 'Sequential');
  });

  it('joins the branches of a concat along dimension 1, or the one that is given', () => {
    const network = lines('  - concat: [[{Linear: {out_features: 4}}], [Identity]]');
    assert.deepEqual(ids(network), ['0', '0.0', '0.0.0', '0.1', '0.1.0']);
    assert.equal(shapeOf(network, '0.cat'), '[batch, 12]');
    const rows = lines('  - concat: [[Identity], [Identity]]\n    dim: 2', 'input: [3, 5]');
    assert.equal(shapeOf(rows, '0.cat'), '[batch, 3, 10]');
  });

  it('nests residuals in concats in repeats', () => {
    const network = lines('  - repeat: 2\n    layers: [{residual: [{concat: [[Identity]]}]}]');
    assert.deepEqual(network.outputs, ['1.add']);
    assert.ok(ids(network).includes('1.0.0.0'));
  });

  it('takes other inputs with from, by id, number or the id of a container', () => {
    const network = lines(
      [
        '  - {Linear: {out_features: 4}, id: a}',
        '  - {Linear: {out_features: 4}, id: b, from: input}',
        '  - {residual: [ReLU], id: block}',
        '  - {add: {}, from: [a, block]}',
        '  - {ReLU: , from: [block.0]}',
        '  - {Tanh: , from: 3}',
      ].join('\n'),
    );
    assert.deepEqual(inputsOf(network, 'b'), ['input']);
    assert.deepEqual(inputsOf(network, 'add'), ['a', 'block.add']);
    assert.deepEqual(inputsOf(network, '3'), ['block.0']);
    assert.deepEqual(inputsOf(network, '4'), ['3']);
  });

  it('reads 5.add and 10 in from as names, not as numbers', () => {
    const text = `${'  - ReLU\n'.repeat(10)}  - residual: [Tanh]\n  - {ReLU: , from: 10.0}\n  - {ReLU: , from: 10}`;
    const network = lines(text);
    assert.deepEqual(inputsOf(network, '11'), ['10.0']);
    assert.deepEqual(inputsOf(network, '12'), ['10.add']);
  });

  it('numbers functions by their own names', () => {
    const network = lines(
      '  - mean: {dim: 1}\n  - ReLU\n  - mean: {dim: 1}\n  - {mean: {dim: 1}, id: last}',
      'input: [3, 4, 5]',
    );
    assert.deepEqual(calls(network), ['mean', '0', 'mean_1', 'last']);
    assert.deepEqual(ids(network), ['0']);
  });

  it('takes several inputs by name', () => {
    const network = lines(
      '  - {Linear: {out_features: 4}, from: b, id: second}\n  - {Linear: {out_features: 4}, from: a}\n  - {cat: {dim: 1}, from: [1, second]}',
      'input: {a: [3], b: {shape: [5]}}',
    );
    assert.equal(shapeOf(network, 'cat'), '[batch, 8]');
    assert.deepEqual(
      network.inputs.map(({ name }) => name),
      ['a', 'b'],
    );
  });

  it('registers what PyTorch registers inside MultiheadAttention, one input being all three', () => {
    const network = lines('  - MultiheadAttention: {num_heads: 2, batch_first: true}', 'input: [5, 8]');
    assert.deepEqual(
      network.modules.map(({ id, kind }) => [id, kind]),
      [
        ['0', 'MultiheadAttention'],
        ['0.out_proj', 'NonDynamicallyQuantizableLinear'],
      ],
    );
    assert.equal(countParameters(network).total, 4 * 64 + 4 * 8);
    assert.equal(shapeOf(network, '0'), '[batch, 5, 8]');
  });

  it('draws weights as init says', () => {
    const init = (rule: string) =>
      lines(`  - Linear: {out_features: 2, init: {weight: ${rule}}}`).parameters[0]!.initialization;
    assert.deepEqual(init('{normal: {std: 0.5}}'), { kind: 'normal', mean: 0, std: 0.5 });
    assert.deepEqual(init('{uniform: {low: -1}}'), { kind: 'uniform', low: -1, high: 1 });
    assert.deepEqual(init('{constant: 0}'), { kind: 'constant', value: 0 });
    // torch.nn.init: gain √2 for relu and for leaky_relu with a = 0; fan_in 8, fan_out 2.
    const bound = Math.sqrt(3) * Math.SQRT2 * (1 / Math.sqrt(8));
    const drawn = init('kaiming_uniform');
    assert.ok(drawn.kind === 'uniform' && Math.abs(drawn.high - bound) < 1e-12 && drawn.low === -drawn.high);
    const fanOut = init('{kaiming_normal: {mode: fan_out, nonlinearity: relu}}');
    assert.ok(fanOut.kind === 'normal' && Math.abs(fanOut.std - 1) < 1e-12);
    const xavier = init('{xavier_normal: {gain: 2}}');
    assert.ok(xavier.kind === 'normal' && Math.abs(xavier.std - 2 * Math.sqrt(2 / 10)) < 1e-12);
    const glorot = init('xavier_uniform');
    assert.ok(glorot.kind === 'uniform' && Math.abs(glorot.high - Math.sqrt(6 / 10)) < 1e-12);
  });

  it('keeps the place of every module and call', () => {
    const network = lines('  - Linear: {out_features: 4}\n  - residual:\n      - ReLU');
    const start = (id: string) => network.modules.find((module) => module.id === id)!.source.start;
    assert.deepEqual(start('0'), { line: 3, column: 5 });
    assert.deepEqual(start('1'), { line: 4, column: 5 });
    assert.deepEqual(start('1.0'), { line: 5, column: 9 });
    assert.deepEqual(network.calls[0]!.source.end, { line: 3, column: 30 });
    assert.deepEqual(network.modules[1]!.source.end, { line: 5, column: 13 });
  });

  it('counts columns in UTF-16 units', () => {
    const network = read('{name: "😀", input: [8], layers: [ReLU]}');
    assert.deepEqual(network.modules[0]!.source.start, { line: 1, column: 35 });
  });

  it('shares what a YAML anchor names', () => {
    const network = read('input: [8]\nlayers:\n  - &wide {Linear: {out_features: 8}}\n  - *wide\n  - ReLU');
    assert.equal(countParameters(network).total, 2 * 72);
    assert.equal(network.modules[1]!.source.start.line, 3);
  });

  it('reads JSON, tabs and all', () => {
    const network = read(
      '{\n\t"input": [8],\n\t"layers": [\n\t\t{"Linear": {"out_features": 3}}\n\t]\n}\n',
      {},
      'net.normscope.json',
    );
    assert.deepEqual(network.outputs, ['0']);
    assert.equal(network.name, 'net');
  });
});
