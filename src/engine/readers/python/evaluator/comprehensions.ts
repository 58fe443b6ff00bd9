import { field, type SyntaxNode } from '../syntax';
import {
  dict,
  hashKey,
  iterator,
  list,
  newScope,
  type Scope,
  truth,
  type UnknownValue,
  unknown,
  type Value,
} from '../values';
import { checkSize } from './budget';
import type { Evaluation } from './evaluation';

/**
 * A comprehension over known values, in a scope of its own. A generator expression gives the list of what it would
 * yield. Over something unknown the whole is unknown.
 */
export function comprehension(node: SyntaxNode, scope: Scope, run: Evaluation): Value {
  const body = field(node, 'body')!;
  const clauses = node.children.filter((child) => child.type === 'for_in_clause' || child.type === 'if_clause');
  const inner = newScope('function', scope);
  const values: Value[] = [];
  const pairs: [Value, Value][] = [];

  /** Runs the clauses from `index` on; what makes the result unknown, if anything does. */
  const from = (index: number): UnknownValue | undefined => {
    const clause = clauses[index];
    if (!clause) {
      checkSize(values.length + pairs.length + 1);
      if (body.type === 'pair') {
        const key = run.evaluate(field(body, 'key')!, inner);
        if (hashKey(key) === undefined)
          return key.type === 'unknown' ? key : unknown('a key is not known', run.span(body));
        pairs.push([key, run.evaluate(field(body, 'value')!, inner)]);
      } else values.push(run.evaluate(body, inner));
      return undefined;
    }
    if (clause.type === 'if_clause') {
      const tested = run.evaluate(clause.children[0]!, inner);
      const known = truth(tested);
      if (known === undefined)
        return tested.type === 'unknown' ? tested : unknown(`'${clause.text}' is not known`, run.span(clause));
      return known ? from(index + 1) : undefined;
    }
    const over = run.evaluate(field(clause, 'right')!, index === 0 ? scope : inner);
    const items = run.iterate(over, run.span(clause));
    if (!items)
      return over.type === 'unknown'
        ? over
        : unknown(`what '${field(clause, 'right')!.text}' goes over is not known`, run.span(clause));
    for (const item of items) {
      run.assign(field(clause, 'left')!, item, inner);
      const stopped = from(index + 1);
      if (stopped) return stopped;
    }
    return undefined;
  };

  const stopped = from(0);
  if (stopped) return stopped;
  if (node.type === 'dictionary_comprehension') return dict(pairs);
  if (node.type === 'set_comprehension')
    return { type: 'set', entries: new Map(values.map((value) => [hashKey(value) ?? '', value])) };
  return node.type === 'generator_expression' ? iterator(values) : list(values);
}
