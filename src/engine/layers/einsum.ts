import { type Dim, type Shape, sameDim } from '../network';
import { expand, matmul, reshape, sum, type Tensor, transpose } from '../tensor';
import { formatDim, range } from './dimensions';
import { ShapeError } from './row';

/** An equation with every axis named: one text of labels an operand, and the result's. */
interface Equation {
  readonly operands: readonly (readonly string[])[];
  readonly output: readonly string[];
}

/** The labels of one operand; `...` becomes labels that no letter has, counted from the right. */
function labelsOf(text: string, rank: number, operand: number): string[] {
  const letters = text.replace('...', '').length;
  const open = rank - letters;
  if (!text.includes('...')) {
    if (open === 0) return [...text];
    throw new ShapeError(
      `einsum(): the number of subscripts in the equation (${letters}) does not match the number of dimensions ` +
        `(${rank}) for operand ${operand} and no ellipsis was given`,
    );
  }
  if (open < 0) {
    throw new ShapeError(
      `einsum(): the number of subscripts in the equation (${letters}) is more than the number of dimensions (${rank}) ` +
        `for operand ${operand}`,
    );
  }
  const [before, after] = text.split('...') as [string, string];
  return [...before, ...range(0, open).map((i) => `.${open - 1 - i}`), ...after];
}

/** Reads `ij,jk->ik`. Without an arrow the result has the labels that stand once, in order. */
export function readEquation(equation: string, ranks: readonly number[]): Equation {
  const text = equation.replace(/\s+/g, '');
  if (!/^[A-Za-z.,]*(->[A-Za-z.]*)?$/.test(text))
    throw new ShapeError(`einsum(): invalid subscript given in the equation '${equation}'`);
  const [inputs, result] = text.split('->') as [string, string?];
  const texts = inputs.split(',');
  if (texts.length !== ranks.length) {
    throw new ShapeError(
      texts.length > ranks.length
        ? 'einsum(): more operands were provided in the equation than subscripts'
        : 'einsum(): fewer operands were provided than specified in the equation',
    );
  }
  const operands = texts.map((each, i) => labelsOf(each, ranks[i]!, i));
  const dots = [...new Set(operands.flat().filter((label) => label.startsWith('.')))].sort().reverse();
  if (result !== undefined) {
    const [before = '', after = ''] = result.split('...') as [string?, string?];
    return { operands, output: result.includes('...') ? [...before, ...dots, ...after] : [...result] };
  }
  const all = operands.flat();
  const once = [...new Set(all)].filter(
    (label) => !label.startsWith('.') && all.filter((each) => each === label).length === 1,
  );
  return { operands, output: [...dots, ...once.sort()] };
}

/** The size of every label. @throws ShapeError where two operands disagree. */
function labelSizes({ operands }: Equation, shapes: readonly Shape[]): Map<string, Dim> {
  const sizes = new Map<string, Dim>();
  operands.forEach((labels, i) => {
    if (new Set(labels).size < labels.length)
      throw new ShapeError(`einsum(): a subscript that stands twice in one operand is not modelled`);
    labels.forEach((label, axis) => {
      const size = shapes[i]![axis]!;
      const before = sizes.get(label);
      if (before === undefined || before === 1) sizes.set(label, size);
      else if (size !== 1 && !sameDim(size, before)) {
        throw new ShapeError(
          `einsum(): subscript ${label} has size ${formatDim(size)} for operand ${i} which does not broadcast with ` +
            `previously seen size ${formatDim(before)}`,
        );
      }
    });
  });
  return sizes;
}

/** The shape of the result. */
export function einsumShape(equation: string, shapes: readonly Shape[]): Shape {
  const read = readEquation(
    equation,
    shapes.map(({ length }) => length),
  );
  const sizes = labelSizes(read, shapes);
  return read.output.map((label) => {
    const size = sizes.get(label);
    if (size !== undefined) return size;
    throw new ShapeError(`einsum(): output subscript ${label} does not appear in the equation for any input operand`);
  });
}

/** A tensor with names for its axes. */
interface Labelled {
  readonly x: Tensor;
  readonly labels: readonly string[];
}

const count = (shape: readonly number[]) => shape.reduce((product, size) => product * size, 1);

/** The tensor with its axes in this order; labels that it lacks are axes of size 1. */
function arranged({ x, labels }: Labelled, order: readonly string[]): Tensor {
  const present = order.filter((label) => labels.includes(label));
  const moved = transpose(
    x,
    present.map((label) => labels.indexOf(label)),
  );
  return reshape(
    moved,
    order.map((label) => (labels.includes(label) ? x.shape[labels.indexOf(label)]! : 1)),
  );
}

/** Sums the labels that nobody else asks for. */
function summed({ x, labels }: Labelled, kept: (label: string) => boolean): Labelled {
  const axes = labels.flatMap((label, axis) => (kept(label) ? [] : [axis]));
  return axes.length === 0 ? { x, labels } : { x: sum(x, axes), labels: labels.filter(kept) };
}

/** Two operands as one batched product: shared labels that stay are its batch, shared ones that go are summed in it. */
function contracted(
  a: Labelled,
  b: Labelled,
  stays: (label: string) => boolean,
  sizes: ReadonlyMap<string, number>,
): Labelled {
  const left = summed(a, (label) => stays(label) || b.labels.includes(label));
  const right = summed(b, (label) => stays(label) || a.labels.includes(label));
  const shared = left.labels.filter((label) => right.labels.includes(label));
  const batch = shared.filter(stays);
  const gone = shared.filter((label) => !stays(label));
  const rows = left.labels.filter((label) => !shared.includes(label));
  const columns = right.labels.filter((label) => !shared.includes(label));
  const wide = (side: Labelled, order: readonly string[]) => {
    const tensor = arranged(side, order);
    // An axis of size 1 beside a longer one is repeated.
    return expand(
      tensor,
      order.map((label, axis) => (shared.includes(label) ? sizes.get(label)! : tensor.shape[axis]!)),
    );
  };
  const l = wide(left, [...batch, ...rows, ...gone]);
  const r = wide(right, [...batch, ...gone, ...columns]);
  const [nb, nr, ng] = [batch.length, rows.length, gone.length];
  const batchShape = l.shape.slice(0, nb);
  const rowShape = l.shape.slice(nb, nb + nr);
  const columnShape = r.shape.slice(nb + ng);
  const inner = count(l.shape.slice(nb + nr));
  const lead = nb === 0 ? [] : [count(batchShape)];
  const product = matmul(
    reshape(l, [...lead, count(rowShape), inner]),
    reshape(r, [...lead, inner, count(columnShape)]),
  );
  return { x: reshape(product, [...batchShape, ...rowShape, ...columnShape]), labels: [...batch, ...rows, ...columns] };
}

/** The products of all operands, summed over the labels that the result lacks, two operands at a time from the left. */
export function einsum(equation: string, tensors: readonly Tensor[]): Tensor {
  const shapes = tensors.map(({ shape }) => shape);
  const { operands, output } = readEquation(
    equation,
    shapes.map(({ length }) => length),
  );
  const sizes = labelSizes({ operands, output }, shapes) as Map<string, number>;
  const queue = tensors.map((x, i): Labelled => ({ x, labels: operands[i]! }));
  let result = queue.shift()!;
  while (queue.length > 0) {
    const next = queue.shift()!;
    const later = new Set([...output, ...queue.flatMap(({ labels }) => labels)]);
    result = contracted(result, next, (label) => later.has(label), sizes);
  }
  const rest = summed(result, (label) => output.includes(label));
  return expand(
    arranged(rest, output),
    output.map((label) => sizes.get(label)!),
  );
}
