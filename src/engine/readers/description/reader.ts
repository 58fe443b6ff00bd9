import { InputError, type Network, type SourceDocument, valueShapes } from '../../network';
import type { Reader, ReadOptions } from '../reader';
import { parseDescription } from './document';
import { readGraph } from './graph';
import { readBatch, readInputs } from './header';
import { expectMap, expectText, onlyKeys, refuse, valueAt } from './node';
import { readOptimizer } from './optimizer';
import { readSequence } from './sequence';
import { readTask } from './task';

const FILE_NAME = /\.normscope\.(yaml|yml|json)$/;

/** What may stand at the top of a description file. */
export const topKeys = ['$schema', 'name', 'input', 'batch', 'task', 'loss', 'optimizer', 'layers', 'graph'] as const;

/** The file's name without its ending, for a network that bears none. */
function nameOf(uri: string): string {
  const last = uri.slice(uri.lastIndexOf('/') + 1).replace(FILE_NAME, '');
  try {
    return decodeURIComponent(last);
  } catch {
    return last;
  }
}

/**
 * Reads the one network of a description file.
 * @throws InputError at the place of whatever does not fit.
 */
export function readDescription(document: SourceDocument, options: ReadOptions = {}): Network {
  if (options.set && Object.keys(options.set).length > 0) {
    throw new InputError('--set: a description file takes no constructor arguments', 'write the values in the file');
  }
  const root = expectMap(parseDescription(document), 'a description file', 'input: [784] and layers: […]');
  onlyKeys(root, topKeys, 'a description file');
  const nameNode = valueAt(root, 'name');
  const name = nameNode ? expectText(nameNode, 'name', 'a text') : nameOf(document.uri);
  if (options.name !== undefined && options.name !== name) {
    refuse(nameNode?.span ?? root.span, `the file holds no network '${options.name}'`, `its only network is '${name}'`);
  }
  const [layers, graph] = [valueAt(root, 'layers'), valueAt(root, 'graph')];
  if (layers && graph) refuse(graph.span, 'both layers and graph', 'keep one of them');
  const inputs = readInputs(valueAt(root, 'input'), root, options, layers !== undefined);
  const structure = layers
    ? readSequence(layers, inputs)
    : readGraph(
        graph ?? refuse(root.span, 'neither layers nor graph', 'add `layers:` with a line for each layer'),
        inputs,
      );
  const header = { name, source: root.span, inputs, batch: readBatch(valueAt(root, 'batch'), options) };
  const network = { ...header, ...structure, optimizer: readOptimizer(root, structure.parameters), unmodelled: [] };
  const [output] = structure.outputs;
  const shape = output === undefined ? undefined : valueShapes({ inputs, calls: structure.calls }).get(output);
  return { ...network, task: readTask(root, shape, inputs) };
}

/** Description files: `*.normscope.yaml`, `.yml` and `.json`. */
export const descriptionReader: Reader = {
  format: 'description',
  reads: (fileName) => FILE_NAME.test(fileName),
  read: async (document, options) => [readDescription(document, options)],
};
