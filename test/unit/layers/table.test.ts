import assert from 'node:assert/strict';
import { AttributeError, completeAttributes, functionForms, layers, ShapeError } from '../../../src/engine/layers';
import { uniqueMap } from '../../../src/engine/layers/table';
import { BATCH } from '../../../src/engine/network';
import { row } from './harness';

describe('layer table', () => {
  it('refuses a second entry under one name', () => {
    assert.throws(
      () =>
        uniqueMap([
          ['relu', 1],
          ['relu', 2],
        ]),
      /two entries for relu/,
    );
  });

  it('finds every row by its kind and every function by its full name', () => {
    for (const layer of layers) {
      assert.equal(row(layer.kind), layer);
      for (const form of layer.functions ?? []) {
        for (const name of form.names) assert.equal(functionForms.get(name)?.form, form, name);
      }
    }
  });

  it('has forms whose operands are among their parameters and whose defaults the row knows', () => {
    for (const [name, { row: layer, form }] of functionForms) {
      for (const operand of form.operands ?? ['input']) {
        assert.ok(
          form.parameters.some((parameter) => parameter.replace('*', '') === operand.replace(/[*?]/, '')),
          `${name}: ${operand}`,
        );
      }
      for (const attribute of Object.keys(form.defaults ?? {})) assert.ok(attribute in layer.attributes, name);
    }
  });

  it('has defaults that the attribute itself accepts', () => {
    for (const { kind, attributes } of layers) {
      for (const [name, { fallback, accept }] of Object.entries(attributes)) {
        if (fallback !== undefined) assert.deepEqual(accept(fallback), fallback, `${kind}.${name}`);
      }
    }
  });
});

describe('completeAttributes', () => {
  const linear = row('Linear');

  it('takes what is given, then what the shapes say, then the defaults', () => {
    assert.deepEqual(completeAttributes(linear, { out_features: 3 }, [[BATCH, 7]]), {
      in_features: 7,
      out_features: 3,
      bias: true,
    });
    assert.equal(completeAttributes(linear, { in_features: 5, out_features: 3 }, [[BATCH, 7]]).in_features, 5);
  });

  it('reads weight and bias of a function off its operands', () => {
    const layerNorm = row('LayerNorm');
    const { form } = functionForms.get('torch.nn.functional.layer_norm')!;
    const completed = (operands: number) =>
      completeAttributes(
        layerNorm,
        { normalized_shape: [6] },
        [[BATCH, 6], [6], [6]].slice(0, operands),
        form.defaults,
      );
    assert.deepEqual(
      [1, 2, 3].map((n) => completed(n).elementwise_affine),
      [false, true, true],
    );
    assert.deepEqual(
      [2, 3].map((n) => completed(n).bias),
      [false, true],
    );
  });

  it('names the attribute that does not fit', () => {
    const thrown = (given: Record<string, never | string | number>) => {
      try {
        completeAttributes(linear, given);
      } catch (error) {
        assert.ok(error instanceof AttributeError);
        return [error.attribute, error.message];
      }
      return [];
    };
    assert.deepEqual(thrown({ in_features: 1, out_features: 'x' }), [
      'out_features',
      'Linear\'s out_features takes a whole number, not "x"',
    ]);
    assert.deepEqual(thrown({ in_features: 1, features: 2 })[0], 'features');
    assert.deepEqual(thrown({ in_features: 1 }), ['out_features', "Linear needs 'out_features'"]);
  });

  it('does not guess the normalized shape of an image', () => {
    assert.throws(() => completeAttributes(row('LayerNorm'), {}, [[BATCH, 3, 8, 8]]), /needs 'normalized_shape'/);
    assert.deepEqual(completeAttributes(row('LayerNorm'), {}, [[BATCH, 5, 8]]).normalized_shape, [8]);
  });

  it('refuses what is not modelled, by name', () => {
    assert.throws(
      () => completeAttributes(row('AdaptiveMaxPool2d'), { output_size: 2, return_indices: true }),
      AttributeError,
    );
    assert.throws(() => completeAttributes(row('div'), { rounding_mode: 'floor' }), /not modelled/);
  });
});

describe('shapes with the batch as a symbol', () => {
  const shape = (kind: string, inputs: readonly (readonly (number | typeof BATCH)[])[], attributes = {}) =>
    row(kind).outputShapes(inputs, completeAttributes(row(kind), attributes, inputs));

  it('keeps the batch through reshaping', () => {
    assert.deepEqual(shape('view', [[BATCH, 16, 5, 5]], { shape: [-1, 400] }), [[BATCH, 400]]);
    assert.deepEqual(shape('view', [[BATCH, 16, 5, 5]], { shape: [BATCH, -1] }), [[BATCH, 400]]);
    assert.deepEqual(shape('view', [[BATCH, 6, 4]], { shape: [-1, 4] }), [[{ batch: 6 }, 4]]);
    assert.deepEqual(shape('Flatten', [[BATCH, 2, 3]], { start_dim: 0 }), [[{ batch: 6 }]]);
    assert.deepEqual(
      shape(
        'cat',
        [
          [BATCH, 2],
          [BATCH, 2],
        ],
        { dim: 0 },
      ),
      [[{ batch: 2 }, 2]],
    );
  });

  it('names the batch in an error', () => {
    assert.throws(() => shape('view', [[BATCH, 16, 5, 5]], { shape: [-1, 300] }), {
      name: 'ShapeError',
      message: "shape '[-1, 300]' is invalid for input of size 400·batch",
    });
    assert.throws(() => shape('view', [[BATCH, 10]], { shape: [32, 10] }), ShapeError);
    assert.throws(
      () =>
        shape('add', [
          [BATCH, 4],
          [32, 4],
        ]),
      {
        message: 'The size of tensor a (batch) must match the size of tensor b (32) at non-singleton dimension 0',
      },
    );
    assert.throws(() => shape('Linear', [[BATCH, 9]], { in_features: 8, out_features: 2 }), {
      message: 'mat1 and mat2 shapes cannot be multiplied (batchx9 and 8x2)',
    });
    assert.throws(
      () =>
        shape(
          'cat',
          [
            [BATCH, 2],
            [3, 2],
          ],
          { dim: 0 },
        ),
      ShapeError,
    );
  });

  it('does not squeeze the batch away', () => {
    assert.deepEqual(shape('squeeze', [[BATCH, 1, 3, 1]]), [[BATCH, 3]]);
  });
});

describe('channel axes', () => {
  const axis = (kind: string, inputAxis: number | undefined, outputRank: number, attributes = {}) => {
    const layer = row(kind);
    return layer.channelAxis?.(inputAxis, outputRank, completeAttributes(layer, attributes));
  };

  it('follows the channels through what moves axes', () => {
    assert.equal(axis('permute', 1, 4, { dims: [0, 2, 3, 1] }), 3);
    assert.equal(axis('permute', 3, 4, { dims: [0, -1, 1, 2] }), 1);
    assert.equal(axis('transpose', 1, 3, { dim0: 1, dim1: -1 }), 2);
    assert.equal(axis('unsqueeze', 1, 3, { dim: 1 }), 2);
    assert.equal(axis('unsqueeze', 1, 3, { dim: -1 }), 1);
    assert.equal(axis('squeeze', 2, 2, { dim: 1 }), 1);
    assert.equal(axis('mean', 1, 2, { dim: [2, 3] }), 1);
    assert.equal(axis('mean', 1, 2, { dim: 1 }), undefined);
    assert.equal(axis('mean', 2, 2, { dim: [1] }), 1);
    assert.equal(axis('Unflatten', 2, 4, { dim: 1, unflattened_size: [2, 3] }), 3);
  });

  it('takes joined channels and positions for units', () => {
    assert.equal(axis('Flatten', 1, 2), 1);
    assert.equal(axis('Flatten', 1, 1, { start_dim: 0 }), 0);
    assert.equal(axis('Flatten', 1, 3, { start_dim: 2 }), 1);
    assert.equal(axis('Flatten', 1, 3, { start_dim: -2 }), 1);
    assert.equal(axis('Flatten', 3, 3, { start_dim: 1, end_dim: 2 }), 2);
    assert.equal(axis('Flatten', 3, 3, { start_dim: -2, end_dim: -1 }), 2);
  });

  it('puts units last after a matrix and channels before an image', () => {
    assert.equal(axis('Linear', 1, 3, { in_features: 2, out_features: 2 }), 2);
    assert.equal(axis('Conv2d', 1, 4, { in_channels: 2, out_channels: 2, kernel_size: 1 }), 1);
    assert.equal(axis('MaxPool2d', 0, 3, { kernel_size: 2 }), 0);
  });
});
