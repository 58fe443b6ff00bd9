import { InputError, type Span } from '../../../network';
import { type Evaluation, PythonError } from '../evaluator';
import { type Arguments, dict, type Hook, type ModuleValue, NONE, string, tuple, type Value } from '../values';

/**
 * What a hook gives. One that gives nothing changes nothing: what of it is not modelled, or fails, is none of the network's.
 */
function given(hook: Hook, args: readonly Value[], site: Span, run: Evaluation): Value {
  const before = run.findings.notes.length;
  try {
    const result = run.call(hook.callee, { positional: args, keywords: new Map() }, site);
    if (result.type !== 'none' && result.type !== 'unknown') return result;
    run.findings.notes.length = before;
    // Most hooks look at values for some library that is not read.
    if (result.type === 'unknown')
      run.unmodelled('a hook', `it is taken to change nothing: ${result.why}`, hook.source);
    return NONE;
  } catch (error) {
    if (!(error instanceof PythonError || error instanceof InputError)) throw error;
    run.findings.notes.length = before;
    run.unmodelled('a hook', `it is left out, as it fails: ${error.message}`, hook.source);
    return NONE;
  }
}

const named = (keywords: ReadonlyMap<string, Value>): Value =>
  dict([...keywords].map(([name, value]) => [string(name), value] as const));

/** The arguments of a module's forward as its pre-hooks leave them, the first registered first. */
export function beforeForward(module: ModuleValue, args: Arguments, site: Span, run: Evaluation): Arguments {
  let { positional, keywords } = args;
  // The network itself is given its inputs by name here, and in order by whoever calls it.
  if (run.owners.length === 1 && positional.length === 0) {
    positional = [...keywords.values()];
    keywords = new Map();
  }
  for (const hook of module.hooks ?? []) {
    if (hook.when !== 'before' || hook.removed) continue;
    const more = hook.withKeywords ? [named(keywords)] : [];
    const result = given(hook, [module, tuple(positional), ...more], site, run);
    if (result.type === 'none') continue;
    const [first, second] = hook.withKeywords && result.type === 'tuple' ? result.items : [result, undefined];
    positional = first?.type === 'tuple' ? first.items : [first ?? NONE];
    if (second?.type === 'dict')
      keywords = new Map(
        [...second.entries.values()].flatMap(({ key, value }) => (key.type === 'string' ? [[key.value, value]] : [])),
      );
  }
  return { ...args, positional, keywords };
}

/** What a module gives once its forward hooks have seen it. */
export function afterForward(module: ModuleValue, args: Arguments, output: Value, site: Span, run: Evaluation): Value {
  let result = output;
  for (const hook of module.hooks ?? []) {
    if (hook.when !== 'after' || hook.removed) continue;
    const more = hook.withKeywords ? [named(args.keywords)] : [];
    const changed = given(hook, [module, tuple(args.positional), ...more, result], site, run);
    if (changed.type !== 'none') result = changed;
  }
  return result;
}
