import { findLayer } from '../../layers';
import type { ModelNode } from '../../onnx';
import { type Scope, scopeOf } from './graph/names';
import type { Stored } from './stored';

/** Nodes that only work out sizes and constants, or that exporters add around a layer. */
const BOOKKEEPING = new Set([
  'Constant',
  'ConstantOfShape',
  'Shape',
  'Size',
  'Cast',
  'Identity',
  'Range',
  'Expand',
  'Equal',
  'Where',
  'Unsqueeze',
]);

/** PyTorch's function of a layer, by its last name; the class's name where there is none: `LeakyReLU` → `leaky_relu`. */
function functionName(kind: string): string {
  const name = findLayer(kind)?.functions?.[0]?.names[0] ?? kind.toLowerCase();
  return name.slice(name.lastIndexOf('.') + 1);
}

/** A tensor's module, as its name has it: `fc.weight` and `attn.in_proj_bias` → fc, attn.in_proj. */
function ownerOf(name: string): string {
  const owner = name
    .replace(/:\d+$/, '')
    .replace(/\/(ReadVariableOp|Read|Identity)$/, '')
    .replace(
      /[/.](weight|bias|gamma|beta|kernel|scale|W|B|weight_bias|running_mean|running_var|moving_mean|moving_variance)$/,
      '',
    )
    .replace(/\.(weight|bias)_(ih|hh)_l\d+(_reverse)?$/, '')
    .replace(/_(weight|bias)$/, '');
  if (/^(weight|bias|gamma|beta|scale|W|B)$/.test(owner)) return '';
  return owner
    .split('/')
    .filter((part) => part !== '' && part !== 'StatefulPartitionedCall')
    .join('.');
}

/** Gives calls and modules the ids that the file's names imply, each once. */
export class Naming {
  private readonly taken = new Set<string>();
  private readonly scopes = new Map<string, number>();

  constructor(nodes: readonly ModelNode[], inputs: readonly string[]) {
    for (const name of inputs) this.taken.add(name);
    for (const node of nodes) {
      const { path } = scopeOf(node);
      if (!BOOKKEEPING.has(node.op)) this.scopes.set(path, (this.scopes.get(path) ?? 0) + 1);
      // A scope with scopes in it is no layer.
      for (let dot = path.lastIndexOf('.'); dot > 0; dot = path.lastIndexOf('.', dot - 1))
        this.scopes.set(path.slice(0, dot), Number.POSITIVE_INFINITY);
    }
  }

  /** The id of a module with parameters, before it is made the only one. */
  moduleId(node: ModelNode, tensors: readonly Stored[], kind: string): string {
    const scope = scopeOf(node);
    const named = tensors.find(({ name }) => name !== undefined)?.name;
    const owner = named === undefined ? '' : ownerOf(named);
    if (owner === '' || scope.path === '') return scope.path || owner || functionName(kind);
    if (scope.classes.size === 0 || owner === scope.path || owner.startsWith(`${scope.path}.`)) return owner;
    // Exporters write equal tensors once, under the first module's name.
    if (scope.classes.get(scope.path)?.endsWith(`.${kind}`)) return scope.path;
    const [parent, last] = [owner.lastIndexOf('.'), scope.path.lastIndexOf('.')];
    return owner.slice(0, Math.max(0, parent)) === scope.path.slice(0, Math.max(0, last))
      ? owner
      : `${scope.path}.${owner.slice(parent + 1)}`;
  }

  /** The module that a call without parameters is, where the exporter gave it a scope of its own. */
  plainModuleId(node: ModelNode, kind: string): string | undefined {
    const { path, classes } = scopeOf(node);
    if (path === '') return undefined;
    const given = classes.get(path);
    if (given) return given.split('.').at(-1) === kind ? path : undefined;
    return this.scopes.get(path) === 1 ? path : undefined;
  }

  /** `<scope>.relu`, `<scope>.relu_1`. */
  functionId(node: ModelNode, kind: string): string {
    const { path } = scopeOf(node);
    const name = functionName(kind);
    return this.unique(path === '' ? name : `${path}.${name}`);
  }

  scope(node: ModelNode): Scope {
    return scopeOf(node);
  }

  isTaken(id: string): boolean {
    return this.taken.has(id);
  }

  /** The id, or with a number behind it where something else bears it. */
  unique(id: string): string {
    let free = id;
    for (let i = 1; this.taken.has(free); i++) free = `${id}_${i}`;
    this.taken.add(free);
    return free;
  }
}
