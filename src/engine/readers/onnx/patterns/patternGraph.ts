import type { ModelNode } from '../../../onnx';
import { textAttribute } from '../attributes';
import type { Stored } from '../stored';

/** The nodes by what they make, and the file's tensors, for whoever looks for a chain of nodes. */
export class PatternGraph {
  private readonly makers = new Map<string, ModelNode>();
  private readonly users = new Map<string, number>();

  constructor(
    nodes: readonly ModelNode[],
    private readonly tensors: ReadonlyMap<string, Stored>,
  ) {
    for (const node of nodes) this.add(node);
  }

  /** A node that takes the place of the one that made its outputs. */
  add(node: ModelNode): void {
    for (const output of node.outputs) if (output !== '') this.makers.set(output, node);
    for (const input of node.inputs) this.users.set(input, (this.users.get(input) ?? 0) + 1);
  }

  /** How many nodes take the value. */
  uses(name: string): number {
    return this.users.get(name) ?? 0;
  }

  /** The node of that operator that makes the value; one of ONNX's own. */
  made(name: string | undefined, ...ops: readonly string[]): ModelNode | undefined {
    const node = name === undefined ? undefined : this.makers.get(this.behind(name));
    return node && node.domain === '' && ops.includes(node.op) ? node : undefined;
  }

  /** The file's tensor of that name, through what only renames it or changes its type. */
  tensor(name: string | undefined): Stored | undefined {
    if (name === undefined) return undefined;
    const at = this.behind(name);
    const node = this.makers.get(at);
    if (node?.op === 'Constant') return this.tensors.get(node.outputs[0]!);
    return this.tensors.get(at);
  }

  /** The value of a tensor of one element. */
  scalar(name: string | undefined): number | undefined {
    const tensor = this.tensor(name);
    return tensor?.size === 1 ? tensor.numbers()[0] : undefined;
  }

  /** Whole numbers of a small tensor. */
  numbers(name: string | undefined): readonly number[] | undefined {
    const few = this.tensor(name)?.few();
    return few && [...few];
  }

  /** The two inputs of a commutative node, either way around. */
  either<T>(node: ModelNode | undefined, match: (a: string, b: string) => T | undefined): T | undefined {
    const [a, b] = node?.inputs ?? [];
    if (a === undefined || b === undefined) return undefined;
    return match(a, b) ?? match(b, a);
  }

  /** The factors of a product of products. */
  factors(name: string, most = 6): string[] {
    const node = this.made(name, 'Mul');
    if (!node || most <= 0) return [name];
    return node.inputs.flatMap((input) => this.factors(input, most - 2));
  }

  /** Whether both names are the same value, or computed by the same operator of the same values. */
  same(a: string | undefined, b: string | undefined, depth = 3): boolean {
    if (a === undefined || b === undefined) return false;
    const [from, to] = [this.behind(a), this.behind(b)];
    if (from === to) return true;
    const [left, right] = [this.makers.get(from), this.makers.get(to)];
    if (
      !left ||
      !right ||
      depth === 0 ||
      left.op !== right.op ||
      left.inputs.length !== right.inputs.length ||
      left.inputs.length > 4
    )
      return false;
    return left.inputs.every((input, i) => this.same(input, right.inputs[i], depth - 1));
  }

  /** The value that the name stands for: through identities and changes among float types. */
  private behind(name: string): string {
    let at = name;
    for (let i = 0; i < 32; i++) {
      const node = this.makers.get(at);
      const passes = node?.op === 'Identity' || (node?.op === 'Cast' && FLOATS.has(textAttribute(node, 'to')));
      if (!node || !passes || node.inputs[0] === undefined) return at;
      at = node.inputs[0];
    }
    return at;
  }
}

/** TensorProto.DataType of float, float16, double and bfloat16. */
const FLOATS = new Set(['1', '10', '11', '16']);
