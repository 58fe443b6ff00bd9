import { field, type SyntaxNode } from '../syntax';
import {
  asNumber,
  bind,
  declareElsewhere,
  globalScope,
  lookup,
  NONE,
  type RangeValue,
  rangeLength,
  type Scope,
  str,
  string,
  tuple,
  type UnknownValue,
  unknown,
  type Value,
} from '../values';
import { BudgetExceeded, LIMITS } from './budget';
import { classAttribute, decorate, defineClass, moduleName } from './classes';
import { PASSED } from './dataclasses';
import type { Completion, Evaluation } from './evaluation';
import { exceptionValue, raiseValue, takes } from './exceptions';
import { assignedNames, filledNames, subscriptIndex } from './expressions';
import { makeFunction } from './functions';
import { importFrom, importStatement } from './importing';
import { sliceIndices } from './indexing';
import { caseFits, isCatchAll } from './matching';
import { OPERATOR_METHODS } from './operators';
import { PythonError } from './pythonError';
import { branches, conditionMark, oneRound } from './speculation';
import { withStatement } from './withStatement';

/** How one kind of statement is executed. */
export type StatementRule = (node: SyntaxNode, scope: Scope, run: Evaluation) => Completion | undefined;

/** Makes every name that the code would assign unknown. */
function forget(code: SyntaxNode, why: UnknownValue, scope: Scope): void {
  for (const name of [...assignedNames(code), ...filledNames(code)]) bind(scope, name, why);
}

/**
 * Code under a condition that is not known. In a forward its ways are looked at (speculation.ts); in other model code none
 * is taken: the names it assigns become unknown.
 * In the script around it both are looked at, for what they say about training.
 */
function undecided(
  ways: readonly SyntaxNode[],
  condition: SyntaxNode,
  scope: Scope,
  run: Evaluation,
  otherwise = false,
): Completion | undefined {
  const why = `the condition '${condition.text.slice(0, 60)}' is not known before running`;
  if (run.lenient(scope)) {
    for (const way of ways) run.execute(way, scope);
    return undefined;
  }
  if (run.trace)
    return branches(ways, condition, new Set(ways.flatMap((way) => [...assignedNames(way)])), scope, run, otherwise);
  const reason = run.unmodelled(condition.text.slice(0, 60), why, run.span(condition));
  for (const way of ways) forget(way, reason, scope);
  return ways.some(returns) ? { kind: 'return', value: reason } : undefined;
}

/** Whether code has a return statement of its own. */
function returns(node: SyntaxNode): boolean {
  if (node.type === 'return_statement') return true;
  return node.children.some(
    (child) => !/^(function_definition|lambda|class_definition)$/.test(child.type) && returns(child),
  );
}

function ifStatement(node: SyntaxNode, scope: Scope, run: Evaluation): Completion | undefined {
  const clauses = [node, ...(node.fields.alternative ?? [])];
  for (let i = 0; i < clauses.length; i++) {
    const clause = clauses[i]!;
    const body = field(clause, clause.type === 'else_clause' ? 'body' : 'consequence');
    if (!body) continue;
    if (clause.type === 'else_clause') return run.execute(body, scope);
    const condition = field(clause, 'condition')!;
    const takeBack = conditionMark(run);
    const known = run.truth(run.evaluate(condition, scope), run.span(condition));
    if (known === true) return run.execute(body, scope);
    if (known === undefined) {
      takeBack();
      const rest = clauses.slice(i).map((each) => field(each, each.type === 'else_clause' ? 'body' : 'consequence')!);
      return undecided(rest, condition, scope, run, clauses.at(-1)!.type === 'else_clause');
    }
  }
  return undefined;
}

/** `match`: the first case that fits; behind one of which that is not known, as behind a condition. */
function matchStatement(node: SyntaxNode, scope: Scope, run: Evaluation): Completion | undefined {
  const takeBack = conditionMark(run);
  const subjects = (node.fields.subject ?? []).map((each) => run.evaluate(each, scope));
  const subject = subjects.length === 1 ? subjects[0]! : tuple(subjects);
  const cases = (field(node, 'body')?.children ?? []).filter(({ type }) => type === 'case_clause');
  for (let i = 0; i < cases.length; i++) {
    const body = field(cases[i]!, 'consequence');
    if (!body) continue;
    const fits = caseFits(cases[i]!, subject, scope, run);
    if (fits === true) return run.execute(body, scope);
    if (fits === false) continue;
    takeBack();
    const rest = cases.slice(i).flatMap((each) => field(each, 'consequence') ?? []);
    return undecided(rest, node.fields.subject![0]!, scope, run, isCatchAll(cases.at(-1)!));
  }
  return undefined;
}

function forStatement(node: SyntaxNode, scope: Scope, run: Evaluation): Completion | undefined {
  const said = run.evaluate(field(node, 'right')!, scope);
  // A script's millions of steps all say the same.
  const over = said.type === 'range' && run.lenient(scope) && rangeLength(said) > LONG ? firstTwo(said) : said;
  const left = field(node, 'left')!;
  const body = field(node, 'body')!;
  // Of what never ends, the loop takes what it needs.
  const endless = over.type === 'iterator' && over.endless ? over : undefined;
  const items = endless ? endless.items.slice(endless.at) : run.iterate(over, run.span(field(node, 'right')!));
  if (!items) {
    const reason =
      over.type === 'unknown'
        ? over
        : unknown(`what '${field(node, 'right')!.text}' goes over is not known`, run.span(node));
    if (!run.lenient(scope)) {
      run.note(reason, `for ${left.text} in ${field(node, 'right')!.text}`);
      forget(node, reason, scope);
      return undefined;
    }
    // In a training script: look at one round for what it says.
    run.assign(left, unknown('a value of a loop that is not known', run.span(left)), scope);
    run.execute(body, scope);
    return undefined;
  }
  // A script's epochs all say the same; two rounds show what the first leaves for the second.
  const rounds = run.strict() || scope.kind === 'class' ? items : scriptRounds(node, items);
  for (const item of rounds) {
    if (endless) endless.at++;
    run.assign(left, item, scope);
    const completion = run.execute(body, scope);
    if (completion?.kind === 'break') return undefined;
    if (completion?.kind === 'return') return completion;
  }
  if (endless && run.strict()) throw new BudgetExceeded('a loop without an end');
  const otherwise = field(node, 'alternative');
  return otherwise ? run.execute(field(otherwise, 'body')!, scope) : undefined;
}

/** More rounds than this build nothing. */
const LONG = 10_000;

const firstTwo = ({ start, step }: RangeValue): RangeValue => ({ type: 'range', start, stop: start + 2 * step, step });

/**
 * All rounds of a loop that may build something, two of one that trains (it calls `backward` or `step`), unless it goes
 * over a few things that are written out, as over settings to try.
 */
function scriptRounds(loop: SyntaxNode, items: readonly Value[]): readonly Value[] {
  if (/^(list|tuple)$/.test(field(loop, 'right')!.type) && items.length <= 12) return items;
  return /\.(backward|step|zero_grad)\(/.test(loop.text) || /\bepoch/.test(field(loop, 'left')!.text)
    ? items.slice(0, 2)
    : items;
}

const ENDLESS = /^\(?(True|1)\)?$/;
/** So many elements are kept of a generator that would go on for ever. */
const ENDLESS_YIELDS = 512;

function whileStatement(node: SyntaxNode, scope: Scope, run: Evaluation): Completion | undefined {
  const condition = field(node, 'condition')!;
  const body = field(node, 'body')!;
  const limit = run.strict() ? LIMITS.rounds : Math.min(1000, LIMITS.rounds);
  for (let round = 0; ; round++) {
    const takeBack = conditionMark(run);
    const known = run.truth(run.evaluate(condition, scope), run.span(condition));
    if (known === false) {
      const otherwise = field(node, 'alternative');
      return otherwise ? run.execute(field(otherwise, 'body')!, scope) : undefined;
    }
    if (known === undefined) {
      takeBack();
      const assigned = assignedNames(body);
      if (!run.lenient(scope) && run.trace && oneRound(body, condition, assigned, scope, run)) return undefined;
      if (!run.lenient(scope) && run.trace) {
        forget(
          body,
          run.unmodelled(condition.text.slice(0, 60), 'how often this loop runs hangs on values', run.span(condition)),
          scope,
        );
        return undefined;
      }
      return undecided([body], condition, scope, run);
    }
    // A generator without an end: what it gives first is enough for whoever takes some.
    if (scope.yields && !scope.yieldTo && ENDLESS.test(condition.text) && scope.yields.length >= ENDLESS_YIELDS)
      return { kind: 'return', value: NONE, endless: true };
    if (round >= limit) throw new BudgetExceeded(`a while loop with more than ${limit} rounds`);
    const completion = run.execute(body, scope);
    if (completion?.kind === 'break') return undefined;
    if (completion?.kind === 'return') return completion;
  }
}

/** The exception whose handler is running in a scope: what `raise` and `raise e` raise again. */
const handled = new WeakMap<Scope, PythonError>();

function tryStatement(node: SyntaxNode, scope: Scope, run: Evaluation): Completion | undefined {
  const clause = (type: string) => node.children.find((child) => child.type === type);
  const finallyBlock = clause('finally_clause')?.children.find(({ type }) => type === 'block');
  try {
    let completion: Completion | undefined;
    run.tryDepth++;
    try {
      completion = run.execute(field(node, 'body')!, scope);
    } finally {
      run.tryDepth--;
    }
    const otherwise = clause('else_clause');
    return completion ?? (otherwise ? run.execute(field(otherwise, 'body')!, scope) : undefined);
  } catch (error) {
    if (!(error instanceof PythonError)) throw error;
    for (const handler of node.children.filter(({ type }) => type === 'except_clause')) {
      const caught = field(handler, 'value');
      const pattern = caught?.type === 'as_pattern' ? caught.children[0]! : caught;
      if (!takes(pattern && run.evaluate(pattern, scope), error, run)) continue;
      const alias = caught?.type === 'as_pattern' ? field(caught, 'alias') : undefined;
      if (alias) run.assign(alias, exceptionValue(error, run), scope);
      const before = handled.get(scope);
      handled.set(scope, error);
      try {
        return run.execute(handler.children.find(({ type }) => type === 'block')!, scope);
      } finally {
        if (before) handled.set(scope, before);
        else handled.delete(scope);
      }
    }
    throw error;
  } finally {
    if (finallyBlock) run.execute(finallyBlock, scope);
  }
}

function exceptionOf(node: SyntaxNode | undefined, scope: Scope, run: Evaluation): { kind: string; text: string } {
  if (!node) return { kind: 'RuntimeError', text: 'an exception is raised again' };
  if (node.type !== 'call') return { kind: node.text, text: '' };
  const first = field(node, 'arguments')?.children[0];
  const value = first && first.type !== 'keyword_argument' ? run.evaluate(first, scope) : NONE;
  return { kind: field(node, 'function')!.text, text: value.type === 'none' ? '' : str(value) };
}

/**
 * Evaluates a call whose result nobody takes. Where it is a function of a package that is not read, which is given neither a
 * module nor a tensor, it says, counts or times something: nothing of the model hangs on it.
 */
export function withoutEffect(node: SyntaxNode, scope: Scope, run: Evaluation, evaluate: () => Value): Value {
  if (node.type !== 'call') return evaluate();
  const { notes } = run.findings;
  const before = notes.length;
  const value = evaluate();
  const own = notes[before];
  const alone = value.type === 'unknown' && notes.length === before + 1 && own?.source === value.source;
  const at = run.span(node);
  if (alone && own.source.start.line === at.start.line && own.source.start.column === at.start.column) {
    const given = field(node, 'arguments')?.children ?? [];
    if (
      /^\S+ is not modelled: (the|there is no) package/.test(own.why) &&
      !given.some((each) => holdsModel(each, scope, run))
    )
      notes.length = before;
  }
  return value;
}

/** Whether an argument gives a module or a tensor away. */
function holdsModel(node: SyntaxNode, scope: Scope, run: Evaluation): boolean {
  if (node.type === 'identifier') return isModel(lookup(scope, node.text));
  if (node.type === 'attribute') {
    const [object] = node.children;
    if (object?.type === 'identifier') {
      const of = lookup(scope, object.text);
      if (of?.type === 'module' || of?.type === 'tensor')
        return isModel(run.findAttribute(of, field(node, 'attribute')!.text, run.span(node)));
    }
  }
  return node.children.some((child) => holdsModel(child, scope, run));
}

const isModel = (value: Value | undefined): boolean =>
  value?.type === 'module' || value?.type === 'tensor' || value?.type === 'list' || value?.type === 'dict';

/** What the reader knows of a function that a library's own file defines, where that goes before the file's text. */
function knownFunction(name: string, scope: Scope, run: Evaluation): Value | undefined {
  const { knownWithin } = run.framework;
  if (!knownWithin || scope.kind === 'function' || globalScope(scope) === run.globals) return undefined;
  const file = moduleName(scope);
  const value = knownWithin.test(file) ? run.library(`${file}.${name}`) : undefined;
  return value?.type === 'builtin' ? value : undefined;
}

/** How each kind of statement is executed, by the grammar's name for it. */
export const statements: Readonly<Record<string, StatementRule>> = {
  expression_statement(node, scope, run) {
    if (node.children.length > 1) for (const child of node.children) run.evaluate(child, scope);
    else if (node.children[0]) {
      const inner = node.children[0];
      const rule = statements[inner.type];
      if (rule) return rule(inner, scope, run);
      withoutEffect(inner, scope, run, () => run.evaluate(inner, scope));
    }
    return undefined;
  },
  assignment(node, scope, run) {
    const right = field(node, 'right');
    const left = field(node, 'left')!;
    if (!right) {
      // A bare annotation: a dataclass counts it as a field.
      if (scope.kind === 'class') annotate(scope, left.text, field(node, 'type')?.text);
      return undefined;
    }
    let value: Value;
    if (right.type === 'assignment') {
      // `a = b = value`: the value first, then to each target from the left.
      const inner = [right];
      for (let at = field(right, 'right'); at?.type === 'assignment'; at = field(at, 'right')) inner.push(at);
      const last = field(inner.at(-1)!, 'right');
      // `a = b: int` is no Python, though the grammar takes it.
      if (!last) return run.raise('SyntaxError', 'invalid syntax', run.span(right));
      value = run.evaluate(last, scope);
      for (const target of [node, ...inner]) {
        const name = field(target, 'left')!;
        if (name.type === 'identifier') noteScriptName(name, value, scope, run);
        run.assign(name, value, scope);
      }
      return undefined;
    }
    value = run.evaluate(right, scope);
    if (scope.kind === 'class' && field(node, 'type')) annotate(scope, left.text, field(node, 'type')?.text);
    if (left.type === 'identifier') noteScriptName(left, value, scope, run);
    run.assign(left, value, scope);
    return undefined;
  },
  augmented_assignment(node, scope, run) {
    const left = field(node, 'left')!;
    const operator = field(node, 'operator')!.text.slice(0, -1);
    const before = run.evaluate(left, scope);
    const right = run.evaluate(field(node, 'right')!, scope);
    if (operator === '+' && before.type === 'list') {
      // In place: every name of this list sees it.
      const more = run.iterate(right, run.span(node));
      if (more) {
        if (before.items.length + more.length > LIMITS.size) throw new BudgetExceeded('a very long list');
        before.items.push(...more);
        return undefined;
      }
    }
    const inPlace =
      before.type === 'module' || before.type === 'instance'
        ? run.findAttribute(before, `__i${OPERATOR_METHODS[operator]?.slice(2)}`, run.span(node))
        : undefined;
    if (inPlace) {
      run.assign(left, run.call(inPlace, { positional: [right], keywords: new Map() }, run.span(node)), scope);
      return undefined;
    }
    const result = run.binary(operator, before, right, run.span(node));
    // A tensor is changed in place, and every name of it sees it, where its library has such.
    const written = before.type === 'tensor' && !run.framework.rebinds?.(before, run);
    run.assign(left, written ? run.writeTo(before, result, run.span(node)) : result, scope);
    return undefined;
  },
  return_statement: (node, scope, run) => ({
    kind: 'return',
    value: node.children[0] ? run.evaluate(node.children[0], scope) : NONE,
  }),
  break_statement: () => ({ kind: 'break' }),
  continue_statement: () => ({ kind: 'continue' }),
  pass_statement: () => undefined,
  if_statement: ifStatement,
  for_statement: forStatement,
  while_statement: whileStatement,
  try_statement: tryStatement,
  with_statement: withStatement,
  assert_statement(node, scope, run) {
    const [condition, text] = node.children;
    if (run.truth(run.evaluate(condition!, scope), run.span(condition!)) === false) {
      run.raise('AssertionError', text ? str(run.evaluate(text, scope)) : condition!.text, run.span(node));
    }
    return undefined;
  },
  raise_statement(node, scope, run) {
    const again = handled.get(scope);
    const [raised] = node.children;
    if (again && (!raised || (raised.type === 'identifier' && lookup(scope, raised.text)?.type === 'unknown')))
      throw again;
    const cause = field(node, 'cause');
    // A library's own exception is known by its name alone.
    const callee = raised?.type === 'call' ? field(raised, 'function') : raised;
    if (raised && callee && run.evaluate(callee, scope).type !== 'library')
      raiseValue(run.evaluate(raised, scope), cause && run.evaluate(cause, scope), run.span(node), run);
    const { kind, text } = exceptionOf(raised, scope, run);
    return run.raise(kind, text, run.span(node));
  },
  function_definition(node, scope, run) {
    const name = field(node, 'name')!.text;
    bind(scope, name, knownFunction(name, scope, run) ?? makeFunction(node, scope, run));
    return undefined;
  },
  class_definition(node, scope, run) {
    bind(scope, field(node, 'name')!.text, defineClass(node, scope, run));
    return undefined;
  },
  decorated_definition(node, scope, run) {
    const definition = field(node, 'definition')!;
    const name = field(definition, 'name')!.text;
    const decorators = node.children.filter(({ type }) => type === 'decorator').reverse();
    const before = scope.names.get(name);
    let value: Value =
      definition.type === 'class_definition'
        ? defineClass(definition, scope, run)
        : makeFunction(definition, scope, run);
    const known = value.type === 'function' ? knownFunction(name, scope, run) : undefined;
    if (known) {
      const ofClass = decorators.some(({ children }) => children[0]?.text === 'classmethod');
      value = ofClass ? { type: 'classmethod', callee: known } : known;
    } else for (const decorator of decorators) value = decorate(decorator, value, before, scope, run);
    bind(scope, name, value);
    return undefined;
  },
  global_statement(node, scope) {
    for (const { text } of node.children) declareElsewhere(scope, text, 'global');
    return undefined;
  },
  nonlocal_statement(node, scope) {
    for (const { text } of node.children) declareElsewhere(scope, text, 'nonlocal');
    return undefined;
  },
  match_statement: matchStatement,
  delete_statement(node, scope, run) {
    const targets = node.children[0]?.type === 'expression_list' ? node.children[0].children : node.children;
    for (const target of targets) {
      if (target.type === 'identifier') scope.names.delete(target.text);
      else if (target.type === 'attribute') {
        const object = run.evaluate(field(target, 'object')!, scope);
        const name = field(target, 'attribute')!.text;
        if (object.type === 'module')
          for (const table of [object.children, object.parameters, object.buffers]) table.delete(name);
        const own =
          object.type === 'instance' || object.type === 'module' ? classAttribute(object.class, name) : undefined;
        if (own?.type === 'property' && own.deleter)
          run.call(own.deleter, { positional: [object], keywords: new Map() }, run.span(target));
        else if (object.type === 'module' || object.type === 'instance' || object.type === 'class')
          object.attributes.delete(name);
      } else if (target.type === 'subscript') {
        const object = run.evaluate(field(target, 'value')!, scope);
        const index = subscriptIndex(target, scope, run);
        if (object.type === 'list') {
          const indices =
            index.type === 'slice' ? sliceIndices(index, object.items.length) : [asNumber(index) ?? Number.NaN];
          const gone = new Set(indices?.map((i) => (i < 0 ? object.items.length + i : i)));
          object.items = object.items.filter((_, i) => !gone.has(i));
          continue;
        }
        const remove = run.findAttribute(object, '__delitem__', run.span(target));
        if (remove) run.call(remove, { positional: [index], keywords: new Map() }, run.span(target));
        else run.unmodelled(node.text, 'this deletion is not modelled', run.span(node));
      }
    }
    return undefined;
  },
  import_statement: importStatement,
  import_from_statement: importFrom,
  future_import_statement: () => undefined,
  comment: () => undefined,
};

/** Keeps the order of annotated names for dataclasses, each with its class where the annotation names one; what belongs to the class alone is no field. */
function annotate(scope: Scope, name: string, type = ''): void {
  if (/^(typing\.)?ClassVar\b/.test(type)) return;
  if (/^(dataclasses\.)?InitVar\b/.test(type)) {
    const passed = scope.names.get(PASSED);
    const before = passed?.type === 'list' ? passed.items : [];
    scope.names.set(PASSED, { type: 'list', items: [...before, { type: 'string', value: name }] });
  }
  const known = scope.names.get('__annotations__');
  const names = known?.type === 'list' ? known.items : [];
  const of = /^\w+$/.test(type) ? lookup(scope, type) : undefined;
  const item = tuple([string(name), of?.type === 'class' ? of : NONE]);
  scope.names.set('__annotations__', { type: 'list', items: [...names, item] });
}

/** Remembers what the script's names say: batch sizes, and models in a function's variables. */
function noteScriptName(name: SyntaxNode, value: Value, scope: Scope, run: Evaluation): void {
  if (!run.lenient(scope) || scope.kind === 'class') return;
  if (/^batch_?size$/i.test(name.text) && asNumber(value) !== undefined) {
    run.findings.batchSizes.push({ name: name.text, value: asNumber(value)!, source: run.span(name) });
  }
  if (value.type === 'module' && (scope.kind === 'function' || scope === run.globals)) {
    const global = scope === run.globals && { global: true as const };
    run.findings.localModels.push({ name: name.text, module: value, ...global });
  }
}
