import { formatShape, type Network, sourceDocument } from '../../../../src/engine/network';
import type { ReadOptions } from '../../../../src/engine/readers';
import { pytorchReader } from '../../../../src/engine/readers/pytorch';

const IMPORTS = 'import torch\nfrom torch import nn\nimport torch.nn.functional as F\n';

/** Reads a file's text as it stands. */
export const readAll = (text: string, options: ReadOptions = {}): Promise<readonly Network[]> =>
  pytorchReader.read(sourceDocument('file:///model.py', text), options);

/** Reads code after the usual three lines of imports, which offers one network. */
export async function read(code: string, options: ReadOptions = {}): Promise<Network> {
  const networks = await readAll(IMPORTS + code, options);
  if (networks.length !== 1)
    throw new Error(`expected one network, not ${networks.map(({ name }) => name).join(', ')}`);
  return networks[0]!;
}

/** `id Kind` of every module. */
export const modulesOf = (network: Network): string[] => network.modules.map(({ id, kind }) => `${id} ${kind}`);

/** `id(inputs) shape` of every call. */
export const callsOf = (network: Network): string[] =>
  network.calls.map(({ id, inputs, outputShapes }) => {
    const from = inputs.map((operand) => ('value' in operand ? operand.value : operand.parameter)).join(', ');
    return `${id}(${from}) ${outputShapes.map(formatShape).join(' ')}`;
  });

export const inputsOf = (network: Network): string[] =>
  network.inputs.map(({ name, shape, origin }) => `${name} ${formatShape(shape)} from ${origin}`);

export const whysOf = (network: Network): string[] =>
  network.unmodelled.map(({ what, why, source }) => `${source.start.line}: ${what}: ${why}`);
