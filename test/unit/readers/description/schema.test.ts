import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import Ajv from 'ajv';
import { parse } from 'yaml';
import { layers } from '../../../../src/engine/layers';
import { descriptionSchema, writeDescription } from '../../../../src/engine/readers/description';
import { examples } from './examples';
import { read } from './reading';

const schema = JSON.parse(JSON.stringify(descriptionSchema()));
const validate = new Ajv({ allErrors: true, strict: true, allowUnionTypes: true, strictRequired: false }).compile(
  schema,
);

const accepts = (text: string): boolean => validate(parse(text));

describe('description: JSON Schema', () => {
  it('is the committed file (node scripts/schema.mjs writes it)', () => {
    assert.deepEqual(JSON.parse(readFileSync('schema/normscope.schema.json', 'utf8')), schema);
  });

  it('accepts every example, and what the writer makes of it', () => {
    for (const { file, text } of examples) {
      assert.ok(accepts(text), `${file}: ${JSON.stringify(validate.errors?.slice(0, 5))}`);
      assert.ok(
        accepts(writeDescription(read(text))),
        `${file} written: ${JSON.stringify(validate.errors?.slice(0, 5))}`,
      );
    }
  });

  it('knows every layer of the table', () => {
    for (const row of layers) assert.ok(schema.definitions[`layer.${row.kind}`], row.kind);
  });

  it('accepts what the reader accepts', () => {
    for (const text of [
      'input: [8]\nlayers: [ReLU]',
      'input: [8]\nlayers: [{ReLU: }]',
      'input: [8]\nlayers: [{Linear: {out_features: 4, init: {weight: kaiming_uniform, bias: {constant: 0}}}, id: a, from: [input]}]',
      'input: {a: [3], b: {shape: [5], vocabulary: 10}}\ntask: regression\nloss: MSELoss\nlayers: [{add: {}, from: [a, 0]}]',
      'input: [8]\nlayers: [{repeat: 2, layers: [{residual: [ReLU], shortcut: [Identity]}, {concat: [[ReLU], [ReLU]], dim: 1}]}]',
      'input: [8]\nloss: {CrossEntropyLoss: {label_smoothing: 0.1, weight: [1, 2, 3]}}\noptimizer: {AdamW: {lr: 0.1, betas: [0.8, 0.9]}, groups: [{parameters: [0.bias], weight_decay: 0}], clip_grad_norm: {max_norm: 1, norm_type: 2}}\nlayers: [{Linear: {out_features: 3, init: {weight: {orthogonal: {gain: 2}}, bias: {values: [1, 2, 3]}}}}]',
      'input: [8]\noptimizer: Adam\ngraph: {calls: [{kind: add, inputs: [input, {parameter: p}]}], parameters: [{id: p, shape: [8]}]}',
    ]) {
      assert.ok(accepts(text), `${text}: ${JSON.stringify(validate.errors?.slice(0, 5))}`);
    }
  });

  it('refuses what the reader refuses', () => {
    for (const text of [
      'input: [8]',
      'inputs: [8]\nlayers: [ReLU]',
      'input: [0]\nlayers: [ReLU]',
      'input: [8]\nlayers: []',
      'input: [8]\nlayers: [Relu]',
      'input: [8]\nlayers: [Linear]',
      'input: [8]\nlayers: [{Linear: {}}]',
      'input: [8]\nlayers: [{Linear: {out_features: many}}]',
      'input: [8]\nlayers: [{Linear: {out_features: 4, biass: true}}]',
      'input: [8]\nlayers: [{ReLU: {}, Tanh: {}}]',
      'input: [8]\nlayers: [{ReLU: {}, id: 7}]',
      'input: [8]\nlayers: [{repeat: 0, layers: [ReLU]}]',
      'input: [8]\nlayers: [{residual: [ReLU], shortcuts: [ReLU]}]',
      'input: [8]\nlayers: [{Linear: {out_features: 4, init: {weight: {norml: {}}}}}]',
      'input: [8]\nloss: NLLoss\nlayers: [ReLU]',
      'input: [8]\nloss: {HuberLoss: {delta: 0}}\nlayers: [ReLU]',
      'input: [8]\noptimizer: {SGD: {}, groups: [{lr: 1}]}\nlayers: [ReLU]',
      'input: [8]\nlayers: [{Linear: {out_features: 4, init: {weight: sparse}}}]',
      'input: [8]\noptimizer: {SGD: {rate: 1}}\nlayers: [ReLU]',
      'input: [8]\nlayers: [ReLU]\ngraph: {}',
      'input: [8]\ngraph: {calls: [{inputs: [input]}]}',
    ]) {
      assert.ok(!accepts(text), text);
    }
  });
});
