import type { ModelNode } from '../../../onnx';

/** Where in the model a node stands, as its exporter says. */
export interface Scope {
  /** The module's path as `named_modules()` has it: `layer1.0.conv1`; empty for the model itself. */
  readonly path: string;
  /** The module's class, where the exporter says it: `torch.nn.modules.conv.Conv2d`. */
  readonly classes: ReadonlyMap<string, string>;
}

/** A list as Python writes it: `['', 'layer1', 'layer1.0']`. */
const pythonTexts = (text: string): string[] =>
  [...text.matchAll(/'([^']*)'|"([^"]*)"/g)].map((m) => m[1] ?? m[2] ?? '');

const NO_CLASSES: ReadonlyMap<string, string> = new Map();

/** PyTorch's newer exporter writes the modules around a node, and their classes, beside it. */
function fromMetadata(metadata: ReadonlyMap<string, string>): Scope | undefined {
  const scopes = metadata.get('pkg.torch.onnx.name_scopes');
  if (scopes === undefined) return undefined;
  // The last is the operation itself.
  const paths = pythonTexts(scopes).slice(0, -1);
  const classes = pythonTexts(metadata.get('pkg.torch.onnx.class_hierarchy') ?? '');
  return { path: paths.at(-1) ?? '', classes: new Map(paths.map((path, i) => [path, classes[i] ?? ''])) };
}

/** `/layer1/layer1.0/conv1/Conv` → layer1.0.conv1: a part that begins with the one before it takes its place. */
export function pathOfName(name: string): string {
  const parts = name.split('/').filter((part) => part !== '');
  if (parts.length < 2 && !name.startsWith('/')) return '';
  const path: string[] = [];
  for (const part of parts.slice(0, -1)) {
    if (part === 'StatefulPartitionedCall') continue;
    const before = path.at(-1);
    if (before !== undefined && part.startsWith(`${before}.`)) path.pop();
    path.push(part.replaceAll(/[^\w.]+/g, '_'));
  }
  return path.join('.');
}

export const scopeOf = ({ name, metadata }: Pick<ModelNode, 'name' | 'metadata'>): Scope =>
  fromMetadata(metadata) ?? { path: pathOfName(name), classes: NO_CLASSES };
