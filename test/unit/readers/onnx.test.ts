import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { binaryDocument, InputError, type Network } from '../../../src/engine/network';
import type { ReadOptions } from '../../../src/engine/readers';
import { readOnnx } from '../../../src/engine/readers/onnx';
import { float, message, model, node, tensor, text, value, varint } from './onnxBytes';

const FOLDER = 'test/fixtures/onnx';
const bytesOf = (name: string): Uint8Array => readFileSync(`${FOLDER}/${name}.onnx`);
const read = (bytes: Uint8Array, options: ReadOptions = {}, file = '/models/net.onnx'): Network =>
  readOnnx(binaryDocument(file, bytes), options);
const fixture = (name: string, options: ReadOptions = {}): Network => read(bytesOf(name), options);

const kinds = ({ calls }: Network): string[] => calls.map(({ kind }) => kind);
const refuses = (make: () => unknown, message: RegExp): void => {
  assert.throws(make, (error: unknown) => {
    assert.ok(error instanceof InputError, String(error));
    const line = `${error.message}; ${error.mend}`;
    assert.match(line, message);
    assert.ok(!line.includes('\n'), line);
    return true;
  });
};

describe('ONNX reader', () => {
  describe('names', () => {
    it('modules have the ids that they had in PyTorch, from both exporters', () => {
      const ids = [
        'stem',
        'pool',
        'layer1',
        'layer1.0',
        'layer1.0.conv1',
        'layer1.0.bn1',
        'layer1.0.relu',
        'layer1.0.conv2',
      ];
      const script = fixture('residual.script').modules.map(({ id }) => id);
      assert.deepEqual(script.slice(0, ids.length), ids);
      const dynamo = fixture('residual.dynamo').modules;
      assert.deepEqual(
        dynamo.map(({ id }) => id),
        script.filter((id) => !/\.bn\d$|^avg$/.test(id)),
      );
      assert.equal(dynamo.find(({ id }) => id === 'layer1.0')?.kind, 'Block');
    });

    it('a module that is called twice is one module with two calls', () => {
      const { modules, calls } = fixture('residual.script');
      assert.equal(modules.filter(({ id }) => id.startsWith('layer1.0.relu')).length, 1);
      assert.deepEqual(
        calls.filter(({ module }) => module === 'layer1.0.relu').map(({ id }) => id),
        ['layer1.0.relu', 'layer1.0.relu@2'],
      );
    });

    it('parameters are those of named_parameters()', () => {
      const answers = JSON.parse(readFileSync(`${FOLDER}/answers.json`, 'utf8'));
      for (const [name, { parameters }] of Object.entries<{ parameters: [string, number[]][] }>(answers)) {
        const expected = parameters.reduce((sum, [, shape]) => sum + shape.reduce((a, b) => a * b, 1), 0);
        const { parameters: found } = fixture(`${name}.script`);
        const total = found.reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0);
        assert.equal(total, expected, name);
      }
      assert.deepEqual(
        fixture('mlp.script').parameters.map(({ id, shape }) => [id, [...shape]]),
        answers.mlp.parameters,
      );
    });

    it('a token input has its vocabulary', () => {
      assert.equal(fixture('encoder.script').inputs[0]?.vocabulary, 20);
    });
  });

  describe('chains that exporters write', () => {
    for (const exporter of ['script', 'dynamo']) {
      it(`norms and activations written by hand (${exporter})`, () => {
        assert.deepEqual(kinds(fixture(`written.${exporter}`)), [
          'Linear',
          'LayerNorm',
          'GELU',
          'RMSNorm',
          'GELU',
          'Mish',
          'SiLU',
          'add',
          'Hardswish',
          'add',
        ]);
      });
      it(`GroupNorm as instances of groups (${exporter})`, () => {
        const norm = fixture(`residual.${exporter}`).modules.find(({ id }) => id === 'gn');
        assert.equal(norm?.kind, 'GroupNorm');
        assert.equal(norm?.attributes.num_groups, 2);
      });
    }

    it('says that BatchNorms were folded into convolutions', () => {
      const [note, ...more] = fixture('residual.dynamo').unmodelled;
      assert.equal(more.length, 0);
      assert.match(note!.why, /folded norms into 4 of the convolutions/);
    });
  });

  describe('the batch', () => {
    it('shapes that the graph fixes for one sample are read for any', () => {
      const network = fixture('vit.script');
      assert.deepEqual(network.inputs[0]?.shape, [{ batch: 1 }, 3, 8, 8]);
      assert.deepEqual(network.batch, { size: 32, origin: 'default' });
      assert.deepEqual(network.calls.at(-1)?.outputShapes, [[{ batch: 1 }, 3]]);
    });

    it('sizes that the file leaves open are asked for, and what needs none stands', () => {
      const graph = model({
        inputs: [value('x', 1, ['batch', 3, 'height', 'width'])],
        outputs: [value('y', 1)],
        nodes: [node('Conv', ['x', 'w'], ['y'])],
        tensors: [tensor('w', [8, 3, 1, 1], new Float32Array(24).fill(0.5))],
      });
      const open = read(graph);
      assert.deepEqual(open.inputs, []);
      assert.equal(open.parameters[0]?.shape.join(), '8,3,1,1');
      assert.match(open.unmodelled[0]!.why, /x: 'height', x: 'width' open/);
      const given = read(graph, { inputs: [{ shape: [4, 3, 5, 6] }] });
      assert.deepEqual(given.calls[0]?.outputShapes, [[{ batch: 1 }, 8, 5, 6]]);
      refuses(
        () => read(graph, { inputs: [{ shape: [4, 1, 5, 6] }] }),
        /the input 'x' is batchx3xheightxwidth in the file/,
      );
      refuses(() => read(graph, { inputs: [{ name: 'z', shape: [4] }] }), /no input 'z'; its inputs are 'x'/);
    });
  });

  describe('weights', () => {
    it('are drawn anew by default, and the file’s with --weights', () => {
      const kindsOf = (network: Network) =>
        new Set(network.parameters.map(({ initialization }) => initialization.kind));
      assert.deepEqual(kindsOf(fixture('mlp.script')), new Set(['uniform', 'constant']));
      assert.deepEqual(kindsOf(fixture('mlp.script', { weights: true })), new Set(['values']));
    });

    it('belong to no layer: with the mean and deviation that they have in the file', () => {
      const position = fixture('encoder.script').parameters.find(({ id }) => id === 'position');
      assert.equal(position?.initialization.kind, 'normal');
    });

    describe('beside the file', () => {
      let folder: string;
      before(() => {
        folder = mkdtempSync(path.join(tmpdir(), 'normscope-onnx-'));
        mkdirSync(path.join(folder, 'model'));
        const numbers = new Uint8Array(Float32Array.from({ length: 24 }, (_, i) => i).buffer);
        writeFileSync(path.join(folder, 'outside.bin'), numbers);
        writeFileSync(path.join(folder, 'model', 'w.bin'), numbers);
        writeFileSync(path.join(folder, 'model', 'short.bin'), numbers.subarray(4));
        symlinkSync('../outside.bin', path.join(folder, 'model', 'link.bin'));
        symlinkSync('..', path.join(folder, 'model', 'up'));
      });
      after(() => rmSync(folder, { recursive: true }));

      const with_ = (location: string, options: ReadOptions = { weights: true }) =>
        read(
          model({
            inputs: [value('x', 1, ['batch', 6])],
            outputs: [value('y', 1)],
            nodes: [node('Gemm', ['x', 'w'], ['y'])],
            tensors: [tensor('w', [6, 4], location)],
          }),
          options,
          path.join(folder, 'model', 'net.onnx'),
        );

      it('are read from its folder', () => {
        const [weight] = with_('w.bin').parameters;
        assert.ok(weight?.initialization.kind === 'values');
        // PyTorch has the matrix the other way around.
        assert.deepEqual([...weight.initialization.values].slice(0, 3), [0, 4, 8]);
      });

      it('are not needed where they are not asked for', () => {
        assert.equal(with_('missing.bin', {}).parameters.length, 1);
        assert.equal(with_('../outside.bin', {}).parameters.length, 1);
      });

      for (const [location, why] of [
        ['missing.bin', /cannot be read/],
        ['short.bin', /too short/],
        ['../outside.bin', /not below the model file’s folder/],
        ['link.bin', /not below the model file’s folder/],
        ['up/outside.bin', /not below the model file’s folder/],
        ['/etc/passwd', /not below the model file’s folder/],
        ['', /not below the model file’s folder/],
      ] as const) {
        it(`are never read from elsewhere, nor beyond their end: '${location}'`, () => {
          refuses(() => with_(location), why);
        });
      }
    });
  });

  describe('what is no whole float model', () => {
    const one = (op: string, attributes: readonly Uint8Array[] = []) =>
      model({
        inputs: [value('x', 1, ['batch', 4])],
        outputs: [value('y', 1)],
        nodes: [node(op, ['x'], ['y'], attributes)],
      });

    it('a quantized graph', () => {
      refuses(() => read(one('QuantizeLinear')), /the graph is quantized, not float: QuantizeLinear/);
    });

    it('an operator without a row is named, not refused', () => {
      const { unmodelled, outputs } = read(one('Det'));
      assert.deepEqual(outputs, []);
      assert.match(unmodelled[0]!.why, /no layer computes the operator Det/);
    });

    it('a cycle', () => {
      const bytes = model({
        inputs: [value('x', 1, ['batch', 4])],
        outputs: [value('y', 1)],
        nodes: [node('Add', ['x', 'y'], ['z']), node('Relu', ['z'], ['y'])],
      });
      refuses(() => read(bytes), /the graph has a cycle through/);
    });

    it('a value that nothing makes, and one that two nodes make', () => {
      const inputs = [value('x', 1, ['batch', 4])];
      const outputs = [value('y', 1)];
      refuses(() => read(model({ inputs, outputs, nodes: [node('Relu', ['q'], ['y'])] })), /takes 'q', which nothing/);
      const twice = [node('Relu', ['x'], ['y']), node('Tanh', ['x'], ['y'])];
      refuses(() => read(model({ inputs, outputs, nodes: twice })), /two nodes of the graph make 'y'/);
    });

    it('a tensor whose bytes do not fill its shape, however large it claims to be', () => {
      for (const shape of [[3], [2 ** 40, 2 ** 10], [4, 5]]) {
        const bytes = model({
          inputs: [value('x', 1, ['batch', 4])],
          outputs: [value('y', 1)],
          nodes: [node('Add', ['x', 'w'], ['y'])],
          tensors: [tensor('w', shape, new Float32Array(4))],
        });
        refuses(() => read(bytes, { weights: true }), /no whole ONNX model: the tensor 'w' of shape .* has 4 elements/);
      }
    });

    it('a function within itself', () => {
      const body = message(
        1,
        text(1, 'f'),
        text(4, 'a'),
        text(5, 'b'),
        node('f', ['a'], ['b'], [], 'own', 7),
        text(10, 'own'),
      );
      const bytes = model({
        inputs: [value('x', 1, ['batch', 4])],
        outputs: [value('y', 1)],
        nodes: [node('f', ['x'], ['y'], [], 'own')],
        functions: [body],
      });
      refuses(() => read(bytes), /f stands within itself/);
    });

    it('functions that multiply, though they hold nothing', () => {
      const functions = Array.from({ length: 40 }, (_, i) => {
        const inner = i === 39 ? [] : [0, 1].map((k) => node(`f${i + 1}`, ['a'], [`b${k}`], [], 'own', 7));
        return message(1, text(1, `f${i}`), text(4, 'a'), text(5, 'b0'), ...inner, text(10, 'own'));
      });
      const bytes = model({
        inputs: [value('x', 1, ['batch', 4])],
        outputs: [value('y', 1)],
        nodes: [node('f0', ['x'], ['y'], [], 'own')],
        functions,
      });
      refuses(() => read(bytes), /functions cannot be written out/);
    });

    it('graphs nested without end', () => {
      let attribute = message(5, text(1, 'body'), varint(20, 5));
      for (let i = 0; i < 40; i++)
        attribute = message(5, text(1, 'body'), message(6, message(1, text(4, 'Loop'), attribute)), varint(20, 5));
      refuses(() => read(one('Loop', [attribute])), /nested more than 16 deep/);
    });

    it('another kind of file, an old opset, a name or arguments that it has not', () => {
      refuses(() => read(new Uint8Array()), /no whole ONNX model: it holds no graph/);
      refuses(() => read(new TextEncoder().encode('import torch\n')), /no whole ONNX model/);
      const old = model({
        inputs: [value('x', 1, [1])],
        outputs: [value('y', 1)],
        nodes: [node('Relu', ['x'], ['y'])],
        opset: 6,
      });
      refuses(() => read(old), /opset 6, and opsets are read from 7 on/);
      refuses(() => read(one('Relu'), { name: 'other' }), /its only network is 'net'/);
      refuses(() => read(one('Relu'), { set: { a: '1' } }), /takes no constructor arguments/);
    });

    it('attributes of any value are refused or taken, never thrown on', () => {
      const ops = [
        'Conv',
        'Gemm',
        'Softmax',
        'Slice',
        'Reshape',
        'LSTM',
        'Resize',
        'Pad',
        'Split',
        'LayerNormalization',
      ];
      const names = [
        'axis',
        'axes',
        'group',
        'strides',
        'pads',
        'kernel_shape',
        'hidden_size',
        'split',
        'blocksize',
        'alpha',
      ];
      const attribute = fc.tuple(fc.constantFrom(...names), fc.oneof(fc.integer(), fc.double()));
      fc.assert(
        fc.property(fc.constantFrom(...ops), fc.array(attribute, { maxLength: 4 }), (op, given) => {
          const attributes = given.map(([name, number]) =>
            Number.isInteger(number)
              ? message(5, text(1, name), varint(3, number), varint(20, 2))
              : message(5, text(1, name), float(2, number), varint(20, 1)),
          );
          const bytes = model({
            inputs: [value('x', 1, ['batch', 4, 6])],
            outputs: [value('y', 1)],
            nodes: [node(op, ['x', 'w', 'v'], ['y'], attributes)],
            tensors: [tensor('w', [2, 4, 3], new Float32Array(24)), tensor('v', [2], new Float32Array(2))],
          });
          try {
            read(bytes);
          } catch (error) {
            assert.ok(error instanceof InputError, String((error as Error).stack));
          }
        }),
        { numRuns: 1000, examples: [['Conv', [['group', 1_000_000_000]]]] },
      );
    });
  });

  describe('fuzzing', () => {
    const files = readdirSync(FOLDER).filter((name) => /^(mlp|residual|vit|recurrent)\..*onnx$/.test(name));
    const survives = (bytes: Uint8Array): void => {
      const started = performance.now();
      try {
        read(bytes, { weights: true });
      } catch (error) {
        assert.ok(error instanceof InputError, String((error as Error).stack));
        assert.ok(!error.message.includes('\n'));
      }
      assert.ok(performance.now() - started < 2000);
    };

    it('a file cut off anywhere gives one line, or the part that stands', () => {
      for (const file of files) {
        const bytes = readFileSync(`${FOLDER}/${file}`);
        const step = Math.max(1, Math.floor(bytes.length / 150));
        for (let length = 0; length < bytes.length; length += step) survives(bytes.subarray(0, length));
      }
    });

    it('mutated bytes give one line, or a network', function () {
      this.timeout(60_000);
      const share = Number(process.env.NORMSCOPE_FUZZ_RUNS ?? 1500);
      const mutation = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 6 });
      fc.assert(
        fc.property(fc.constantFrom(...files), mutation, (file, changes) => {
          const bytes = Uint8Array.from(readFileSync(`${FOLDER}/${file}`));
          for (const [at, byte] of changes) bytes[at % bytes.length] = byte;
          survives(bytes);
        }),
        { numRuns: share },
      );
    });
  });
});
