import assert from 'node:assert/strict';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import {
  ASSUMED_OPTIMIZER,
  assumedTask,
  BATCH,
  type Call,
  constant,
  fileDocument,
  type Module,
  type Network,
  spanOf,
} from '../../../src/engine/network';
import { NETWORK_SCHEMA, networkRecord, reportSource } from '../../../src/engine/report';
import { inspectText } from '../../../src/engine/report/inspectText';

const here = path.resolve('some', 'where');
const document = fileDocument(path.join(here, 'nets', 'net.py'), '');
const at = (line: number) => spanOf(document, { line, column: 5 });
const toSource = (span: ReturnType<typeof at>) => reportSource(span, here);

const module = (id: string, line: number, more: Partial<Module> = {}): Module => ({
  id,
  kind: 'Linear',
  attributes: {},
  container: false,
  parameters: {},
  buffers: {},
  aliases: [],
  source: at(line),
  ...more,
});
const call = (id: string, line: number, more: Partial<Call> = {}): Call => ({
  id,
  kind: 'Linear',
  attributes: {},
  inputs: [],
  outputShapes: [[BATCH, 4]],
  source: at(line),
  ...more,
});
const parameter = (id: string, shape: number[], trainable = true) => ({
  id,
  shape,
  trainable,
  initialization: constant(0),
});

const network: Network = {
  name: 'Net',
  source: at(1),
  inputs: [{ name: 'x', shape: [BATCH, 3], dtype: 'float32', origin: '--input' }],
  modules: [
    module('', 1, { kind: 'Net', container: true }),
    module('body', 2, { kind: 'Sequential', container: true }),
    module('body.0', 3, { parameters: { weight: 'body.0.weight' } }),
    module('tied', 4, { parameters: { weight: 'body.0.weight', bias: 'tied.bias' } }),
    module('attention', 5, { parameters: { in_proj_weight: 'in', 'out_proj.weight': 'out' } }),
    module('attention.out_proj', 5),
    module('unused', 6, { parameters: { weight: 'unused.weight' } }),
  ],
  parameters: [
    parameter('body.0.weight', [4, 3]),
    parameter('tied.bias', [4], false),
    parameter('in', [2, 5]),
    parameter('out', [5]),
    parameter('unused.weight', []),
  ],
  buffers: [],
  calls: [
    call('body.0', 10, { module: 'body.0', inputs: [{ value: 'x' }] }),
    call('relu', 11, { kind: 'relu', inputs: [{ value: 'body.0' }] }),
    call('body.0@2', 12, { module: 'body.0', inputs: [{ value: 'relu' }], outputShapes: [[{ batch: 2 }, 4]] }),
    call('attention', 13, {
      module: 'attention',
      inputs: [{ value: 'body.0@2' }, { parameter: 'in' }],
      outputShapes: [
        [BATCH, 4],
        [BATCH, 7, 7],
      ],
    }),
    call('add', 14, { kind: 'add', inputs: [{ value: 'attention:1' }, { value: 'attention' }] }),
  ],
  outputs: ['add'],
  batch: { size: 8, origin: 'DataLoader, line 40' },
  task: assumedTask(undefined),
  optimizer: ASSUMED_OPTIMIZER,
  unmodelled: [{ what: 'x.roll()', why: 'unknown method', source: at(15) }],
};

describe('report: a network’s record', () => {
  const record = networkRecord(network, 8, toSource);
  const layer = (id: string) => record.layers.find((entry) => entry.id === id)!;

  it('lists modules in registration order without the root, then functions in call order', () => {
    assert.deepEqual(
      record.layers.map(({ id, type }) => `${type} ${id}`),
      [
        ...['container body', 'module body.0', 'module tied', 'module attention', 'module attention.out_proj'],
        ...['module unused', 'function relu', 'function add'],
      ],
    );
    assert.equal(layer('relu').kind, 'relu');
  });

  it('shows the first call of a module that is called several times, shapes bound at the batch', () => {
    assert.deepEqual(layer('body.0').outputShape, [8, 4]);
    assert.deepEqual(layer('body.0').inputs, ['x']);
    assert.deepEqual(layer('body.0').callSite, { file: 'nets/net.py', line: 10, column: 5 });
    assert.deepEqual(layer('body.0').source, { file: 'nets/net.py', line: 3, column: 5 });
    assert.deepEqual(record.inputs, [{ name: 'x', shape: [8, 3], dtype: 'float32', origin: '--input' }]);
  });

  it('names the layers that feed a layer, whichever call and output it was, and no parameters', () => {
    assert.deepEqual(layer('attention').inputs, ['body.0']);
    assert.deepEqual(layer('add').inputs, ['attention', 'attention']);
    assert.deepEqual(layer('attention').outputShape, [
      [8, 4],
      [8, 7, 7],
    ]);
  });

  it('says what the reader took for granted, with its line, and nothing where it took nothing', () => {
    assert.equal(record.assumed, undefined);
    const assumption = { what: "the configuration of 'bert'", why: 'it is not here', source: at(9) };
    const none = { losses: [], lossInputs: [], optimizers: [], pretrained: [], modes: [], evaluations: [] };
    const said = networkRecord({ ...network, surroundings: { ...none, assumptions: [assumption] } }, 8, toSource);
    const source = { file: 'nets/net.py', line: 9, column: 5 };
    assert.deepEqual(said.assumed, [{ ...assumption, source }]);
    const options = { colour: false, columns: 100 };
    const text = inspectText({ schema: NETWORK_SCHEMA, networks: [{ ...said, findings: [] }] }, options);
    assert.match(text, /Assumed\n {2}nets\/net\.py:9:5: the configuration of 'bert'; it is not here/);
  });

  it('gives a module that is never called neither shape nor call site', () => {
    assert.equal(layer('unused').outputShape, null);
    assert.equal(layer('unused').callSite, null);
    assert.deepEqual(layer('unused').inputs, []);
  });

  it('counts every parameter once, at the module that owns it', () => {
    assert.deepEqual(
      record.layers.map(({ parameters }) => parameters),
      [0, 12, 4, 10, 5, 1, 0, 0],
    );
    assert.deepEqual(record.parameters, { total: 32, trainable: 28 });
    assert.equal(
      record.layers.reduce((sum, { parameters }) => sum + parameters, 0),
      record.parameters.total,
    );
  });

  it('says when the probe bound another batch than the file', () => {
    assert.deepEqual(record.batch, network.batch);
    assert.equal(networkRecord(network, 2, toSource).batch.size, 2);
    assert.deepEqual(networkRecord(network, 2, toSource).layers[1]!.outputShape, [2, 4]);
  });

  it('makes paths relative to the working directory', () => {
    const span = { ...at(1), uri: pathToFileURL(path.resolve(here, '..', 'a b', 'ü.py')).href };
    assert.equal(reportSource(span, here).file, '../a b/ü.py');
    assert.equal(reportSource({ ...span, uri: 'untitled:Untitled-1' }, here).file, 'untitled:Untitled-1');
  });
});
