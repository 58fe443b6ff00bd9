import type { BuiltinTable } from '../../python/builtins/row';
import { asNumber, int, NONE, truth, type Value } from '../../python/values';
import { type Calls, row } from './calls';

const called = (calls: Calls, callee: Value, ...values: readonly Value[]): Value =>
  calls.run.call(callee, { positional: values, keywords: new Map() }, calls.site);

/** Functions that call others: a condition that is known, a loop of known length. */
export const control: BuiltinTable = {
  cond: row((calls) => {
    const [condition, yes, no] = [calls.take(0, 'pred') ?? NONE, calls.take(1, 'true_fn'), calls.take(2, 'false_fn')];
    const holds = truth(condition);
    if (holds === undefined || !yes || !no)
      return calls.run.unmodelled('cond', 'its condition is not known before running', calls.site);
    return called(calls, holds ? yes : no);
  }),
  fori_loop: row((calls) => {
    const [from, to] = [asNumber(calls.take(0, 'lower') ?? NONE), asNumber(calls.take(1, 'upper') ?? NONE)];
    const body = calls.take(2, 'body_fun');
    let value = calls.take(3, 'init_val') ?? NONE;
    if (from === undefined || to === undefined || !body || to - from > 1000)
      return calls.run.unmodelled('fori_loop', 'how often it runs is not known', calls.site);
    for (let i = from; i < to; i++) value = called(calls, body, int(i), value);
    return value;
  }),
  custom_gradient: row((calls) =>
    calls.run.unmodelled('custom_gradient', 'a gradient of its own is not modelled', calls.site),
  ),
};
