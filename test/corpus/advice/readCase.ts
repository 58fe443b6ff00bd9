import { readFileSync } from 'node:fs';
import path from 'node:path';
import { isNorm } from '../../../src/engine/advisor/sites';
import { applyChanges } from '../../../src/engine/change';
import { fileDocument, type InputType, type Network } from '../../../src/engine/network';
import { readerFor } from '../../../src/engine/readers/table';
import type { AdviceCase } from './cases';

const MODELS = path.join('test', 'corpus', 'advice', 'models');

/** A case's Python source: the described model's file with what stands around it, or what imports a package's. */
export function sourceOf({ model, around = '' }: AdviceCase): { readonly text: string; readonly name: string } {
  const [file, name] = model.split('::');
  if (name !== undefined) {
    const text = readFileSync(path.join(MODELS, `${file}.py`), 'utf8');
    return { text: `${text}\n\n${around}\n`, name };
  }
  return { text: `import torch\nimport torch.nn as nn\n${model}\n${around}\n`, name: 'model' };
}

/** A case's network as it was published. */
export function readCase(one: AdviceCase, site?: string): Promise<Network> {
  const { text, name } = sourceOf(one);
  return readSource(one, text, name, site);
}

/** The network of that name in a text, with the case's inputs and batch. */
export async function readSource(one: AdviceCase, text: string, name: string, site?: string): Promise<Network> {
  const reader = await readerFor('case.py')!.load();
  const inputs = one.inputs.map((written) => {
    const [before, after] = written.includes('=') ? (written.split('=') as [string, string]) : [undefined, written];
    const [size, dtype] = after.split(':') as [string, InputType | undefined];
    return {
      ...(before && { name: before }),
      shape: [one.batch, ...size.split('x').map(Number)],
      ...(dtype && { dtype }),
    };
  });
  const [network] = await reader.read(fileDocument(path.resolve('case.py'), text), {
    name,
    inputs,
    batch: one.batch,
    imports: { workspace: [path.resolve('nowhere')], sitePackages: site === undefined ? [] : [site] },
  });
  return network!;
}

/** The network with every norm that could go taken out of it. */
export const withoutNorms = (network: Network): Network =>
  applyChanges(
    network,
    network.calls.filter(isNorm).map(({ id }) => ({ operation: 'remove', site: id }) as const),
  );
