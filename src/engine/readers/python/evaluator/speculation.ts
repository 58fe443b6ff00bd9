import { formatShape, InputError } from '../../../network';
import { dropCalls } from '../modules/trace';
import type { SyntaxNode } from '../syntax';
import type { Scope, Value } from '../values';
import type { Completion, Evaluation } from './evaluation';
import { PythonError } from './pythonError';

/** What one way through the code comes to. */
interface Way {
  /** Absent where an exception ends it. */
  readonly outcome?: { readonly completion: Completion | undefined; readonly names: ReadonlyMap<string, Value> };
  /** How much it adds to the network: calls of modules before those of functions. */
  readonly calls: number;
}

/** The state that code changes, as it was: the trace, the notes, the scope's names and what their lists hold. */
function snapshot(scope: Scope, run: Evaluation): () => void {
  const { trace, findings, owners } = run;
  const names = new Map(scope.names);
  const held = [...names.values()].flatMap((value): (() => void)[] => {
    if (value.type === 'list') {
      const items = [...value.items];
      const restore = () => {
        value.items = items;
      };
      return [restore];
    }
    if (value.type !== 'dict') return [];
    const entries = [...value.entries];
    return [
      () => {
        value.entries.clear();
        for (const [key, entry] of entries) value.entries.set(key, entry);
      },
    ];
  });
  const owner = owners.at(-1);
  const attributes = owner && new Map(owner.attributes);
  const calls = trace?.calls.length ?? 0;
  const times = new Map(trace?.times);
  const notes = findings.notes.length;
  const put = <K, V>(from: ReadonlyMap<K, V>, into: Map<K, V>) => {
    into.clear();
    for (const [key, value] of from) into.set(key, value);
  };
  return () => {
    put(names, scope.names);
    for (const restore of held) restore();
    if (owner && attributes) put(attributes, owner.attributes);
    findings.notes.length = notes;
    if (!trace) return;
    dropCalls(trace, calls);
    put(times, trace.times);
  };
}

/** Marks where a condition is evaluated; what it gives takes back what that computed and noted, as nothing else uses it. */
export function conditionMark(run: Evaluation): () => void {
  const calls = run.trace?.calls.length ?? 0;
  const notes = run.findings.notes.length;
  return () => {
    const { trace, findings } = run;
    if (!trace) return;
    findings.notes.length = Math.min(notes, findings.notes.length);
    dropCalls(trace, calls);
  };
}

/** Goes one way and comes back. */
function look(work: () => Completion | undefined, scope: Scope, run: Evaluation): Way {
  const restore = snapshot(scope, run);
  const before = run.trace?.calls.length ?? 0;
  try {
    const completion = work();
    const names = new Map(scope.names);
    const added = run.trace?.calls.slice(before) ?? [];
    const modules = added.filter(({ module }) => module !== undefined).length;
    return { outcome: { completion, names }, calls: 1000 * modules + added.length };
  } catch (error) {
    if (error instanceof PythonError || error instanceof InputError) return { calls: 0 };
    throw error;
  } finally {
    restore();
  }
}

/** A value as far as what comes after can tell: a tensor's shape, or what kind of thing it is. */
function form(value: Value | undefined): string {
  if (!value) return '';
  switch (value.type) {
    case 'tensor':
      return value.shape ? formatShape(value.shape) : 'tensor';
    case 'list':
    case 'tuple':
      return `(${value.items.slice(0, 50).map(form).join(', ')})`;
    default:
      return value.type;
  }
}

/** Whether two ways leave the same shapes behind. */
function agree(a: Way, b: Way, assigned: ReadonlySet<string>): boolean {
  const [x, y] = [a.outcome!, b.outcome!];
  if (x.completion?.kind !== y.completion?.kind) return false;
  if (x.completion?.kind === 'return' && y.completion?.kind === 'return')
    return form(x.completion.value) === form(y.completion.value);
  return [...assigned].every((name) => form(x.names.get(name)) === form(y.names.get(name)));
}

/**
 * Code under a condition that hangs on values, in a forward. Every way is looked at. Where all agree in the shapes that
 * they leave, the one that computes most stands, as training takes it at times; else the first that computes anything,
 * and that is said. A way that only raises is none.
 */
export function branches(
  ways: readonly SyntaxNode[],
  condition: SyntaxNode,
  assigned: ReadonlySet<string>,
  scope: Scope,
  run: Evaluation,
  otherwise: boolean,
): Completion | undefined {
  const works = [
    ...ways.map((way) => () => run.execute(way, scope)),
    ...(otherwise ? [] : [(): Completion | undefined => undefined]),
  ];
  const looked = works.map((work) => ({ work, way: look(work, scope, run) }));
  const open = looked.filter(({ way }) => way.outcome);
  // All raise: so does the code.
  if (open.length === 0) return works[0]!();
  const most = open.reduce((best, each) => (each.way.calls > best.way.calls ? each : best));
  const text = condition.text.slice(0, 60);
  if (open.length > 1) {
    const same = open.every(({ way }) => agree(way, open[0]!.way, assigned));
    const leaves = open.some(({ way }) => way.outcome!.completion?.kind === 'return');
    const stays = open.find(({ way }) => way.outcome!.completion === undefined);
    if (same) assume(text, 'its ways agree in their shapes, and the one that computes most is read', condition, run);
    else if (leaves && stays && most.way.calls === 0) {
      assume(text, 'the way that goes on is read, and not the one that returns', condition, run);
      return stays.work();
    } else {
      const why = 'it hangs on values, and its ways differ in their shapes; the one that computes most is read';
      run.unmodelled(text, why, run.span(condition));
    }
  }
  return most.work();
}

/** A loop whose end hangs on values: one round, where that leaves the shapes as they were. */
export function oneRound(
  body: SyntaxNode,
  condition: SyntaxNode,
  assigned: ReadonlySet<string>,
  scope: Scope,
  run: Evaluation,
): boolean {
  const before: Way = { outcome: { completion: undefined, names: new Map(scope.names) }, calls: 0 };
  const way = look(() => run.execute(body, scope), scope, run);
  const old = new Set([...assigned].filter((name) => scope.names.has(name)));
  if (
    !way.outcome ||
    way.outcome.completion?.kind === 'return' ||
    !agree(before, { ...way, outcome: { ...way.outcome, completion: undefined } }, old)
  )
    return false;
  const why = 'how often this loop runs hangs on values; one round of it is read';
  run.unmodelled(condition.text.slice(0, 60), why, run.span(condition));
  run.execute(body, scope);
  return true;
}

function assume(text: string, why: string, condition: SyntaxNode, run: Evaluation): void {
  const source = run.span(condition);
  const what = `the condition '${text}' on line ${source.start.line}, which hangs on values`;
  const { assumptions } = run.findings;
  if (!assumptions.some((each) => each.what === what)) assumptions.push({ what, why, source });
}

/** `a if condition else b` where the condition hangs on values. */
export function eitherValue(sides: readonly SyntaxNode[], condition: SyntaxNode, scope: Scope, run: Evaluation): Value {
  const works = sides.map((side) => () => run.evaluate(side, scope));
  const looked = works.map((work) => ({
    work,
    way: look(() => ({ kind: 'return', value: work() }), scope, run),
  }));
  const open = looked.filter(({ way }) => way.outcome);
  if (open.length === 0) return works[0]!();
  const most = open.reduce((best, each) => (each.way.calls > best.way.calls ? each : best));
  const text = condition.text.slice(0, 60);
  if (open.length > 1) {
    if (agree(open[0]!.way, open[1]!.way, new Set()))
      assume(text, 'both values agree in their shapes, and the one that computes more is read', condition, run);
    else
      run.unmodelled(
        text,
        'it hangs on values, and its two values differ in their shapes; the one that computes more is read',
        run.span(condition),
      );
  }
  return most.work();
}
