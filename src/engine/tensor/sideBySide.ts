import { concat, part, reshape } from './operations';
import { elementwise } from './primitives/elementwise';
import { bytesOf, type Placed } from './schedule';
import { type Primitive, type Tensor, type TensorOf, topological } from './tensor';

// A node of an onnxruntime graph costs about a microsecond beside its arithmetic, as much as the arithmetic of a few
// thousand values, and opening a session more than that. So what many small values of one shape go through alike, each
// by itself, all of them go through side by side: an optimizer's step of the biases of all layers, the sum of squares
// of all activations.

/** Values beyond this size are left alone: copying them beside others takes longer than a node. */
const SMALL_BYTES = 2 ** 14;
/** So many at a time, which a processor's cache holds. */
const MOST = 32;
/** Fewer than this win nothing. */
const LEAST = 3;

/** A step's roots. */
export interface Roots {
  /** Later values of the state. */
  readonly states: readonly Tensor[];
  readonly others: readonly Tensor[];
  readonly numbers: readonly (readonly Placed[])[];
}

const REDUCTIONS: ReadonlySet<Primitive> = new Set(['sum', 'sumSquare', 'mean', 'amax', 'amin']);

const isAlike = (node: Tensor): boolean => node.primitive in elementwise || REDUCTIONS.has(node.primitive);

const count = (shape: readonly number[]): number => shape.reduce((product, dim) => product * dim, 1);

/** The same roots; those that are computed alike from values of one shape, small ones, are computed side by side. */
export function sideBySide({ states, others, numbers }: Roots): Roots {
  const forms = new Forms(states, others, numbers.flat());
  const stacks = new Stacks(forms);
  const made = new Map<Tensor, Tensor>();
  const tensors = states.filter(({ shape }) => shape.length > 0);
  for (const group of groupsOf(tensors, forms)) {
    const stacked = stacks.of(group);
    const [rows, ...rest] = group[0]!.shape as [number, ...number[]];
    const flat = reshape(stacked, [group.length * rows, ...rest]);
    group.forEach((state, i) => {
      made.set(state, part(flat, i, group.length));
    });
  }
  return {
    states: states.map((state) => made.get(state) ?? state),
    others,
    numbers: numbers.map((list) => {
      const placesOf = new Map<Tensor, (readonly number[])[]>();
      for (const { value, places } of list) placesOf.set(value, [...(placesOf.get(value) ?? []), places]);
      // What is asked for twice stays by itself.
      const once = list.filter(({ value }) => placesOf.get(value)!.length === 1).map(({ value }) => value);
      const taken = new Set<Tensor>();
      const stacked = [...groupsOf(once, forms)].map((group): Placed => {
        for (const value of group) taken.add(value);
        return { value: stacks.numbers(group), places: group.flatMap((value) => placesOf.get(value)![0]!) };
      });
      return [...list.filter(({ value }) => !taken.has(value)), ...stacked];
    }),
  };
}

/** Roots of one form, in their order, as many as are taken side by side. */
function* groupsOf(roots: readonly Tensor[], forms: Forms): Generator<readonly Tensor[]> {
  const byForm = new Map<number, Tensor[]>();
  for (const root of roots) {
    const form = forms.looksInto(root) ? forms.of(root) : undefined;
    if (form !== undefined) byForm.set(form, [...(byForm.get(form) ?? []), root]);
  }
  for (const alike of byForm.values()) {
    const chunks = Math.ceil(alike.length / MOST);
    for (let i = 0; i < chunks; i++) {
      const group = alike.slice((i * alike.length) / chunks, ((i + 1) * alike.length) / chunks);
      if (group.length >= LEAST) yield group;
    }
  }
}

/** How expressions are made of what the step computes anyway. Expressions of one form can be computed side by side. */
class Forms {
  /** What the step computes for other reasons, value by value. */
  readonly #apart: ReadonlySet<Tensor>;
  readonly #forward: ReadonlySet<Tensor>;
  readonly #forms = new Map<Tensor, number>();
  readonly #known = new Map<string, number>();
  readonly #ids = new Map<Tensor, number>();

  constructor(states: readonly Tensor[], others: readonly Tensor[], numbers: readonly Placed[]) {
    const roots = [...others, ...states, ...numbers.map(({ value }) => value)];
    const needed = topological(roots).flatMap((node) => (isAlike(node) ? [] : node.inputs));
    this.#apart = new Set(topological([...others, ...needed]));
    this.#forward = new Set(topological(others));
    // Inputs before users, so that no recursion runs down a chain of a thousand layers.
    for (const node of topological(roots)) this.#forms.set(node, this.#formOf(node));
  }

  /** Whether a node is computed for those who ask for it here alone, and small: what it is made of is put side by side instead. */
  looksInto(node: Tensor): boolean {
    return isAlike(node) && !this.#apart.has(node) && node.inputs.every((input) => bytesOf(input) <= SMALL_BYTES);
  }

  of(node: Tensor): number {
    return this.#forms.get(node)!;
  }

  #formOf(node: Tensor): number {
    const type = `${node.dtype} [${node.shape}]`;
    if (!this.looksInto(node)) {
      // Single numbers are alike where they are the same: the learning rate, a factor.
      if (node.shape.length === 0) return this.#number(`the same ${this.#id(node)}`);
      // What the forward pass makes is not kept until the backward pass is over.
      return this.#number(`${node.primitive} ${this.#forward.has(node)} ${type}`);
    }
    const inputs = node.inputs.map((input) => this.#forms.get(input)!);
    return this.#number(`${node.primitive} ${JSON.stringify(node.attributes)} (${inputs}) ${type}`);
  }

  #number(text: string): number {
    const known = this.#known.get(text) ?? this.#known.size;
    this.#known.set(text, known);
    return known;
  }

  #id(node: Tensor): number {
    const id = this.#ids.get(node) ?? this.#ids.size;
    this.#ids.set(node, id);
    return id;
  }
}

/** Values side by side along a new first axis, each list of them once. */
class Stacks {
  readonly #forms: Forms;
  readonly #ids = new Map<Tensor, number>();
  readonly #made = new Map<string, Tensor>();

  constructor(forms: Forms) {
    this.#forms = forms;
  }

  /** Values of one form and shape […] as [values, …]. */
  of(values: readonly Tensor[]): Tensor {
    const key = values.map((value) => this.#id(value)).join();
    const made = this.#made.get(key) ?? this.#make(values);
    this.#made.set(key, made);
    return made;
  }

  /** The same of values that nobody asks for but as numbers: sums of all of a value are taken of it as one row. */
  numbers(values: readonly Tensor[]): Tensor {
    const first = values[0]!;
    const input = first.inputs[0];
    const ofAll = REDUCTIONS.has(first.primitive) && count(first.shape) === 1 && input !== undefined;
    if (!ofAll || !this.#forms.looksInto(first)) return this.of(values);
    const column = values.map((value) => value.inputs[0]!);
    // As they stand side by side already, or as they were joined.
    const together = this.#forms.looksInto(input) ? this.of(column) : this.#joined(column);
    const rows = reshape(together, [values.length, 1, count(input.shape)]);
    const attributes = { axes: [1, 2], keepDims: true };
    return { ...first, layer: undefined, shape: [values.length, 1, 1], attributes, inputs: [rows] } as Tensor;
  }

  /** One behind the other along their first axis. */
  #joined(values: readonly Tensor[]): Tensor {
    const key = `joined ${values.map((value) => this.#id(value)).join()}`;
    const made = this.#made.get(key) ?? concat(values, 0);
    this.#made.set(key, made);
    return made;
  }

  #make(values: readonly Tensor[]): Tensor {
    const [first] = values as readonly [Tensor, ...Tensor[]];
    if (!this.#forms.looksInto(first)) return reshape(this.#joined(values), [values.length, ...first.shape]);
    const rank = Math.max(...first.inputs.map(({ shape }) => shape.length));
    const inputs = first.inputs.map((input, i) => {
      const column = values.map((value) => value.inputs[i]!);
      if (column.every((other) => other === input)) return input;
      // Shapes are held against one another from their ends.
      const stacked = this.of(column);
      const missing = Array.from({ length: rank - input.shape.length }, () => 1);
      return missing.length === 0 ? stacked : reshape(stacked, [values.length, ...missing, ...input.shape]);
    });
    return { ...first, layer: undefined, ...along(first, values.length), inputs } as Tensor;
  }

  #id(node: Tensor): number {
    const id = this.#ids.get(node) ?? this.#ids.size;
    this.#ids.set(node, id);
    return id;
  }
}

/** What changes of a node where its values stand behind a new first axis. */
function along(node: Tensor, values: number): Pick<Tensor, 'shape' | 'attributes'> {
  const shape = [values, ...node.shape];
  if (!REDUCTIONS.has(node.primitive)) return { shape, attributes: node.attributes };
  const { attributes } = node as TensorOf<'sum'>;
  return { shape, attributes: { ...attributes, axes: attributes.axes.map((axis) => axis + 1) } };
}

/** Numbers as they were asked for: each value's elements one after the other. */
export function placed(values: readonly Tensor[]): Placed[] {
  let at = 0;
  return values.map((value) => {
    const from = at;
    at += count(value.shape);
    return { value, places: Array.from({ length: at - from }, (_, i) => from + i) };
  });
}
