import assert from 'node:assert/strict';
import { fromBinary, toBinary } from '@bufbuild/protobuf';
import fc from 'fast-check';
import { arrayOf, type ElementType, elementBytes, GraphBuilder, modelBytes } from '../../../src/engine/onnx';
import { AttributeProto_AttributeType, ModelProtoSchema, TensorProto_DataType } from '../../../src/engine/onnx/onnx_pb';

const decode = (builder: GraphBuilder) => {
  const bytes = modelBytes(
    builder.graph(
      'program',
      [{ name: 'x', type: 'float32', shape: ['steps', 3] }],
      [{ name: 'y', type: 'bool', shape: [] }],
    ),
  );
  const model = fromBinary(ModelProtoSchema, bytes);
  assert.deepEqual(toBinary(ModelProtoSchema, model), bytes);
  return model;
};

describe('GraphBuilder', () => {
  it('writes the nodes asked for, with their attributes by type', () => {
    const builder = new GraphBuilder('v');
    const body = new GraphBuilder('b', builder);
    body.nodeNamed('Identity', ['go'], ['goOn']);
    const graph = body.graph('body', [], []);
    const joined = builder.node('Concat', ['x', 'x'], { axis: -1 });
    const padded = builder.node('Conv', [joined, 'w'], { pads: [1, 0, 2], auto_pad: 'NOTSET' });
    builder.nodeNamed('Loop', [padded], ['y', 'z'], { body: graph });

    const { graph: decoded } = decode(builder);
    assert.deepEqual(
      decoded!.node.map(({ opType, input, output }) => [opType, input, output]),
      [
        ['Concat', ['x', 'x'], [joined]],
        ['Conv', [joined, 'w'], [padded]],
        ['Loop', [padded], ['y', 'z']],
      ],
    );
    const [axis] = decoded!.node[0]!.attribute;
    assert.deepEqual([axis!.name, axis!.type, axis!.i], ['axis', AttributeProto_AttributeType.INT, -1n]);
    const [pads, mode] = decoded!.node[1]!.attribute;
    assert.deepEqual([pads!.type, pads!.ints], [AttributeProto_AttributeType.INTS, [1n, 0n, 2n]]);
    assert.deepEqual([mode!.type, new TextDecoder().decode(mode!.s)], [AttributeProto_AttributeType.STRING, 'NOTSET']);
    const [inner] = decoded!.node[2]!.attribute;
    assert.equal(inner!.type, AttributeProto_AttributeType.GRAPH);
    assert.equal(inner!.g!.node[0]!.opType, 'Identity');
  });

  it('writes {float} as FLOAT, whole or not', () => {
    const builder = new GraphBuilder('v');
    builder.node('LayerNormalization', ['x', 'scale'], { axis: -1, epsilon: { float: 1 } });
    const attributes = decode(builder).graph!.node[0]!.attribute;
    assert.deepEqual(
      attributes.map(({ name, type, f }) => [name, type, f]),
      [
        ['axis', AttributeProto_AttributeType.INT, 0],
        ['epsilon', AttributeProto_AttributeType.FLOAT, 1],
      ],
    );
  });

  it('makes an equal node again where it is to stand apart', () => {
    const builder = new GraphBuilder('v');
    const made = ['a', 'b', 'a'].map((apart) => builder.node('RandomUniform', [], { shape: [3] }, { apart }));
    assert.equal(new Set(made).size, 2);
    assert.equal(made[0], made[2]);
  });

  it('makes a long constant of one number once', () => {
    const builder = new GraphBuilder('v');
    const filled = (value: number, length: number) =>
      builder.constant(new Float32Array(length).fill(value), [length], 'float32');
    assert.equal(filled(1, 100), filled(1, 100));
    assert.equal(new Set([filled(1, 100), filled(2, 100), filled(1, 101), filled(-0, 100), filled(0, 100)]).size, 5);
  });

  it('makes the same node once, another for other inputs, attributes or domain', () => {
    const builder = new GraphBuilder('v');
    const first = builder.node('ReduceSum', ['x', 'axes'], { keepdims: 1 });
    assert.equal(builder.node('ReduceSum', ['x', 'axes'], { keepdims: 1 }), first);
    assert.equal(builder.nodeCount, 1);
    const others = [
      builder.node('ReduceSum', ['axes', 'x'], { keepdims: 1 }),
      builder.node('ReduceSum', ['x', 'axes'], { keepdims: 0 }),
      builder.node('ReduceSum', ['x', 'axes'], { keepdims: 1 }, { domain: 'com.microsoft' }),
    ];
    assert.equal(new Set([first, ...others]).size, 4);
    assert.equal(builder.nodeCount, 4);
  });

  it('gives a node’s outputs one by one', () => {
    const builder = new GraphBuilder('v');
    const values = builder.node('MaxPool', ['x'], { kernel_shape: [2] }, { outputs: 2 });
    const indices = builder.node('MaxPool', ['x'], { kernel_shape: [2] }, { outputs: 2, take: 1 });
    assert.deepEqual(decode(builder).graph!.node[0]!.output, [values, indices]);
  });

  it('keeps constants in the outermost graph, each once', () => {
    const builder = new GraphBuilder('v');
    const body = new GraphBuilder('b', builder);
    const axes = body.int64s([0, -1]);
    assert.equal(builder.int64s([0, -1]), axes);
    assert.notEqual(builder.scalar(0, 'float32'), builder.scalar(-0, 'float32'));
    assert.notEqual(builder.scalar(1, 'float32'), builder.scalar(1, 'int32'));
    assert.notEqual(builder.constant(Float32Array.of(1), [1], 'float32'), builder.scalar(1, 'float32'));
    const { initializer } = decode(builder).graph!;
    const decodedAxes = initializer.find(({ name }) => name === axes)!;
    assert.deepEqual([decodedAxes.dataType, decodedAxes.dims], [TensorProto_DataType.INT64, [2n]]);
    assert.deepEqual(new BigInt64Array(decodedAxes.rawData.slice().buffer), BigInt64Array.of(0n, -1n));
    assert.equal(initializer.length, 6);
  });

  it('writes any constant so that it reads back (property)', () => {
    const types: ElementType[] = ['float32', 'int64', 'int32', 'uint32', 'bool'];
    const anyArray = fc
      .tuple(fc.constantFrom(...types), fc.array(fc.nat(200), { maxLength: 40 }), fc.nat(3))
      .map(([type, values, skip]) => {
        const bits = type === 'bool' ? values.map((value) => value % 2) : values;
        // A view into a larger buffer, as slices of data are.
        return { type, values: arrayOf(type, bits).subarray(Math.min(skip, bits.length)) };
      });
    fc.assert(
      fc.property(anyArray, ({ type, values }) => {
        const builder = new GraphBuilder('v');
        builder.constant(values, [values.length], type);
        const [tensor] = decode(builder).graph!.initializer;
        assert.equal(tensor!.rawData.length, values.length * elementBytes[type]);
        assert.deepEqual(Buffer.from(tensor!.rawData), Buffer.from(values.slice().buffer));
      }),
    );
  });

  it('says the shapes of inputs and outputs, symbols by name', () => {
    const { graph, opsetImport, irVersion } = decode(new GraphBuilder('v'));
    const type = graph!.input[0]!.type!.value;
    assert.equal(type.case, 'tensorType');
    assert.ok(type.case === 'tensorType');
    assert.deepEqual(
      type.value.shape!.dim.map(({ value }) => value.value),
      ['steps', 3n],
    );
    assert.equal(type.value.elemType, TensorProto_DataType.FLOAT);
    assert.deepEqual(
      opsetImport.map(({ domain, version }) => [domain, version]),
      [
        ['', 21n],
        ['com.microsoft', 1n],
      ],
    );
    assert.equal(irVersion, 10n);
  });
});
