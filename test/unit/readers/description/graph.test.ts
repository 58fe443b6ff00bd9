import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { countParameters, formatShape, valueShapes } from '../../../../src/engine/network';
import { read } from './reading';

const graph = (text: string, input = '[8]') => read(`input: ${input}\ngraph:\n${text}`);

describe('description: graph', () => {
  it('reads modules, operators and outputs', () => {
    const network = graph(`
  modules:
    - {id: block, kind: Block, container: true}
    - {id: block.fc, kind: Linear, attributes: {out_features: 8}}
  calls:
    - {module: block.fc, inputs: input}
    - {id: block.add, kind: add, inputs: [block.fc, input]}
  outputs: [block.add, block.fc]`);
    assert.deepEqual(network.outputs, ['block.add', 'block.fc']);
    assert.deepEqual(network.parameters[0]!.shape, [8, 8]);
    assert.equal(network.modules[0]!.container, true);
    assert.equal(network.calls[1]!.module, undefined);
  });

  it('puts calls in order, the written one where it is one', () => {
    const network = graph(`
  calls:
    - {id: last, kind: add, inputs: [first, second]}
    - {id: second, kind: add, inputs: [first, input]}
    - {id: first, kind: add, inputs: [input, input]}`);
    assert.deepEqual(
      network.calls.map((call) => call.id),
      ['first', 'second', 'last'],
    );
    assert.deepEqual(network.outputs, ['last']);
  });

  it('calls one module twice, and its parameters count once', () => {
    const network = graph(`
  modules: [{id: fc, kind: Linear, attributes: {out_features: 8}}]
  calls: [{module: fc, inputs: input}, {module: fc, inputs: fc}, {kind: add, inputs: [fc, fc@2]}, {kind: add, inputs: [add, fc]}]`);
    assert.deepEqual(
      network.calls.map((call) => call.id),
      ['fc', 'fc@2', 'add', 'add_1'],
    );
    assert.equal(countParameters(network).total, 72);
  });

  it('ties parameters', () => {
    const network = graph(`
  modules:
    - {id: a, kind: Linear, attributes: {out_features: 8}}
    - {id: b, kind: Linear, attributes: {out_features: 8}, parameters: {weight: a.weight}}
  calls: [{module: a, inputs: input}, {module: b, inputs: a}]`);
    assert.deepEqual(
      network.parameters.map(({ id }) => id),
      ['a.weight', 'a.bias', 'b.bias'],
    );
    assert.deepEqual(network.modules[1]!.parameters, { weight: 'a.weight', bias: 'b.bias' });
  });

  it('takes free parameters as operands, trainable or not', () => {
    const network = graph(`
  parameters: [{id: shift, shape: [8], trainable: false, init: {normal: {std: 2}}}]
  calls: [{kind: add, inputs: [input, {parameter: shift}]}]`);
    assert.deepEqual(network.parameters, [
      { id: 'shift', shape: [8], trainable: false, initialization: { kind: 'normal', mean: 0, std: 2 } },
    ]);
    assert.deepEqual(network.calls[0]!.inputs, [{ value: 'input' }, { parameter: 'shift' }]);
    assert.deepEqual(countParameters(network), { total: 8, trainable: 0 });
  });

  it("takes a module's parameter as an operand", () => {
    const network = graph(`
  modules: [{id: fc, kind: Linear, attributes: {out_features: 8}}]
  calls: [{module: fc, inputs: input}, {kind: add, inputs: [fc, {parameter: fc.bias}]}]`);
    assert.equal(formatShape(valueShapes(network).get('add')!), '[batch, 8]');
  });

  it('keeps modules that nobody calls and classes that nothing computes', () => {
    const network = graph(`
  modules:
    - {id: odd, kind: Wavelet, unmodelled: true, attributes: {levels: 3}, parameters: {w: odd.w}}
    - {id: idle, kind: Linear, attributes: {in_features: 3, out_features: 2}, aliases: [same]}
  parameters: [{id: odd.w, shape: [4], init: {constant: 1}}]
  calls: [{kind: add, inputs: [input, input]}]`);
    assert.deepEqual(network.modules[0]!.attributes, { levels: 3 });
    assert.deepEqual(network.modules[1]!.aliases, ['same']);
    assert.equal(countParameters(network).total, 4 + 6 + 2);
  });

  it('reads shapes with the batch where the file puts it', () => {
    const network = graph(
      '  calls: [{kind: add, inputs: [a, a]}]',
      '{a: {shape: [5, {batch: 1}, 3]}, b: {shape: [4], batched: false}}',
    );
    assert.equal(formatShape(valueShapes(network).get('add')!), '[5, batch, 3]');
    assert.deepEqual(network.inputs[1]!.shape, [4]);
  });

  it('reads the examples of docs/description-files.md', () => {
    const fences = readFileSync('docs/description-files.md', 'utf8').match(/(?<=```yaml\n)(?:input|name):.*?(?=```)/gs);
    assert.equal(fences?.length, 2);
    const [sequence, tables] = fences.map((text) => read(text));
    assert.deepEqual(sequence!.outputs, ['head']);
    assert.deepEqual(
      tables!.calls.map((call) => call.id),
      ['block.fc', 'block.fc@2', 'block.tied', 'block.mul', 'block.add'],
    );
    assert.equal(countParameters(tables!).total, 8 + 72 + 8);
  });
});
