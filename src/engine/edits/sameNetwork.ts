import {
  type AttributeValue,
  type Call,
  formatShape,
  type Module,
  type Network,
  outputOf,
  type ValueId,
} from '../network';

/** Which module of one network is which of the other, by ids. */
export type Correspondence = ReadonlyMap<string, string>;

/** A value with its keys in order. */
const ordered = (attributes: Readonly<Record<string, AttributeValue>>): string =>
  JSON.stringify(Object.entries(attributes).sort(([a], [b]) => (a < b ? -1 : 1)));

/** The calls that compute something, and what each value is once those that pass it on are left out. */
function computing({ calls, inputs }: Network) {
  const names = new Map<ValueId, string>(inputs.map(({ name }) => [name, `input ${name}`]));
  const left: Call[] = [];
  for (const call of calls) {
    const [first] = call.inputs;
    if (call.kind === 'Identity' && first && 'value' in first) {
      names.set(call.id, names.get(first.value) ?? first.value);
      continue;
    }
    call.outputShapes.forEach((_, i) => {
      names.set(outputOf(call.id, i), `${left.length}:${i}`);
    });
    left.push(call);
  }
  return { calls: left, names };
}

/**
 * Matches two networks that are the same up to the names of modules, calls and parameters; undefined where they differ.
 * Calls that only pass a value on do not count. `begins` says of a parameter of the first whether it must begin as the
 * other's does.
 */
export function matchNetworks(
  expected: Network,
  actual: Network,
  begins: (parameter: string) => boolean,
): Correspondence | undefined {
  const [left, right] = [computing(expected), computing(actual)];
  if (left.calls.length !== right.calls.length) return undefined;
  if (expected.unmodelled.length < actual.unmodelled.length) return undefined;
  const inputsOf = ({ inputs }: Network) =>
    JSON.stringify(inputs.map(({ name, shape, dtype }) => [name, shape, dtype]));
  if (inputsOf(expected) !== inputsOf(actual)) return undefined;
  const outputsOf = ({ outputs }: Network, { names }: typeof left) => outputs.map((output) => names.get(output)).join();
  if (outputsOf(expected, left) !== outputsOf(actual, right)) return undefined;

  const modules = new Matching();
  const parameters = new Matching();
  const tensorsOf = ({ parameters: own, buffers }: Network) =>
    new Map([...own, ...buffers].map((each) => [each.id, each]));
  const [leftTensors, rightTensors] = [tensorsOf(expected), tensorsOf(actual)];
  const sameTensor = (a: string, b: string): boolean => {
    const [one, other] = [leftTensors.get(a), rightTensors.get(b)];
    if (!one || !other || !parameters.match(a, b)) return false;
    if (one.shape.join() !== other.shape.join()) return false;
    if ('trainable' in one !== 'trainable' in other) return false;
    if ('trainable' in one && 'trainable' in other && one.trainable !== other.trainable) return false;
    return !begins(a) || JSON.stringify(one.initialization) === JSON.stringify(other.initialization);
  };
  const byId = ({ modules: all }: Network) => new Map(all.map((module) => [module.id, module]));
  const [leftModules, rightModules] = [byId(expected), byId(actual)];
  const sameModule = (a: Module, b: Module): boolean =>
    a.kind === b.kind &&
    ordered(a.attributes) === ordered(b.attributes) &&
    (['parameters', 'buffers'] as const).every((table) => {
      const [one, other] = [Object.entries(a[table]), b[table]];
      return (
        one.length === Object.keys(other).length &&
        one.every(([name, id]) => other[name] !== undefined && sameTensor(id, other[name]))
      );
    });

  for (const [i, call] of left.calls.entries()) {
    const other = right.calls[i]!;
    const shapes = (of: Call) => of.outputShapes.map(formatShape).join(' ');
    if (call.kind !== other.kind || shapes(call) !== shapes(other)) return undefined;
    if (ordered(call.attributes) !== ordered(other.attributes)) return undefined;
    if ((call.module === undefined) !== (other.module === undefined)) return undefined;
    if (call.module !== undefined && other.module !== undefined) {
      const [a, b] = [leftModules.get(call.module), rightModules.get(other.module)];
      if (!a || !b || !modules.match(a.id, b.id) || !sameModule(a, b)) return undefined;
    }
    if (call.inputs.length !== other.inputs.length) return undefined;
    for (const [j, operand] of call.inputs.entries()) {
      const given = other.inputs[j]!;
      if ('value' in operand !== 'value' in given) return undefined;
      if ('value' in operand && 'value' in given && left.names.get(operand.value) !== right.names.get(given.value)) {
        return undefined;
      }
      if ('parameter' in operand && 'parameter' in given && !sameTensor(operand.parameter, given.parameter)) {
        return undefined;
      }
    }
  }
  return idle(expected) === idle(actual) ? modules.pairs : undefined;
}

/** The kinds of modules that no call uses. */
function idle({ modules, calls }: Network): string {
  const called = new Set(calls.map(({ module }) => module));
  // What lies inside a called module (attention's projection) is used by it.
  const used = (id: string): boolean => called.has(id) || (id.includes('.') && used(id.slice(0, id.lastIndexOf('.'))));
  const left = modules.filter(({ id, kind, container }) => !container && kind !== 'Identity' && !used(id));
  return left
    .map(({ kind }) => kind)
    .sort()
    .join();
}

/** Pairs in which each stands once. */
class Matching {
  readonly pairs = new Map<string, string>();
  readonly #back = new Map<string, string>();

  /** Notes a pair; false where one of the two has another partner. */
  match(a: string, b: string): boolean {
    if (!this.pairs.has(a) && !this.#back.has(b)) {
      this.pairs.set(a, b);
      this.#back.set(b, a);
    }
    return this.pairs.get(a) === b && this.#back.get(b) === a;
  }
}
