import type { Span } from '../../../network';
import { field, type SyntaxNode } from '../syntax';
import { NONE, positional, type Scope, type Value } from '../values';
import type { Completion, Evaluation } from './evaluation';
import { exceptionValue } from './exceptions';
import { managerCall } from './managers';
import { PythonError } from './pythonError';
import { withoutEffect } from './statements';

/** What `with value as x` gives x: what `__enter__` gives, or what a generator yields first. */
function enter(value: Value, site: Span, run: Evaluation): Value {
  if (value.type === 'iterator') return value.items[0] ?? NONE;
  if (value.type !== 'instance') return value;
  const method = run.findAttribute(value, '__enter__', site);
  return method ? run.call(method, positional(), site) : value;
}

/** Leaves a context; whether it swallows the error, as `__exit__` says by what it gives. */
function leave(value: Value, error: PythonError | undefined, site: Span, run: Evaluation): boolean {
  const method = value.type === 'instance' ? run.findAttribute(value, '__exit__', site) : undefined;
  if (!method) return false;
  const what = error && exceptionValue(error, run);
  const of = what?.type === 'instance' ? what.class : (what ?? NONE);
  return run.truth(run.call(method, positional(of, what ?? NONE, NONE), site), site) === true;
}

/** `with a as x, b:`: each context around those after it, the body innermost. */
export function withStatement(node: SyntaxNode, scope: Scope, run: Evaluation): Completion | undefined {
  const items = node.children.filter(({ type }) => type === 'with_clause').flatMap(({ children }) => children);
  const from = (index: number): Completion | undefined => {
    const item = items[index];
    if (!item) return run.execute(field(node, 'body')!, scope);
    const inner = field(item, 'value')!;
    const said = inner.type === 'as_pattern' ? inner.children[0]! : inner;
    const name = inner.type === 'as_pattern' ? field(inner, 'alias') : undefined;
    const site = run.span(item);
    const value = withoutEffect(said, scope, run, () => run.evaluate(said, scope));
    const generator = managerCall(value);
    if (generator) {
      // What stands in the function before `yield` comes before the body, what stands behind it after.
      let completion: Completion | undefined;
      run.yieldTo = (given) => {
        if (name) run.assign(name, given, scope);
        completion = from(index + 1);
      };
      run.call(generator.callee, generator.args, site);
      return completion;
    }
    const entered = enter(value, site, run);
    if (name) run.assign(name, entered, scope);
    let completion: Completion | undefined;
    try {
      completion = from(index + 1);
    } catch (error) {
      if (!(error instanceof PythonError)) throw error;
      if (leave(value, error, site, run)) return undefined;
      throw error;
    }
    leave(value, undefined, site, run);
    return completion;
  };
  return from(0);
}
