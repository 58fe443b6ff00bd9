import { elementBytes } from '../onnx';
import { concat, constant, gather, reshape, slice } from './operations';
import { type Tensor, type TensorType, topological } from './tensor';

// onnxruntime runs a graph's nodes by a depth-first walk back from its outputs: the last node's first, and at each node
// the input with the highest number first. Left alone, it takes all sums at the end of a step and keeps every value
// alive until then. So the sums are joined link by link, in the order in which what they are taken of is made: each link
// needs the one before it, and whatever the walk, a value is read soon after it is made.

/** So many bytes of read values may wait for their link. */
const LINK_BYTES = 2 ** 20;
/** Opening a session costs the square of a node's inputs. */
const LINK_PARTS = 64;
/** New state from this size on is made as soon as its gradient is there, which then makes room. */
const LARGE_STATE = 2 ** 19;

export const bytesOf = ({ shape, dtype }: TensorType): number =>
  shape.reduce((product, dim) => product * dim, 1) * elementBytes[dtype];

/** Numbers of a step: a value, and where its elements belong in the vector of its list. */
export interface Placed {
  readonly value: Tensor;
  readonly places: readonly number[];
}

/** A step's expressions in the order in which they are to be computed, and the vectors of its numbers. */
export interface Schedule {
  /** Every expression, inputs before users. */
  readonly order: readonly Tensor[];
  /** Each list of numbers as one vector. */
  readonly vectors: readonly Tensor[];
  /** Expressions that are to bear a higher number than another that they do not need. */
  readonly behind: ReadonlyMap<Tensor, Tensor>;
}

/**
 * Orders a step: forward, loss and backward pass; new states and numbers as soon as what they need is there, and what is
 * needed for them alone just before. `next` are the new states; numbers are values of any shape, mostly single ones or a few.
 */
export function schedule(
  next: readonly Tensor[],
  others: readonly Tensor[],
  lists: readonly (readonly Placed[])[],
): Schedule {
  const numbers = lists.flatMap((list) => list.map(({ value }) => value));
  const deepest = deepestOf(next);
  const ends = deepest ? [...others, deepest] : others;
  // Where nothing but numbers is asked for, they are taken on the way from one to the next.
  const spine = topological(ends.length > 0 ? ends : numbers);
  const main = topological([...others, ...next]);
  const used = new Set(main.flatMap(({ inputs }) => inputs));
  // A state that another is made of (an average that a weight moves by) is made with it.
  const large = next.filter((state) => !used.has(state) && bytesOf(state) >= LARGE_STATE);
  const parts = [...numbers, ...(numbers.length > 0 ? large.map(firstElement) : [])];
  const times = readyTimes(spine, topological([...main, ...parts]));
  const order = new TimedOrder(spine);
  const inTime = <T>(items: readonly T[], of: (item: T) => Tensor) =>
    items.map((item) => ({ item, time: times.get(of(item))! })).sort((a, b) => a.time - b.time);
  for (const { item, time } of inTime([...parts, ...next], (root) => root)) order.addAt(time, item);
  if (numbers.length === 0) return { order: order.all(), vectors: [], behind: new Map() };

  const wanted = placesInAll(lists);
  const places: number[] = [];
  const behind = new Map<Tensor, Tensor>();
  let joined: Tensor | undefined;
  const numbered = parts.map((part, i) => ({ part, i }));
  for (const group of groups(inTime(numbered, ({ part }) => part).map(({ item, time }) => ({ ...item, time })))) {
    const { time } = group.at(-1)!;
    const { vector, taken } = joinedByRank(group);
    for (const { part, i } of taken) for (let k = 0; k < sizeOf(part); k++) places.push(wanted[i]?.[k] ?? -1);
    order.addAt(time, vector);
    // The link before stands behind this group, so that the walk, which takes high numbers first, comes to it first.
    if (joined) {
      order.addAt(time, joined);
      behind.set(joined, vector);
    }
    joined = joined ? concat([joined, vector], 0) : vector;
  }
  const back = new BigInt64Array(wanted.reduce((total, each) => total + each.length, 0));
  places.forEach((number, place) => {
    // What was taken so that a large state is made early is no number.
    if (number >= 0) back[number] = BigInt(place);
  });
  let at = 0;
  const vectors = lists.map((list) => {
    const size = list.reduce((total, each) => total + each.places.length, 0);
    at += size;
    return gather(joined!, constant(back.slice(at - size, at), [size], 'int64'));
  });
  // Where no state is made, nothing keeps a layer's output but the next layer: the walk has to come by the numbers first.
  const end = others.at(-1);
  if (next.length === 0 && end) for (const vector of vectors) behind.set(vector, end);
  return { order: [...order.all(), ...vectors.flatMap((vector) => order.take(vector))], vectors, behind };
}

/**
 * The order in which nodes are written, and so numbered: as they become ready. For each node that becomes ready opening a
 * session costs onnxruntime a walk over those that are ready already and wait for their number; so none should wait long.
 * `starts` tells what is there from the beginning.
 */
export function asReady({ order, behind }: Schedule, starts: (node: Tensor) => boolean): Tensor[] {
  const users = new Map<Tensor, Tensor[]>();
  const missing = new Map<Tensor, number>();
  const queue: Tensor[] = [];
  for (const node of order) {
    const first = behind.get(node);
    const needed = new Set(node.inputs.filter((input) => !starts(input)));
    if (first) needed.add(first);
    missing.set(node, needed.size);
    for (const one of needed) {
      const there = users.get(one);
      if (there) there.push(node);
      else users.set(one, [node]);
    }
    if (needed.size === 0) queue.push(node);
  }
  for (const node of queue) {
    for (const user of users.get(node) ?? []) {
      const left = missing.get(user)! - 1;
      missing.set(user, left);
      if (left === 0) queue.push(user);
    }
  }
  return queue;
}

/** Where each number's elements belong in the vectors of all lists, one behind the other. */
function placesInAll(lists: readonly (readonly Placed[])[]): readonly (readonly number[])[] {
  let before = 0;
  return lists.flatMap((list) => {
    const from = before;
    before += list.reduce((total, { places }) => total + places.length, 0);
    return list.map(({ places }) => places.map((place) => from + place));
  });
}

/** The expression with the longest way from an input: the first layer's new weight. */
function deepestOf(roots: readonly Tensor[]): Tensor | undefined {
  const depth = new Map<Tensor, number>();
  for (const node of topological(roots)) {
    let most = 0;
    for (const input of node.inputs) most = Math.max(most, depth.get(input)!);
    depth.set(node, most + 1);
  }
  let deepest: Tensor | undefined;
  for (const root of roots) if (!deepest || depth.get(root)! > depth.get(deepest)!) deepest = root;
  return deepest;
}

/** One element of a value: who takes it needs the value. */
const firstElement = (x: Tensor): Tensor =>
  slice(
    x,
    x.shape.map(() => 0),
    x.shape.map(() => 1),
  );

/**
 * For each expression the place in the spine after which all that it needs is there; −1: before the first. What is taken
 * of inputs alone is taken where the spine itself first uses one of them.
 */
function readyTimes(spine: readonly Tensor[], all: readonly Tensor[]): ReadonlyMap<Tensor, number> {
  const times = new Map<Tensor, number>();
  const firstUses = new Map<Tensor, number>();
  spine.forEach((node, time) => {
    if (node.primitive !== 'input') times.set(node, time);
    for (const input of node.inputs) if (!firstUses.has(input)) firstUses.set(input, time);
  });
  for (const node of all) {
    if (times.has(node)) continue;
    let [made, given] = [-1, -1];
    for (const input of node.inputs) {
      if (input.primitive === 'input') given = Math.max(given, firstUses.get(input) ?? -1);
      else made = Math.max(made, times.get(input)!);
    }
    times.set(node, made >= 0 ? made : given);
  }
  return times;
}

/** A spine, and beside each of its places what is computed there. */
class TimedOrder {
  readonly #spine: readonly Tensor[];
  readonly #beside = new Map<number, Tensor[]>();
  readonly #known: Set<Tensor>;

  constructor(spine: readonly Tensor[]) {
    this.#spine = spine;
    this.#known = new Set(spine);
  }

  /** Adds an expression, and all that it needs and is not there yet, at one time. */
  addAt(time: number, root: Tensor): void {
    const there = this.#beside.get(time) ?? [];
    this.#beside.set(time, there);
    there.push(...this.take(root));
  }

  /** What an expression needs that is not there yet, and itself; from now on it is there. */
  take(root: Tensor): Tensor[] {
    if (this.#known.has(root)) return [];
    const taken: Tensor[] = [];
    const stack = [{ node: root, next: 0 }];
    this.#known.add(root);
    for (let top = stack.at(-1); top; top = stack.at(-1)) {
      const input = top.node.inputs[top.next++];
      if (input === undefined) {
        taken.push(top.node);
        stack.pop();
      } else if (!this.#known.has(input)) {
        this.#known.add(input);
        stack.push({ node: input, next: 0 });
      }
    }
    return taken;
  }

  all(): Tensor[] {
    const order = [...(this.#beside.get(-1) ?? [])];
    this.#spine.forEach((node, time) => {
      order.push(node, ...(this.#beside.get(time) ?? []));
    });
    return order;
  }
}

/** A number, its place among those given, and when it can be taken. */
interface Part {
  readonly part: Tensor;
  readonly i: number;
  readonly time: number;
}

/** Parts in their order, in groups that one link takes; what is read of one value stays together where it can. */
function groups(parts: readonly Part[]): Part[][] {
  const all: Part[][] = [];
  let bytes = 0;
  for (const part of parts) {
    const group = all.at(-1);
    const source = part.part.inputs[0];
    const size = source ? bytesOf(source) : 0;
    const sameTime = group?.at(-1)?.time === part.time;
    if (!group || group.length >= LINK_PARTS || (!sameTime && bytes + size > LINK_BYTES)) {
      all.push([part]);
      bytes = size;
    } else {
      group.push(part);
      if (!sameTime) bytes += size;
    }
  }
  return all;
}

const sizeOf = ({ shape }: Tensor): number => shape.reduce((product, dim) => product * dim, 1);

/** Values as one vector; those along their first axis alone, single ones too, side by side by rank, so that they need no reshaping one by one. */
function joinedByRank(group: readonly Part[]): { vector: Tensor; taken: readonly Part[] } {
  const byRank = new Map<number, Part[]>();
  for (const one of group) {
    const { shape } = one.part;
    const rank = sizeOf(one.part) === shape[0] ? shape.length : 0;
    byRank.set(rank, [...(byRank.get(rank) ?? []), one]);
  }
  const vectors = [...byRank].map(([rank, some]) => {
    const parts = some.map(({ part }) => part);
    if (rank === 0) return concatenated(parts.map((part) => reshape(part, [sizeOf(part)])));
    return reshape(concatenated(parts), [parts.reduce((total, part) => total + sizeOf(part), 0)]);
  });
  return { vector: concatenated(vectors), taken: [...byRank.values()].flat() };
}

const concatenated = (parts: readonly Tensor[]): Tensor => (parts.length === 1 ? parts[0]! : concat(parts, 0));
